/**
 * Starting points of the backward pass: `tensor.backward()`, `torch.autograd.backward`, `torch.autograd.grad`.
 *
 * Source: https://pytorch.org/docs/stable/autograd.html
 */
import { flag, invalid, optional, type Param, tensors } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { fill } from "../backend/cpu/elementwise.js";
import { checkListLength, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { type Capture, runBackward } from "./engine.js";
import { addToGrad } from "./meta.js";
import { withRecording } from "./modes.js";
import { type Edge, gradEdge } from "./node.js";

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep the graph for another `backward`. By default it is kept if `createGraph` is set. */
  retainGraph?: boolean;
  /** Record the computation of the gradients, for derivatives of higher order. */
  createGraph?: boolean;
  /** Tensors to whose `grad` is added; all leaves by default. */
  inputs?: Tensor | readonly Tensor[];
}

export type BackwardArguments =
  | [gradient?: Tensor | null, options?: BackwardOptions]
  | [options?: BackwardOptions & { gradient?: Tensor | null }];

const oneOrMany: Param<readonly Tensor[]> = {
  ...tensors,
  expected: "Tensor or list of Tensors",
  read: (value) => (value instanceof Tensor ? [value] : tensors.read(value)),
};

const gradients: Param<readonly (Tensor | null)[]> = {
  ...(tensors as Param<readonly (Tensor | null)[]>),
  expected: "Tensor or list of Tensors",
  read: (value) => {
    if (value instanceof Tensor) return [value];
    if (!Array.isArray(value)) return invalid;
    checkListLength(value.length);
    return value.every((item) => item === null || item === undefined || item instanceof Tensor) ? value : invalid;
  },
};

/** A flag that follows `createGraph` unless it is given. */
const retainGraph = { ...flag, defaultValue: undefined } as Param<boolean | undefined>;

const backwardSignature = new Signature("backward", {
  tensors: oneOrMany,
  gradient: optional(gradients),
  retainGraph,
  createGraph: flag,
  inputs: optional(oneOrMany),
});

/** The gradient with which the pass begins: the given one, or 1 for a single element. */
function startingGradient(output: Tensor, gradient: Tensor | null | undefined): Tensor {
  if (gradient === null || gradient === undefined) {
    if (output.numel() !== 1) throw new Error("grad can be implicitly created only for scalar outputs");
    const one = Tensor.empty(output.sizes, output.dtype);
    fill(one, 1);
    return one;
  }
  if (!sameShape(gradient.sizes, output.sizes)) {
    throw new Error(
      `Mismatch in shape: grad_output[0] has a shape of [${gradient.sizes.join(", ")}] and output[0] has a shape of [${output.sizes.join(", ")}].`,
    );
  }
  return gradient;
}

function rootEdge(output: Tensor, index: number): Edge {
  const edge = gradEdge(output);
  if (edge === undefined)
    throw new Error(`element ${index} of tensors does not require grad and does not have a grad_fn`);
  return edge;
}

/** @internal Reads the arguments and runs the pass. */
export function backward(...args: unknown[]): void {
  const given = backwardSignature.parse(args);
  const { tensors: outputs, gradient, createGraph, inputs } = given;
  if (gradient !== undefined && gradient.length !== outputs.length) {
    throw new Error(`got ${outputs.length} tensors and ${gradient.length} gradients`);
  }
  const roots = outputs.map(rootEdge);
  const grads = outputs.map((output, i) => startingGradient(output, gradient?.[i]));
  const options = { createGraph, retainGraph: given.retainGraph ?? createGraph };
  if (inputs === undefined) {
    runBackward(roots, grads, options);
    return;
  }
  if (inputs.length === 0) throw new Error("'inputs' argument to backward() cannot be empty.");
  const wanted = [...new Set(inputs)];
  const captures = wanted.map(captureOf);
  for (const input of wanted) input.retainGrad();
  runBackward(roots, grads, options, captures);
  withRecording(createGraph, () => {
    captures.forEach(({ result }, i) => {
      const input = wanted[i] as Tensor;
      if (input.isLeaf && result !== undefined) addToGrad(input, result, createGraph);
    });
  });
}

function captureOf(input: Tensor): Capture {
  const edge = gradEdge(input);
  if (edge === undefined) throw new Error("One of the differentiated Tensors does not require grad");
  return { edge, result: undefined };
}

/** Options of `grad`. */
export interface GradOptions extends BackwardOptions {
  gradOutputs?: Tensor | readonly (Tensor | null)[] | null;
  /** Give null for an input on which the outputs do not depend, instead of throwing. */
  allowUnused?: boolean;
}

const gradSignature = new Signature("grad", {
  outputs: oneOrMany,
  inputs: oneOrMany,
  gradOutputs: optional(gradients),
  retainGraph,
  createGraph: flag,
  allowUnused: flag,
});

/**
 * The gradients of outputs with respect to inputs, without touching any `grad`.
 *
 * @example
 * const x = torch.tensor(3, { requiresGrad: true });
 * const [slope] = torch.autograd.grad(x.pow(2), x); // tensor(6.)
 * @throws Error if an input was not used to make the outputs, unless `allowUnused` is set.
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  ...rest:
    | [gradOutputs?: Tensor | readonly (Tensor | null)[] | null, options?: Omit<GradOptions, "gradOutputs" | "inputs">]
    | [options?: Omit<GradOptions, "inputs">]
): Tensor[] {
  const args = gradSignature.parse([outputs, inputs, ...rest]);
  const roots = args.outputs.map(rootEdge);
  const grads = args.outputs.map((output, i) => startingGradient(output, args.gradOutputs?.[i]));
  const captures = args.inputs.map(captureOf);
  runBackward(
    roots,
    grads,
    { createGraph: args.createGraph, retainGraph: args.retainGraph ?? args.createGraph },
    captures,
  );
  return captures.map(({ result }) => {
    if (result === undefined && !args.allowUnused) {
      throw new Error(
        "One of the differentiated Tensors appears to not have been used in the graph. Set allowUnused: true if this is the desired behavior.",
      );
    }
    return (result ?? null) as Tensor;
  });
}
