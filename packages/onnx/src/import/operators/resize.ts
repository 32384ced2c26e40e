/** Resizing, and sampling at places that are given. */
import torch, { F, type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { checkedCount } from "../limits.js";
import { type NodeReader, type Setting, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, versions } from "./define.js";
import { along, dimsOf, int64 } from "./dims.js";

const modes = ["nearest", "linear", "cubic"] as const;
const coordinateModes = [
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "align_corners",
  "asymmetric",
  "tf_half_pixel_for_nn",
  "tf_crop_and_resize",
] as const;
const nearestModes = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"] as const;
const policies = ["stretch", "not_larger", "not_smaller"] as const;

/** How a node resizes. */
interface Rule {
  readonly mode: (typeof modes)[number];
  readonly coordinates: (typeof coordinateModes)[number];
  readonly nearest: (typeof nearestModes)[number];
  readonly cubic: number;
  readonly excludesOutside: boolean;
  readonly antialias: boolean;
  readonly extrapolation: number;
}

/** How a dim is resized. */
interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
  /** The part of the dim that is looked at, from 0 to 1. */
  readonly start: number;
  readonly end: number;
}

/** Where an element of the result is in the input. */
function placeOf(i: number, { size, out, scale, start, end }: Axis, coordinates: Rule["coordinates"]): number {
  switch (coordinates) {
    case "half_pixel":
      return (i + 0.5) / scale - 0.5;
    case "half_pixel_symmetric": {
      // What the rounded size is off by lies on both sides.
      const adjustment = out / (scale * size);
      return (size / 2) * (1 - adjustment) + (i + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return out > 1 ? (i + 0.5) / scale - 0.5 : 0;
    case "align_corners":
      // The size of the result counts before it is rounded.
      return out > 1 ? (i * (size - 1)) / (size * scale - 1) : 0;
    case "asymmetric":
      return i / scale;
    case "tf_half_pixel_for_nn":
      return (i + 0.5) / scale;
    case "tf_crop_and_resize":
      return out > 1
        ? start * (size - 1) + (i * (end - start) * (size - 1)) / (out - 1)
        : 0.5 * (start + end) * (size - 1);
  }
}

function nearestOf(place: number, rounding: Rule["nearest"]): number {
  switch (rounding) {
    case "round_prefer_floor":
      return Math.ceil(place - 0.5);
    case "round_prefer_ceil":
      return Math.floor(place + 0.5);
    case "floor":
      return Math.floor(place);
    case "ceil":
      return Math.ceil(place);
  }
}

/** The weight of a neighbour at a distance. */
function weightAt(distance: number, { mode, cubic: a }: Rule): number {
  const x = Math.abs(distance);
  if (mode === "linear") return Math.max(0, 1 - x);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/** The neighbours of an element of the result, and their weights. */
function neighbours(i: number, axis: Axis, rule: Rule): { places: number[]; weights: number[] } {
  const place = placeOf(i, axis, rule.coordinates);
  const inside = (at: number) => Math.max(0, Math.min(at, axis.size - 1));
  if (rule.mode === "nearest") return { places: [inside(nearestOf(place, rule.nearest))], weights: [1] };
  // A smaller result is made of all elements that it stands for.
  const stretch = rule.antialias ? Math.max(1, 1 / axis.scale) : 1;
  const support = (rule.mode === "linear" ? 1 : 2) * stretch;
  const first = Math.floor(place - support) + 1;
  const places = upTo(Math.ceil(2 * support)).map((k) => first + k);
  const raw = places.map((at) => weightAt((at - place) / stretch, rule));
  const kept = raw.map((weight, k) => (rule.excludesOutside && places[k] !== inside(places[k] as number) ? 0 : weight));
  const total = rule.excludesOutside || rule.antialias ? kept.reduce((sum, weight) => sum + weight, 0) : 1;
  return { places: places.map(inside), weights: kept.map((weight) => weight / total) };
}

/** Resizes one dim. */
function resizeDim(x: Tensor, dim: number, axis: Axis, rule: Rule): Tensor {
  if (axis.out === 0) return x.narrow(dim, 0, 0);
  if (axis.size === 0) throw new RangeError(`a dim of size 0 cannot be resized to ${axis.out}`);
  const all = upTo(axis.out).map((i) => neighbours(i, axis, rule));
  const count = all[0]?.places.length ?? 0;
  let sum: Tensor | undefined;
  for (const k of upTo(count)) {
    const picked = x.indexSelect(dim, int64(all.map(({ places }) => places[k] as number)));
    if (rule.mode === "nearest") return picked;
    const weights = torch.tensor(
      all.map(({ weights }) => weights[k] as number),
      { dtype: x.dtype },
    );
    const part = picked.mul(along(weights, dim, x.dim()));
    sum = sum === undefined ? part : sum.add(part);
  }
  return sum as Tensor;
}

/** Whether the core's own function does the same, which is faster. */
function coreMode(x: Tensor, axes: readonly Axis[], rule: Rule): "nearest" | "bilinear" | undefined {
  const isImage = x.dim() === 4 && x.dtype.isFloatingPoint && axes[0]?.scale === 1 && axes[1]?.scale === 1;
  if (!isImage || rule.antialias || axes.some(({ size, out, scale }) => size * scale !== out || size === 0))
    return undefined;
  const isWhole = axes.every(({ scale }) => Number.isInteger(scale));
  if (rule.mode === "nearest") {
    const isFloor = rule.coordinates === "asymmetric" && rule.nearest === "floor";
    const isMiddle = rule.coordinates === "half_pixel" && rule.nearest === "round_prefer_floor";
    return isWhole && (isFloor || isMiddle) ? "nearest" : undefined;
  }
  const isHalf = rule.coordinates === "half_pixel" || rule.coordinates === "pytorch_half_pixel";
  return rule.mode === "linear" && isHalf && axes.every(({ out }) => out > 1) && !rule.excludesOutside
    ? "bilinear"
    : undefined;
}

function resizeAll(x: Tensor, axes: readonly Axis[], rule: Rule): Tensor {
  checkedCount(
    axes.map(({ out }) => out),
    x.dtype,
    "a tensor",
  );
  const core = coreMode(x, axes, rule);
  if (core !== undefined) {
    const size = axes.slice(2).map(({ out }) => out) as [number, number];
    return F.interpolate(x, { size, mode: core, ...(core === "bilinear" && { alignCorners: false }) });
  }
  const isSame = ({ size, scale, out }: Axis) =>
    scale === 1 && out === size && rule.coordinates !== "tf_crop_and_resize";
  const wide = rule.mode === "nearest" || x.dtype.isFloatingPoint ? x : x.float();
  const resized = axes.reduce(
    (tensor, axis, dim) => (isSame(axis) ? tensor : resizeDim(tensor, dim, axis, rule)),
    wide,
  );
  return extrapolated(resized, axes, rule).to(x.dtype);
}

/** Puts a value where the input does not reach. */
function extrapolated(x: Tensor, axes: readonly Axis[], rule: Rule): Tensor {
  if (rule.coordinates !== "tf_crop_and_resize") return x;
  return axes.reduce((tensor, axis, dim) => {
    const outside = upTo(axis.out).map((i) => {
      const place = placeOf(i, axis, rule.coordinates);
      return place < 0 || place > axis.size - 1;
    });
    if (!outside.includes(true)) return tensor;
    return torch.where(along(torch.tensor(outside), dim, x.dim()), torch.fullLike(tensor, rule.extrapolation), tensor);
  }, x);
}

/** Sizes times factors. */
function scaled(sizes: readonly number[], factors: readonly number[]): Pick<Axis, "out" | "scale">[] {
  return factors.map((scale, i) => ({ scale, out: Math.floor((sizes[i] as number) * scale) }));
}

/** The sizes that keep the proportions. */
function inProportion(
  sizes: readonly number[],
  wanted: readonly number[],
  policy: (typeof policies)[number],
): Pick<Axis, "out" | "scale">[] {
  const scales = sizes.map((size, i) => (wanted[i] as number) / size);
  if (policy === "stretch") return scales.map((scale, i) => ({ scale, out: wanted[i] as number }));
  const scale = policy === "not_larger" ? Math.min(...scales) : Math.max(...scales);
  return sizes.map((size) => ({ scale, out: Math.floor(scale * size + 0.5) }));
}

function ruleOf(node: NodeReader): Rule {
  const isFirst = node.version < 11;
  return {
    mode: node.word("mode", modes, "nearest"),
    coordinates: isFirst ? "asymmetric" : node.word("coordinate_transformation_mode", coordinateModes, "half_pixel"),
    nearest: isFirst ? "floor" : node.word("nearest_mode", nearestModes, "round_prefer_floor"),
    cubic: node.float("cubic_coeff_a", -0.75),
    excludesOutside: node.flag("exclude_outside"),
    antialias: node.flag("antialias"),
    extrapolation: node.float("extrapolation_value", 0),
  };
}

function resize(node: NodeReader) {
  const rule = ruleOf(node);
  const policy = node.word("keep_aspect_ratio_policy", policies, "stretch");
  const axesGiven = node.ints("axes");
  const [roi, scales, sizes] = [node.numbersIn(1), node.numbersIn(2), node.numbersIn(3)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dims = dimsOf(axesGiven ?? upTo(x.dim()), x.dim());
    const [regions, factors, wanted] = [roi(inputs), scales(inputs), sizes(inputs)];
    const before = dims.map((dim) => x.shape[dim] as number);
    const bySizes = wanted !== undefined && wanted.length > 0;
    const given = bySizes ? wanted : factors;
    if (given?.length !== dims.length)
      throw new RangeError(`${given?.length ?? 0} sizes or scales for ${dims.length} dims`);
    const outs = bySizes ? inProportion(before, given, policy) : scaled(before, given);
    return resizeAll(x, axesOf(x, dims, outs, regions), rule);
  };
}

/** All dims of an input; those that are not named stay as they are. */
function axesOf(
  x: Tensor,
  dims: readonly number[],
  outs: readonly Pick<Axis, "out" | "scale">[],
  regions?: readonly number[],
): Axis[] {
  return x.shape.map((size, dim) => {
    const i = dims.indexOf(dim);
    if (i < 0) return { size, out: size, scale: 1, start: 0, end: 1 };
    const [start, end] = [regions?.[i] ?? 0, regions?.[i + dims.length] ?? 1];
    return { size, ...(outs[i] as Pick<Axis, "out" | "scale">), start, end };
  });
}

/** Resizes all dims by numbers. */
function byScales(rule: Rule, scales: Setting<number[] | undefined>) {
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const factors = scales(inputs) ?? [];
    if (factors.length !== x.dim()) throw new RangeError(`${factors.length} scales for ${x.dim()} dims`);
    return resizeAll(x, axesOf(x, upTo(x.dim()), scaled(x.shape, factors)), rule);
  };
}

/** The operator that came before: scales are attributes, then an input. */
function upsample(node: NodeReader) {
  const mode = node.word("mode", ["nearest", "linear", "bilinear"], "nearest");
  const rule: Rule = {
    mode: mode === "bilinear" ? "linear" : mode,
    coordinates: "asymmetric",
    nearest: "floor",
    cubic: -0.75,
    excludesOutside: false,
    antialias: false,
    extrapolation: 0,
  };
  const attribute =
    node.version < 7 ? [1, 1, node.float("height_scale", 1), node.float("width_scale", 1)] : node.floats("scales");
  const scales = node.version >= 9 ? node.numbersIn(1) : () => attribute;
  return byScales(rule, scales);
}

/** The words for the modes changed. */
function gridSample(node: NodeReader) {
  const word = node.word("mode", ["bilinear", "linear", "nearest", "bicubic", "cubic"], "bilinear");
  const mode = word === "linear" ? "bilinear" : word === "cubic" ? "bicubic" : word;
  const paddingMode = node.word("padding_mode", ["zeros", "border", "reflection"], "zeros");
  const alignCorners = node.flag("align_corners");
  return (inputs: Inputs) =>
    F.gridSample(tensorAt(inputs, 0), tensorAt(inputs, 1), { mode, paddingMode, alignCorners });
}

function affineGrid(node: NodeReader) {
  const [sizes, alignCorners] = [node.numbersIn(1), node.flag("align_corners")];
  return (inputs: Inputs) => {
    const theta = tensorAt(inputs, 0);
    const size = sizes(inputs) ?? [];
    checkedCount(size, theta.dtype, "a grid");
    return F.affineGrid(theta, size, { alignCorners });
  };
}

export const resizing: Family = {
  AffineGrid: affineGrid,
  GridSample: gridSample,
  Resize: versions({ 10: (node) => byScales(ruleOf(node), node.numbersIn(1)), 11: resize }),
  Upsample: upsample,
};
