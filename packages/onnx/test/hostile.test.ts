/** Files that were changed at random: the answer or an error, soon, and never the end of the process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import * as onnx from "@flambeau/onnx";
import torch, { type Tensor } from "flambeau";
import { FunctionProtoSchema, ModelProtoSchema, OperatorSetIdProtoSchema } from "onnx-buf";
import { all, type Definition } from "./support/definitions.js";
import { graph, modelBytes, node } from "./support/models.js";
import { changeBytes, changeMeaning, extremeNumber, type Random, randomFrom } from "./support/mutate.js";

/** The longest, in milliseconds, that a small file may take. */
const longest = 5000;

/** Reads and runs a model, and checks that an error says something of the file. */
function tryModel(bytes: Uint8Array, inputs: readonly Tensor[], what: string): boolean {
  const start = performance.now();
  let isValue = false;
  try {
    onnx.load<unknown>(bytes, { maxIterations: 10_000 })(...inputs);
    isValue = true;
  } catch (error) {
    assert.ok(error instanceof Error && error.message.length > 0, what);
    const isOurs =
      !/undefined|not a function|not iterable|Cannot read|Cannot set|Maximum call stack|Invalid array length/.test(
        error.message,
      );
    assert.ok(isOurs, `${what}: ${error.stack}`);
  }
  assert.ok(performance.now() - start < longest, `${what} took too long`);
  return isValue;
}

function mutations(
  kind: string,
  change: (definition: Definition, random: Random) => [Uint8Array, readonly Tensor[]],
): void {
  test(`models with changed ${kind} give values or errors`, () => {
    const random = randomFrom(1);
    let [values, errors] = [0, 0];
    for (let round = 0; round < 3; round++) {
      for (const definition of all) {
        const [bytes, inputs] = change(definition, random);
        if (tryModel(bytes, inputs, `${definition.name}, round ${round}`)) values++;
        else errors++;
      }
    }
    assert.ok(values > 100 && errors > 100, `${values} ${errors}`);
  });
}

mutations("bytes", ({ bytes, inputs }, random) => [changeBytes(bytes, random), inputs]);
mutations("nodes", ({ bytes, inputs }, random) => [changeMeaning(bytes, random), inputs]);
mutations("inputs", ({ bytes, inputs }, random) => {
  const changed = inputs.map((x, i) => {
    if (x.dtype.isFloatingPoint && i === 0) return x;
    if (random(3) > 0 || x.numel() === 0) return x;
    const flat = x.reshape([-1]).clone();
    const value = extremeNumber(random);
    const [low, high] =
      x.dtype.isFloatingPoint || x.dtype === torch.bool
        ? [-1e15, 1e15]
        : [torch.iinfo(x.dtype).min, torch.iinfo(x.dtype).max];
    flat.setAt(random(flat.numel()), Math.max(Number(low), Math.min(value, Number(high))));
    return flat.reshape([...x.shape]);
  });
  return [bytes, changed];
});

test("graphs that lie too deep in each other are refused", () => {
  const trivial = graph({ nodes: [node("Identity", ["x"], ["y"])], inputs: [], outputs: ["y"] });
  for (const [depth, isRefused] of [
    [10, false],
    [100, true],
  ] as const) {
    let inner = trivial;
    for (let i = 0; i < depth; i++) {
      const nested = node("If", ["c"], ["y"], { then_branch: trivial, else_branch: inner });
      inner = graph({ nodes: [nested], inputs: [], outputs: ["y"] });
    }
    const bytes = modelBytes({ nodes: inner.node, weights: { c: torch.tensor(false) } });
    if (isRefused) assert.throws(() => onnx.load(bytes), /maximum recursion depth/);
    else
      assert.equal(
        onnx
          .load(bytes)(torch.tensor([7]))
          .item(),
        7,
      );
  }
});

/** A model with functions: each is a name, and the names of those that it calls one after the other. */
function withFunctions(functions: readonly (readonly [name: string, calls: readonly string[]])[]): Uint8Array {
  const own = (opType: string, input: string, output: string) => {
    const one = node(opType, [input], [output]);
    one.domain = opType === "Neg" ? "" : "own";
    return one;
  };
  const proto = fromBinary(ModelProtoSchema, modelBytes({ nodes: [own(functions[0]?.[0] as string, "x", "y")] }));
  proto.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "own", version: 1n }));
  proto.functions = functions.map(([name, calls]) =>
    create(FunctionProtoSchema, {
      name,
      domain: "own",
      input: ["v0"],
      output: [`v${calls.length}`],
      node: calls.map((called, i) => own(called, `v${i}`, `v${i + 1}`)),
    }),
  );
  return toBinary(ModelProtoSchema, proto);
}

test("functions that call themselves, or unfold to more than there is room for, are refused", () => {
  assert.equal(
    onnx
      .load(withFunctions([["f", ["Neg", "Neg", "Neg"]]]))(torch.tensor([2]))
      .item(),
    -2,
  );
  assert.throws(() => onnx.load(withFunctions([["f", ["f"]]])), /more than 64 functions call each other/);
  const doubling = Array.from({ length: 40 }, (_, i) => [`f${i}`, [`f${i + 1}`, `f${i + 1}`]] as const);
  assert.throws(() => onnx.load(withFunctions([...doubling, ["f40", ["Neg"]]])), /there are more than \d+ nodes/);
});

test("messages for whose objects there is no room are refused before they are read", () => {
  // Two bytes for each of many millions of nodes.
  const nodes = new Uint8Array(100_000_000);
  for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
  const length: number[] = [];
  for (let rest = nodes.length; rest > 0; rest = Math.floor(rest / 128))
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
  const bytes = Buffer.concat([Uint8Array.of(0x3a, ...length), nodes]);
  assert.throws(() => onnx.load(bytes), /to read it may take more than the \d+ bytes there are/);
});
