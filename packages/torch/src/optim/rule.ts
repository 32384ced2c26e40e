/** What the rules of optimizers have in common: checks before a step, kernels over many parameters, counts of steps. */
import { isGradEnabled } from "../autograd/modes.js";
import { checkInplace } from "../autograd/views.js";
import { onDevice } from "../backend/devices.js";
import { type OptimizerRule, optimizerStep } from "../backend/kernels.js";
import { float32, float64, getDefaultDtype } from "../core/dtype.js";
import { toSnakeCase } from "../core/names.js";
import { sameShape } from "../core/shape.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { Wrapper } from "../core/wrapper.js";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "../ops/overlap.js";
import { viewAsComplex, viewAsReal } from "../ops/shape/complexViews.js";
import type { ParamState } from "./stateDict.js";

/** Keys of numbers that optimizers count, in tensors of their own. */
export const countKeys: ReadonlySet<string> = new Set(["step", "muProduct", "eta", "mu"]);

/** The sizes of a parameter's state, where they are others than its own. */
export type SizesOf = (key: string, param: Tensor) => readonly number[];

/**
 * Throws unless a step can change a parameter and the tensors of its state.
 *
 * @param name of the parameter, for messages.
 * @param changed the keys of the tensors that the step changes: counts, and others of sizes that are known.
 * @throws TypeError for a dtype that is not floating or complex; Error if the gradient or the state does not fit the parameter,
 *   as after a change of its dtype, or if memory is gone or may not be written to.
 */
export function checkStep(
  name: string,
  param: Tensor,
  grad: Tensor,
  state: ParamState,
  changed: readonly string[],
  sizesOf: SizesOf,
): void {
  if (!param.dtype.isDifferentiable) {
    throw new TypeError(`optimizers update floating-point and complex tensors, got ${param.dtype}`);
  }
  checkInplace(param, isGradEnabled());
  checkNoInternalOverlap(param);
  param.storage.pointer();
  if (!fits(param, grad, param.sizes)) throw misfit(param, grad, `gradient of ${name}`);
  checkNoPartialOverlap(param, grad);
  for (const key of changed) {
    const tensor = state[key];
    if (countKeys.has(key)) checkCount(name, key, tensor);
    else checkState(name, param, key, tensor, sizesOf(key, param));
  }
}

/** Throws if a parameter is complex. */
export function checkReal(optimizer: string, groups: readonly { readonly params: readonly Tensor[] }[]): void {
  const isComplex = groups.some(({ params }) => params.some(({ dtype }) => dtype.isComplex));
  if (isComplex) throw new TypeError(`${optimizer} does not support complex parameters`);
}

function checkCount(name: string, key: string, count: unknown): void {
  if (count instanceof Tensor && count.numel() === 1) return;
  throw new Error(`the state of ${name} has no ${toSnakeCase(key)}; it was loaded from another optimizer`);
}

function checkState(name: string, param: Tensor, key: string, tensor: unknown, sizes: readonly number[]): void {
  if (!(tensor instanceof Tensor)) {
    throw new Error(
      `the state of ${name} lacks the tensor '${toSnakeCase(key)}'; it was loaded from another optimizer`,
    );
  }
  if (!fits(param, tensor, sizes)) throw misfit(param, tensor, `state '${toSnakeCase(key)}' of ${name}`);
  checkNoInternalOverlap(tensor);
  checkNoPartialOverlap(param, tensor);
}

function fits(param: Tensor, tensor: Tensor, sizes: readonly number[]): boolean {
  return tensor.dtype === param.dtype && sameShape(tensor.sizes, sizes);
}

function misfit(param: Tensor, tensor: Tensor, what: string): Error {
  return new Error(
    `the ${what}, of size [${tensor.sizes.join(", ")}] and ${tensor.dtype}, does not fit the parameter, ` +
      `of size [${param.sizes.join(", ")}] and ${param.dtype}`,
  );
}

/**
 * Runs a function on a complex parameter and its state as on real numbers: each element is two, side by side. What the
 * function leaves in the state becomes complex; a parameter that is real is given as it is.
 */
export function inParts(param: Tensor, state: ParamState, run: (parts: Tensor, state: ParamState) => void): void {
  if (!param.dtype.isComplex) {
    run(param, state);
    return;
  }
  const parts = mapTensors(state, (tensor) => (tensor.dtype.isComplex ? viewAsReal(tensor) : tensor));
  run(viewAsReal(param), parts);
  Object.assign(
    state,
    mapTensors(parts, (tensor, key) => (countKeys.has(key) ? tensor : viewAsComplex(tensor))),
  );
}

function mapTensors(state: ParamState, change: (tensor: Tensor, key: string) => Tensor): ParamState {
  const entries = Object.entries(state);
  return Object.fromEntries(entries.map(([key, value]) => [key, value instanceof Tensor ? change(value, key) : value]));
}

/** The kernel that does what a rule says. */
export interface FusedStep {
  readonly rule: OptimizerRule;
  /** The options of the group, in the order in which the kernel reads them. */
  readonly numbers: readonly number[];
  /** The keys of the tensors that it takes. One that is not there yet holds nothing before the step; it is the first. */
  readonly state: readonly (string | undefined)[];
  /** The keys of the numbers that it counts. */
  readonly counts: readonly string[];
}

