/** Scaled dot-product attention of any number of leading dims. */
import { flag, keyword, number, optional, tensor } from "../../arguments/params.js";
import { bool } from "../../core/dtype.js";
import { broadcastShapes, formatShape, numelOf, type Shape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { repeatInterleave } from "../shape/rearranging.js";
import type { Args, FunctionOp } from "../types.js";
import { attend, drawKept } from "./core.js";

const name = "scaled_dot_product_attention";

function check(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | undefined, isCausal: boolean): void {
  const all = [query, key, value];
  if (all.some(({ sizes }) => sizes.length < 2)) {
    throw new Error(
      `${name}: Expected query, key, and value to all be at least 2 dimensional, but got Query dim: ${query.sizes.length}, Key dim: ${key.sizes.length}, Value dim: ${value.sizes.length} instead.`,
    );
  }
  if (all.some(({ dtype }) => dtype !== query.dtype)) {
    throw new TypeError(
      `${name}: Expected query, key, and value to have the same dtype, but got query.dtype: ${query.dtype} key.dtype: ${key.dtype} and value.dtype: ${value.dtype} instead.`,
    );
  }
  if (!query.dtype.isFloatingPoint) throw new TypeError(`${name}: expected floating tensors, got ${query.dtype}`);
  if (mask !== undefined && isCausal)
    throw new Error(`${name}: Explicit attn_mask should not be set when is_causal=True`);
  if (mask !== undefined && mask.dtype !== bool && mask.dtype !== query.dtype) {
    throw new TypeError(
      `${name}: Expected attn_mask dtype to be bool or float or to match query dtype, but got attn_mask.dtype: ${mask.dtype} and query.dtype: ${query.dtype} instead.`,
    );
  }
  const shapes = all.map(({ sizes }) => formatShape(sizes)).join(", ");
  if (query.sizes.at(-1) !== key.sizes.at(-1))
    throw new Error(`${name}: query and key must have the same last dim, got shapes ${shapes}`);
  if (key.sizes.at(-2) !== value.sizes.at(-2))
    throw new Error(`${name}: key and value must have the same number of rows, got shapes ${shapes}`);
}

/** A tensor whose leading dims are two, of which the last one is innermost. */
function withTwoLeading(input: Tensor, leading: readonly number[]): Tensor {
  const inner = input.sizes.slice(-2);
  const expanded = sameShape(input.sizes.slice(0, -2), leading) ? input : input.expand([...leading, ...inner]);
  if (leading.length === 2) return expanded;
  return expanded.reshape([numelOf(leading.slice(0, -1)), leading.at(-1) ?? 1, ...inner]);
}

/**
 * `softmax(query @ key.T · scale + mask) @ value` for queries `[..., L, E]`, keys `[..., S, E]` and values `[..., S, V]`:
 * `[..., L, V]`. The scores `[..., L, S]` are never in memory all at once.
 *
 * @param attnMask broadcasts to `[..., L, S]`: added to the scores, or of bools that tell which of them count.
 * @param dropoutP the probability with which a weight is set to 0.
 * @param options.isCausal whether a query sees only the keys up to its own place.
 * @param options.scale `1 / √E` by default.
 * @param options.enableGqa whether keys and values may have fewer heads, each for as many heads of the queries.
 * @example F.scaledDotProductAttention(torch.rand(32, 8, 128, 64), keys, values, { isCausal: true })
 * @throws Error if the shapes do not fit; TypeError for tensors of several dtypes.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 */
export const scaledDotProductAttention: FunctionOp<
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    ...args: Args<
      [attnMask?: Tensor | null, dropoutP?: number],
      ["attnMask", "dropoutP"],
      { isCausal?: boolean; scale?: number | null; enableGqa?: boolean }
    >
  ) => Tensor
> = op({
  name: "scaledDotProductAttention",
  variants: "function",
  params: {
    query: tensor,
    key: tensor,
    value: tensor,
    attnMask: optional(tensor),
    dropoutP: optional(number, 0),
    isCausal: flag,
    scale: keyword(optional(number)),
    enableGqa: flag,
  },
  composite: ({ query, key, value, attnMask, dropoutP, isCausal, scale, enableGqa }) => {
    check(query, key, value, attnMask, isCausal);
    const [keys, values] = enableGqa ? [key, value].map((part) => repeatHeads(part, query)) : [key, value];
    const all = [query, keys as Tensor, values as Tensor];
    const leading = all.map(({ sizes }): Shape => sizes.slice(0, -2)).reduce(broadcastShapes);
    const [rows, size] = query.sizes.slice(-2) as [number, number];
    const count = key.sizes.at(-2) as number;
    const mask = attnMask && maskOf(attnMask, leading, rows, count);
    const { output } = attend(
      all.map((part) => withTwoLeading(part, leading).unsqueeze(0)),
      {
        mask,
        isCausal,
        scale: scale ?? 1 / Math.sqrt(size),
        ...drawKept([...twoLeading(leading), rows, count], dropoutP, query),
      },
      false,
    );
    return output.reshape([...leading, rows, value.sizes.at(-1) as number]);
  },
});

function twoLeading(leading: readonly number[]): [number, number] {
  return leading.length === 2 ? (leading as [number, number]) : [numelOf(leading.slice(0, -1)), leading.at(-1) ?? 1];
}

/** A mask as it broadcasts to two leading dims, the rows and the keys. */
function maskOf(mask: Tensor, leading: readonly number[], rows: number, count: number): Tensor {
  const wanted = [...leading, rows, count];
  const fits = mask.sizes.length <= wanted.length && sameShape(broadcastShapes(mask.sizes, wanted), wanted);
  if (!fits) {
    throw new Error(
      `${name}: attn_mask of shape ${formatShape(mask.sizes)} does not broadcast to the scores' shape ${formatShape(wanted)}`,
    );
  }
  if (mask.sizes.length <= 2 || leading.length === 2) return mask;
  return withTwoLeading(mask.expand(wanted), leading);
}

function repeatHeads(part: Tensor, query: Tensor): Tensor {
  const [own, wanted] = [part.sizes.at(-3), query.sizes.at(-3)];
  if (own === undefined || wanted === undefined || own === 0 || wanted % own !== 0) {
    throw new Error(
      `${name}: with enable_gqa the number of heads of the query must be a multiple of that of key and value, got ${wanted} and ${own}`,
    );
  }
  return repeatInterleave(part, wanted / own, -3);
}
