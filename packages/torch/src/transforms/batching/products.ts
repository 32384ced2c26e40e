/** Products of matrices and vectors, and convolutions. */
import type { Tensor } from "../../core/tensor.js";
import type { Result } from "../../ops/results.js";
import { spread } from "./align.js";
import type { BatchedCall } from "./call.js";
import { shifted } from "./dims.js";
import type { Composition, Rule } from "./rules.js";

/** Two dims of a tensor made one. */
export function merged(tensor: Tensor, dim: number): Tensor {
  const { sizes } = tensor;
  const product = (sizes[dim] as number) * (sizes[dim + 1] as number);
  return tensor.reshape([...sizes.slice(0, dim), product, ...sizes.slice(dim + 2)]);
}

/** One dim of a tensor made two of these sizes. */
function parted(tensor: Tensor, dim: number, outer: number, inner: number): Tensor {
  const { sizes } = tensor;
  return tensor.reshape([...sizes.slice(0, dim), outer, inner, ...sizes.slice(dim + 1)]);
}

/** Whether factors have the ranks that the operation takes: those of all entries might be taken where an entry's are not. */
function matrices(call: BatchedCall, a: string, b: string, ranks: readonly [number, number]): boolean {
  return call.rank(a) === ranks[0] && call.rank(b) === ranks[1];
}

const mm: Rule = (call) => {
  if (!matrices(call, "input", "mat2", [2, 2])) return undefined;
  const [a, b] = [call.value("input"), call.value("mat2")];
  if (!call.isBatched("mat2")) return parted(merged(a, 0).mm(b), 0, call.size, a.sizes[1] as number);
  return call.full("input").bmm(b);
};

const bmm: Rule = (call) => {
  if (!matrices(call, "input", "mat2", [3, 3])) return undefined;
  const [a, b] = [call.full("input"), call.full("mat2")];
  return parted(merged(a, 0).bmm(merged(b, 0)), 0, call.size, a.sizes[1] as number);
};

const mv: Rule = (call) => {
  if (!matrices(call, "input", "vec", [2, 1])) return undefined;
  const [matrix, vector] = [call.value("input"), call.value("vec")];
  if (!call.isBatched("input")) return vector.mm(matrix.t());
  if (!call.isBatched("vec")) return parted(merged(matrix, 0).mv(vector), 0, call.size, matrix.sizes[1] as number);
  return matrix.bmm(vector.unsqueeze(2)).squeeze(2);
};

const dot: Rule = (call) => {
  if (!matrices(call, "input", "other", [1, 1])) return undefined;
  const [a, b] = [call.value("input"), call.value("other")];
  if (!call.isBatched("other")) return a.mv(b);
  if (!call.isBatched("input")) return b.mv(a);
  return a.unsqueeze(1).bmm(b.unsqueeze(2)).view([call.size]);
};

const linear: Rule = (call) => {
  if (call.isBatched("weight") || call.isBatched("bias") || call.rank("input") === 0) return undefined;
  return call.run();
};

/** Rows and columns as an entry sees them, with a weight or a bias that differs from entry to entry. */
function composeLinear({ input, weight, bias }: { input: Tensor; weight: Tensor; bias?: Tensor | null }): Tensor {
  const product = weight.sizes.length === 1 ? input.matmul(weight) : input.matmul(weight.t());
  return bias ? product.add(bias) : product;
}

interface Sum {
  readonly input: Tensor;
  readonly beta: number;
  readonly alpha: number;
}

/** `beta * input + alpha * product`, where what is in the input does not matter if beta is 0. */
function added({ input, beta, alpha }: Sum, product: Tensor): Tensor {
  const scaled = alpha === 1 ? product : product.mul(alpha);
  if (beta === 0) return scaled;
  return (beta === 1 ? input : input.mul(beta)).add(scaled);
}

