/** Every recorded call that has a gradient, forward: `jvp` gives what two backward passes give, for directions in a batch, too. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { Tensor } from "../../src/index.js";
import { families, Golden, type GoldenCase, type GoldenOperation } from "./golden.js";
import { Arguments, changesInput, describeCall, flatten, fullName, mainForm } from "./replay.js";

/** What cannot be called in a batch. */
const refused =
  /randomness error mode|you're calling \.item\(\)|dynamic shape|is not possible because there exists a Tensor/;

function direction({ shape, dtype }: Tensor, step: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return torch.arange(count).mul(step).remainder(7).sub(3).div(2).to(dtype).view(shape);
}

function near(actual: Tensor, expected: Tensor): string | undefined {
  if (actual.dtype !== expected.dtype) return `${actual.dtype} instead of ${expected.dtype}`;
  if (actual.shape.join() !== expected.shape.join()) return `[${actual.shape}] instead of [${expected.shape}]`;
  // What is infinite or no number is so by other ways.
  const counted = expected.isfinite().logicalAnd(actual.isfinite());
  const [a, b] = [actual, expected].map((one) => torch.where(counted, one, torch.zerosLike(one))) as [Tensor, Tensor];
  return torch.allclose(a, b, {
    ...(actual.dtype === torch.float64 ? { rtol: 1e-8, atol: 1e-10 } : { rtol: 1e-4, atol: 1e-6 }),
  })
    ? undefined
    : `${actual} instead of ${expected}`;
}

function forward(golden: Golden, operation: GoldenOperation, call: GoldenCase): string | undefined {
  const run = mainForm(operation);
  if (run === undefined || call.g === undefined || changesInput(operation)) return undefined;
  const args = new Arguments(golden, call);
  const leaves = args.differentiable(call.g);
  if (leaves.length === 0 || leaves.some(({ dtype }) => dtype !== torch.float64)) return undefined;
  const callWith = (...tensors: Tensor[]) =>
    run(...args.listWith(new Map(leaves.map((tensor, i) => [tensor as unknown, tensors[i] as Tensor]))));
  const floating = (...tensors: Tensor[]) =>
    flatten(callWith(...tensors)).filter((output) => output instanceof Tensor && output.dtype.isFloatingPoint);
  const directions = [1, 3].map((step) => leaves.map((leaf) => direction(leaf, step)));
  let expected: Tensor[][];
  try {
    if (floating(...leaves).length === 0) return undefined;
    expected = directions.map((tangents) => torch.autograd.functional.jvp(floating, leaves, tangents)[1] as Tensor[]);
  } catch {
    return undefined;
  }
  const compare = (found: readonly Tensor[], wanted: readonly Tensor[]) =>
    wanted.map((one, i) => near(found[i] as Tensor, one)).find((difference) => difference !== undefined);
  for (const [d, tangents] of directions.entries()) {
    const [, found] = torch.func.jvp(floating, leaves, tangents);
    const difference = compare(found, expected[d] as Tensor[]);
    if (difference !== undefined) return difference;
  }
  const stacked = leaves.map((_, i) => torch.stack(directions.map((tangents) => tangents[i] as Tensor)));
  try {
    const batched = torch.func.vmap((...tangents: Tensor[]) => torch.func.jvp(floating, leaves, tangents)[1])(
      ...stacked,
    );
    for (const [d, wanted] of expected.entries()) {
      const difference = compare(
        batched.map((one) => one.select(0, d)),
        wanted,
      );
      if (difference !== undefined) return `in a batch: ${difference}`;
    }
  } catch (error) {
    return refused.test(String(error)) ? undefined : `in a batch: threw ${(error as Error).stack}`;
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
          // Backward, rows of padding take no gradient and frequent ones less; forward, a row moves as it moves.
          if (/^embedding\(.*(, -?\d+\)|scaleGradByFreq)/.test(shown)) return [];
          try {
            const difference = forward(golden, operation, call);
            return difference === undefined ? [] : [`${shown}: ${difference}`];
          } catch (error) {
            return [`${shown}: threw ${(error as Error).stack}`];
          }
        });
        assert.deepEqual(wrong.slice(0, 3), []);
      });
    }
  });
}
