/** Shapes: what they are, and tensors of other shapes with the same elements. */
import torch, { F, type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { checkedCount } from "../limits.js";
import { type NodeReader, tensorAt, tensorOfDims } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, Outputs, versions } from "./define.js";
import { dimOf, dimsOf, flattened, int64 } from "./dims.js";

function shape(node: NodeReader) {
  const [start, end] = [node.int("start", 0), node.int("end")];
  return (inputs: Inputs) => int64(tensorAt(inputs, 0).shape.slice(start, end));
}

/** Sizes in which 0 may stand for the size that was there, and -1 for what is left. */
function reshape(node: NodeReader) {
  const sizes = node.intsOrInput("shape", 1, 5);
  const allowsZero = node.flag("allowzero");
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const wanted = sizes(inputs) ?? [];
    return x.reshape(wanted.map((size, d) => (size === 0 && !allowsZero ? keptSize(x, d) : size)));
  };
}

function keptSize(x: Tensor, dim: number): number {
  const size = x.shape[dim];
  if (size === undefined) throw new RangeError(`the size of dim ${dim} is to stay, and there are ${x.dim()} dims`);
  return size;
}

function flatten(node: NodeReader) {
  const axis = node.int("axis", 1);
  return (inputs: Inputs) => flattened(tensorAt(inputs, 0), axis);
}

function squeeze(node: NodeReader) {
  const axes = node.intsOrInput("axes", 1, 13);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const given = axes(inputs);
    if (given === undefined) return x.squeeze();
    const dims = dimsOf(given, x.dim());
    const other = dims.find((dim) => x.shape[dim] !== 1);
    if (other !== undefined) throw new RangeError(`dim ${other} of shape [${x.shape.join(", ")}] is not of size 1`);
    return x.reshape(x.shape.filter((_, d) => !dims.includes(d)));
  };
}

function unsqueeze(node: NodeReader) {
  const axes = node.intsOrInput("axes", 1, 13);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const given = axes(inputs) ?? [];
    const dims = dimsOf(given, x.dim() + given.length);
    const left = [...x.shape];
    return x.reshape(upTo(x.dim() + dims.length).map((d) => (dims.includes(d) ? 1 : (left.shift() as number))));
  };
}

function transpose(node: NodeReader) {
  const perm = node.ints("perm");
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    return x.permute(perm ?? upTo(x.dim()).reverse());
  };
}

function concat(node: NodeReader) {
  const axis = node.version < 4 ? node.int("axis", 1) : node.requiredInt("axis");
  return (inputs: Inputs) => {
    const tensors = inputs.map((_, i) => tensorAt(inputs, i));
    return torch.cat(tensors, dimOf(axis, tensors[0]?.dim() ?? 0));
  };
}

/** Parts of given sizes, or as many of about the same size as there are outputs. */
function split(node: NodeReader) {
  const axis = node.int("axis", 0);
  const fromInput = node.version < 2 || node.version >= 13;
  const attribute = node.ints("split");
  const sizes = fromInput && attribute === undefined ? node.numbersIn(1) : () => attribute;
  const count = node.outputCount;
  if (node.int("num_outputs", count) !== count) throw new RangeError(`it has ${count} outputs`);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dim = dimOf(axis, x.dim());
    return new Outputs(...x.split(sizes(inputs) ?? evenSizes(x.shape[dim] as number, count), { dim }));
  };
}

function evenSizes(size: number, count: number): number[] {
  const each = Math.ceil(size / count);
  return upTo(count).map((i) => Math.max(0, Math.min(each, size - i * each)));
}

function expand(node: NodeReader) {
  const sizes = node.numbersIn(1);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const shape = torch.broadcastShapes([...x.shape], sizes(inputs) ?? []);
    checkedCount(shape, x.dtype, "a tensor");
    return x.expand([...shape]);
  };
}

const tile = versions({
  1: (node) => {
    const [tiles, axis] = [node.numberIn(1), node.numberIn(2)];
    return (inputs) => {
      const x = tensorAt(inputs, 0);
      const repeats = new Array<number>(x.dim()).fill(1);
      repeats[dimOf(axis(inputs) ?? 0, x.dim())] = tiles(inputs) ?? 1;
      return repeated(x, repeats);
    };
  },
  6: (node) => {
    const repeats = node.numbersIn(1);
    return (inputs) => repeated(tensorAt(inputs, 0), repeats(inputs) ?? []);
  },
});