export const productCompositions: Readonly<Record<string, Composition>> = {
  linear: composeLinear,
  addmm: (args: Sum & { mat1: Tensor; mat2: Tensor }) => added(args, args.mat1.mm(args.mat2)),
  addmv: (args: Sum & { mat: Tensor; vec: Tensor }) => added(args, args.mat.mv(args.vec)),
  addr: (args: Sum & { vec1: Tensor; vec2: Tensor }) => added(args, args.vec1.unsqueeze(1).mul(args.vec2)),
  baddbmm: (args: Sum & { batch1: Tensor; batch2: Tensor }) => added(args, args.batch1.bmm(args.batch2)),
  addbmm: (args: Sum & { batch1: Tensor; batch2: Tensor }) => added(args, args.batch1.bmm(args.batch2).sum(0)),
  trace: ({ input }: { input: Tensor }) => input.diagonal().sum(),
};

// ---- convolutions: entries are more images, or more channels ----

/** The channels of images, of which each entry has its own, side by side: `[size, n, c, …]` as `[n, size * c, …]`. */
function asChannels(images: Tensor): Tensor {
  return merged(images.transpose(0, 1), 1);
}

const convolution: Rule = (call) => {
  const weight = call.tensor("weight");
  const spatial = weight.sizes.length - 2;
  if (call.rank("input") !== spatial + 2) return undefined;
  const groups = call.arg("groups") as number;
  const outputs = call.arg("transposed") ? (weight.sizes[1] as number) * groups : (weight.sizes[0] as number);
  const ones = new Array<number>(spatial).fill(1);
  return call.isBatched("weight") ? moreChannels(call, groups, outputs, ones) : moreImages(call, outputs, ones);
};

/** Convolutions by one weight: the images of the entries are more of them. */
function moreImages(call: BatchedCall, outputs: number, ones: readonly number[]): Tensor {
  const { size } = call;
  const input = call.full("input");
  const bias = call.isBatched("bias") ? { bias: null } : {};
  const folded = call.run({ input: merged(input, 0), ...bias }) as Tensor;
  const result = parted(folded, 0, size, input.sizes[1] as number);
  return call.isBatched("bias") ? result.add(call.value("bias").view([size, 1, outputs, ...ones])) : result;
}

/** Convolutions by a weight of each entry: its images are channels of their own. */
function moreChannels(call: BatchedCall, groups: number, outputs: number, ones: readonly number[]): Tensor {
  const { size } = call;
  const bias = call.arg("bias") as Tensor | null;
  const own = bias === null ? {} : { bias: call.isBatched("bias") ? merged(call.value("bias"), 0) : null };
  // The same images for all entries have no need of channels for each.
  const isShared = !call.isBatched("input") && groups === 1 && !call.arg("transposed");
  const input = isShared
    ? { input: call.tensor("input") }
    : { input: asChannels(call.full("input")), groups: groups * size };
  const together = call.run({ ...input, weight: merged(call.full("weight"), 0), ...own }) as Tensor;
  const result = parted(together, 1, size, outputs).transpose(0, 1);
  return bias === null || call.isBatched("bias") ? result : result.add(bias.view([-1, ...ones]));
}

const convolutionWeight: Rule = (call) => {
  const { size } = call;
  const [outputs, ...rest] = call.arg("size") as [number, ...number[]];
  if (call.rank("image") !== rest.length + 1) return undefined;
  const groups = call.arg("groups") as number;
  let made: Result;
  if (!call.isBatched("image") && groups === 1) {
    // One image, and features of each entry: more outputs.
    const features = asChannels(call.value("features"));
    made = call.run({ features, size: [size * outputs, ...rest] });
  } else {
    const image = asChannels(call.full("image"));
    const features = asChannels(call.full("features"));
    made = call.run({ image, features, groups: groups * size, size: [size * outputs, ...rest] });
  }
  return parted(made as Tensor, 0, size, outputs);
};

const cross: Rule = (call) => {
  const rank = Math.max(call.rank("input"), call.rank("other"));
  const [input, other] = [spread(call.full("input"), rank), spread(call.full("other"), rank)];
  return call.run({ input, other, dim: shifted(call.arg("dim") as number, rank) });
};

/** Rules of products and convolutions, by id. */
export const productRules: Readonly<Record<string, Rule>> = {
  mm,
  bmm,
  mv,
  dot,
  // Of complex numbers the first are conjugated.
  vdot: (call) => (call.tensor("input").dtype.isComplex ? undefined : dot(call)),
  linear,
  "cross.dim": cross,
  convolution,
  convolutionWeight,
};
