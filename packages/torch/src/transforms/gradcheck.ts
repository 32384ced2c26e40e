/**
 * Compares the gradients that autograd computes with differences of the function's own values.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 */
import {
  anything,
  flag,
  flagOn,
  isIterable,
  keyword,
  nullable,
  number,
  optional,
  type ValuesOf,
} from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { grad } from "../autograd/backward.js";
import { noGrad } from "../autograd/modes.js";
import { Tensor } from "../core/tensor.js";
import { zerosLike } from "../ops/creation/filled.js";
import { stack } from "../ops/shape/joining.js";
import type { Args } from "../ops/types.js";
import { ForwardLevel } from "./forward/forwardLevel.js";
import { vmap } from "./vmap.js";

/** Thrown where a gradient is wrong. */
export class GradcheckError extends Error {
  override readonly name = "GradcheckError";
}

export interface GradcheckOptions {
  /** The step of the differences. */
  eps?: number;
  atol?: number;
  rtol?: number;
  /** Throw rather than return false. */
  raiseException?: boolean;
  /** How far two runs of the backward pass may differ. */
  nondetTol?: number;
  /** Accepted as in PyTorch: outputs go back one by one, so that a backward pass always meets gradients that are absent. */
  checkUndefinedGrad?: boolean;
  /** Check what goes backward; true by default. */
  checkBackwardAd?: boolean;
  /** Check what goes forward, the tangents of outputs along each element of the inputs. */
  checkForwardAd?: boolean;
  /** Check that gradients of a batch that go back together are those that go one by one. */
  checkBatchedGrad?: boolean;
  /** Check that tangents of a batch are those of one direction after the other. */
  checkBatchedForwardGrad?: boolean;
  /** Accepted as in PyTorch; the check compares whole matrices rather than one random direction of them all the same. */
  fastMode?: boolean;
  /** Accepted as in PyTorch, where it says which elements of sparse tensors count. */
  masked?: boolean | null;
}

const optionParams = {
  eps: keyword(optional(number, 1e-6)),
  atol: keyword(optional(number, 1e-5)),
  rtol: keyword(optional(number, 1e-3)),
  raiseException: flagOn,
  nondetTol: keyword(optional(number, 0)),
  checkUndefinedGrad: flagOn,
  checkBatchedGrad: flag,
  checkBatchedForwardGrad: flag,
  checkForwardAd: flag,
  checkBackwardAd: flagOn,
  fastMode: flag,
  masked: optional(nullable(flag), null),
};
type Settings = ValuesOf<typeof optionParams>;

const signature = new Signature("gradcheck", { body: anything, inputs: anything, ...optionParams });
const secondSignature = new Signature("gradgradcheck", {
  body: anything,
  inputs: anything,
  gradOutputs: optional(nullable(anything)),
  ...optionParams,
});

type Inputs = Tensor | readonly Tensor[];
type Outputs = Tensor | readonly Tensor[] | Iterable<Tensor>;
type Checked = (...inputs: Tensor[]) => Outputs;

/** A matrix: a row for each element of the output, a column for each of the input. */
type Jacobian = Float64Array[];

function listOf(values: Outputs): Tensor[] {
  const list: Tensor[] = [];
  for (const item of isIterable(values) && !(values instanceof Tensor) ? values : [values]) {
    if (!(item instanceof Tensor))
      throw new TypeError("gradcheck expects tensors, one or several, as inputs and from the function");
    list.push(item);
  }
  return list;
}

function checkFunction(body: unknown): void {
  if (typeof body !== "function") throw new TypeError(`gradcheck expects a function first, got ${typeof body}`);
}

/** The real numbers of a tensor: of a complex one the real parts, and then the imaginary ones. */
function partsOf(tensor: Tensor): Tensor[] {
  return tensor.dtype.isComplex ? [tensor.real, tensor.imag] : [tensor];
}