function repeated(x: Tensor, repeats: readonly number[]): Tensor {
  if (repeats.length !== x.dim()) throw new RangeError(`${repeats.length} repeats for ${x.dim()} dims`);
  const sizes = x.shape.map((size, d) => size * (repeats[d] as number));
  checkedCount(sizes, x.dtype, "a tensor");
  return x.repeat([...repeats]);
}

interface Cut {
  readonly dim: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Part of a dim; backwards for a negative step. */
function cut(x: Tensor, { dim, start, end, step }: Cut): Tensor {
  if (step === 0) throw new RangeError("a step cannot be 0");
  const size = x.shape[dim] as number;
  const place = (at: number, low: number, high: number) => Math.max(low, Math.min(at < 0 ? at + size : at, high));
  const [from, to] =
    step > 0 ? [place(start, 0, size), place(end, 0, size)] : [place(start, 0, size - 1), place(end, -1, size - 1)];
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (step === 1 || count < 2) return x.narrow(dim, count === 0 ? 0 : from, count);
  const stride = Math.abs(step);
  const lowest = step > 0 ? from : from + (count - 1) * step;
  const part = x.at(...new Array<":">(dim).fill(":"), `${lowest}:${lowest + (count - 1) * stride + 1}:${stride}`);
  return step > 0 ? part : part.flip([dim]);
}

function slice(node: NodeReader) {
  const isInput = node.version >= 10;
  const setting = (name: string, place: number) => node.intsOrInput(name, place, 10);
  const [starts, ends, axes] = [setting("starts", 1), setting("ends", 2), setting("axes", 3)];
  const steps = isInput ? node.numbersIn(4) : () => undefined;
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const [from, to] = [starts(inputs) ?? [], ends(inputs) ?? []];
    const dims = dimsOf(axes(inputs) ?? upTo(from.length), x.dim());
    const by = steps(inputs);
    if (to.length !== from.length || dims.length !== from.length || (by ?? from).length !== from.length) {
      throw new RangeError("starts, ends, axes and steps are not equally many");
    }
    return dims.reduce(
      (part, dim, i) => cut(part, { dim, start: from[i] as number, end: to[i] as number, step: by?.[i] ?? 1 }),
      x,
    );
  };
}

const padModes = ["constant", "reflect", "edge", "wrap"] as const;

/** The places that a padded dim takes its elements from. */
function paddedPlaces(mode: (typeof padModes)[number], size: number, before: number, after: number): number[] {
  if (size === 0) throw new RangeError(`mode '${mode}' cannot pad a dim of size 0`);
  const period = Math.max(1, 2 * (size - 1));
  return upTo(before + size + after).map((i) => {
    const at = i - before;
    if (mode === "edge") return Math.max(0, Math.min(at, size - 1));
    if (mode === "wrap") return ((at % size) + size) % size;
    const inside = ((at % period) + period) % period;
    return inside < size ? inside : period - inside;
  });
}

/** Adds elements around a tensor, or takes some away where a number is negative. */
function padded(x: Tensor, pads: readonly number[], mode: (typeof padModes)[number], value: number): Tensor {
  const dims = x.dim();
  const pairs = x.shape.map((_, d) => [pads[d] as number, pads[d + dims] as number] as const);
  checkedCount(
    x.shape.map((size, d) => Math.max(0, size + (pairs[d]?.[0] ?? 0) + (pairs[d]?.[1] ?? 0))),
    x.dtype,
    "a tensor",
  );
  if (mode === "constant") {
    const from = x.dtype === torch.bool ? x.to(torch.uint8) : x;
    return F.pad(from, pairs.toReversed().flat(), { mode: "constant", value }).to(x.dtype);
  }
  return pairs.reduce((tensor, [before, after], d) => {
    if (before === 0 && after === 0) return tensor;
    const places = paddedPlaces(mode, tensor.shape[d] as number, Math.max(0, before), Math.max(0, after));
    const kept = places.slice(Math.max(0, -before), places.length - Math.max(0, -after));
    return tensor.indexSelect(d, int64(kept));
  }, x);
}

const pad = versions({
  1: (node) =>
    padOperator(
      node,
      () => node.requiredInts(node.version < 2 ? "paddings" : "pads"),
      () => node.float("value", 0),
    ),
  11: (node) => padOperator(node, node.numbersIn(1), node.numberIn(2)),
});

