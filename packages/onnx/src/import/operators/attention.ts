/** Attention, and the positions that are turned into it. */
import torch, { F, type Tensor } from "flambeau";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { dtypeIn } from "./creation.js";
import { type Family, Outputs } from "./define.js";

/** Heads as a dim of their own: `[batch, heads, length, size]`. */
function withHeads(x: Tensor, heads: number): Tensor {
  if (x.dim() === 4) return x;
  const [batch, length] = x.shape as [number, number];
  if (heads < 1) throw new TypeError("the number of heads is missing");
  return x.reshape([batch, length, heads, -1]).transpose(1, 2);
}

/** Keys or values that belong to several queries each. */
function forQueries(x: Tensor, heads: number): Tensor {
  const own = x.shape[1] as number;
  return own === heads ? x : x.repeatInterleave(heads / own, 1);
}

/** A mask as numbers to add: what is false is left out. */
function additive(mask: Tensor, dtype: Tensor["dtype"]): Tensor {
  if (mask.dtype !== torch.bool) return mask.to(dtype);
  return torch.zeros([...mask.shape], { dtype }).maskedFill(mask.logicalNot(), -Infinity);
}

/** Which keys a query may look at, by where it stands. */
interface Reach {
  readonly isCausal: boolean;
  /** How far it looks back and ahead; -1 for no end. */
  readonly back: number;
  readonly ahead: number;
}

/**
 * What lies in the future, too far away, and beyond the end of each sequence, as numbers to add.
 *
 * @param past how many keys come before the first query.
 * @param lengths how many keys each sequence has, if they lie in a room that is larger.
 */
function hidden(
  scores: Tensor,
  { isCausal, back, ahead }: Reach,
  past: number,
  lengths: Tensor | undefined,
): Tensor | undefined {
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  const columns = torch.arange(keys);
  const ends = lengths?.reshape([-1, 1, 1, 1]);
  const rows = torch
    .arange(queries)
    .unsqueeze(1)
    .add(ends === undefined ? past : ends.sub(queries));
  const parts: Tensor[] = [];
  if (isCausal) parts.push(columns.gt(rows));
  if (back >= 0) parts.push(columns.lt(rows.sub(back)));
  if (ahead >= 0) parts.push(columns.gt(rows.add(ahead)));
  if (ends !== undefined) parts.push(columns.ge(ends));
  if (parts.length === 0) return undefined;
  return additive(parts.reduce((a, b) => a.logicalOr(b)).logicalNot(), scores.dtype);
}

/** A mask that ends before the keys do says nothing of the rest: they are left out. */
function padMask(mask: Tensor, keys: number): Tensor {
  const missing = keys - (mask.shape.at(-1) as number);
  return missing > 0 && mask.shape.at(-1) !== 1
    ? F.pad(mask, [0, missing], { mode: "constant", value: -Infinity })
    : mask;
}

function attention(node: NodeReader) {
  const [scale, softcap] = [node.float("scale"), node.float("softcap", 0)];
  const window = (name: string) => node.int(name, -1);
  const reach = {
    isCausal: node.flag("is_causal"),
    back: window("left_window_size"),
    ahead: window("right_window_size"),
  };
  const [qHeads, kvHeads] = [node.int("q_num_heads", 0), node.int("kv_num_heads", 0)];
  const [mode, precision] = [node.int("qk_matmul_output_mode", 0), dtypeIn(node, "softmax_precision")];
  return (inputs: Inputs) => {
    const is3d = tensorAt(inputs, 0).dim() === 3;
    const q = withHeads(tensorAt(inputs, 0), qHeads);
    const [pastKey, pastValue] = [optionalTensorAt(inputs, 4), optionalTensorAt(inputs, 5)];
    const joined = (past: Tensor | undefined, x: Tensor) => (past === undefined ? x : torch.cat([past, x], 2));
    const k = joined(pastKey, withHeads(tensorAt(inputs, 1), kvHeads));
    const v = joined(pastValue, withHeads(tensorAt(inputs, 2), kvHeads));
    const heads = q.shape[1] as number;
    // The factor is divided among both, which keeps halves in range.
    const factor = Math.sqrt(scale ?? 1 / Math.sqrt(q.shape[3] as number));
    const scores = q.mul(factor).matmul(forQueries(k, heads).mul(factor).transpose(-1, -2));
    const given = optionalTensorAt(inputs, 3);
    const mask = given === undefined ? undefined : padMask(additive(given, scores.dtype), k.shape[2] as number);
    const future = hidden(scores, reach, pastKey?.shape[2] ?? 0, optionalTensorAt(inputs, 6));
    const capped = softcap > 0 ? scores.div(softcap).tanh().mul(softcap) : scores;
    const masked = [mask, future].reduce((sum: Tensor, part) => (part === undefined ? sum : sum.add(part)), capped);
    const weights = F.softmax(precision === undefined ? masked : masked.to(precision), -1).to(q.dtype);
    // Who may look at nothing sees zeros.
    const seen = weights.isnan().any().item()
      ? torch.where(masked.eq(-Infinity).all(-1, { keepdim: true }), torch.zerosLike(weights), weights)
      : weights;
    const y = seen.matmul(forQueries(v, heads));
    const merged = is3d ? y.transpose(1, 2).reshape([y.shape[0] as number, y.shape[2] as number, -1]) : y;
    return new Outputs(merged, k, v, [scores, capped, masked, seen][mode] as Tensor);
  };
}

/** Turns pairs of numbers by angles that grow with the position. */
function rotaryEmbedding(node: NodeReader) {
  const [isInterleaved, heads, dims] = [
    node.flag("interleaved"),
    node.int("num_heads", 0),
    node.int("rotary_embedding_dim", 0),
  ];
  return (inputs: Inputs) => {
    const given = tensorAt(inputs, 0);
    const x = withHeads(given, heads);
    const size = x.shape[3] as number;
    const turned = dims === 0 ? size : dims;
    const [part, rest] = x.split([turned, size - turned], { dim: -1 }) as [Tensor, Tensor];
    const positions = optionalTensorAt(inputs, 3);
    const cached = (place: number) => {
      const cache = tensorAt(inputs, place);
      const rows =
        positions === undefined
          ? cache
          : cache.indexSelect(0, positions.reshape([-1])).reshape([...positions.shape, cache.shape.at(-1) as number]);
      return rows.narrow(-1, 0, turned / 2).unsqueeze(1);
    };
    const [cos, sin] = [cached(1), cached(2)];
    const [a, b] = isInterleaved
      ? ([part.at("...", "::2"), part.at("...", "1::2")] as const)
      : (part.chunk(2, -1) as unknown as readonly [Tensor, Tensor]);
    const [real, imaginary] = [cos.mul(a).sub(sin.mul(b)), sin.mul(a).add(cos.mul(b))];
    const pairs = isInterleaved
      ? torch.stack([real, imaginary], -1).reshape([...part.shape])
      : torch.cat([real, imaginary], -1);
    const y = torch.cat([pairs, rest], -1);
    return given.dim() === 4 ? y : y.transpose(1, 2).reshape([...given.shape]);
  };
}

export const attentions: Family = {
  Attention: attention,
  RotaryEmbedding: rotaryEmbedding,
};
