/** Scaled dot-product attention of many heads, which makes no more than a block of the scores at a time. */
import { bool, type DType } from "../../core/dtype.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import {
  begin,
  checkedSize,
  launch,
  put,
  putAddress,
  putBroadcast,
  putDType,
  putNowhere,
  putOptional,
  putSizes,
  putStrided,
} from "./launch.js";

/** What the softmax of scores is modified by. */
export interface AttentionOptions {
  readonly scale: number;
  /** Whether a query sees only the keys up to its own place. */
  readonly isCausal: boolean;
  /** Broadcasts to `[batch, heads, queries, keys]`: added to the scores, or of bools that tell which of them count. */
  readonly mask: ArrayView | undefined;
  /** `[batch, heads, queries, keys]` of bools: which weights are kept, without gaps. */
  readonly kept: ArrayView | undefined;
  /** By what weights that are kept are multiplied. */
  readonly keptScale: number;
}

/** Matrices of each head of each sample: `[batch, heads, rows, size]`, whose rows have no gaps. */
export interface AttentionOperands {
  readonly query: ArrayView;
  readonly key: ArrayView;
  readonly value: ArrayView;
  readonly out: ArrayView;
  /** `[batch, heads, queries]` without gaps: what turns a score into a weight again. */
  readonly logSums: ArrayView;
  /** `[batch, heads, queries, keys]` without gaps, where they are asked for. */
  readonly weights: ArrayView | undefined;
}

export interface AttentionGradients {
  readonly out: ArrayView;
  /** Of the weights, without gaps, where they have one. */
  readonly weights: ArrayView | undefined;
  readonly query: ArrayView;
  readonly key: ArrayView;
  readonly value: ArrayView;
}

/** Puts the problem, and returns how many scores there are, and rows of them. */
function putProblem(
  { query, key, value }: AttentionOperands,
  options: AttentionOptions,
  dtype: DType,
): { scores: number; rows: number } {
  const [batch, heads, queries, size] = query.sizes.map(checkedSize) as [number, number, number, number];
  const keys = checkedSize(key.sizes[2] as number);
  for (const part of [batch, heads, queries, keys, size, checkedSize(value.sizes[3] as number)]) put(part);
  put(options.scale);
  put(options.isCausal ? 1 : 0);
  put(options.keptScale);
  const { mask, kept } = options;
  put(mask === undefined ? 0 : mask.dtype === bool ? 2 : 1);
  putSizes([batch, heads, queries, keys], 4);
  if (mask === undefined) putNowhere();
  else putBroadcast(mask, mask.dtype === bool ? bool : dtype);
  const rows = batch * heads * queries;
  putOptional(kept, bool, rows * keys);
  return { scores: rows * keys, rows };
}

/** Puts matrices of so many rows. */
function putHeads(view: ArrayView, like: ArrayView, rows: ArrayView, size: ArrayView, dtype: DType): void {
  putSizes([like.sizes[0] as number, like.sizes[1] as number, rows.sizes[2] as number], 3);
  putStrided(view, dtype, view.strides, Math.max(checkedSize(size.sizes[3] as number) - 1, 0));
}

function putOperands({ query, key, value, out }: AttentionOperands, dtype: DType): void {
  putHeads(query, query, query, query, dtype);
  putHeads(key, query, key, query, dtype);
  putHeads(value, query, key, value, dtype);
  putHeads(out, query, query, value, dtype);
}

const runAttention = kernel("attention");

/** out = softmax(scale · query @ keyᵀ + mask) @ value, of float32 or float64; a query that sees no key gets zeros. */
export function attention(operands: AttentionOperands, options: AttentionOptions): void {
  const list = begin();
  const dtype = putDType(operands.query.dtype);
  const { scores, rows } = putProblem(operands, options, dtype);
  putOperands(operands, dtype);
  putAddress(operands.logSums, dtype, rows);
  putOptional(operands.weights, dtype, scores);
  launch(runAttention, list);
}

const runAttentionBackward = kernel("attentionBackward");

/** Writes the gradients of query, key and value. */
export function attentionBackward(
  operands: AttentionOperands,
  grads: AttentionGradients,
  options: AttentionOptions,
): void {
  const { query, key, value } = operands;
  const list = begin();
  const dtype = putDType(query.dtype);
  const { scores, rows } = putProblem(operands, options, dtype);
  putOperands(operands, dtype);
  putHeads(grads.out, query, query, value, dtype);
  putHeads(grads.query, query, query, query, dtype);
  putHeads(grads.key, query, key, query, dtype);
  putHeads(grads.value, query, key, value, dtype);
  putAddress(operands.logSums, dtype, rows);
  const hasWeights = grads.weights !== undefined;
  putOptional(hasWeights ? operands.weights : undefined, dtype, scores);
  putOptional(grads.weights, dtype, scores);
  launch(runAttentionBackward, list);
}
