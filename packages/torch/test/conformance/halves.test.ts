/**
 * Every recorded call of float32 numbers in the half types: the result is that of float32 on the same numbers, rounded
 * once where a kernel computes it, and close to it where several operations do, each of which rounds.
 */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";
import { operationOf } from "../../src/ops/define.js";
import { families, Golden, type GoldenCase, type GoldenOperation } from "./golden.js";
import { Arguments, changesInput, describeCall, flatten, fullName, mainForm } from "./replay.js";

const { float16, bfloat16, float32 } = torch;

/** The tolerances of torch.testing.assert_close. */
const tolerances = new Map<DType, number>([
  [float16, 1e-3],
  [bfloat16, 1.6e-2],
]);

/** The same elements in the same places of memory, in another dtype. */
function inDtype(tensor: Tensor, dtype: DType): Tensor {
  const extent = tensor.storage.nbytes / tensor.itemsize;
  if (extent === 0) return tensor.to(dtype);
  const memory = tensor.asStrided([extent], [1], 0).to(dtype);
  return memory.asStrided(tensor.shape, tensor.stride(), tensor.storageOffset());
}

/** Calls that are not float32 rounded, and why. */
const exceptions: Readonly<Record<string, string>> = {
  float: "it names another dtype",
  to: "it names another dtype",
  view: "what is seen as another dtype has other sizes",
  ldexp: "powers of two are float32",
  nanToNum: "infinities become the largest number of the dtype",
  nextafter: "neighbours are those of the dtype",
  "F.gridSample": "places in a large image are rounded to the dtype",
};

/** Operations that PyTorch has not for these dtypes either. */
const refused = new Set(["F.ctcLoss", "histogram", "histogramdd", "linalg.vander", "nanquantile", "quantile"]);

/** Families most of which PyTorch has not for these dtypes. */
const refusedFamilies = new Set(["fourier", "linearAlgebra"]);

/** Operations of several kernels, each of which rounds, and of factors that are rounded first. */
const inSteps = new Set(["F.glu", "deg2rad", "rad2deg"]);

/** Calls that go beyond the numbers of float16 on their way, where there are only few. */
const outOfRange: Readonly<Record<string, RegExp>> = {
  "F.binaryCrossEntropy": /^float16/,
  "F.crossEntropy": /^float16.*\[301,233\]/,
  nanmean: /^float16.*\[301,233\]/,
  // `eps`, which keeps a norm of 0 from dividing, is 0 there.
  "masked.normalize": /^float16/,
};

interface Trial {
  readonly results: Tensor[];
  readonly gradients: readonly (Tensor | null)[];
}

function attempt(golden: Golden, operation: GoldenOperation, call: GoldenCase, change: (x: Tensor) => Tensor): Trial {
  const run = mainForm(operation) as (...args: unknown[]) => unknown;
  const args = new Arguments(golden, call);
  const changed = new Map(args.tensors.map((tensor) => [tensor as unknown, change(tensor)]));
  const wanted = call.g === undefined || changesInput(operation) ? [] : args.differentiable(call.g);
  const leaves = wanted.map((tensor) => (changed.get(tensor) as Tensor).requiresGrad_());
  const results = flatten(run(...args.listWith(changed)));
  const outputs = results.filter((result) => result.requiresGrad);
  if (outputs.length === 0) return { results, gradients: [] };
  const outer = outputs.map((output) => torch.full(output.shape, 0.75, { dtype: output.dtype }));
  return { results, gradients: torch.autograd.grad(outputs, leaves, outer, { allowUnused: true }) };
}

/**
 * How a result differs from that of float32, rounded. A tolerance allows for the rounding of steps on the way, whose
 * numbers may be larger than the result.
 */
