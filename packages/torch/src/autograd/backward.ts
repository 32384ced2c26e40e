/**
 * Starting points of the backward pass: `tensor.backward()`, `torch.autograd.backward`, `torch.autograd.grad`.
 *
 * Source: https://pytorch.org/docs/stable/autograd.html
 */
import type { Args } from "../arguments/args.js";
import {
  flag,
  listOf,
  nullable,
  openFlag,
  optional,
  type Param,
  tensor,
  tensors,
  type ValuesOf,
} from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { onDevice } from "../backend/devices.js";
import { fill } from "../backend/kernels.js";
import { checkListLength, formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { Wrapper } from "../core/wrapper.js";
import { inBatches } from "./batched.js";
import { type Capture, runBackward } from "./engine.js";
import { addToGrad } from "./meta.js";
import { isGradEnabled, openMode, withRecording } from "./modes.js";
import { type Edge, type Grads, gradEdge } from "./node.js";

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep the graph for another `backward`. By default it is kept if `createGraph` is set. */
  retainGraph?: boolean;
  /** Record the computation of the gradients, for derivatives of higher order. */
  createGraph?: boolean;
  /** Tensors to whose `grad` is added; all leaves by default. */
  inputs?: Tensor | readonly Tensor[];
}

export type BackwardArguments = Args<[gradient?: Tensor | null], ["gradient"], BackwardOptions>;

const oneOrMany: Param<readonly Tensor[]> = {
  ...tensors,
  expected: "Tensor or list of Tensors",
  read: (value) => (value instanceof Tensor ? [value] : tensors.read(value)),
};

const tensorOrNull: Param<Tensor | null> = {
  ...nullable(tensor),
  read: (value) => (value === null || value === undefined ? null : tensor.read(value)),
};

const listOfGradients = listOf("Tensor or list of Tensors", tensorOrNull, { holds: "tensors" });

const gradients: Param<readonly (Tensor | null)[]> = {
  ...listOfGradients,
  read: (value) => {
    if (value instanceof Tensor) return [value];
    if (Array.isArray(value)) checkListLength(value.length);
    return listOfGradients.read(value);
  },
};

/** `retainGraph` follows `createGraph` unless it is given. */
const passParams = { retainGraph: openFlag, createGraph: flag, inputs: optional(oneOrMany) };
const backwardSignature = new Signature("backward", {
  tensors: oneOrMany,
  gradTensors: optional(gradients),
  ...passParams,
});
const methodSignature = new Signature("backward", { tensors: oneOrMany, gradient: optional(gradients), ...passParams });

/** The gradients with which a pass begins. */
function startingGradients(
  outputs: readonly Tensor[],
  gradients: readonly (Tensor | null)[] | undefined,
): readonly Tensor[] {
  if (gradients !== undefined && gradients.length !== outputs.length) {
    throw new Error(`got ${outputs.length} tensors and ${gradients.length} gradients`);
  }
  return outputs.map((output, i) => startingGradient(output, gradients?.[i], i));
}

/** The given gradient, or 1 for a single element. The engine brings it to the output's dtype. */
function startingGradient(output: Tensor, gradient: Tensor | null | undefined, index: number): Tensor {
  if (gradient === null || gradient === undefined) {
    if (output.dtype.isComplex) {
      throw new Error(`grad can be implicitly created only for real scalar outputs but got ${output.dtype}`);
    }
    if (output.numel() !== 1) throw new Error("grad can be implicitly created only for scalar outputs");
    return onDevice(output.device, () => {
      const one = Tensor.empty(output.sizes, output.dtype);
      fill(one, 1);
      return one;
    });
  }
  if (gradient.device !== output.device) {
    throw new Error(`invalid gradient at index ${index} - expected device ${output.device} but got ${gradient.device}`);
  }
  if (!sameShape(gradient.sizes, output.sizes)) {
    throw new Error(
      `Mismatch in shape: grad_output[${index}] has a shape of ${formatShape(gradient.sizes)} and output[${index}] has a shape of ${formatShape(output.sizes)}.`,
    );
  }
  return gradient;
}

/** Why nothing may have been recorded. */
function whyNot(): string {
  if (isGradEnabled()) return "";
  const open = openMode();
  if (open === undefined) return "; recording is switched off here";
  return `; recording is switched off: torch.${open}() was called without a function, and has not ended. Write torch.${open}(() => …), or using _ = torch.${open}()`;
}

/** @throws Error for a tensor that stands for others, of which ordinary graphs know nothing. */
function checkOrdinary(tensor: Tensor): void {
  if (!(tensor instanceof Wrapper) || tensor.autograd?.requiresGrad || tensor.gradFn !== null) return;
  throw new Error(
    "torch.autograd.grad() called inside a functorch transform on a tensor of it. This is not supported, please use torch.func.grad or torch.func.vjp instead.",
  );
}

function rootEdge(output: Tensor, index: number): Edge {
  checkOrdinary(output);
  const edge = gradEdge(output);
  if (edge === undefined)
    throw new Error(`element ${index} of tensors does not require grad and does not have a grad_fn${whyNot()}`);
  return edge;
}

/**
 * Adds to the `grad` of each leaf the sum of the gradients of tensors.
 *
 * @param gradTensors the gradient with which each tensor begins; null or nothing for one of a single element.
 * @throws Error if a tensor has no graph, or more than one element and no gradient.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.backward.html
 */
