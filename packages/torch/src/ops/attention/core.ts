/** Attention of many heads at once: one kernel, and a composition for what the kernel does not do. */
import { nullable, number, optional, requiredFlag, tensor, tensors } from "../../arguments/params.js";
import { isGradEnabled } from "../../autograd/modes.js";
import { attentionBackward, attention as attentionKernel } from "../../backend/kernels.js";
import { bool, float32, float64 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { ones } from "../creation/filled.js";
import { op } from "../define.js";
import { differentiate } from "../differentiate.js";
import { isTransforming } from "../dispatch.js";
import { emptyInOrder } from "../memoryOrder.js";
import type { FunctionOp } from "../types.js";

/** What the softmax of the scores is modified by. */
export interface AttentionSettings {
  /** Broadcasts to `[batch, heads, queries, keys]`: added to the scores, or of bools that tell which of them count. */
  readonly mask: Tensor | undefined;
  /** `[batch, heads, queries, keys]` of bools: which weights dropout keeps. */
  readonly kept: Tensor | undefined;
  /** By what it multiplies them. */
  readonly keptScale: number;
  readonly scale: number;
  /** Whether a query sees only the keys up to its own place. */
  readonly isCausal: boolean;
}

export interface AttentionResult {
  /** `[batch, heads, queries, size]`, in memory in the order of the queries. */
  readonly output: Tensor;
  /** `[batch, heads, queries, keys]`, where they are asked for. */
  readonly weights: Tensor | undefined;
}

/** The dims of a tensor, outermost in memory first; the last one stays innermost. */
function orderInMemory({ sizes, strides }: { sizes: readonly number[]; strides: readonly number[] }): number[] {
  const leading = Array.from({ length: sizes.length - 1 }, (_, d) => d);
  leading.sort((a, b) => (strides[b] as number) - (strides[a] as number));
  return [...leading, sizes.length - 1];
}

/** Queries, keys and values, which lie one after another in the first dims of a few tensors. */
function split(parts: readonly Tensor[]): [query: Tensor, key: Tensor, value: Tensor] {
  const views = parts.flatMap((part) => {
    const [sizes, strides] = [part.sizes.slice(1), part.strides.slice(1)];
    return Array.from({ length: part.sizes[0] as number }, (_, i) =>
      part.viewOf(sizes, strides, part.offset + i * (part.strides[0] as number)),
    );
  });
  return views as [Tensor, Tensor, Tensor];
}

function emptyLikePart(part: Tensor): Tensor {
  return emptyInOrder(part.sizes, orderInMemory(part), part.dtype);
}

type Core = FunctionOp<
  (
    parts: readonly Tensor[],
    mask: Tensor | null | undefined,
    kept: Tensor | null | undefined,
    scale: number,
    keptScale: number,
    isCausal: boolean,
    needsWeights: boolean,
  ) => Tensor[]
>;

const place = { ...requiredFlag, endsPositional: false };

const core: Core = op({
  name: "scaledDotProductAttentionCore",
  nodeName: "ScaledDotProductAttentionBackward0",
  variants: "function",
  params: {
    parts: tensors,
    mask: optional(nullable(tensor)),
    kept: optional(nullable(tensor)),
    scale: number,
    keptScale: number,
    isCausal: place,
    needsWeights: place,
  },
  forward: ({ parts, mask, kept, needsWeights, ...options }) => {
    const [query, key, value] = split(parts);
    const [batch, heads, queries] = query.sizes as [number, number, number];
    const sizes = [batch, heads, queries, value.sizes[3] as number];
    const out = emptyInOrder(sizes, orderInMemory(query), query.dtype);
    // Of half types they are too coarse to give the weights back.
    const logSums = Tensor.empty([batch, heads, queries], query.dtype.isHalf ? float32 : query.dtype);
    const weights = needsWeights
      ? Tensor.empty([batch, heads, queries, key.sizes[2] as number], query.dtype)
      : undefined;
    attentionKernel(
      { query, key, value, out, logSums, weights },
      { ...options, mask: mask ?? undefined, kept: kept ?? undefined },
    );
    return weights === undefined ? [out, logSums] : [out, logSums, weights];
  },
  saves: ["parts", "mask", "kept", "results"],
  backward: ([grad, , gradWeights], saved, needs) => {
    const { parts, mask, kept, scale, keptScale, isCausal, results } = saved;
    const settings = { mask: mask ?? undefined, kept: kept ?? undefined, scale, keptScale, isCausal };
    if (isGradEnabled() || isTransforming()) {
      return {
        parts: differentiate(
          (inputs) => {
            const { output, weights } = composeAttention(inputs as readonly Tensor[], settings);
            return [output, weights];
          },
          parts,
          parts.map(() => needs.parts),
          [grad, gradWeights],
        ),
      };
    }
    const [query, key, value] = split(parts);
    const [out, logSums, weights] = results as [Tensor, Tensor, Tensor?];
    const outer = grad === undefined ? out.newZeros(out.sizes) : withUnitRows(grad);
    const made = parts.map(emptyLikePart);
    const [gradQuery, gradKey, gradValue] = split(made);
    attentionBackward(
      { query, key, value, out, logSums, weights },
      { out: outer, weights: gradWeights?.contiguous(), query: gradQuery, key: gradKey, value: gradValue },
      settings,
    );
    return { parts: made };
  },
});

/** The tensor, or a copy, whose innermost dim has no gaps. */
export function withUnitRows(tensor: Tensor): Tensor {
  return tensor.strides.at(-1) === 1 && tensor.strides.every((stride) => stride >= 0) ? tensor : tensor.contiguous();
}

/** The same of other operations: for other dtypes, gradients of masks, and second derivatives. */
export function composeAttention(
  parts: readonly Tensor[],
  { mask, kept, keptScale, scale, isCausal }: AttentionSettings,
): AttentionResult & { weights: Tensor } {
  const [query, key, value] = parts.flatMap((part) => part.unbind(0)) as [Tensor, Tensor, Tensor];
  let scores = query.mul(scale).matmul(key.transpose(-2, -1));
  if (isCausal) {
    const [queries, keys] = scores.sizes.slice(-2) as [number, number];
    const seen = ones([queries, keys], { dtype: bool, device: query.device }).tril();
    scores = scores.maskedFill(seen.logicalNot(), Number.NEGATIVE_INFINITY);
  }
  if (mask !== undefined) {
    scores = mask.dtype === bool ? scores.maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY) : scores.add(mask);
  }
  // A query that sees no key gets zeros.
  const empty = scores.eq(Number.NEGATIVE_INFINITY).all(-1, { keepdim: true });
  const all = scores.maskedFill(empty, 0).softmax(-1).maskedFill(empty, 0);
  const weights = kept === undefined ? all : all.mul(kept).mul(keptScale);
  return { output: weights.matmul(value), weights };
}

