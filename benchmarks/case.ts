/**
 * What a case is: the same work stated for Flambeau, for PyTorch and, where it says so, for TensorFlow.js.
 *
 * Most cases are one operation: `operation` makes them, forward and forward with backward, from its inputs and
 * an expression for each library.
 */
import torch, { type Tensor } from "flambeau";
import type { Goal } from "./goals.js";
import type { TensorFlow, TfTensor } from "./tensorflow.js";

export interface Case {
  readonly name: string;
  /** Prepares the work on our side, and returns what is timed. What that returns is compared by `--check`. */
  readonly flambeau: (setting: Setting) => () => unknown;
  /** The same in Python: statements that prepare, and those that are timed; an expression at their end is compared. */
  readonly pytorch: { readonly setup: string; readonly run: string };
  readonly tensorflow?: (tf: TensorFlow) => () => unknown;
  /** Floating point operations of one run, for the share of the machine's peak. */
  readonly flops?: number;
  readonly float64?: boolean;
  /** Bytes that have to be read and written, for the share of the speed of a plain copy. */
  readonly bytes?: number;
  /** What this case is held to. */
  readonly goals?: readonly Goal[];
  /** Measured in processes of its own: what each takes to start, and the most memory that it has. */
  readonly alone?: boolean;
  /** Whether it reads FashionMNIST. */
  readonly images?: boolean;
  /** Its place in a series of cases that differ in size. */
  readonly growth?: Growth;
}

export interface Growth {
  readonly series: string;
  readonly size: number;
}

/** What people wait for: a program, held to its time and to its memory. */
export function program(work: Case): Case {
  return { ...work, goals: [...(work.goals ?? ["program"]), "memory"], alone: true };
}

export interface Setting {
  /** The folder that holds FashionMNIST; Python sees it as `data_folder`. */
  readonly data: string;
}

/** A tensor that a case starts from. */
export interface Input {
  readonly flambeau: () => Tensor;
  readonly pytorch: string;
  readonly tensorflow: (tf: TensorFlow) => TfTensor;
  /** Whether the case's backward computes its gradient. */
  readonly differentiable: boolean;
}

/** Normal random numbers. */
export function randn(...shape: number[]): Input {
  return {
    flambeau: () => torch.randn(shape),
    pytorch: `torch.randn(${shape})`,
    tensorflow: (tf) => tf.randomNormal(shape),
    differentiable: true,
  };
}

/** Random numbers from 0 to 1. */
export function rand(...shape: number[]): Input {
  return {
    flambeau: () => torch.rand(shape),
    pytorch: `torch.rand(${shape})`,
    tensorflow: (tf) => tf.randomUniform(shape),
    differentiable: true,
  };
}

/** Random indices below `high`. */
export function randint(high: number, ...shape: number[]): Input {
  return {
    flambeau: () => torch.randint(high, shape),
    pytorch: `torch.randint(${high}, (${shape},))`,
    tensorflow: (tf) => tf.randomUniform(shape, 0, high, "int32"),
    differentiable: false,
  };
}

/** A mask, half true. */
export function mask(...shape: number[]): Input {
  return {
    flambeau: () => torch.rand(shape).lt(0.5),
    pytorch: `torch.rand(${shape}) < 0.5`,
    tensorflow: (tf) => tf.less(tf.randomUniform(shape), 0.5),
    differentiable: false,
  };
}

/** The transposed view. TensorFlow.js, which has no views, is given what it is a view of. */
export function transposed(input: Input): Input {
  return { ...input, flambeau: () => input.flambeau().t(), pytorch: `${input.pytorch}.t()` };
}

export function float64(input: Input): Input {
  return { ...input, flambeau: () => input.flambeau().double(), pytorch: `${input.pytorch}.double()` };
}

type Names<I> = { readonly [name in keyof I]: Tensor };

export interface Operation<I extends Record<string, Input>>
  extends Pick<Case, "name" | "flops" | "float64" | "bytes" | "goals" | "growth"> {
  readonly inputs: I;
  readonly flambeau: (inputs: Names<I>) => Tensor;
  /** An expression of the inputs' names. */
  readonly pytorch: string;
  readonly tensorflow?: (tf: TensorFlow, inputs: { readonly [name in keyof I]: TfTensor }) => TfTensor;
  /** False where there is no derivative, or where another case has it. */
  readonly backward?: boolean;
}

/** The forward case of an operation, and the case of its forward and backward where some input is differentiable. */
export function operation<I extends Record<string, Input>>(spec: Operation<I>): Case[] {
  const differentiable = Object.values(spec.inputs).some((input) => input.differentiable);
  return (spec.backward ?? differentiable) ? [forward(spec), backward(spec)] : [forward(spec)];
}

function forward<I extends Record<string, Input>>(spec: Operation<I>): Case {
  const { inputs, flambeau, pytorch, tensorflow, ...rest } = spec;
  return {
    ...rest,
    flambeau: () => {
      const tensors = prepare(inputs);
      return () => flambeau(tensors);
    },
    pytorch: { setup: setupOf(inputs), run: pytorch },
    tensorflow:
      tensorflow &&
      ((tf) => {
        const tensors = mapValues(inputs, (input) => input.tensorflow(tf));
        return () => tf.dispose(tf.tidy(() => tensorflow(tf, tensors)));
      }),
  };
}

/** Gradients are taken away before each run, so that none is added to another; the gradient given is not constant. */
function backward<I extends Record<string, Input>>(spec: Operation<I>): Case {
  const { name, inputs, flambeau, pytorch, flops, float64, goals } = spec;
  const leaves = Object.keys(inputs).filter((name) => inputs[name]?.differentiable);
  return {
    name: `${name}, backward too`,
    // Each of the two factors of a product has a gradient that is as large a product.
    flops: flops === undefined ? undefined : flops * (1 + leaves.length),
    float64,
    goals,
    flambeau: () => {
      const tensors = prepare(inputs);
      const wanted = leaves.map((leaf) => (tensors[leaf] as Tensor).requiresGrad_());
      const gradient = torch.randnLike(flambeau(tensors).detach());
      return () => {
        for (const leaf of wanted) leaf.grad = null;
        flambeau(tensors).backward(gradient);
        return wanted[0]?.grad;
      };
    },
    pytorch: {
      setup: [
        setupOf(inputs),
        ...leaves.map((leaf) => `${leaf}.requires_grad_()`),
        `gradient = torch.randn_like((${pytorch}).detach())`,
      ].join("\n"),
      run: [
        ...leaves.map((leaf) => `${leaf}.grad = None`),
        `(${pytorch}).backward(gradient)`,
        `${leaves[0]}.grad`,
      ].join("\n"),
    },
  };
}

function prepare<I extends Record<string, Input>>(inputs: I): Names<I> {
  return mapValues(inputs, (input) => input.flambeau());
}

function setupOf(inputs: Record<string, Input>): string {
  return Object.entries(inputs)
    .map(([name, input]) => `${name} = ${input.pytorch}`)
    .join("\n");
}

function mapValues<I extends Record<string, Input>, T>(inputs: I, map: (input: Input) => T) {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, map(input)])) as {
    readonly [name in keyof I]: T;
  };
}