type Views = (Tensor | undefined)[];

/**
 * The parameters of a group that a kernel updates together: a call for each of thousands would take longer than the
 * work. They are those whose memory has no gaps; others are updated at once, through copies.
 */
export class StepList {
  readonly #step: FusedStep;
  #settled: Views = [];
  #fresh: Views = [];
  /** Of which dtype, and on which device, all of them are. */
  #first: Tensor | undefined;

  constructor(step: FusedStep) {
    this.#step = step;
  }

  /**
   * Takes a parameter that `checkStep` let pass; false if the kernel does not know its dtype or that of its counts, or
   * where a tensor stands for others, whose memory is none of the kernel's.
   */
  add(param: Tensor, grad: Tensor, state: ParamState): boolean {
    const { state: keys, counts } = this.#step;
    if (!isKnown(param) || param instanceof Wrapper || grad instanceof Wrapper) return false;
    for (const key of counts) if (!isKnown(state[key] as Tensor)) return false;
    const [first] = keys;
    const isFresh = first !== undefined && !state[first];
    if (isFresh) state[first] = param.detach().newEmpty(param.sizes);
    if (this.#first !== undefined && !isAlike(this.#first, param)) this.run();
    this.#first = param;
    const flatGrad = grad.contiguousFlag ? grad : rowMajorCopy(grad);
    if (isFlat(param, state, keys)) this.#put(param, flatGrad, state, isFresh);
    else this.#runThroughCopies(param, flatGrad, state, isFresh);
    param.bumpVersion();
    return true;
  }

  #put(param: Tensor, grad: Tensor, state: ParamState, isFresh: boolean): void {
    const views = isFresh ? this.#fresh : this.#settled;
    views.push(param, grad);
    for (const key of this.#step.state) views.push(key === undefined ? undefined : (state[key] as Tensor));
    for (const key of this.#step.counts) {
      const count = state[key] as Tensor;
      count.bumpVersion();
      views.push(count);
    }
  }

  /** Updates a parameter that has gaps, or whose state has. */
  #runThroughCopies(param: Tensor, grad: Tensor, state: ParamState, isFresh: boolean): void {
    const flatParam = rowMajorCopy(param);
    const flatState = { ...state };
    const keys = this.#step.state.filter((key) => key !== undefined);
    for (const key of keys) flatState[key] = rowMajorCopy(state[key] as Tensor);
    this.#put(flatParam, grad, flatState, isFresh);
    this.run();
    param.detach().copy_(flatParam);
    for (const key of keys) (state[key] as Tensor).copy_(flatState[key] as Tensor);
  }

  /** Updates the parameters that were added since. */
  run(): void {
    const param = this.#first;
    if (param === undefined) return;
    const { rule, numbers, state, counts } = this.#step;
    const size = { states: state.length, counts: counts.length };
    onDevice(param.device, () => {
      optimizerStep(rule, param.dtype, numbers, { ...size, views: this.#settled, isFresh: false });
      optimizerStep(rule, param.dtype, numbers, { ...size, views: this.#fresh, isFresh: true });
    });
    this.#settled = [];
    this.#fresh = [];
    this.#first = undefined;
  }
}

function isAlike(a: Tensor, b: Tensor): boolean {
  return a.dtype === b.dtype && a.device === b.device;
}

function isKnown({ dtype }: Tensor): boolean {
  return dtype === float32 || dtype === float64;
}

function isFlat(param: Tensor, state: ParamState, keys: FusedStep["state"]): boolean {
  if (!param.contiguousFlag) return false;
  for (const key of keys) if (key !== undefined && !(state[key] as Tensor).contiguousFlag) return false;
  return true;
}

function rowMajorCopy(tensor: Tensor): Tensor {
  return tensor.detach().newEmpty(tensor.sizes).copy_(tensor.detach());
}

/** The options of a group that all optimizers which descend along a gradient have. */
interface Descent {
  readonly lr: number;
  readonly weightDecay: number;
  readonly maximize: boolean;
  readonly decoupledWeightDecay?: boolean;
}

/**
 * Where a parameter goes down: its gradient, or against it with `maximize`, plus `weightDecay` times the parameter. With
 * `decoupledWeightDecay` the parameter shrinks by itself instead.
 */
export function descentOf(param: Tensor, grad: Tensor, group: Descent): Tensor {
  const { lr, weightDecay, maximize, decoupledWeightDecay } = group;
  const direction = maximize ? grad.neg() : grad;
  if (weightDecay === 0) return direction;
  if (!decoupledWeightDecay) return direction.add(param, { alpha: weightDecay });
  param.mul_(1 - lr * weightDecay);
  return direction;
}

/** Zeros of the shape and dtype of a parameter, for a running mean. */
export function zerosFor(param: Tensor): Tensor {
  return param.detach().newZeros(param.sizes);
}

/** A number that an optimizer counts. */
export function countFrom(value: number): Tensor {
  return Tensor.empty([], getDefaultDtype() === float64 ? float64 : float32).fill_(value);
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
