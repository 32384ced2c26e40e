/**
 * Replays what PyTorch gave for expressions on a few fixed tensors (recorded by conformance/shape/generate.py), and
 * checks the first and second derivatives of each against differences.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

/** Tensors that expressions work on; `y` is no leaf. */
export interface Inputs {
  x: Tensor;
  m: Tensor;
  v: Tensor;
  s: Tensor;
  y: Tensor;
  e: Tensor;
}

type Outputs = Tensor | readonly Outputs[];

/** An expression; its text is its name. */
export type Case = (inputs: Inputs) => Outputs;

interface Recorded {
  readonly outputs: readonly { shape: number[]; dtype: string; values: unknown[]; gradFn?: string }[];
  /** Null where PyTorch 1.13 has no gradient itself. */
  readonly grads?: Readonly<Record<string, number[]>> | null;
}

function leaf(...size: number[]): Tensor {
  const count = size.reduce((a, b) => a * b, 1);
  const values = Float64Array.from(
    { length: count },
    (_, k) => ((k * 37 + 11 + 5 * size.length) % 64) / 8 - 4 + 0.0625,
  );
  return torch.tensor(values).view(size).requiresGrad_();
}

function makeInputs(): Inputs {
  return { x: leaf(2, 3, 4), m: leaf(3, 4), v: leaf(4), s: leaf(), y: leaf(3, 4).mul(1), e: leaf(0, 3) };
}

/** int64 from whole numbers. */
export function ints(values: number | readonly unknown[]): Tensor {
  return torch.tensor(values as number[], { dtype: torch.int64 });
}

/** float64 from numbers. */
export function of(values: number | readonly unknown[]): Tensor {
  return torch.tensor(values as number[], { dtype: torch.float64 });
}

/** Where a tensor is positive. */
export function mask(tensor: Tensor): Tensor {
  return tensor.gt(0);
}

/** A copy with a part assigned. */
export function put(
  tensor: Tensor,
  items: Parameters<Tensor["setAt"]>[0],
  value: Parameters<Tensor["setAt"]>[1],
): Tensor {
  const result = tensor.clone();
  result.setAt(items, value);
  return result;
}

function weights(shape: readonly number[]): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return torch.tensor(Float64Array.from({ length: count }, (_, k) => (((k * 13 + 5) % 7) - 3) / 2 + 0.25)).view(shape);
}

function flatten(value: Outputs): Tensor[] {
  return value instanceof torch.Tensor ? [value] : value.flatMap(flatten);
}

function namesOf(body: Case): (keyof Inputs)[] {
  const list = /^\(\{([^}]*)\}\)/.exec(body.toString())?.[1] ?? "";
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "") as (keyof Inputs)[];
}

function keyOf(body: Case): string {
  const text = body.toString().replace(/^[^=]*=>/, "");
  return text.replace(/\s+/g, "").replace(/,(?=[)\]}])/g, "");
}

function assertClose(actual: readonly unknown[], expected: readonly unknown[], tolerance: number, what: string): void {
  assert.equal(actual.length, expected.length, what);
  actual.forEach((value, i) => {
    const wanted = expected[i];
    const same =
      typeof value === "number" && typeof wanted === "number"
        ? Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted))
        : value === wanted || (!Number.isFinite(value) && String(value) === wanted);
    assert.ok(same, `${what}: element ${i} is ${value}, PyTorch has ${wanted}`);
  });
}

function replay(body: Case, recorded: Recorded): void {
  const inputs = makeInputs();
  torch.manualSeed(0);
  inputs.y.retainGrad();
  const outputs = flatten(body(inputs));
  assert.equal(outputs.length, recorded.outputs.length, "the number of results");
  let total: Tensor | undefined;
  outputs.forEach((output, i) => {
    const expected = recorded.outputs[i] as Recorded["outputs"][number];
    assert.deepEqual([...output.shape], expected.shape, `the shape of result ${i}`);
    assert.equal(output.dtype.name, expected.dtype, `the dtype of result ${i}`);
    const tolerance = expected.dtype === "float32" ? 1e-6 : 1e-12;
    assertClose(output.detach().reshape(-1).tolist() as unknown[], expected.values, tolerance, `result ${i}`);
    if (expected.gradFn !== undefined) assert.equal(output.gradFn?.name(), expected.gradFn);
    if (!output.requiresGrad || output.isLeaf) return;
    const part = output.mul(weights(output.shape)).sum();
    total = total === undefined ? part : total.add(part);
  });
  assert.equal(total !== undefined, recorded.grads !== undefined, "whether gradients flow");
  if (recorded.grads === null) return;
  total?.backward();
  for (const name of Object.keys(inputs) as (keyof Inputs)[]) {
    const grad = inputs[name].grad?.reshape(-1).tolist() as number[] | undefined;
    const expected: number[] | undefined = recorded.grads?.[name];
    assert.equal(grad === undefined, expected === undefined, `whether ${name} gets a gradient`);
    if (grad !== undefined && expected !== undefined) assertClose(grad, expected, 1e-12, `the gradient of ${name}`);
  }
}

function checkDerivatives(body: Case): void {
  const all = makeInputs();
  const names = namesOf(body).filter((name) => all[name].numel() > 0);
  const run = (...tensors: Tensor[]) => {
    const inputs = { ...all, ...Object.fromEntries(names.map((name, i) => [name, tensors[i]])) };
    return flatten(body(inputs)).filter((output) => output.requiresGrad && !output.isLeaf);
  };
  const leaves = names.map((name) => all[name].detach().requiresGrad_());
  if (leaves.length === 0 || run(...leaves).length === 0) return;
  torch.autograd.gradcheck(run, leaves);
  torch.autograd.gradgradcheck(run, leaves);
}

/** Makes a test of each case from the file of what PyTorch gave; the name may begin with a folder other than ops. */
export function conform(name: string, cases: readonly Case[]): void {
  const [file, folder = "ops"] = name.split("/").reverse();
  const url = new URL(`../../../test/${folder}/golden-${file}.json`, import.meta.url);
  const golden = JSON.parse(readFileSync(url, "utf8")) as Readonly<Record<string, Recorded>>;
  for (const body of cases) {
    const key = keyOf(body);
    test(key, () => {
      const recorded = golden[key];
      assert.ok(recorded, "PyTorch's results are not recorded; run conformance/shape/generate.py");
      replay(body, recorded);
      if (recorded.grads !== undefined) checkDerivatives(body);
    });
  }
}
