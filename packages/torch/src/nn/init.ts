/**
 * `nn.init`: functions that set the values from which training begins. All change their tensor and return it.
 *
 * Source: https://pytorch.org/docs/stable/nn.init.html
 */
import {
  int,
  number,
  optional,
  type Params,
  scalar,
  tensor as tensorParam,
  type ValuesOf,
  word,
} from "../arguments/params.js";
import { describe, readArgument, Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { withoutRecording } from "../autograd/modes.js";
import { float64 } from "../core/dtype.js";
import { numelOf } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { Scalar } from "../core/view.js";
import { full } from "../ops/creation/filled.js";
import { type FromGenerator, generator } from "../ops/random/inplace.js";
import { randperm } from "../ops/random/randomTensors.js";
import type { Args } from "../ops/types.js";
import { orthonormalColumns } from "./orthonormal.js";

/** A function that fills a tensor: reads its arguments, and works without being recorded. */
function initializer<P extends Params, A extends readonly unknown[]>(
  name: string,
  params: P,
  fill: (tensor: Tensor, args: ValuesOf<P>) => void,
): (tensor: Tensor, ...args: A) => Tensor {
  const signature = new Signature(name, { tensor: tensorParam, ...params });
  const initialize = (...args: unknown[]): Tensor => {
    const { tensor, ...rest } = signature.parse(args) as { tensor: Tensor };
    withoutRecording(() => fill(tensor, rest as unknown as ValuesOf<P>));
    return tensor;
  };
  return initialize as (tensor: Tensor, ...args: A) => Tensor;
}

/** Nonlinearities whose gain is known, as PyTorch spells them. */
const nonlinearities = [
  ...(["linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"] as const),
  ...(["sigmoid", "tanh", "relu", "leaky_relu", "selu"] as const),
] as const;
export type Nonlinearity = (typeof nonlinearities)[number];

/**
 * The factor by which a nonlinearity wants its weights scaled.
 *
 * @param param the negative slope of `"leaky_relu"`.
 * @example nn.init.calculateGain("relu") // √2
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 */
export function calculateGain(nonlinearity: Nonlinearity, param?: number | null): number {
  if (!nonlinearities.includes(nonlinearity))
    throw new Error(
      `Unsupported nonlinearity ${typeof nonlinearity === "string" ? nonlinearity : describe(nonlinearity)}`,
    );
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "selu") return 3 / 4;
  if (nonlinearity !== "leaky_relu") return 1;
  const slope = param ?? 0.01;
  if (typeof slope !== "number") throw new TypeError(`negative_slope ${describe(slope)} not a valid number`);
  return Math.sqrt(2 / (1 + slope ** 2));
}