function padOperator(
  node: NodeReader,
  pads: (inputs: Inputs) => number[] | undefined,
  value: (inputs: Inputs) => number | undefined,
) {
  const mode = node.word("mode", padModes, "constant");
  const axes = node.version >= 18 ? node.numbersIn(3) : () => undefined;
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dims = dimsOf(axes(inputs) ?? upTo(x.dim()), x.dim());
    const given = pads(inputs) ?? [];
    if (given.length !== 2 * dims.length) throw new RangeError(`${given.length} pads for ${dims.length} dims`);
    const all = new Array<number>(2 * x.dim()).fill(0);
    for (const [i, dim] of dims.entries()) {
      all[dim] = given[i] as number;
      all[dim + x.dim()] = given[i + dims.length] as number;
    }
    return padded(x, all, mode, value(inputs) ?? 0);
  };
}

/** Cuts out the middle, or pads around it, to sizes that are given. */
function centerCropPad(node: NodeReader) {
  const [sizes, axes] = [node.numbersIn(1), node.ints("axes")];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dims = dimsOf(axes ?? upTo(x.dim()), x.dim());
    const wanted = sizes(inputs) ?? [];
    const pads = new Array<number>(2 * x.dim()).fill(0);
    for (const [i, dim] of dims.entries()) {
      const more = (wanted[i] ?? 0) - (x.shape[dim] as number);
      // What is cut away before rounds down; what is padded before does, too.
      const before = more < 0 ? -Math.floor(-more / 2) : Math.floor(more / 2);
      pads[dim] = before;
      pads[dim + x.dim()] = more - before;
    }
    return padded(x, pads, "constant", 0);
  };
}

/** Channels become blocks of pixels. */
function depthToSpace(node: NodeReader) {
  const size = node.requiredInt("blocksize");
  const isDepthFirst = node.word("mode", ["DCR", "CRD"], "DCR") === "DCR";
  return (inputs: Inputs) => {
    const x = tensorOfDims(inputs, 0, 4);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const depth = c / size ** 2;
    const blocks = isDepthFirst
      ? x.reshape([n, size, size, depth, h, w]).permute(0, 3, 4, 1, 5, 2)
      : x.reshape([n, depth, size, size, h, w]).permute(0, 1, 4, 2, 5, 3);
    return blocks.reshape([n, depth, h * size, w * size]);
  };
}

/** Blocks of pixels become channels. */
function spaceToDepth(node: NodeReader) {
  const size = node.requiredInt("blocksize");
  return (inputs: Inputs) => {
    const x = tensorOfDims(inputs, 0, 4);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const [rows, columns] = [h / size, w / size];
    const blocks = x.reshape([n, c, rows, size, columns, size]).permute(0, 3, 5, 1, 2, 4);
    return blocks.reshape([n, c * size ** 2, rows, columns]);
  };
}

/** Turns the beginning of each sequence around, as far as it is long. */
function reverseSequence(node: NodeReader) {
  const [timeAxis, batchAxis] = [node.int("time_axis", 0), node.int("batch_axis", 1)];
  const lengths = node.numbersIn(1);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const found = lengths(inputs) ?? [];
    const batch = found.map((length, i) => {
      const one = x.narrow(batchAxis, i, 1);
      const rest = (x.shape[timeAxis] as number) - length;
      return torch.cat(
        [one.narrow(timeAxis, 0, length).flip([timeAxis]), one.narrow(timeAxis, length, rest)],
        timeAxis,
      );
    });
    return torch.cat(batch, batchAxis);
  };
}

function trilu(node: NodeReader) {
  const [isUpper, diagonal] = [node.flag("upper", true), node.numberIn(1)];
  return (inputs: Inputs) => {
    const [x, k] = [tensorAt(inputs, 0), diagonal(inputs) ?? 0];
    return isUpper ? x.triu(k) : x.tril(k);
  };
}

export const shapes: Family = {
  CenterCropPad: centerCropPad,
  Concat: concat,
  DepthToSpace: depthToSpace,
  Expand: expand,
  Flatten: flatten,
  Pad: pad,
  Reshape: reshape,
  ReverseSequence: reverseSequence,
  Shape: shape,
  Size: () => (inputs) => torch.tensor(BigInt(tensorAt(inputs, 0).numel())),
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: unsqueeze,
};
