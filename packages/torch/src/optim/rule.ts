/** What the rules of optimizers have in common: checks before a step, fused kernels, the count of steps. */
import { isGradEnabled } from "../autograd/modes.js";
import { checkInplace } from "../autograd/views.js";
import { toSnakeCase } from "../core/names.js";
import { sameShape } from "../core/shape.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "../ops/overlap.js";
import type { ParamState } from "./stateDict.js";

/**
 * Throws unless a step can change a parameter and the tensors of its state.
 *
 * @param name of the parameter, for messages.
 * @param changed the keys of the tensors that the step changes: `step`, and others of the size of the parameter.
 * @throws TypeError for a dtype that is not floating; Error if the gradient or the state does not fit the parameter,
 *   as after a change of its dtype, or if memory is gone or may not be written to.
 */
export function checkStep(
  name: string,
  param: Tensor,
  grad: Tensor,
  state: ParamState,
  changed: readonly string[],
): void {
  if (!param.dtype.isFloatingPoint) throw new TypeError(`optimizers update floating-point tensors, got ${param.dtype}`);
  checkInplace(param, isGradEnabled());
  checkNoInternalOverlap(param);
  param.storage.pointer();
  if (!fits(param, grad)) throw misfit(param, grad, `gradient of ${name}`);
  checkNoPartialOverlap(param, grad);
  for (const key of changed) {
    const tensor = state[key];
    if (key === "step") checkCount(name, tensor);
    else checkState(name, param, key, tensor);
  }
}

function checkCount(name: string, step: unknown): void {
  if (step instanceof Tensor && step.numel() === 1) return;
  throw new Error(`the state of ${name} has no step; it was loaded from another optimizer`);
}

function checkState(name: string, param: Tensor, key: string, tensor: unknown): void {
  if (!(tensor instanceof Tensor)) {
    throw new Error(
      `the state of ${name} lacks the tensor '${toSnakeCase(key)}'; it was loaded from another optimizer`,
    );
  }
  if (!fits(param, tensor)) throw misfit(param, tensor, `state '${toSnakeCase(key)}' of ${name}`);
  checkNoInternalOverlap(tensor);
  checkNoPartialOverlap(param, tensor);
}

function fits(param: Tensor, tensor: Tensor): boolean {
  return tensor.dtype === param.dtype && sameShape(tensor.sizes, param.sizes);
}

function misfit(param: Tensor, tensor: Tensor, what: string): Error {
  return new Error(
    `the ${what}, of size [${tensor.sizes.join(", ")}] and ${tensor.dtype}, does not fit the parameter, ` +
      `of size [${param.sizes.join(", ")}] and ${param.dtype}`,
  );
}

/** A step in a kernel, on tensors whose elements lie one after the other. */
type FusedStep<Group> = (param: Tensor, grad: Tensor, state: ParamState, group: Group) => void;

/** Runs a fused step on any parameter that `checkStep` let pass: on copies where the memory has gaps or another order. */
export function runFused<Group>(
  step: FusedStep<Group>,
  param: Tensor,
  grad: Tensor,
  state: ParamState,
  group: Group,
): void {
  const flatGrad = grad.contiguous();
  if (isFlat(param, state)) {
    step(param, flatGrad, state, group);
    param.bumpVersion();
    return;
  }
  const flatParam = rowMajorCopy(param);
  const flatState: ParamState = {};
  for (const key in state) flatState[key] = flattened(state[key]);
  step(flatParam, flatGrad, flatState, group);
  param.copy_(flatParam);
  for (const key in flatState) {
    const [own, flat] = [state[key], flatState[key]];
    if (own instanceof Tensor && own !== flat) own.copy_(flat as Tensor);
    else state[key] = flat;
  }
}

function isFlat(param: Tensor, state: ParamState): boolean {
  if (!param.contiguousFlag) return false;
  for (const key in state) {
    const value = state[key];
    if (value instanceof Tensor && !value.contiguousFlag) return false;
  }
  return true;
}

function flattened<V>(value: V): V | Tensor {
  return value instanceof Tensor && !value.contiguousFlag ? rowMajorCopy(value) : value;
}

function rowMajorCopy(tensor: Tensor): Tensor {
  return Tensor.empty(tensor.sizes, tensor.dtype).copy_(tensor.detach());
}

/** Zeros of the shape and dtype of a parameter, for a running mean. */
export function zerosFor(param: Tensor): Tensor {
  return param.detach().newZeros(param.sizes);
}

/** What a count of steps was last set to, by its memory, with the version then: a device may be slow to answer. */
const counts = new WeakMap<Storage, { version: number; value: number }>();

/** Counts a step, in the tensor that state dicts have, and gives its number, from 1. */
export function nextStep(step: Tensor): number {
  const { storage } = step;
  let count = counts.get(storage);
  if (count === undefined) counts.set(storage, (count = { version: -1, value: 0 }));
  count.value = (count.version === storage.version ? count.value : step.item()) + 1;
  step.fill_(count.value);
  count.version = storage.version;
  return count.value;
}