function valuesOf(tensor: Tensor): Float64Array {
  const parts = partsOf(tensor.detach()).map((part) => part.double().toTypedArray() as Float64Array);
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

function differentiableOutputs(outputs: Outputs): Tensor[] {
  return listOf(outputs).filter((output) => output instanceof Tensor && output.requiresGrad);
}

/** Gives an input other values in its place, which the graphs of earlier results do not notice. */
function setValues(input: Tensor, values: Float64Array): void {
  noGrad(() => {
    const size = input.numel();
    for (const [i, part] of partsOf(input.data).entries()) {
      part.copy_(part.newTensor(values.subarray(i * size, (i + 1) * size)).view(input.sizes));
    }
  });
}

/**
 * For each output, its changes with the elements of one input, by central differences. The input itself changes meanwhile,
 * so that a function may also find it elsewhere than among its arguments, as a module does its parameters.
 */
function numericalJacobians(
  body: Checked,
  inputs: readonly Tensor[],
  at: number,
  eps: number,
  which: readonly number[],
): Jacobian[] {
  const input = inputs[at] as Tensor;
  const values = valuesOf(input);
  const evaluate = (changed: Float64Array): Float64Array[] => {
    setValues(input, changed);
    const outputs = listOf(body(...inputs));
    return which.map((i) => valuesOf(outputs[i] as Tensor));
  };
  try {
    const columns = Array.from(values, (value, j) => {
      const shifted = Float64Array.from(values);
      shifted[j] = value + eps;
      const above = evaluate(shifted);
      shifted[j] = value - eps;
      const below = evaluate(shifted);
      return above.map((output, o) => output.map((y, i) => (y - (below[o]?.[i] as number)) / (2 * eps)));
    });
    const sizes = evaluate(values).map((output) => output.length);
    return sizes.map((size, o) =>
      Array.from({ length: size }, (_, i) => Float64Array.from(columns, (column) => column[o]?.[i] as number)),
    );
  } finally {
    setValues(input, values);
  }
}

/** For one output, the gradients of each of its elements with respect to every input. */
function analyticalJacobians(output: Tensor, inputs: readonly Tensor[]): Jacobian[] {
  const size = output.numel();
  const rows = Array.from({ length: size * partsOf(output).length }, (_, i) => {
    const seed = output.detach().newZeros([size]);
    partsOf(seed)[Math.floor(i / size)]?.setAt(i % size, 1);
    const grads = grad(output, inputs, seed.view(output.sizes), { retainGraph: true, allowUnused: true });
    return grads.map((g, k) => (g === null ? new Float64Array(valuesOf(inputs[k] as Tensor).length) : valuesOf(g)));
  });
  return inputs.map((_, k) => rows.map((row) => row[k] as Float64Array));
}

/** How outputs change along directions of inputs; zeros where they do not. */
function pushed(
  body: Checked,
  inputs: readonly Tensor[],
  which: readonly number[],
  directions: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const level = new ForwardLevel();
  const duals = inputs.map((input) => {
    const direction = directions.get(input);
    return direction === undefined ? input : level.dual(input, direction);
  });
  const outputs = listOf(level.run(() => body(...duals)));
  return which.map((i) => level.tangent(outputs[i] as Tensor) ?? zerosLike(outputs[i] as Tensor));
}

/** For one input, the changes of every output with each of its elements, forward. */
function forwardJacobians(body: Checked, inputs: readonly Tensor[], at: number, which: readonly number[]): Jacobian[] {
  const input = inputs[at] as Tensor;
  const columns = Array.from({ length: input.numel() }, (_, j) => {
    const direction = input.detach().newZeros([input.numel()]);
    direction.setAt(j, 1);
    return pushed(body, inputs, which, new Map([[input, direction.view(input.sizes)]])).map(valuesOf);
  });
  return which.map((_, o) =>
    Array.from({ length: columns[0]?.[o]?.length ?? 0 }, (_, i) =>
      Float64Array.from(columns, (column) => column[o]?.[i] as number),
    ),
  );
}

function checkForward(
  body: Checked,
  inputs: readonly Tensor[],
  wanted: readonly Tensor[],
  which: readonly number[],
  options: Settings,
): void {
  for (const input of wanted) {
    const at = inputs.indexOf(input);
    const numerical = numericalJacobians(body, inputs, at, options.eps, which);
    forwardJacobians(body, inputs, at, which).forEach((ours, o) => {
      const theirs = numerical[o] as Jacobian;
      if (largestDifference(ours, theirs, (expected) => options.atol + options.rtol * Math.abs(expected)) === 0) return;
      throw new GradcheckError(
        `Jacobian computed with forward mode mismatch for output ${which[o]} with respect to input ${at},\nnumerical:\n${show(theirs)}\nanalytical:\n${show(ours)}\n`,
      );
    });
  }
}

/** Throws unless what is computed for a batch is what is computed for its entries. */
function checkTogether(words: string, together: readonly Tensor[], oneByOne: readonly (readonly Tensor[])[]): void {
  together.forEach((batch, i) => {
    const list = oneByOne.map((entry) => entry[i] as Tensor);
    const theirs = stack(list);
    if (batch.allclose(theirs, { rtol: 1e-5, atol: 1e-8, equalNan: true })) return;
    throw new GradcheckError(
      `gradcheck or gradgradcheck failed while testing ${words}. For output ${i}, the batch gives\n${batch}\nand its entries give\n${theirs}`,
    );
  });
}

function checkBatched(outputs: readonly Tensor[], wanted: readonly Tensor[]): void {
  for (const output of outputs) {
    const seeds = [0, 1].map(() => randomLike(output).detach());
    const options = { retainGraph: true, materializeGrads: true };
    const oneByOne = seeds.map((seed) => grad(output, wanted, seed, options));
    const together = grad(output, wanted, stack(seeds), { ...options, isGradsBatched: true });
    checkTogether("batched gradient computation", together, oneByOne);
  }
}

function checkBatchedForward(
  body: Checked,
  inputs: readonly Tensor[],
  wanted: readonly Tensor[],
  which: readonly number[],
): void {
  for (const input of wanted) {
    const directions = [0, 1].map(() => randomLike(input).detach());
    const push = (direction: Tensor) => pushed(body, inputs, which, new Map([[input, direction]]));
    const oneByOne = directions.map((direction) => push(direction).map((one) => one.detach()));
    const together = vmap(push)(stack(directions)).map((one) => one.detach());
    checkTogether("batched forward-mode gradient computation", together, oneByOne);
  }
}

function largestDifference(a: Jacobian, b: Jacobian, allowed: (expected: number) => number): number {
  let worst = 0;
  a.forEach((row, i) =>
    row.forEach((value, j) => {
      const expected = b[i]?.[j] as number;
      const difference = Math.abs(value - expected);
      if (!(difference <= allowed(expected))) worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    }),
  );
  return worst;
}

function show(jacobian: Jacobian): string {
  return jacobian.map((row) => `[${Array.from(row, (value) => value.toPrecision(6)).join(", ")}]`).join("\n");
}

/** Throws if elements of an input share a place: none of them could change alone. */
function checkPlaces(input: Tensor): void {
  const dim = input.strides.findIndex((stride, d) => stride === 0 && (input.sizes[d] as number) > 1);
  if (dim < 0) return;
  throw new Error(
    "An input has a dimension with stride 0. gradcheck only supports inputs that are non-overlapping to be able to compute the numerical gradients correctly. You should call .contiguous on the input before passing it to gradcheck.",
  );
}

function check(body: Checked, inputs: readonly Tensor[], options: Settings): void {
  const wanted = inputs.filter((input) => input instanceof Tensor && input.requiresGrad);
  if (wanted.length === 0) {
    throw new Error(
      "gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.",
    );
  }
  wanted.forEach(checkPlaces);
  const all = listOf(body(...inputs));
  const which = all.map((_, i) => i).filter((i) => all[i]?.requiresGrad);
  const outputs = differentiableOutputs(all);
  if (options.checkBackwardAd) checkBackward(body, inputs, wanted, outputs, which, options);
  if (options.checkForwardAd) checkForward(body, inputs, wanted, which, options);
  if (options.checkBatchedGrad) checkBatched(outputs, wanted);
  if (options.checkBatchedForwardGrad) checkBatchedForward(body, inputs, wanted, which);
}

function checkBackward(
  body: Checked,
  inputs: readonly Tensor[],
  wanted: readonly Tensor[],
  outputs: readonly Tensor[],
  which: readonly number[],
  options: Settings,
): void {
  const analytical = outputs.map((output) => analyticalJacobians(output, wanted));
  const again = outputs.map((output) => analyticalJacobians(output, wanted));
  wanted.forEach((input, k) => {
    const numerical = numericalJacobians(body, inputs, inputs.indexOf(input), options.eps, which);
    outputs.forEach((_, o) => {
      const ours = analytical[o]?.[k] as Jacobian;
      const theirs = numerical[o] as Jacobian;
      if (largestDifference(ours, theirs, (expected) => options.atol + options.rtol * Math.abs(expected)) > 0) {
        throw new GradcheckError(
          `Jacobian mismatch for output ${which[o]} with respect to input ${inputs.indexOf(input)},\nnumerical:\n${show(theirs)}\nanalytical:\n${show(ours)}\n`,
        );
      }
      if (largestDifference(ours, again[o]?.[k] as Jacobian, () => options.nondetTol) > 0) {
        throw new GradcheckError(
          "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.",
        );
      }
    });
  });
}

/**
 * Whether the gradients of a function are those that small differences of its inputs show.
 *
 * @param body takes the inputs and returns one tensor or several.
 * @param inputs float64 or complex128 tensors; those that require a gradient are checked. Their elements change and are
 *   put back, so that they may also be what the function has of itself. Of complex numbers both parts change, and each
 *   part of the results is looked at.
 * @throws GradcheckError where they are not, unless `raiseException` is false.
 * @example torch.autograd.gradcheck((x) => x.pow(3), torch.randn(4, { dtype: torch.float64, requiresGrad: true }))
 * @example torch.autograd.gradcheck(() => model(x), model.parameters())
 */
export function gradcheck(body: Checked, inputs: Inputs, options: GradcheckOptions = {}): boolean {
  checkFunction(body);
  return run(body, listOf(inputs), signature.parse([body, inputs, options]));
}

function run(body: Checked, inputs: readonly Tensor[], settings: Settings): boolean {
  try {
    check(body, inputs, settings);
    return true;
  } catch (error) {
    if (settings.raiseException || !(error instanceof GradcheckError)) throw error;
    return false;
  }
}

/**
 * The same for the gradients of the gradients.
 *
 * @param gradOutputs the gradients with which the first backward pass begins; random by default.
 */
export function gradgradcheck(
  body: Checked,
  inputs: Inputs,
  ...rest: Args<[gradOutputs?: Inputs | null], ["gradOutputs"], GradcheckOptions>
): boolean {
  checkFunction(body);
  const { gradOutputs, ...settings } = secondSignature.parse([body, inputs, ...rest]);
  const list = listOf(inputs);
  const outputs = differentiableOutputs(body(...list));
  const starts = gradOutputs ? listOf(gradOutputs as Inputs) : outputs.map(randomLike);
  const wanted = list.filter((input) => input.requiresGrad);
  const first: Checked = (...all) => {
    const own = all.slice(0, list.length);
    const results = differentiableOutputs(body(...own));
    const targets = own.filter((_, i) => list[i]?.requiresGrad);
    const grads = grad(results, targets, all.slice(list.length), { createGraph: true, allowUnused: true });
    return grads.map((g, i) => g ?? (wanted[i] as Tensor).detach().mul(0));
  };
  return run(first, [...list, ...starts], settings);
}

function randomLike(output: Tensor): Tensor {
  return output.detach().clone().uniform_(-1, 1).requiresGrad_();
}
