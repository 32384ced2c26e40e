/** First and second derivatives of every recorded operation, in both modes, are those that small differences show. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { withoutSecondDerivative } from "./deviations.js";
import { families, Golden, type GoldenCase, type GoldenGradients, type GoldenOperation } from "./golden.js";
import { Arguments, changesInput, describeCall, flatten, fullName, mainForm, tensorsIn } from "./replay.js";

const LARGEST = 16;
const CASES = 3;
/** Of so many the forward mode is looked at, too. */
const FORWARD_CASES = 1;

/** Operations of symmetric or Hermitian matrices: of the two triangles they read one, and both have a gradient. */
const ofSymmetric = /^(linalg\.)?(cholesky(Ex)?|eigh|eigvalsh)$/;

/** Operations that compute in float32 what is complex, as PyTorch does: smaller steps than these are rounded away. */
const inFloat32 = /^masked\.median$/;

/** Moves values off the places (whole numbers, ties) where functions have no derivative. */
function offGrid(tensor: Tensor, seed: number): Tensor {
  const offsets = Float64Array.from(
    { length: tensor.numel() },
    (_, i) => 0.0011 + 0.0017 * ((i * 0.618 + seed * 0.37) % 1),
  );
  return tensor.add(torch.fromTypedArray(offsets).view(tensor.shape)).detach().requiresGrad_(true);
}

/** Whether a call is small, in float64 or complex128 and finite, with finite gradients. */
function isSuitable(golden: Golden, { a, k, r, g }: GoldenCase): boolean {
  if (g === undefined || r === undefined || g.i.every((gradient) => gradient === null)) return false;
  const recorded = [...tensorsIn(r), ...g.o, ...g.i].filter((index) => index !== null);
  if (recorded.some((index) => golden.summary(index))) return false;
  const floats = new Arguments(golden, { a, k }).tensors.filter((tensor) => tensor.dtype.isDifferentiable);
  const tensors = [...floats, ...recorded.map((index) => golden.tensor(index))];
  const isPrecise = (x: Tensor) => !x.dtype.isDifferentiable || x.dtype.toReal() === torch.float64;
  const isFit = (x: Tensor) => isPrecise(x) && x.numel() <= LARGEST && x.isfinite().all().item() === 1;
  return tensors.every(isFit) && floats.some((x) => x.numel() > 0);
}

function check(golden: Golden, operation: GoldenOperation, recorded: GoldenCase, checkForwardAd: boolean): void {
  const call = mainForm(operation) as (...args: unknown[]) => unknown;
  const args = new Arguments(golden, recorded);
  const wanted = args.differentiable(recorded.g as GoldenGradients);
  const leaves = wanted.map(offGrid);
  const body = (...inputs: Tensor[]) => {
    const changed = changesInput(operation) ? inputs.map((input) => input.clone()) : inputs;
    const isSymmetric = ofSymmetric.test(fullName(operation));
    const used = isSymmetric ? changed.map((input) => input.add(input.mH).div(2)) : changed;
    const result = call(...args.listWith(new Map(wanted.map((tensor, i) => [tensor, used[i] as Tensor]))));
    return flatten(result).filter((output) => output.requiresGrad);
  };
  const isRounded = inFloat32.test(fullName(operation)) && leaves.some((leaf) => leaf.dtype.isComplex);
  const options = isRounded ? { eps: 1e-3 } : {};
  assert.ok(torch.autograd.gradcheck(body, leaves, { ...options, checkForwardAd }));
  if (!withoutSecondDerivative.has(fullName(operation)))
    assert.ok(torch.autograd.gradgradcheck(body, leaves, undefined, options));
}

for (const family of families()) {
  const golden = new Golden(family);
  describe(family, () => {
    for (const operation of golden.operations) {
      const cases = operation.cases.filter((recorded) => isSuitable(golden, recorded)).slice(0, CASES);
      if (cases.length === 0 || mainForm(operation) === undefined) continue;
      test(fullName(operation), () => {
        for (const [i, recorded] of cases.entries()) {
          try {
            check(golden, operation, recorded, i < FORWARD_CASES);
          } catch (error) {
            throw new Error(`${describeCall(golden, fullName(operation), recorded)}: ${String(error)}`, {
              cause: error,
            });
          }
        }
      });
    }
  });
}
