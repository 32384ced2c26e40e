/** Optimizer steps in place. All views of a call are contiguous and have one size and one floating dtype. */
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional } from "./launch.js";

export interface SgdStep {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
  /** Whether the momentum buffer holds nothing yet: it becomes the gradient. */
  firstStep: boolean;
}

const runSgd = kernel("sgdStep");

/** A step of stochastic gradient descent; there is a momentum buffer if the momentum is not 0. */
export function sgdStep(p: ArrayView, grad: ArrayView, momentumBuffer: ArrayView | undefined, options: SgdStep): void {
  const n = checkedSize(numelOf(p.sizes));
  const list = begin();
  const dtype = putDType(p.dtype);
  put(n);
  putAddress(p, dtype, n);
  putAddress(grad, dtype, n);
  putOptional(momentumBuffer, dtype, n);
  put(options.lr);
  put(options.momentum);
  put(options.dampening);
  put(options.weightDecay);
  put(options.nesterov ? 1 : 0);
  put(options.maximize ? 1 : 0);
  put(options.firstStep ? 1 : 0);
  launch(runSgd, list);
}

export interface AdamStep {
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** Whether weights decay apart from the gradient (AdamW). */
  decoupled: boolean;
  amsgrad: boolean;
  maximize: boolean;
  /** The number of this step, from 1. */
  step: number;
}

const runAdam = kernel("adamStep");

/** A step of Adam or AdamW; `maxExpAvgSq` is there for AMSGrad. */
export function adamStep(
  p: ArrayView,
  grad: ArrayView,
  expAvg: ArrayView,
  expAvgSq: ArrayView,
  maxExpAvgSq: ArrayView | undefined,
  options: AdamStep,
): void {
  const n = checkedSize(numelOf(p.sizes));
  const list = begin();
  const dtype = putDType(p.dtype);
  put(n);
  putAddress(p, dtype, n);
  putAddress(grad, dtype, n);
  putAddress(expAvg, dtype, n);
  putAddress(expAvgSq, dtype, n);
  putOptional(options.amsgrad ? maxExpAvgSq : undefined, dtype, n);
  put(options.lr);
  put(options.beta1);
  put(options.beta2);
  put(options.eps);
  put(options.weightDecay);
  put(options.decoupled ? 1 : 0);
  put(options.maximize ? 1 : 0);
  put(options.step);
  launch(runAdam, list);
}
