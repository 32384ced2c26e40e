/** Every recorded call in a batch: `vmap` over a dim that is added to its floating and complex tensors gives what a loop gives. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { Tensor } from "../../src/index.js";
import { families, Golden, type GoldenCase, type GoldenOperation } from "./golden.js";
import { Arguments, changesInput, describeCall, flatten, fullName, mainForm } from "./replay.js";

/** What is said where an entry's result depends on numbers, or cannot be made in a batch. */
const refused =
  /We do not support batching operators that can output dynamic shape|you're calling \.(item\(\)|view\(dtype\))|called random operation while in randomness error mode|is not possible because there exists a Tensor|dims of size 0|can only return|must only return Tensors/;

/** Whether gradients reach the elements of a dtype. */
function hasNumbers(dtype: torch.DType | undefined): boolean {
  return dtype !== undefined && (dtype.isFloatingPoint || dtype.isComplex);
}

/** Whether gradients of tensors are compared: at the precision that leaves no doubt. */
function isPrecise({ dtype }: Tensor): boolean {
  return dtype === torch.float64 || dtype === torch.complex128;
}

/** A tensor with other numbers of the same kind. */
function reversed(tensor: Tensor): Tensor {
  return tensor.dim() === 0 ? tensor.clone() : tensor.flip(tensor.shape.map((_, d) => d));
}

const tolerances: Readonly<Record<string, number>> = { float64: 1e-9, float32: 2e-4, float16: 4e-3, bfloat16: 4e-2 };

function sameTensor(actual: Tensor, expected: Tensor): string | undefined {
  if (actual.dtype !== expected.dtype) return `${actual.dtype} instead of ${expected.dtype}`;
  if (actual.shape.join() !== expected.shape.join()) return `[${actual.shape}] instead of [${expected.shape}]`;
  if (actual.dtype.isComplex) return sameTensor(torch.viewAsReal(actual), torch.viewAsReal(expected));
  // What is made of parts is rounded by other parts.
  const tolerance = actual.dtype.isFloatingPoint ? tolerances[actual.dtype.name] : 0;
  const near = torch.allclose(actual.double(), expected.double(), {
    rtol: tolerance,
    atol: tolerance,
    equalNan: true,
  });
  return near ? undefined : `${actual} instead of ${expected}`;
}

function inBatch(golden: Golden, operation: GoldenOperation, call: GoldenCase): string | undefined {
  const run = mainForm(operation);
  if (run === undefined || call.r === undefined || changesInput(operation)) return undefined;
  const args = new Arguments(golden, call);
  const batched = args.tensors.filter(({ dtype }) => hasNumbers(dtype));
  if (batched.length === 0) return undefined;
  const entries = [0, 1, 2].map((b) => batched.map((tensor) => (b === 1 ? reversed(tensor) : tensor.clone())));
  const stacked = batched.map((_, i) => torch.stack(entries.map((tensors) => tensors[i] as Tensor)));
  const callWith = (tensors: readonly Tensor[]) =>
    run(...args.listWith(new Map(batched.map((tensor, i) => [tensor as unknown, tensors[i] as Tensor]))));
  let expected: Tensor[][];
  let isTensors = true;
  try {
    expected = entries.map((tensors) => {
      const result = callWith(tensors);
      isTensors &&= flatten(result).length > 0;
      return flatten(result);
    });
  } catch {
    // The other numbers may not be what the operation takes.
    return undefined;
  }
  if (!isTensors) return undefined;
  let results: Tensor[];
  try {
    results = torch.func.vmap((...tensors: Tensor[]) => flatten(callWith(tensors)))(...stacked);
  } catch (error) {
    return refused.test(String(error)) ? undefined : `threw ${(error as Error).stack}`;
  }
  for (const [b, list] of expected.entries()) {
    for (const [i, wanted] of list.entries()) {
      const difference = sameTensor((results[i] as Tensor).select(0, b), wanted);
      if (difference !== undefined) return `entry ${b}: ${difference}`;
    }
  }
  return undefined;
}

/** Gradients of entries for whose results the outer ones are these numbers. */
function pullWith(run: (...tensors: Tensor[]) => unknown, tensors: readonly Tensor[]): Tensor[] {
  const floating = (...all: Tensor[]) => flatten(run(...all)).filter((output) => hasNumbers(output.dtype));
  const [outputs, pull] = torch.func.vjp(floating, ...tensors);
  return pull(outputs.map((output) => output.mul(0).add(outer(output)))) as Tensor[];
}

function outer({ shape, dtype }: Tensor): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return torch.arange(count).remainder(5).add(1).to(dtype).view(shape);
}