export function backward(
  ...args: [
    tensors: Tensor | readonly Tensor[],
    ...rest: Args<[gradTensors?: Tensor | readonly (Tensor | null)[] | null], ["gradTensors"], BackwardOptions>,
  ]
): void {
  const given = backwardSignature.parse(args);
  run(given.tensors, given.gradTensors, given);
}

/** The method of a tensor, with the arguments that follow it. */
export function backwardFrom(self: Tensor, args: BackwardArguments): void {
  const given = methodSignature.parse([self, ...args]);
  run(given.tensors, given.gradient, given);
}

function run(
  outputs: readonly Tensor[],
  gradient: readonly (Tensor | null)[] | undefined,
  given: ValuesOf<typeof passParams>,
): void {
  const { createGraph, inputs } = given;
  if (outputs.some((output) => output instanceof Wrapper)) {
    throw new Error(
      "backward() called inside a functorch transform. This is not supported, please use functorch.grad or functorch.vjp instead or call backward() outside of functorch transforms.",
    );
  }
  const roots = outputs.map(rootEdge);
  const grads = startingGradients(outputs, gradient);
  const options = { createGraph, retainGraph: given.retainGraph ?? createGraph };
  if (inputs === undefined) {
    runBackward(roots, grads, options);
    return;
  }
  if (inputs.length === 0) throw new Error("'inputs' argument to backward() cannot be empty.");
  const wanted = [...new Set(inputs)];
  const captures = wanted.map((input): Capture => ({ edge: inputEdge(input), result: undefined }));
  for (const input of wanted) input.retainGrad();
  runBackward(roots, grads, options, captures);
  withRecording(createGraph, () => {
    captures.forEach(({ result }, i) => {
      const input = wanted[i] as Tensor;
      if (input.isLeaf && result !== undefined) addToGrad(input, result, createGraph);
    });
  });
}

function inputEdge(input: Tensor): Edge {
  checkOrdinary(input);
  const edge = gradEdge(input);
  if (edge === undefined) throw new Error("One of the differentiated Tensors does not require grad");
  return edge;
}

/** Options of `grad`. */
export interface GradOptions extends BackwardOptions {
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null;
  /** Give null for an input on which the outputs do not depend, instead of throwing; as `materializeGrads` if left out. */
  allowUnused?: boolean;
  /** The first dim of each of `gradOutputs` counts gradients, which go through the graph together. */
  isGradsBatched?: boolean;
  /** Give zeros for an input on which the outputs do not depend. */
  materializeGrads?: boolean;
}

const gradSignature = new Signature("grad", {
  outputs: oneOrMany,
  inputs: oneOrMany,
  gradOutputs: optional(gradients),
  retainGraph: openFlag,
  createGraph: flag,
  allowUnused: openFlag,
  isGradsBatched: flag,
  materializeGrads: flag,
});

/**
 * The gradients of outputs with respect to inputs, without touching any `grad`.
 *
 * With `isGradsBatched` the results have the batch as their first dim. All gradients of the batch go through the graph in
 * one pass, as in `vmap`; hooks see a tensor that stands for all of them.
 *
 * @example
 * const x = torch.tensor(3, { requiresGrad: true });
 * const [slope] = torch.autograd.grad(x.pow(2), x); // tensor(6.)
 * @example
 * const x = torch.tensor([1, 2], { requiresGrad: true });
 * const [jacobian] = torch.autograd.grad(x.pow(2), x, torch.eye(2), { isGradsBatched: true }); // tensor([[2., 0.], [0., 4.]])
 * @throws Error if an input was not used to make the outputs, unless `allowUnused` or `materializeGrads` is set.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  ...rest:
    | [gradOutputs?: Tensor | readonly (Tensor | null)[] | null, options?: Omit<GradOptions, "gradOutputs" | "inputs">]
    | [options?: Omit<GradOptions, "inputs">]
): Tensor[] {
  const args = gradSignature.parse([outputs, inputs, ...rest]);
  return gradOf(args);
}

function gradOf(args: ReturnType<typeof gradSignature.parse>): Tensor[] {
  const { createGraph, materializeGrads } = args;
  if (materializeGrads && args.allowUnused === false) {
    throw new Error(
      "Expected allowUnused to be true or not passed when materializeGrads: true, but got: allowUnused: false.",
    );
  }
  const allowUnused = args.allowUnused ?? materializeGrads;
  const keepsGraph = args.retainGraph ?? createGraph;
  const roots = args.outputs.map(rootEdge);
  const edges = args.inputs.map(inputEdge);
  const pass = (gradOutputs: readonly (Tensor | null)[] | undefined): Grads => {
    const captures = edges.map((edge): Capture => ({ edge, result: undefined }));
    const options = { createGraph, retainGraph: keepsGraph };
    runBackward(roots, startingGradients(args.outputs, gradOutputs), options, captures);
    return captures.map(({ result }) => result);
  };
  const results = args.isGradsBatched ? inBatches(args.outputs, args.gradOutputs, pass) : pass(args.gradOutputs);
  return results.map((result, i) => {
    if (result !== undefined) return result;
    if (!allowUnused) {
      throw new Error(
        "One of the differentiated Tensors appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.",
      );
    }
    return (materializeGrads ? zerosLike(args.inputs[i] as Tensor) : null) as Tensor;
  });
}

/** A leaf of zeros, so that more derivatives can be asked for. */
function zerosLike({ sizes, dtype, device }: Tensor): Tensor {
  return onDevice(device, () => Tensor.empty(sizes, dtype))
    .zero_()
    .requiresGrad_();
}
