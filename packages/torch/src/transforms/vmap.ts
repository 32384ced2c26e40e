/**
 * `vmap`: a function of one entry that works on batches.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.func.vmap.html
 */
import { anything, callable, int, nullable, optional, type Param, word } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { defaultGenerator } from "../backend/generator.js";
import { wrapDim } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { cat } from "../ops/shape/joining.js";
import "./batching/tables.js";
import { BatchLevel, type Randomness } from "./batching/level.js";
import { describeTree, fillTree, leavesOf } from "./trees.js";

/** A dim, null for what has none, or such in the form of what they belong to. */
export type Dims = number | null | readonly Dims[] | { readonly [name: string]: Dims };

/** Options of `vmap`. */
export interface VmapOptions {
  /** Which dim of each argument counts the entries; null where all entries get the same. The first by default. */
  inDims?: Dims;
  /** Where each output has the dim that counts them. The first by default. */
  outDims?: Dims;
  /** Whether random numbers are refused (by default), different for each entry, or the same for all. */
  randomness?: Randomness;
  /** How many entries are computed at once; all by default. Fewer take less memory. */
  chunkSize?: number | null;
}

const signature = new Signature("vmap", {
  func: callable as Param<(...args: unknown[]) => unknown>,
  inDims: optional(nullable(anything as Param<Dims>), 0 as Dims),
  outDims: optional(nullable(anything as Param<Dims>), 0 as Dims),
  randomness: optional(word("error", "different", "same"), "error"),
  chunkSize: optional(nullable(int)),
});

type Call = ReturnType<typeof signature.parse>;

function nameOf(func: { readonly name: string }): string {
  return func.name || "<lambda>";
}

/** For each leaf of a tree what a tree of a smaller form says of it; undefined where the forms do not fit. */
function broadcastTree(small: unknown, tree: unknown): unknown[] | undefined {
  if (typeof small !== "object" || small === null) return leavesOf(tree).map(() => small);
  if (tree instanceof Tensor || typeof tree !== "object" || tree === null) return undefined;
  const [ours, theirs] = [Object.entries(small), Object.entries(tree)];
  const fits = ours.length === theirs.length && Array.isArray(small) === Array.isArray(tree);
  if (!fits) return undefined;
  const found: unknown[] = [];
  for (const [name, value] of theirs) {
    if (!Object.hasOwn(small, name)) return undefined;
    const part = broadcastTree((small as Record<string, unknown>)[name], value);
    if (part === undefined) return undefined;
    found.push(...part);
  }
  return found;
}

/** The leaves of the arguments and the dim of each that counts the entries. */
interface Inputs {
  readonly leaves: readonly unknown[];
  readonly dims: readonly (number | null)[];
  readonly size: number;
}

function readInputs({ func, inDims }: Call, args: readonly unknown[]): Inputs {
  const shown = typeof inDims === "object" && inDims !== null ? describeTree(inDims) : String(inDims);
  const start = `vmap(${nameOf(func)}, inDims=${shown}, ...)(<inputs>)`;
  if (args.length === 0) {
    throw new TypeError(
      `vmap(${nameOf(func)})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.`,
    );
  }
  const leaves = leavesOf(args);
  const dims = broadcastTree(inDims, args);
  if (dims === undefined) {
    throw new TypeError(
      `${start}: inDims is not compatible with the structure of \`inputs\`. inDims has structure ${describeTree(inDims)} but inputs has structure ${describeTree(args)}.`,
    );
  }
  const wrapped = dims.map((dim, i) => readDim(dim, leaves[i], start));
  const sizes = wrapped.flatMap((dim, i) => (dim === null ? [] : [(leaves[i] as Tensor).sizes[dim] as number]));
  if (sizes.length === 0) throw new TypeError("vmap: at least one input must be mapped over: inDims has no dim");
  if (new Set(sizes).size > 1) {
    throw new RangeError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(", ")}] for the mapped dimension`,
    );
  }
  return { leaves, dims: wrapped, size: sizes[0] as number };
}

function readDim(dim: unknown, leaf: unknown, start: string): number | null {
  if (dim === null) return null;
  if (!Number.isInteger(dim)) {
    throw new TypeError(
      `${start}: Got in_dim=${String(dim)} for an input but in_dim must be either an integer dimension or null.`,
    );
  }
  if (!(leaf instanceof Tensor)) {
    throw new TypeError(
      `${start}: Got in_dim=${dim} for an input but the input is of type ${describe(leaf)}. We cannot vmap over non-Tensor arguments, please use null as the respective in_dim`,
    );
  }
  const rank = leaf.sizes.length;
  const given = dim as number;
  if (given >= rank || given < -rank) {
    throw new RangeError(
      `${start}: Got in_dim=${given} for some input, but that input is a Tensor of dimensionality ${rank} so expected in_dim to satisfy -${rank} <= in_dim < ${rank}.`,
    );
  }
  return given < 0 ? given + rank : given;
}

/** The outputs of a function for all entries, and the dims that count them. */
interface Outputs {
  readonly tree: unknown;
  readonly tensors: readonly Tensor[];
  readonly dims: readonly (number | null)[];
}

function evaluate({ func, outDims, randomness }: Call, args: readonly unknown[], inputs: Inputs): Outputs {
  const level = new BatchLevel(inputs.size, randomness as Randomness);
  const wrapped = inputs.leaves.map((leaf, i) => {
    const dim = inputs.dims[i] as number | null;
    return dim === null ? leaf : level.wrap((leaf as Tensor).movedim(dim, 0));
  });
  const tree = level.run(() => func(...(fillTree(args, wrapped) as unknown[])));
  const leaves = leavesOf(tree);
  const dims = broadcastTree(outDims, tree) ?? (leaves.length === 1 ? leavesOf(outDims) : undefined);
  const start = `vmap(${nameOf(func)}, ...`;
  const wrong = leaves.findIndex((leaf) => !(leaf instanceof Tensor));
  if (wrong >= 0 || leaves.length === 0) {
    throw new TypeError(
      `${start}): \`${nameOf(func)}\` must only return Tensors, got type ${describe(leaves[wrong])} as a return.`,
    );
  }
  if (dims === undefined || dims.length !== leaves.length) {
    throw new TypeError(
      `${start}, outDims=${describeTree(outDims)})(<inputs>): outDims is not compatible with the structure of \`outputs\`. outDims has structure ${describeTree(outDims)} but outputs has structure ${describeTree(tree)}.`,
    );
  }
  const tensors = leaves.map((leaf, i) => unwrapped(level, leaf as Tensor, dims[i], start));
  return { tree, tensors, dims: dims as (number | null)[] };
}