function gradientsInBatch(golden: Golden, operation: GoldenOperation, call: GoldenCase): string | undefined {
  const run = mainForm(operation);
  if (run === undefined || call.g === undefined || changesInput(operation)) return undefined;
  const args = new Arguments(golden, call);
  const leaves = args.differentiable(call.g);
  if (!leaves.every(isPrecise)) return undefined;
  const entries = [0, 1, 2].map((b) => leaves.map((tensor) => (b === 1 ? reversed(tensor) : tensor.clone())));
  const stacked = leaves.map((_, i) => torch.stack(entries.map((tensors) => tensors[i] as Tensor)));
  const callWith = (...tensors: Tensor[]) =>
    run(...args.listWith(new Map(leaves.map((tensor, i) => [tensor as unknown, tensors[i] as Tensor]))));
  let expected: Tensor[][];
  try {
    expected = entries.map((tensors) => {
      const own = tensors.map((tensor) => tensor.clone().requiresGrad_());
      const outputs = flatten(callWith(...own)).filter((output) => output.requiresGrad);
      const outers = outputs.map((output) => output.detach().mul(0).add(outer(output)));
      const grads = torch.autograd.grad(outputs, own, outers, { allowUnused: true, createGraph: true });
      return grads.map((grad, i) => grad ?? torch.zerosLike(tensors[i] as Tensor));
    });
  } catch {
    return undefined;
  }
  if (expected[0]?.length === 0 || flatten(callWith(...leaves)).every((output) => !hasNumbers(output.dtype)))
    return undefined;
  let results: Tensor[];
  try {
    results = torch.func.vmap((...tensors: Tensor[]) => pullWith(callWith, tensors))(...stacked);
  } catch (error) {
    return refused.test(String(error)) ? undefined : `threw ${(error as Error).stack}`;
  }
  for (const [b, list] of expected.entries()) {
    for (const [i, wanted] of list.entries()) {
      const difference = sameTensor((results[i] as Tensor).select(0, b), wanted);
      if (difference !== undefined) return `entry ${b}, input ${i}: ${difference}`;
    }
  }
  return undefined;
}

/** Gradients of a batch that go through one graph at once. */
function batchOfGradients(golden: Golden, operation: GoldenOperation, call: GoldenCase): string | undefined {
  const run = mainForm(operation);
  if (run === undefined || call.g === undefined || changesInput(operation)) return undefined;
  const args = new Arguments(golden, call);
  const leaves = args.differentiable(call.g);
  if (!leaves.every(isPrecise)) return undefined;
  const own = leaves.map((tensor) => tensor.detach().requiresGrad_());
  let outputs: Tensor[];
  try {
    const result = run(...args.listWith(new Map(leaves.map((tensor, i) => [tensor as unknown, own[i] as Tensor]))));
    outputs = flatten(result).filter((output) => output instanceof Tensor && output.requiresGrad);
  } catch {
    return undefined;
  }
  if (outputs.length === 0) return undefined;
  const outers = [1, 2].map((factor) => outputs.map((output) => outer(output).mul(factor).cos()));
  const stacked = outputs.map((_, i) => torch.stack(outers.map((list) => list[i] as Tensor)));
  const options = { allowUnused: true, retainGraph: true };
  const expected = outers.map((list) => torch.autograd.grad(outputs, own, list, options));
  let found: Tensor[];
  try {
    found = torch.autograd.grad(outputs, own, stacked, { ...options, isGradsBatched: true });
  } catch (error) {
    return refused.test(String(error)) ? undefined : `threw ${(error as Error).stack}`;
  }
  for (const [b, list] of expected.entries()) {
    for (const [i, wanted] of list.entries()) {
      if (wanted === null || wanted.isfinite().all().item() === 0) continue;
      const difference = sameTensor((found[i] as Tensor).select(0, b), wanted);
      if (difference !== undefined) return `entry ${b}, input ${i}: ${difference}`;
    }
  }
  return undefined;
}

const checks = [
  ["", inBatch],
  ["gradients of ", gradientsInBatch],
  ["gradients together of ", batchOfGradients],
] as const;

for (const family of families()) {
  const golden = new Golden(family);
  describe(family, () => {
    for (const operation of golden.operations) {
      test(fullName(operation), () => {
        const wrong = operation.cases.flatMap((call) => {
          const shown = describeCall(golden, operation.name, call);
          // What a view of memory shows depends on how the tensor lies there.
          if (/^as_strided.* strides /.test(shown)) return [];
          return checks.flatMap(([what, check]) => {
            const difference = check(golden, operation, call);
            return difference === undefined ? [] : [`${what}${shown}: ${difference}`];
          });
        });
        assert.deepEqual(wrong.slice(0, 3), []);
      });
    }
  });
}
