/**
 * Every recorded call on the device `meta`: results and gradients have the recorded shapes, dtypes and strides, and no
 * numbers; in place and with `out`, too.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { Tensor } from "../../src/index.js";
import { kindDifference, sameLayout } from "./compare.js";
import { explain } from "./deviations.js";
import {
  dtypeNamed,
  type Form,
  families,
  Golden,
  type GoldenCase,
  type GoldenGradients,
  type GoldenOperation,
  type GoldenResult,
} from "./golden.js";
import { Arguments, changesInput, describeCall, flatten, formsOf, fullName, mainForm, tensorsIn } from "./replay.js";

/** What is said where a result would need numbers that there are not. */
const noData = /cannot be called on meta tensors|Cannot copy out of meta tensor|depends on their numbers/;

/** Calls whose result depends on numbers, by operation. All others have an answer. */
const readers: Readonly<Record<string, RegExp>> = {
  "F.oneHot": /\]\)$|-1\)$/,
  allclose: /./,
  argwhere: /./,
  at: /, bool\[|, int64\[\]/,
  bincount: /\[(?!0)/,
  equal: /^equal\(\w+(\[[\d,]*\]).*, \w+\1/,
  indexPut: /\[bool\[3\]/,
  isNonzero: /./,
  item: /./,
  "linalg.lstsq": /^lstsq\((float|complex)\d+\[(1,)?(2,)?(4|5|20),.*gels[ds]/,
  "linalg.matrixExp": /\[(2,)?[1-9]/,
  matrixExp: /\[/,
  maskedSelect: /./,
  nonzero: /./,
  repeatInterleave: /int64\[\d\](, \d)?\)$/,
  setAt: /bool\[3,4\]\], float64\[3\]|\[int64\[\]/,
  tensorSplit: /, int64\[/,
  tolist: /./,
  unique: /\(\w+\[(?!0)/,
  uniqueConsecutive: /\(\w+\[(?!0)/,
  where: /^where\(bool\[3,4\]\)$/,
};

/** Operations of whose gradients some depend on numbers. */
const gradientReaders = new Set(["indexFill", "indexPut", "maskedFill", "maskedScatter"]);

/** A tensor on `meta` that looks like another one, and views memory as it does. */
function onMeta(tensor: Tensor): Tensor {
  const { shape, dtype } = tensor;
  const [strides, offset] = [tensor.stride(), tensor.storageOffset()];
  const extent = shape.reduce((end, size, d) => end + (size - 1) * (strides[d] as number), offset + 1);
  const memory = torch.empty(Math.max(0, extent), { dtype, device: "meta" });
  return (
    tensor.numel() === 0 ? torch.empty(shape, { dtype, device: "meta" }) : memory.asStrided(shape, strides, offset)
  ).detach();
}

/** How a result differs from the recorded one in what is known without numbers. */
function found(golden: Golden, actual: unknown, expected: GoldenResult, inputs: readonly Tensor[]): string | undefined {
  if (Array.isArray(expected)) return listFound(golden, actual, expected, inputs);
  if (typeof expected !== "object" || expected === null) return undefined;
  if ("fields" in expected) return listFound(golden, actual, expected.items as readonly GoldenResult[], inputs);
  if (!("t" in expected)) return undefined;
  if (!(actual instanceof Tensor)) return `${String(actual)} instead of a tensor`;
  if (actual.device !== "meta") return `a tensor on ${actual.device}`;
  return sameLayout(golden, actual, expected as { t: number }, inputs);
}

function listFound(golden: Golden, actual: unknown, expected: readonly GoldenResult[], inputs: readonly Tensor[]) {
  const items = [...(actual as Iterable<unknown>)];
  if (items.length !== expected.length) return `${items.length} results instead of ${expected.length}`;
  for (const [i, item] of items.entries()) {
    const difference = found(golden, item, expected[i] as GoldenResult, inputs);
    if (difference !== undefined) return `[${i}]: ${difference}`;
  }
  return undefined;
}

function replayOnMeta(golden: Golden, operation: GoldenOperation, call: GoldenCase, shown: string): string | undefined {
  const run = mainForm(operation);
  if (run === undefined || call.r === undefined) return undefined;
  const args = new Arguments(golden, call);
  const moved = new Map(args.tensors.map((tensor) => [tensor as unknown, onMeta(tensor)]));
  const needsNumbers = readers[fullName(operation)]?.test(shown) ?? false;
  const attempt = () => run(...args.listWith(moved));
  try {
    const result = torch.device("meta", attempt);
    if (needsNumbers) return "answered without numbers";
    const difference = found(golden, result, call.r, [...moved.values()]);
    if (difference !== undefined || call.g === undefined || changesInput(operation)) return difference;
    const leaves = args.differentiable(call.g).map((tensor) => (moved.get(tensor) as Tensor).requiresGrad_());
    return gradientsFound(golden, attempt(), leaves, call.g);
  } catch (error) {
    const mayNeedNumbers = needsNumbers || gradientReaders.has(fullName(operation));
    if (mayNeedNumbers && noData.test(String(error))) return undefined;
    return `threw ${(error as Error).stack}`;
  }
}

/** What a comparison finds; where numbers are needed it may throw that there are none. */
function attempted(operation: GoldenOperation, shown: string, compare: () => string | undefined): string | undefined {
  try {
    return compare();
  } catch (error) {
    const mayNeedNumbers = readers[fullName(operation)]?.test(shown) && noData.test(String(error));
    return mayNeedNumbers ? undefined : `threw ${(error as Error).stack}`;
  }
}

/** How a call in place differs from the recorded one: the tensor keeps its shape and dtype, and is returned. */
function inplaceOnMeta(golden: Golden, operation: GoldenOperation, call: GoldenCase): string | undefined {
  const run = formsOf(operation).inplace;
  const isRecorded = typeof call.i === "object" && call.i !== null && "t" in call.i;
  if (run === undefined || !isRecorded || !operation.forms.includes("inplace")) return undefined;
  const args = new Arguments(golden, call);
  const moved = new Map(args.tensors.map((tensor) => [tensor as unknown, onMeta(tensor)]));
  const [self, ...rest] = args.listWith(moved) as [Tensor, ...unknown[]];
  const result = torch.device("meta", () => run(self, ...rest));
  if (result !== self) return "another tensor than the one that was changed";
  return self.isMeta ? kindDifference(golden, self, (call.i as { t: number }).t) : "a tensor on another device";
}

/** How a call with `out` differs from the recorded one: each `out` gets shape and memory of its result. */
function outOnMeta(golden: Golden, operation: GoldenOperation, call: GoldenCase): string | undefined {
  const run = formsOf(operation).out;
  const expected = call.r as GoldenResult;
  const indices = call.r === undefined ? [] : tensorsIn(expected);
  if (run === undefined || indices.length === 0 || !operation.forms.includes("out")) return undefined;
  const args = new Arguments(golden, call);
  const moved = new Map(args.tensors.map((tensor) => [tensor as unknown, onMeta(tensor)]));
  const outs = indices.map((index) => {
    const { dtype } = golden.summary(index) ?? golden.values(index);
    return torch.empty(0, { dtype: dtypeNamed(dtype), device: "meta" });
  });
  const out = outs.length === 1 && !Array.isArray(expected) ? outs[0] : outs;
  torch.device("meta", () => run(...args.listWith(moved, { out })));
  for (const [i, one] of outs.entries()) {
    const difference = one.isMeta ? kindDifference(golden, one, indices[i] as number) : "a tensor on another device";
    if (difference !== undefined) return `out ${i}: ${difference}`;
  }
  return undefined;
}

/** How gradients differ from the recorded ones in shape, dtype or device. */
function gradientsFound(golden: Golden, result: unknown, leaves: Tensor[], { o, i }: GoldenGradients) {
  const outputs = flatten(result).filter((output) => output.requiresGrad);
  const outer = o.map((index) => onMeta(golden.tensor(index)));
  const gradients = torch.autograd.grad(outputs, leaves, outer, { allowUnused: true });
  for (const [at, expected] of i.entries()) {
    const gradient = gradients[at];
    if (expected === null || !gradient) continue;
    const difference = gradient.isMeta ? kindDifference(golden, gradient, expected) : `it is on ${gradient.device}`;
    if (difference !== undefined) return `gradient of tensor ${at}: ${difference}`;
  }
  return undefined;
}

for (const family of families()) {
  const golden = new Golden(family);
  describe(family, () => {
    for (const operation of golden.operations) {
      test(fullName(operation), () => {
        const wrong = operation.cases.flatMap((call) => {
          const shown = describeCall(golden, operation.name, call);
          const differences: [form: Form, difference: string | undefined][] = [
            [operation.forms[0] as Form, replayOnMeta(golden, operation, call, shown)],
            ["inplace", attempted(operation, shown, () => inplaceOnMeta(golden, operation, call))],
            ["out", attempted(operation, shown, () => outOnMeta(golden, operation, call))],
          ];
          return differences.flatMap(([form, difference]) => {
            if (difference === undefined) return [];
            const known = explain({ operation: fullName(operation), form, call: shown, difference });
            return known === undefined ? [`${form} ${shown}: ${difference}`] : [];
          });
        });
        assert.deepEqual(wrong.slice(0, 3), []);
      });
    }
  });
}