/** An output with the dim that counts the entries. */
function unwrapped(level: BatchLevel, output: Tensor, dim: unknown, start: string): Tensor {
  if (dim === null) {
    if (!level.owns(output)) return output;
    throw new Error(`${start}): the function can not return a BatchedTensor when out_dim is null`);
  }
  if (!Number.isInteger(dim)) {
    throw new TypeError(
      `${start}, outDims=${String(dim)}): \`outDims\` must be an int or a collection of ints representing where in the outputs the vmapped dimension should appear.`,
    );
  }
  const value = level.full(output);
  const wanted = wrapDim(dim as number, value.sizes.length);
  return wanted === 0 ? value : value.movedim(0, wanted);
}

/** Runs a function on all entries, or on so many at once. */
function mapped(call: Call, args: readonly unknown[]): unknown {
  const inputs = readInputs(call, args);
  const chunkSize = call.chunkSize ?? undefined;
  if (chunkSize !== undefined && chunkSize <= 0) {
    throw new RangeError(`vmap: chunk_size should be null or greater than 0. (got ${chunkSize})`);
  }
  if (chunkSize === undefined || inputs.size <= chunkSize) {
    const { tree, tensors } = evaluate(call, args, inputs);
    return fillTree(tree, tensors);
  }
  const state = call.randomness === "same" ? defaultGenerator.getState() : undefined;
  const chunks: Outputs[] = [];
  for (let from = 0; from < inputs.size; from += chunkSize) {
    if (state !== undefined) defaultGenerator.setState(state);
    const size = Math.min(chunkSize, inputs.size - from);
    const leaves = inputs.leaves.map((leaf, i) => {
      const dim = inputs.dims[i] as number | null;
      return dim === null ? leaf : (leaf as Tensor).narrow(dim, from, size);
    });
    chunks.push(evaluate(call, args, { ...inputs, leaves, size }));
  }
  const [first] = chunks as [Outputs, ...Outputs[]];
  const tensors = first.tensors.map((tensor, i) => {
    const dim = first.dims[i] as number | null;
    return dim === null
      ? tensor
      : cat(
          chunks.map((chunk) => chunk.tensors[i] as Tensor),
          dim,
        );
  });
  return fillTree(first.tree, tensors);
}

/**
 * The function that computes, for a batch, what a function computes for one entry. The entries are along a dim of the
 * arguments that the function does not see; it is computed for all of them at once.
 *
 * Arguments and outputs may be tensors, or lists and plain objects of them. What the function does must not depend on
 * numbers of a batched tensor (`item`, `if (x)`), and it changes in place only what is batched itself.
 *
 * @param func takes arguments of one entry and returns tensors.
 * @param rest which dim of each argument counts the entries, and where the outputs have it; options.
 * @returns a function that takes arguments with that dim more, and returns outputs with it.
 * @example
 * const dots = torch.func.vmap(torch.dot)(torch.rand(8, 5), torch.rand(8, 5)); // of shape [8]
 * const products = torch.func.vmap((x, w) => w.mv(x), [0, null])(torch.rand(8, 5), torch.rand(3, 5)); // [8, 3]
 * @throws RangeError for dims that do not exist or differ in size; Error where a result would depend on numbers.
 * @see https://pytorch.org/docs/stable/generated/torch.func.vmap.html
 */
export function vmap<A extends Tensor[], R>(
  func: (...args: A) => R,
  ...rest:
    | [inDims?: Dims, outDims?: Dims, options?: Omit<VmapOptions, "inDims" | "outDims">]
    | [inDims: Dims, options?: Omit<VmapOptions, "inDims">]
    | [options?: VmapOptions]
): (...args: A) => R;
export function vmap<A extends unknown[], R>(
  func: (...args: A) => R,
  ...rest:
    | [inDims?: Dims, outDims?: Dims, options?: Omit<VmapOptions, "inDims" | "outDims">]
    | [inDims: Dims, options?: Omit<VmapOptions, "inDims">]
    | [options?: VmapOptions]
): (...args: A) => R;
export function vmap(...given: unknown[]): (...args: unknown[]) => unknown {
  const call = signature.parse(given);
  return (...args) => mapped(call, args);
}
