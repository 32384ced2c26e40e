/** Attention of several heads with its projections: what `nn.MultiheadAttention` computes. */
import { flag, flagOn, int, nullable, number, optional, requiredFlag, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { bool } from "../../core/dtype.js";
import { formatShape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { zeros } from "../creation/filled.js";
import { linear } from "../linear/linear.js";
import { constantPadNd } from "../pad/pad.js";
import { cat } from "../shape/joining.js";
import { attend, drawKept } from "./core.js";

/** The weights of the projections: all three below each other, or one by one. */
export interface InProjection {
  readonly inProjWeight: Tensor | null | undefined;
  readonly inProjBias: Tensor | null | undefined;
  readonly qProjWeight?: Tensor | null;
  readonly kProjWeight?: Tensor | null;
  readonly vProjWeight?: Tensor | null;
}

export interface MultiHeadArguments extends InProjection {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  /** Whether inputs are `[batch, rows, size]` rather than `[rows, batch, size]`. */
  readonly batchFirst: boolean;
  readonly numHeads: number;
  /** One more key and value for every sample. */
  readonly biasK: Tensor | null | undefined;
  readonly biasV: Tensor | null | undefined;
  readonly addZeroAttn: boolean;
  /** The probability with which a weight is set to 0. */
  readonly dropoutP: number;
  readonly outProjWeight: Tensor;
  readonly outProjBias: Tensor | null | undefined;
  readonly keyPaddingMask: Tensor | undefined;
  readonly attnMask: Tensor | undefined;
  readonly isCausal: boolean;
  readonly needWeights: boolean;
  readonly averageAttnWeights: boolean;
  readonly staticK?: Tensor;
  readonly staticV?: Tensor;
}

type Projected = [output: Tensor, weights: Tensor | null];

/** Throws unless the dims of the inputs and masks fit together. */
function checkDims({ query, key, value, keyPaddingMask, attnMask, numHeads }: MultiHeadArguments): void {
  const ndim = query.sizes.length;
  const fail = (what: string, ...found: Tensor[]): never => {
    throw new Error(
      `For ${ndim === 3 ? "batched (3-D)" : "unbatched (2-D)"} \`query\`, expected ${what} but found ${found.map(({ sizes }) => `${sizes.length}-D`).join(" and ")} ${found.length === 1 ? "tensor instead" : "tensors respectively"}`,
    );
  };
  if (ndim !== 2 && ndim !== 3) {
    throw new Error(`query should be unbatched 2D or batched 3D tensor but received ${ndim}-D query tensor`);
  }
  if (key.sizes.length !== ndim || value.sizes.length !== ndim)
    fail(`\`key\` and \`value\` to be ${ndim}-D`, key, value);
  if (keyPaddingMask !== undefined && keyPaddingMask.sizes.length !== ndim - 1)
    fail(`\`key_padding_mask\` to be \`None\` or ${ndim - 1}-D`, keyPaddingMask);
  if (attnMask === undefined) return;
  if (attnMask.sizes.length !== 2 && attnMask.sizes.length !== 3)
    fail("`attn_mask` to be `None`, 2-D or 3-D", attnMask);
  if (ndim === 2 && attnMask.sizes.length === 3) {
    const wanted = [numHeads, query.sizes[0] as number, key.sizes[0] as number];
    if (!sameShape(attnMask.sizes, wanted))
      throw new Error(
        `Expected \`attn_mask\` shape to be ${formatShape(wanted)} but got ${formatShape(attnMask.sizes)}`,
      );
  }
}

function checkMaskDtype(name: string, mask: Tensor | undefined): void {
  if (mask === undefined || mask.dtype === bool || mask.dtype.isFloatingPoint) return;
  throw new TypeError(`only bool and floating types of ${name} are supported, got ${mask.dtype}`);
}

function checkSizes(given: MultiHeadArguments, embedDim: number): void {
  const { query, key, value, numHeads, inProjWeight } = given;
  const size = query.sizes.at(-1) as number;
  if (size !== embedDim) throw new Error(`was expecting embedding dimension of ${embedDim}, but got ${size}`);
  if (embedDim % numHeads !== 0) throw new Error(`embed_dim ${embedDim} not divisible by num_heads ${numHeads}`);
  const shapes = [key.sizes, value.sizes];
  if (inProjWeight && !sameShape(key.sizes, value.sizes))
    throw new Error(`key shape ${formatShape(key.sizes)} does not match value shape ${formatShape(value.sizes)}`);
  if (!sameShape(...(shapes.map((sizes) => sizes.slice(0, -1)) as [number[], number[]]))) {
    throw new Error(
      `key's sequence and batch dims ${formatShape(key.sizes.slice(0, -1))} do not match value's ${formatShape(value.sizes.slice(0, -1))}`,
    );
  }
  if (query.sizes.length === 3 && query.sizes[given.batchFirst ? 0 : 1] !== key.sizes[given.batchFirst ? 0 : 1])
    throw new Error(
      `query and key must have the same batch size, got shapes ${formatShape(query.sizes)} and ${formatShape(key.sizes)}`,
    );
}

/** The rows of a weight or bias that belong to some of the three projections. */
function rowsOf(weight: Tensor | null | undefined, first: number, count: number): Tensor | undefined {
  if (!weight) return undefined;
  const each = (weight.sizes[0] as number) / 3;
  return count === 3 ? weight : weight.narrow(0, first * each, count * each);
}

/** Throws unless weights of their own fit query, key and value. */
function checkProjections({ query, key, value }: MultiHeadArguments, weights: readonly Tensor[]): void {
  const width = query.sizes.at(-1) as number;
  for (const [i, [name, input]] of Object.entries({ query, key, value }).entries()) {
    const found = (weights[i] as Tensor).sizes;
    const wanted = [width, input.sizes.at(-1) as number];
    if (sameShape(found, wanted)) continue;
    throw new Error(`expecting ${name} weights shape of ${formatShape(wanted)}, but got ${formatShape(found)}`);
  }
}

/**
 * The projections, in as few products as there are different inputs: tensors `[count, batch, heads, rows, size]`, with a
 * count of three in all.
 */
function project(given: MultiHeadArguments): Tensor[] {
  const { query, key, value, inProjWeight, inProjBias, batchFirst, numHeads } = given;
  const run = (input: Tensor, weight: Tensor, first: number, count: number) => {
    const made = linear(input, weight, rowsOf(inProjBias, first, count));
    const [a, b, width] = made.sizes as [number, number, number];
    const split = made.view([a, b, count, numHeads, width / count / numHeads]);
    return batchFirst ? split.permute(2, 0, 3, 1, 4) : split.permute(2, 1, 3, 0, 4);
  };
  if (!inProjWeight) {
    const weights = [given.qProjWeight, given.kProjWeight, given.vProjWeight] as Tensor[];
    checkProjections(given, weights);
    return [query, key, value].map((input, i) => run(input, weights[i] as Tensor, i, 1));
  }
  const inputs = [query, key, value];
  const parts: Tensor[] = [];
  for (let first = 0; first < 3; ) {
    let end = first + 1;
    while (end < 3 && inputs[end] === inputs[first]) end++;
    const count = end - first;
    parts.push(run(inputs[first] as Tensor, rowsOf(inProjWeight, first, count) as Tensor, first, count));
    first = end;
  }
  return parts;
}

/** Adds a row to each of the keys and values: a learned one, then zeros. */
function extend(parts: Tensor[], given: MultiHeadArguments): Tensor[] {
  const { biasK, biasV, addZeroAttn, numHeads, staticK, staticV } = given;
  if (!biasK && !addZeroAttn && !staticK && !staticV) return parts;
  const [query, ...others] = parts.flatMap((part) => part.unbind(0)) as [Tensor, Tensor, Tensor];
  const [batch, , , size] = query.sizes as [number, number, number, number];
  const fixed = [staticK, staticV];
  const extended = others.map((part, i) => {
    const bias = [biasK, biasV][i];
    let rows = fixed[i]?.view([batch, numHeads, -1, size]) ?? part;
    if (bias) rows = cat([rows, bias.view([1, numHeads, 1, size]).expand([batch, numHeads, 1, size])], 2);
    return addZeroAttn ? cat([rows, rows.newZeros([batch, numHeads, 1, size])], 2) : rows;
  });
  return [query, ...extended].map((part) => part.unsqueeze(0));
}

/** A mask that says what counts, or is added; PyTorch's bools here say what does not count. */
function asAdded(mask: Tensor, like: Tensor): Tensor {
  if (mask.dtype !== bool) return mask;
  return zeros(mask.sizes, { dtype: like.dtype, device: like.device }).maskedFill(mask, Number.NEGATIVE_INFINITY);
}

/** Both masks as one that broadcasts to `[batch, heads, queries, keys]`; keys that were added always count. */
function mergeMasks(given: MultiHeadArguments, batch: number, queries: number, keys: number, added: number) {
  const { keyPaddingMask, attnMask, numHeads } = given;
  const padded = (mask: Tensor) => (added === 0 ? mask : constantPadNd(mask, [0, added], 0));
  let merged: Tensor | undefined;
  if (attnMask !== undefined) {
    const isFlat = attnMask.sizes.length === 2;
    const wanted = isFlat ? [queries, keys] : [batch * numHeads, queries, keys];
    if (!sameShape(attnMask.sizes, wanted)) {
      throw new Error(
        `The shape of the ${isFlat ? 2 : 3}D attn_mask is ${formatShape(attnMask.sizes)}, but should be ${formatShape(wanted)}.`,
      );
    }
    const mask = padded(attnMask);
    merged = isFlat ? mask : mask.view([batch, numHeads, queries, keys + added]);
  }
  if (keyPaddingMask !== undefined) {
    if (!sameShape(keyPaddingMask.sizes, [batch, keys])) {
      throw new Error(
        `expecting key_padding_mask shape of ${formatShape([batch, keys])}, but got ${formatShape(keyPaddingMask.sizes)}`,
      );
    }
    const mask = padded(keyPaddingMask).view([batch, 1, 1, keys + added]);
    merged = merged === undefined ? mask : asAdded(merged, given.query).add(asAdded(mask, given.query));
  }
  if (merged === undefined) return undefined;
  return merged.dtype === bool ? merged.logicalNot() : merged.to(given.query.dtype);
}

/** Runs attention on arguments that were read. */
export function runMultiHead(args: MultiHeadArguments, embedDim: number): Projected {
  checkDims(args);
  checkMaskDtype("key_padding_mask", args.keyPaddingMask);
  checkMaskDtype("attn_mask", args.attnMask);
  checkSizes(args, embedDim);
  if (args.query.sizes.length === 3) return runBatched(args);
  const seen = new Map<Tensor, Tensor>();
  const batched = (input: Tensor) => {
    const made = seen.get(input) ?? input.unsqueeze(1);
    seen.set(input, made);
    return made;
  };
  const [output, weights] = runBatched({
    ...args,
    batchFirst: false,
    query: batched(args.query),
    key: batched(args.key),
    value: batched(args.value),
    keyPaddingMask: args.keyPaddingMask?.unsqueeze(0),
  });
  return [output.squeeze(1), weights?.squeeze(0) ?? null];
}

function runBatched(args: MultiHeadArguments): Projected {
  const { query, key, batchFirst, numHeads, biasK, addZeroAttn, staticK, needWeights } = args;
  const [queries, batch] = (batchFirst ? [1, 0] : [0, 1]).map((d) => query.sizes[d]) as [number, number];
  const keys = staticK?.sizes[1] ?? (key.sizes[batchFirst ? 1 : 0] as number);
  const added = (biasK ? 1 : 0) + (addZeroAttn ? 1 : 0);
  // A hint that the mask is causal saves looking at it, where nothing else is asked of it.
  const isCausal = args.isCausal && args.keyPaddingMask === undefined && !needWeights && added === 0;
  const mask = isCausal ? undefined : mergeMasks(args, batch, queries, keys, added);
  const parts = extend(project(args), args);
  const size = parts[0]?.sizes[4] as number;
  const { output, weights } = attend(
    parts,
    {
      mask,
      isCausal,
      scale: 1 / Math.sqrt(size),
      ...drawKept([batch, numHeads, queries, keys + added], args.dropoutP, query),
    },
    needWeights,
  );
  // The rows lie as those of the queries do, so that this is a view.
  const rows = output
    .permute(...(batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3]))
    .reshape([...query.sizes.slice(0, 2), size * numHeads]);
  const made = linear(rows, args.outProjWeight, args.outProjBias);
  if (weights === undefined || !needWeights) return [made, null];
  return [made, args.averageAttnWeights ? weights.mean(1) : weights];
}

const signature = new Signature("multiHeadAttentionForward", {
  query: tensor,
  key: tensor,
  value: tensor,
  embedDimToCheck: int,
  numHeads: int,
  inProjWeight: nullable(tensor),
  inProjBias: nullable(tensor),
  biasK: nullable(tensor),
  biasV: nullable(tensor),
  addZeroAttn: requiredFlag,
  dropoutP: number,
  outProjWeight: tensor,
  outProjBias: nullable(tensor),
  training: flagOn,
  keyPaddingMask: optional(tensor),
  needWeights: flagOn,
  attnMask: optional(tensor),
  useSeparateProjWeight: flag,
  qProjWeight: optional(tensor),
  kProjWeight: optional(tensor),
  vProjWeight: optional(tensor),
  staticK: optional(tensor),
  staticV: optional(tensor),
  averageAttnWeights: flagOn,
  isCausal: flag,
});

export interface MultiHeadOptions {
  /** Whether weights are dropped; true by default. */
  training?: boolean;
  /** `[N, S]` or `[S]`: keys that do not count, as bools, or what is added to their scores. */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are given back; true by default. */
  needWeights?: boolean;
  /** `[L, S]` or `[N · heads, L, S]`: bools that say which keys do not count for a query, or what is added to scores. */
  attnMask?: Tensor | null;
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
  /** `[N · heads, S, size]`: keys in place of the projected ones. */
  staticK?: Tensor | null;
  staticV?: Tensor | null;
  /** Whether the weights are averaged over the heads; true by default. */
  averageAttnWeights?: boolean;
  /** Whether the mask, which has to be given, is that of `generateSquareSubsequentMask`. */
  isCausal?: boolean;
}

/**
 * What `nn.MultiheadAttention` computes, with its weights as arguments: for a query `[L, N, E]`, keys and values
 * `[S, N, …]`, or all of them without N, the output `[L, N, E]` and the weights `[N, L, S]`, or null.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
export function multiHeadAttentionForward(
  ...args: [
    query: Tensor,
    key: Tensor,
    value: Tensor,
    embedDimToCheck: number,
    numHeads: number,
    inProjWeight: Tensor | null,
    inProjBias: Tensor | null,
    biasK: Tensor | null,
    biasV: Tensor | null,
    addZeroAttn: boolean,
    dropoutP: number,
    outProjWeight: Tensor,
    outProjBias: Tensor | null,
    options?: MultiHeadOptions,
  ]
): Projected {
  const { embedDimToCheck, training, useSeparateProjWeight, ...given } = signature.parse(args);
  const separate = [given.qProjWeight, given.kProjWeight, given.vProjWeight];
  ["q", "k", "v"].forEach((name, i) => {
    if (useSeparateProjWeight && !separate[i])
      throw new Error(`use_separate_proj_weight is True but ${name}_proj_weight is None`);
  });
  if (!useSeparateProjWeight && !given.inProjWeight)
    throw new Error("use_separate_proj_weight is False but in_proj_weight is None");
  if (given.isCausal && given.attnMask === undefined)
    throw new Error("Need attn_mask if specifying the is_causal hint.");
  return runMultiHead(
    {
      ...given,
      batchFirst: false,
      dropoutP: training ? given.dropoutP : 0,
      inProjWeight: useSeparateProjWeight ? null : given.inProjWeight,
    },
    embedDimToCheck,
  );
}