function found(actual: Tensor | null, expected: Tensor | null, dtype: DType, tolerance: number): string | undefined {
  if (actual === null || expected === null) return actual === expected ? undefined : "a gradient is missing";
  const wanted = expected.dtype === float32 ? dtype : expected.dtype;
  if (actual.dtype !== wanted) return `${actual.dtype} instead of ${wanted}`;
  if (`${actual.shape}` !== `${expected.shape}`) return `shape ${actual.shape} instead of ${expected.shape}`;
  const rounded = expected.detach().to(wanted).double();
  const own = actual.detach().double();
  const finite = rounded.at(rounded.isfinite()).abs();
  const largest = finite.numel() === 0 ? 0 : finite.max().item();
  const atol = tolerance * Math.max(1, largest);
  const isClose = torch.isclose(own, rounded, { rtol: tolerance, atol, equalNan: true });
  if (isClose.all().item()) return undefined;
  const at = isClose.logicalNot().flatten().nonzero().at(0, 0).item();
  return `element ${at} is ${own.flatten().at(at).item()} instead of ${rounded.flatten().at(at).item()}`;
}

function compare(golden: Golden, operation: GoldenOperation, call: GoldenCase, dtype: DType): string | undefined {
  let expected: Trial;
  const rounded = (x: Tensor) => (x.dtype === float32 ? inDtype(inDtype(x, dtype), float32) : x);
  try {
    expected = attempt(golden, operation, call, rounded);
  } catch {
    return undefined;
  }
  const actual = attempt(golden, operation, call, (x) => (x.dtype === float32 ? inDtype(x, dtype) : x));
  if (actual.results.length !== expected.results.length) return `${actual.results.length} results`;
  const isPrimitive = operationOf(mainForm(operation))?.isComposite === false && !inSteps.has(fullName(operation));
  const tolerance = tolerances.get(dtype) as number;
  for (const [i, result] of expected.results.entries()) {
    const difference = found(actual.results[i] as Tensor, result, dtype, isPrimitive ? 0 : tolerance);
    if (difference !== undefined) return `result ${i}: ${difference}`;
  }
  for (const [i, gradient] of expected.gradients.entries()) {
    const difference = found(actual.gradients[i] ?? null, gradient, dtype, 2 * tolerance);
    if (difference !== undefined) return `gradient ${i}: ${difference}`;
  }
  return undefined;
}

/** Calls whose tensors of floats are all float32. */
function isOfFloat32(golden: Golden, { r, a, k }: GoldenCase): boolean {
  if (r === undefined) return false;
  const dtypes = new Arguments(golden, { a, ...(k && { k }) }).tensors.map(({ dtype }) => dtype);
  return dtypes.includes(float32) && !dtypes.includes(torch.float64);
}

let compared = 0;

// Complex numbers are pairs of float32, or of float16 where they are halves; there are none of bfloat16.
for (const family of families().filter((name) => !name.startsWith("complex"))) {
  const golden = new Golden(family);
  describe(family, () => {
    for (const operation of golden.operations) {
      const name = fullName(operation);
      if (name in exceptions) continue;
      test(name, () => {
        const wrong: string[] = [];
        for (const call of operation.cases) {
          if (mainForm(operation) === undefined || !isOfFloat32(golden, call)) continue;
          for (const dtype of [float16, bfloat16]) {
            compared++;
            const shown = `${dtype.name}: ${describeCall(golden, operation.name, call)}`;
            let difference: string | undefined;
            try {
              difference = compare(golden, operation, call, dtype);
            } catch (error) {
              const isRefused = (refused.has(name) || refusedFamilies.has(family)) && error instanceof TypeError;
              if (!isRefused) difference = `threw ${(error as Error).stack?.split("\n").slice(0, 9).join("\n")}`;
            }
            if (difference !== undefined && !outOfRange[name]?.test(shown)) wrong.push(`${shown}: ${difference}`);
          }
        }
        assert.equal(wrong.length, 0, `${wrong.length} calls differ\n${wrong.slice(0, 4).join("\n")}`);
      });
    }
  });
}

after(() => assert.ok(compared > 5000, `${compared} calls`));