/** How many numbers go into, and come out of, one unit of a weight. */
export function calculateFanInAndFanOut(weight: Tensor): [fanIn: number, fanOut: number] {
  const [outputs, inputs, ...field] = readArgument("calculateFanInAndFanOut", "tensor", tensorParam, weight).sizes;
  if (outputs === undefined || inputs === undefined) {
    throw new Error("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
  }
  return [inputs * numelOf(field), outputs * numelOf(field)];
}

type Random<P extends readonly unknown[], N extends readonly string[]> = (
  tensor: Tensor,
  ...args: Args<P, N, FromGenerator>
) => Tensor;

/** Uniform numbers from `a` to `b`. */
export const uniform_: Random<[a?: number, b?: number], ["a", "b"]> = initializer(
  "uniform_",
  { a: optional(number, 0), b: optional(number, 1), generator },
  (tensor, { a, b, generator: source }) => tensor.uniform_(a, b, { generator: source }),
);

/** Normal numbers. */
export const normal_: Random<[mean?: number, std?: number], ["mean", "std"]> = initializer(
  "normal_",
  { mean: optional(number, 0), std: optional(number, 1), generator },
  (tensor, { mean, std, generator: source }) => tensor.normal_(mean, std, { generator: source }),
);

/** The share of the normal distribution below x; a number, on whatever device tensors are made. */
function normalCdf(x: number): number {
  const z = full([], x / Math.SQRT2, { dtype: float64, device: "cpu" });
  return (1 + z.erf().item()) / 2;
}

/**
 * Normal numbers, drawn again where they are not from `a` to `b`.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.trunc_normal_
 */
export const truncNormal_: Random<[mean?: number, std?: number, a?: number, b?: number], ["mean", "std", "a", "b"]> =
  initializer(
    "truncNormal_",
    { mean: optional(number, 0), std: optional(number, 1), a: optional(number, -2), b: optional(number, 2), generator },
    (tensor, { mean, std, a, b, generator: source }) => {
      if (mean < a - 2 * std || mean > b + 2 * std) {
        warn(
          "mean is more than 2 std from [a, b] in nn.init.truncNormal_. The distribution of values may be incorrect.",
        );
      }
      const [low, high] = [normalCdf((a - mean) / std), normalCdf((b - mean) / std)];
      tensor.uniform_(2 * low - 1, 2 * high - 1, { generator: source });
      tensor
        .erfinv_()
        .mul_(std * Math.SQRT2)
        .add_(mean)
        .clamp_(a, b);
    },
  );

/** One value everywhere. */
export const constant_: (tensor: Tensor, val: Scalar) => Tensor = initializer(
  "constant_",
  { val: scalar },
  (tensor, { val }) => tensor.fill_(val),
);

/** Ones. */
export const ones_: (tensor: Tensor) => Tensor = initializer("ones_", {}, (tensor) => tensor.fill_(1));

/** Zeros. */
export const zeros_: (tensor: Tensor) => Tensor = initializer("zeros_", {}, (tensor) => tensor.zero_());

/** Ones on the diagonal of a matrix, zeros elsewhere. */
export const eye_: (tensor: Tensor) => Tensor = initializer("eye_", {}, (tensor) => {
  if (tensor.sizes.length !== 2) throw new Error("Only tensors with 2 dimensions are supported");
  tensor.zero_();
  for (let i = 0; i < Math.min(...tensor.sizes); i++) tensor.select(0, i).select(0, i).fill_(1);
});

/**
 * The weight of a convolution that passes as many channels on unchanged as it can.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.dirac_
 */
export const dirac_: (tensor: Tensor, ...args: Args<[groups?: number], ["groups"]>) => Tensor = initializer(
  "dirac_",
  { groups: optional(int, 1) },
  (tensor, { groups }) => {
    const [outputs, inputs, ...field] = tensor.sizes as [number, number, ...number[]];
    if (tensor.sizes.length < 3 || tensor.sizes.length > 5)
      throw new Error("Only tensors with 3, 4, or 5 dimensions are supported");
    if (outputs % groups !== 0) throw new Error("dim 0 must be divisible by groups");
    const perGroup = outputs / groups;
    tensor.zero_();
    for (let i = 0; i < outputs; i++) {
      const channel = i % perGroup;
      if (channel >= inputs) continue;
      field.reduce((at, size) => at.select(0, Math.floor(size / 2)), tensor.select(0, i).select(0, channel)).fill_(1);
    }
  },
);

/** The standard deviation that keeps the variance both ways, by Glorot. */
function xavierStd(tensor: Tensor, gain: number): number {
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Uniform numbers with the variance `2 gain² / (fanIn + fanOut)`.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
 */
export const xavierUniform_: Random<[gain?: number], ["gain"]> = initializer(
  "xavierUniform_",
  { gain: optional(number, 1), generator },
  (tensor, { gain, generator: source }) => {
    const bound = Math.sqrt(3) * xavierStd(tensor, gain);
    tensor.uniform_(-bound, bound, { generator: source });
  },
);

/** Normal numbers with the variance `2 gain² / (fanIn + fanOut)`. */
export const xavierNormal_: Random<[gain?: number], ["gain"]> = initializer(
  "xavierNormal_",
  { gain: optional(number, 1), generator },
  (tensor, { gain, generator: source }) => tensor.normal_(0, xavierStd(tensor, gain), { generator: source }),
);

const kaimingParams = {
  a: optional(number, 0),
  mode: optional(word("fan_in", "fan_out"), "fan_in"),
  nonlinearity: optional(word(...nonlinearities), "leaky_relu"),
  generator,
};

/** The standard deviation that keeps the variance one way, by He; undefined for a tensor of no elements. */
function kaimingStd(tensor: Tensor, { a, mode, nonlinearity }: ValuesOf<typeof kaimingParams>): number | undefined {
  if (tensor.numel() === 0) {
    warn("Initializing zero-element tensors is a no-op");
    return undefined;
  }
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === "fan_in" ? fanIn : fanOut);
}

type Kaiming = (
  tensor: Tensor,
  ...args: Args<[a?: number], ["a"], { mode?: "fan_in" | "fan_out"; nonlinearity?: Nonlinearity } & FromGenerator>
) => Tensor;

/**
 * Uniform numbers with the variance `gain² / fan`.
 *
 * @param a the negative slope of `"leaky_relu"`.
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_uniform_
 */
export const kaimingUniform_: Kaiming = initializer("kaimingUniform_", kaimingParams, (tensor, args) => {
  const std = kaimingStd(tensor, args);
  if (std === undefined) return;
  const bound = Math.sqrt(3) * std;
  tensor.uniform_(-bound, bound, { generator: args.generator });
});

/** Normal numbers with the variance `gain² / fan`. */
export const kaimingNormal_: Kaiming = initializer("kaimingNormal_", kaimingParams, (tensor, args) => {
  const std = kaimingStd(tensor, args);
  if (std !== undefined) tensor.normal_(0, std, { generator: args.generator });
});

/**
 * A random matrix with orthogonal rows or columns of length `gain`; dims from the second on count as one.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.orthogonal_
 */
export const orthogonal_: Random<[gain?: number], ["gain"]> = initializer(
  "orthogonal_",
  { gain: optional(number, 1), generator },
  (tensor, { gain, generator: source }) => {
    if (tensor.sizes.length < 2) throw new Error("Only tensors with 2 or more dimensions are supported");
    if (tensor.numel() === 0) return;
    const rows = tensor.sizes[0] as number;
    const columns = tensor.numel() / rows;
    const random = Tensor.empty([rows, columns], tensor.dtype).normal_(0, 1, { generator: source });
    const wide = rows < columns;
    const basis = orthonormalColumns(wide ? random.t() : random);
    tensor.copy_((wide ? basis.t() : basis).reshape(tensor.sizes)).mul_(gain);
  },
);

/**
 * Normal numbers, and a share of zeros in each column of a matrix.
 *
 * @see https://pytorch.org/docs/stable/nn.init.html#torch.nn.init.sparse_
 */
export const sparse_: (
  tensor: Tensor,
  sparsity: number,
  ...args: Args<[std?: number], ["std"], FromGenerator>
) => Tensor = initializer(
  "sparse_",
  { sparsity: number, std: optional(number, 0.01), generator },
  (tensor, { sparsity, std, generator: source }) => {
    if (tensor.sizes.length !== 2) throw new Error("Only tensors with 2 dimensions are supported");
    const [rows, columns] = tensor.sizes as [number, number];
    const zeros = Math.ceil(sparsity * rows);
    tensor.normal_(0, std, { generator: source });
    for (let i = 0; i < columns; i++) tensor.select(1, i).indexFill_(0, randperm(rows).narrow(0, 0, zeros), 0);
  },
);
