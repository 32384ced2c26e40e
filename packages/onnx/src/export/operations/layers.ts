/** Convolutions, pooling, padding, normalization, attention, recurrent layers, resizing. */
import torch, { type DType, type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { type Attributes, flag, int, ints } from "../builder.js";
import { type Call, type Translated, type Translation, type Translations, widened } from "../call.js";
import type { Argument, Value } from "../recording.js";
import { combined, type Extent, productOf, Size } from "../sizes.js";
import { isNaN } from "./elementwise.js";
import { mixed } from "./products.js";

const { bool, float32, int64 } = torch;

/** Paddings as operators have them: all in front, then all behind. */
const bothEnds = (padding: readonly number[]) => ints([...padding, ...padding]);

/** The dtype in which runtimes have windows: of whole numbers they have none. */
const floating = (dtype: DType) => (dtype.isFloatingPoint ? widened(dtype) : float32);

/** What computes in floating-point numbers, with a result that may be of whole ones. */
function inFloats(t: Call, compute: (dtype: DType) => string): string {
  const dtype = floating(t.dtype);
  return t.cast(compute(dtype), dtype, t.dtype);
}

const convolution: Translation = (t) =>
  inFloats(t, (dtype) => {
    const dims = t.value("weight").rank - 2;
    const per = (name: string) => t.perDim(name, dims);
    const attributes = {
      strides: ints(per("stride")),
      pads: bothEnds(per("padding")),
      dilations: ints(per("dilation")),
      group: int(t.number("groups")),
    };
    const inputs = [t.x("weight", dtype), t.optional("bias", dtype)];
    return batched(t, t.x("input", dtype), dims + 2, (x) => {
      if (t.arg("transposed") !== true) return t.opWith(attributes, "Conv", x, ...inputs);
      return t.opWith({ ...attributes, output_padding: ints(per("outputPadding")) }, "ConvTranspose", x, ...inputs);
    });
  });

/** Runs what works on batches, also for an input that is none. */
function batched(t: Call, x: string, rank: number, run: (x: string) => string): string {
  return t.value().rank === rank ? run(x) : t.squeeze(run(t.unsqueeze(x, 0)), 0);
}

/** The number of dims that a window has. */
const windowDims = (t: Call) => t.numbers("kernelSize").length;

function windowAttributes(t: Call, dims: number) {
  const per = (name: string) => t.perDim(name, dims);
  const kernel = per("kernelSize");
  const stride = t.has("stride") && t.numbers("stride").length > 0 ? per("stride") : kernel;
  return {
    kernel_shape: ints(kernel),
    strides: ints(stride),
    pads: bothEnds(per("padding")),
    ceil_mode: flag(t.arg("ceilMode") === true),
  };
}

/** An input `[N, C, …]`, of which one without a batch gets one. */
function withBatch(t: Call, x: string, dims: number): { x: string; sizes: readonly Extent[]; added: number } {
  const { sizes, rank } = t.value();
  const added = dims + 2 - rank;
  const full = [...new Array<Extent>(Math.max(added, 0)).fill(1), ...sizes];
  return { x: t.reshape(x, sizes, full), sizes: full, added };
}

const maxPool: Translation = (t) => {
  const dims = windowDims(t);
  const dtype = floating(t.dtype);
  const { x, sizes } = withBatch(t, t.x("input", dtype), dims);
  const attributes = { ...windowAttributes(t, dims), dilations: ints(t.perDim("dilation", dims)) };
  const out = [...sizes.slice(0, 2), ...t.out.sizes.slice(-dims)];
  if (t.node.outputs.length === 1) return t.cast(t.toOut(t.opWith(attributes, "MaxPool", x), out), dtype, t.dtype);
  return withPlaces(t, attributes, x, sizes, out, dtype);
};

/** The largest of windows, and where they are. */
function withPlaces(
  t: Call,
  attributes: Attributes,
  x: string,
  sizes: readonly Extent[],
  out: readonly Extent[],
  dtype: DType,
): Translated {
  const [values, places] = t.ops(2, attributes, "MaxPool", x) as [string, string];
  // Places are counted through all images; here each has its own.
  const own = t.op("Mod", places, t.session.scalar(productOf(sizes.slice(2)), int64));
  return [t.cast(t.toOut(values, out), dtype, t.dtype), t.toOut(own, out)];
}

const averagePool: Translation = (t) =>
  inFloats(t, (dtype) => {
    const dims = windowDims(t);
    const { x, sizes } = withBatch(t, t.x("input", dtype), dims);
    const { pads, ...attributes } = windowAttributes(t, dims);
    const countsPadding = t.arg("countIncludePad") !== false;
    const out = [...sizes.slice(0, 2), ...t.out.sizes.slice(-dims)];
    const hasDivisor = t.has("divisorOverride");
    // With a divisor of its own, and where windows reach beyond the padding, the sums are what is wanted.
    if (!hasDivisor && t.arg("ceilMode") !== true) {
      const counted = { ...attributes, pads, count_include_pad: flag(countsPadding) };
      return t.toOut(t.opWith(counted, "AveragePool", x), out);
    }
    const padding = t.perDim("padding", dims);
    const kernel = t.perDim("kernelSize", dims);
    const strides = attributes.strides.map(Number);
    const after = out
      .slice(2)
      .map((count, d) =>
        combined(
          (c, size) => (c - 1) * (strides[d] as number) + (kernel[d] as number) - size - (padding[d] as number),
          count,
          sizes[d + 2] as Extent,
        ),
      );
    const before = [0, 0, ...padding];
    const ends = t.session.extents([...before, 0, 0, ...after.map((end) => combined((e) => Math.max(e, 0), end))]);
    const area = kernel.reduce((a, b) => a * b, 1);
    const plain = { kernel_shape: attributes.kernel_shape, strides: attributes.strides };
    const sumOf = (name: string) => t.op("Mul", t.opWith(plain, "AveragePool", name), t.literal(area, dtype));
    const sum = sumOf(t.op("Pad", x, ends));
    if (hasDivisor) return t.toOut(t.op("Div", sum, t.x("divisorOverride", dtype)), out);
    const ones = t.filled([1, 1, ...sizes.slice(2)], 1, dtype);
    const inner = countsPadding ? padding : padding.map(() => 0);
    const outer = padding.map((count, d) => count - (inner[d] as number));
    const padded = t.op("Pad", ones, t.list([0, 0, ...inner, 0, 0, ...inner]), t.literal(1, dtype));
    const rest = after.map((end, d) => combined((e) => Math.max(e - (inner[d] as number), 0), end));
    const counts = sumOf(t.op("Pad", padded, t.session.extents([0, 0, ...outer, 0, 0, ...rest])));
    return t.toOut(t.op("Div", sum, counts), out);
  });

/** Where the parts of a dim begin and end that go into each place of a smaller or larger one. */
function partsOf(from: number, to: number): [start: number, stop: number][] {
  return Array.from({ length: to }, (_, place) => [
    Math.floor((place * from) / to),
    Math.ceil(((place + 1) * from) / to),
  ]);
}

/** The weights with which elements of a dim go into the averages of its parts. */
function shares(from: number, to: number): Tensor {
  const rows = partsOf(from, to).map(([start, stop]) =>
    Array.from({ length: from }, (_, i) => (i >= start && i < stop ? 1 / (stop - start) : 0)),
  );
  return torch.tensor(rows, { dtype: torch.float64 });
}

/** The sizes that are asked for, where null stands for that of the input. */
function adaptiveSizes(t: Call): Extent[] {
  const dims = t.arg("outputSize") as readonly Argument[];
  return t.out.sizes.slice(-dims.length) as Extent[];
}

const adaptiveAverage: Translation = (t) =>
  t.computed((dtype) => {
    const wanted = adaptiveSizes(t);
    const { x, sizes } = withBatch(t, t.x("input", dtype), wanted.length);
    if (wanted.every((size) => size === 1))
      return t.toOut(t.op("GlobalAveragePool", x), [...sizes.slice(0, 2), ...wanted]);
    let made = x;
    const now = [...sizes];
    wanted.forEach((size, d) => {
      const from = sizes[d + 2] as Extent;
      if (typeof size !== "number" || typeof from !== "number") {
        if (size instanceof Size && from instanceof Size && size.key === from.key) return;
        if (size !== 1) throw new Error("the places of an average have to be one, or the sizes fixed");
        made = t.reduce("ReduceMean", made, [d + 2], true);
      } else if (size !== from) made = mixed(t, made, now, d + 2, shares(from, size).to(dtype));
      now[d + 2] = size;
    });
    return t.toOut(made, now);
  });

const adaptiveMax: Translation = (t) => {
  const wanted = adaptiveSizes(t);
  const dtype = floating(t.dtype);
  const { x, sizes } = withBatch(t, t.x("input", dtype), wanted.length);
  const spatial = sizes.slice(2);
  const out = [...sizes.slice(0, 2), ...wanted];
  if (wanted.every((size) => size === 1)) {
    const flat = t.reshape(x, sizes, [...sizes.slice(0, 2), productOf(spatial)]);
    const values = t.reduce("ReduceMax", flat, [2], true);
    const places = t.opWith({ axis: 2n, keepdims: 1n }, "ArgMax", flat);
    const list = [...sizes.slice(0, 2), 1];
    return [t.cast(t.toOut(values, list), dtype, t.dtype), t.toOut(places, list)];
  }
  const kernel = spatial.map((size, d) => combined((from, to) => from / to, size, wanted[d] as Extent));
  if (!kernel.every((size) => typeof size === "number" && Number.isInteger(size)))
    return windowMaxima(t, x, sizes, wanted, dtype);
  const window = ints(kernel as number[]);
  return withPlaces(t, { kernel_shape: window, strides: window }, x, sizes, out, dtype);
};

/** Where the largest of windows are that differ in size: each is looked at by itself. */
function windowPlaces(t: Call, x: string, sizes: readonly Extent[], wanted: readonly Extent[]): string {
  const spatial = sizes.slice(2) as number[];
  const parts = wanted.map((to, d) => partsOf(spatial[d] as number, to as number));
  const outer = sizes.slice(0, 2);
  let cells: (readonly (readonly [number, number])[])[] = [[]];
  for (const list of parts) cells = cells.flatMap((cell) => list.map((part) => [...cell, part]));
  const found = cells.map((cell) => {
    const window = cell.reduce((sofar, [start, stop], d) => t.slice(sofar, d + 2, start, stop), x);
    const lengths = cell.map(([start, stop]) => stop - start);
    let places = [0];
    cell.forEach(([start], d) => {
      places = places.flatMap((place) =>
        upTo(lengths[d] as number).map((i) => place * (spatial[d] as number) + start + i),
      );
    });
    const flat = t.reshape(window, [...outer, ...lengths], [...outer, places.length]);
    return t.opWith({ axis: 0n }, "Gather", t.list(places), t.opWith({ axis: 2n, keepdims: 1n }, "ArgMax", flat));
  });
  const all = found.length === 1 ? (found[0] as string) : t.opWith({ axis: 2n }, "Concat", ...found);
  return t.toOut(all, [...outer, productOf(wanted)]);
}

/** The largest of windows that differ in size, one dim after the other, and where they are. */
function windowMaxima(
  t: Call,
  x: string,
  sizes: readonly Extent[],
  wanted: readonly Extent[],
  dtype: DType,
): Translated {
  const now = [...sizes];
  let made = x;
  for (const [d, to] of wanted.entries()) {
    const from = sizes[d + 2] as Extent;
    if (typeof from !== "number" || typeof to !== "number") return undefined;
    const parts = partsOf(from, to).map(([start, stop]) =>
      t.reduce("ReduceMax", t.slice(made, d + 2, start, stop), [d + 2], true),
    );
    made = parts.length === 1 ? (parts[0] as string) : t.opWith({ axis: int(d + 2) }, "Concat", ...parts);
    now[d + 2] = to;
  }
  return [t.cast(t.toOut(made, now), dtype, t.dtype), windowPlaces(t, x, sizes, wanted)];
}

const maxUnpool: Translation = (t) => {
  const dims = t.extents("outputSize").length;
  const { sizes } = t.value();
  const outer = sizes.slice(0, -dims);
  const flat = [...outer, productOf(sizes.slice(-dims))];
  const room = [...outer, productOf(t.out.sizes.slice(-dims))];
  const zeros = t.filled(room, 0, t.dtype);
  const index = t.reshape(t.x("indices"), sizes, flat);
  const values = t.reshape(t.x(), sizes, flat);
  return t.toOut(t.opWith({ axis: int(outer.length) }, "ScatterElements", zeros, index, values), room);
};

const modes: Record<string, string> = { constant: "constant", reflect: "reflect", replicate: "edge" };

const pad: Translation = (t) => {
  const { rank, sizes } = t.value();
  const given = t.extents("pad");
  const at = (dim: number, after: number) => given[2 * (rank - 1 - dim) + after] ?? 0;
  const every = upTo(rank);
  const mode = String(t.arg("mode"));
  if (mode === "circular") {
    return every.reduce((x, dim) => {
      const [before, after] = [at(dim, 0), at(dim, 1)];
      if (before === 0 && after === 0) return x;
      const size = sizes[dim] as Extent;
      const first = combined((count, length) => length - Math.max(count, 0), before, size);
      const start = combined((count) => Math.max(-count, 0), before);
      const stop = combined((count, length) => length + Math.min(count, 0), after, size);
      const behind = combined((count) => Math.max(count, 0), after);
      // Parts of what is there before anything is cut off.
      const parts = [t.slice(x, dim, first, size), t.slice(x, dim, start, stop), t.slice(x, dim, 0, behind)];
      return t.opWith({ axis: int(dim) }, "Concat", ...parts);
    }, t.x());
  }
  if (given.every((count) => count === 0)) return t.x();
  return t.computed((dtype) => {
    // What is cut off from both ends of a dim is cut off first.
    const isCut = (dim: number) => [at(dim, 0), at(dim, 1)].every((count) => typeof count === "number" && count <= 0);
    let x = t.x("input", dtype);
    for (const dim of every.filter(isCut)) {
      const [before, after] = [at(dim, 0) as number, at(dim, 1) as number];
      if (before !== 0 || after !== 0) x = t.slice(x, dim, -before, after === 0 ? undefined : after);
    }
    const added = (after: number) => every.map((dim) => (isCut(dim) ? 0 : at(dim, after)));
    const counts = [...added(0), ...added(1)];
    if (counts.every((count) => count === 0)) return x;
    const value = mode === "constant" ? t.x("value", dtype) : undefined;
    return t.opWith({ mode: modes[mode] as string }, "Pad", x, t.session.extents(counts), value);
  });
};

/** Numbers for channels, or the same one for all. */
function perChannel(t: Call, name: string, count: number, other: number, dtype: DType): string {
  return t.optional(name, dtype) ?? t.literal(new Array<number>(count).fill(other), dtype);
}

const batchNorm: Translation = (t) =>
  t.computed((dtype) => {
    const channels = t.value("runningMean").sizes[0] as number;
    const per = (name: string, other: number) => perChannel(t, name, channels, other, dtype);
    const statistics = [t.x("runningMean", dtype), t.x("runningVar", dtype)];
    const eps = t.number("eps");
    return t.opWith(
      { epsilon: eps },
      "BatchNormalization",
      t.x("input", dtype),
      per("weight", 1),
      per("bias", 0),
      ...statistics,
    );
  });

/** Channels with the mean and the variance of the batch. */
const batchStatistics: Translation = (t) =>
  t.computed((dtype) => {
    const { rank } = t.value();
    const dims = upTo(rank).filter((d) => d !== 1);
    return affine(t, standardized(t, t.x("input", dtype), dims, dtype), dtype, channelShape(t));
  });

/** The last dims with mean 0 and variance 1. */
function standardized(t: Call, x: string, dims: readonly number[], dtype: DType): string {
  const distance = t.op("Sub", x, t.reduce("ReduceMean", x, dims, true));
  const variance = t.reduce("ReduceMean", t.op("Mul", distance, distance), dims, true);
  return t.op("Div", distance, t.op("Sqrt", t.op("Add", variance, t.x("eps", dtype))));
}

function affine(t: Call, x: string, dtype: DType, shape?: readonly number[]): string {
  const like = (name: string) => {
    const { sizes } = t.value(name);
    return shape === undefined ? t.x(name, dtype) : t.reshape(t.x(name, dtype), sizes, shape);
  };
  const scaled = t.has("weight") ? t.op("Mul", x, like("weight")) : x;
  return t.has("bias") ? t.op("Add", scaled, like("bias")) : scaled;
}

const layerNorm: Translation = (t) =>
  t.computed((dtype) => {
    const shape = t.numbers("normalizedShape");
    const { rank } = t.value();
    const x = t.x("input", dtype);
    if (t.opset >= 17 && dtype === float32) {
      const weight = t.optional("weight", dtype) ?? t.constant(torch.ones(shape));
      const attributes = { axis: int(rank - shape.length), epsilon: t.number("eps") };
      return t.opWith(attributes, "LayerNormalization", x, weight, t.optional("bias", dtype));
    }
    return affine(
      t,
      standardized(
        t,
        x,
        shape.map((_, i) => rank - shape.length + i),
        dtype,
      ),
      dtype,
    );
  });

const rmsNorm: Translation = (t) =>
  t.computed((dtype) => {
    const dims = t.numbers("normalizedShape").map((_, i, all) => t.value().rank - all.length + i);
    const x = t.x("input", dtype);
    const eps = t.has("eps") ? t.number("eps") : torch.finfo(t.dtype).eps;
    const square = t.reduce("ReduceMean", t.op("Mul", x, x), dims, true);
    return affine(t, t.op("Div", x, t.op("Sqrt", t.op("Add", square, t.literal(eps, dtype)))), dtype);
  });

/** The shape of numbers for channels beside an input. */
const besides = (rank: number) => [-1, ...new Array<number>(rank - 2).fill(1)];

function channelShape(t: Call): number[] {
  const { sizes, rank } = t.value();
  return besides(rank).map((size) => (size === -1 ? (sizes[1] as number) : size));
}

const groupNorm: Translation = (t) =>
  t.computed((dtype) => {
    const { sizes } = t.value();
    const groups = t.number("numGroups");
    const inner = combined((all) => all / groups, productOf(sizes.slice(1)));
    const rows = [sizes[0] as Extent, groups, inner];
    const grouped = t.reshape(t.x("input", dtype), sizes, rows);
    const made = t.reshape(standardized(t, grouped, [2], dtype), rows, sizes);
    return affine(t, made, dtype, channelShape(t));
  });

const instanceNorm: Translation = (t) => {
  if (t.arg("useInputStats") === false) return undefined;
  return t.computed((dtype) => {
    const { rank, sizes } = t.value();
    const dims = Array.from({ length: rank - 2 }, (_, i) => i + 2);
    const x = t.x("input", dtype);
    if (dtype !== float32) return affine(t, standardized(t, x, dims, dtype), dtype, channelShape(t));
    const per = (name: string, other: number) => perChannel(t, name, sizes[1] as number, other, dtype);
    return t.opWith({ epsilon: t.number("eps") }, "InstanceNormalization", x, per("weight", 1), per("bias", 0));
  });
};

/** Queries, keys and values, which lie in the first dims of a few tensors. */
function attended(t: Call, dtype: DType): string[] {
  return t.values("parts").flatMap((part) => {
    const name = t.operand(part, dtype);
    return Array.from({ length: part.sizes[0] as number }, (_, i) => t.item(name, 0, i));
  });
}

const attention: Translation = (t) => {
  if (t.has("kept")) return undefined;
  const dtype = widened(t.dtype);
  const [query, key, value] = attended(t, dtype) as [string, string, string];
  const scaled = t.op("Mul", query, t.x("scale", dtype));
  let scores = t.op("MatMul", scaled, t.transpose(key, [0, 1, 3, 2]));
  const lowest = t.literal(Number.NEGATIVE_INFINITY, dtype);
  const parts = t.values("parts");
  const [queries, keys] = [(parts[0] as Value).sizes[3], (parts.at(-1) as Value).sizes[3]] as [Extent, Extent];
  if (t.arg("isCausal") === true) {
    const places = (size: Extent) => t.range(size);
    const seen = t.op("GreaterOrEqual", t.unsqueeze(places(queries), 1), t.unsqueeze(places(keys), 0));
    scores = t.where(seen, scores, lowest);
  }
  if (t.has("mask")) {
    const isTruth = t.value("mask").dtype === bool;
    scores = isTruth ? t.where(t.x("mask"), scores, lowest) : t.op("Add", scores, t.x("mask", dtype));
  }
  let weights = t.opWith({ axis: -1n }, "Softmax", scores);
  // A query that sees no key gets zeros.
  if (t.has("mask")) weights = t.where(isNaN(t, weights), t.literal(0, dtype), weights);
  const output = t.cast(t.op("MatMul", weights, value), dtype, t.dtype);
  return [output, "", t.cast(weights, dtype, t.dtype)];
};

/** How gates lie in weights: PyTorch's order, and by which of them ONNX's are found. */
const gateOrders: Record<string, readonly number[]> = { lstm: [0, 3, 1, 2], gru: [1, 0, 2], tanh: [0], relu: [0] };

/** A weight or bias of a recurrent layer with the gates in ONNX's order. */
function gates(t: Call, name: string, order: readonly number[], hidden: number): string {
  const value = t.value(name);
  const known = t.known(name);
  if (known !== undefined) {
    const reorder = (x: Tensor) => torch.cat(order.map((gate) => x.narrow(0, gate * hidden, hidden)));
    return t.named(`${value.all[0]?.name}.gates`, known, reorder);
  }
  const parts = order.map((gate) => t.slice(t.x(name), 0, gate * hidden, (gate + 1) * hidden));
  return parts.length === 1 ? (parts[0] as string) : t.opWith({ axis: 0n }, "Concat", ...parts);
}

const recurrentLayer: Translation = (t) => {
  const runs = t.extents("runs");
  if (runs.length !== 2)
    throw new Error("sequences of several lengths (a PackedSequence) cannot be exported; pad them");
  if (t.has("weightHr")) throw new Error("ONNX has no LSTM with a projection (projSize)");
  const [steps, batch] = runs as [Extent, Extent];
  const cell = String(t.arg("cell"));
  const order = gateOrders[cell] as readonly number[];
  const hidden = (t.value("weightHh").sizes[0] as number) / order.length;
  const row = (name: string) => t.unsqueeze(gates(t, name, order, hidden), 0);
  const bias = t.has("biasIh")
    ? t.unsqueeze(
        t.opWith({ axis: 0n }, "Concat", gates(t, "biasIh", order, hidden), gates(t, "biasHh", order, hidden)),
        0,
      )
    : undefined;
  const { sizes } = t.value();
  const x = t.reshape(t.x(), sizes, [steps, batch, sizes[1] as Extent]);
  const inputs = [x, row("weightIh"), row("weightHh"), bias, undefined, t.unsqueeze(t.x("state"), 0)];
  const attributes = {
    hidden_size: int(hidden),
    direction: t.arg("reverse") === true ? "reverse" : "forward",
    linear_before_reset: cell === "gru" ? 1n : undefined,
    activations: cell === "relu" ? ["Relu"] : undefined,
  };
  const finish = (name: string) => t.reshape(t.squeeze(name, 1), [steps, batch, hidden], t.out.sizes);
  const last = (name: string) => t.squeeze(name, 0);
  if (cell === "lstm") {
    const cells = t.unsqueeze(t.x("cells"), 0);
    const [all, state, cell] = t.ops(3, attributes, "LSTM", ...inputs, cells) as [string, string, string];
    return [finish(all), last(state), last(cell)];
  }
  const [all, state] = t.ops(2, attributes, cell === "gru" ? "GRU" : "RNN", ...inputs) as [string, string];
  return [finish(all), last(state)];
};

const cubic = { cubic_coeff_a: -0.75 };

const interpolate: Translation = (t) => {
  const mode = String(t.arg("mode"));
  const isNearest = mode.startsWith("nearest");
  const antialias = t.arg("antialias") === true;
  // Between sizes that are known, products with the weights of neighbours are what is computed here, too.
  if (mode === "area" || (antialias && (t.opset < 18 || !t.value().isDynamic))) return undefined;
  if (!t.dtype.isFloatingPoint && !isNearest) return undefined;
  const dtype = floating(t.dtype);
  const places = mode === "nearest" ? "asymmetric" : t.arg("alignCorners") === true ? "align_corners" : "half_pixel";
  const attributes = {
    mode: isNearest ? "nearest" : mode === "bicubic" ? "cubic" : "linear",
    coordinate_transformation_mode: places,
    nearest_mode: isNearest ? (mode === "nearest" ? "floor" : "round_prefer_ceil") : undefined,
    antialias: antialias ? 1n : undefined,
    ...(mode === "bicubic" && !antialias ? cubic : {}),
  };
  const { rank } = t.value();
  const x = t.x("input", dtype);
  const byScale = t.has("scaleFactor") && t.arg("recomputeScaleFactor") !== true;
  if (byScale) {
    const scales = t.literal([1, 1, ...t.perDim("scaleFactor", rank - 2)], float32);
    return t.cast(t.opWith(attributes, "Resize", x, undefined, scales), dtype, t.dtype);
  }
  const sizes = t.session.extents(t.out.sizes);
  return t.cast(t.opWith(attributes, "Resize", x, undefined, undefined, sizes), dtype, t.dtype);
};

interface Windows {
  readonly inSize: number;
  readonly starts: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

/** Resizing between sizes that are fixed: a product with the weights of the neighbours, along each dim. */
const resample: Translation = (t) =>
  t.computed((dtype) => {
    const windows = t.arg("windows") as unknown as readonly Windows[];
    const sizes: Extent[] = [...t.value().sizes];
    const first = sizes.length - windows.length;
    let x = t.x("input", dtype);
    windows.forEach(({ inSize, starts, weights }, i) => {
      const dim = first + i;
      const to = t.out.sizes[dim] as Extent;
      if (sizes[dim] instanceof Size || to instanceof Size)
        throw new Error("resizing with antialias (before opset 18) or by area needs fixed sizes");
      const rows = weights.map((list, place) =>
        Array.from({ length: inSize }, (_, at) => list[at - (starts[place] as number)] ?? 0),
      );
      x = mixed(t, x, sizes, dim, torch.tensor(rows, { dtype }));
      sizes[dim] = to;
    });
    return x;
  });

const gridSample: Translation = (t) => {
  if (t.opset < 16 || (t.value().rank !== 4 && t.opset < 20)) return undefined;
  return t.computed((dtype) => {
    const mode = String(t.arg("mode"));
    const newer: Record<string, string> = { bilinear: "linear", bicubic: "cubic", nearest: "nearest" };
    const attributes = {
      mode: t.opset >= 20 ? newer[mode] : mode,
      padding_mode: String(t.arg("paddingMode")),
      align_corners: flag(t.arg("alignCorners") === true),
    };
    return t.opWith(attributes, "GridSample", t.x("input", dtype), t.x("grid", dtype));
  });
};

/** A kernel for each element of a window, that is 1 there. */
function pickingKernels(channels: number, kernel: readonly number[], dtype: DType): Tensor {
  const count = kernel.reduce((a, b) => a * b, 1);
  return torch
    .eye(count, { dtype })
    .reshape([count, 1, ...kernel])
    .repeat(channels, 1, ...kernel.map(() => 1));
}

function blockAttributes(t: Call, channels: number) {
  return {
    group: int(channels),
    strides: ints(t.perDim("stride", 2)),
    pads: bothEnds(t.perDim("padding", 2)),
    dilations: ints(t.perDim("dilation", 2)),
  };
}

const im2col: Translation = (t) =>
  t.computed((dtype) => {
    const { sizes } = t.value();
    const channels = t.fixed("input", sizes[1] as Argument);
    const weight = t.constant(pickingKernels(channels, t.perDim("kernelSize", 2), dtype));
    const made = t.opWith(blockAttributes(t, channels), "Conv", t.x("input", dtype), weight);
    return t.op("Reshape", made, t.list([0, 0, -1]));
  });

const col2im: Translation = (t) =>
  t.computed((dtype) => {
    const { sizes } = t.value();
    const kernel = t.perDim("kernelSize", 2);
    const area = kernel.reduce((a, b) => a * b, 1);
    const channels = t.fixed("input", sizes[1] as Argument) / area;
    const [stride, padding, dilation] = ["stride", "padding", "dilation"].map((name) =>
      t.perDim(name, 2),
    ) as number[][];
    const target = t.extents("outputSize");
    const reach = (d: number) => (dilation?.[d] as number) * ((kernel[d] as number) - 1) + 1;
    const counts = target.map((size, d) =>
      combined((s) => Math.floor((s + 2 * (padding?.[d] as number) - reach(d)) / (stride?.[d] as number)) + 1, size),
    );
    const rest = target.map((size, d) =>
      combined(
        (s, count) => s - ((count - 1) * (stride?.[d] as number) - 2 * (padding?.[d] as number) + reach(d)),
        size,
        counts[d] as Extent,
      ),
    );
    if (rest.some((size) => size instanceof Size)) throw new Error("'outputSize' does not follow from the blocks");
    const images = t.reshape(t.x("input", dtype), sizes, [sizes[0] as Extent, sizes[1] as Extent, ...counts]);
    const weight = t.constant(pickingKernels(channels, kernel, dtype));
    const attributes = { ...blockAttributes(t, channels), output_padding: ints(rest as number[]) };
    return t.opWith(attributes, "ConvTranspose", images, weight);
  });

export const layers: Translations = {
  convolution,
  maxPoolWithIndices: maxPool,
  maxPoolValues: maxPool,
  averagePool,
  adaptiveAveragePool: adaptiveAverage,
  adaptiveMaxPool: adaptiveMax,
  maxUnpool,
  pad,
  "batchNorm.evaluation": batchNorm,
  "batchNorm.training": batchStatistics,
  layerNorm,
  rmsNorm,
  groupNorm,
  instanceNorm,
  scaledDotProductAttentionCore: attention,
  recurrentLayer,
  interpolate,
  resample,
  gridSample,
  im2col,
  col2im,
};