/** Attention, by the kernel where it can. Parts are `[count, batch, heads, rows, size]`, with a count of three in all. */
export function attend(parts: readonly Tensor[], settings: AttentionSettings, needsWeights: boolean): AttentionResult {
  const { mask, kept, scale, keptScale, isCausal } = settings;
  const { dtype } = parts[0] as Tensor;
  const isKnown = dtype === float32 || dtype === float64;
  const isMaskFollowed = mask?.dtype.isFloatingPoint && ((mask.requiresGrad && isGradEnabled()) || isTransforming());
  if (!isKnown || isMaskFollowed) return composeAttention(parts, settings);
  const [output, , weights] = core(
    parts.map(withUnitRows),
    mask,
    kept?.contiguous(),
    scale,
    keptScale,
    isCausal,
    needsWeights,
  );
  return { output: output as Tensor, weights };
}

/** Which weights dropout keeps, drawn as `dropout` would draw for all of them. */
export function drawKept(
  sizes: readonly number[],
  p: number,
  like: Tensor,
): Pick<AttentionSettings, "kept" | "keptScale"> {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout probability has to be between 0 and 1, but got ${p}`);
  if (p === 0) return { kept: undefined, keptScale: 1 };
  const kept = like.newEmpty(sizes, { dtype: bool });
  return p === 1 ? { kept: kept.zero_(), keptScale: 0 } : { kept: kept.bernoulli_(1 - p), keptScale: 1 / (1 - p) };
}
