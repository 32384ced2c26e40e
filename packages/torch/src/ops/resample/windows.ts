/** Which neighbours in the input a place of a resampled dim is made of, and with which weights. */

export type InterpolateMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "bicubic" | "trilinear" | "area";

/** How a dim is resampled. */
export interface ResampleRule {
  readonly mode: InterpolateMode;
  readonly alignCorners: boolean;
  readonly antialias: boolean;
  /** How much larger the result is, where that is given and does not follow from the sizes. */
  readonly scale: number | undefined;
  /** To what the step is rounded: PyTorch keeps it in the dtype of the input. */
  readonly round: (value: number) => number;
}

/** A window of neighbours for each place. */
export interface Windows {
  readonly inSize: number;
  readonly outSize: number;
  /** By place: the first neighbour and the weights of it and those that follow. */
  readonly starts: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

type Window = [start: number, weights: number[]];

/** The step in the input from one place to the next. */
function stepOf(inSize: number, outSize: number, { alignCorners, scale, round }: ResampleRule): number {
  if (alignCorners) return outSize > 1 ? round((inSize - 1) / (outSize - 1)) : 0;
  return round(scale !== undefined && scale > 0 ? 1 / scale : inSize / outSize);
}

/** PyTorch finds the nearest place with numbers of float32. */
function nearest(place: number, inSize: number, outSize: number, rule: ResampleRule): Window {
  const step = Math.fround(stepOf(inSize, outSize, rule));
  const offset = rule.mode === "nearest" ? 0 : 0.5;
  if (offset === 0 && outSize === inSize) return [place, [1]];
  if (offset === 0 && outSize === 2 * inSize) return [place >> 1, [1]];
  return [Math.min(Math.floor(Math.fround((place + offset) * step)), inSize - 1), [1]];
}

/** Where in the input a place lies. */
function positionOf(place: number, inSize: number, outSize: number, rule: ResampleRule): number {
  const step = stepOf(inSize, outSize, rule);
  return rule.alignCorners ? step * place : step * (place + 0.5) - 0.5;
}

function linear(place: number, inSize: number, outSize: number, rule: ResampleRule): Window {
  const at = Math.max(0, positionOf(place, inSize, outSize, rule));
  const start = Math.min(Math.floor(at), inSize - 1);
  const rest = Math.min(Math.max(at - start, 0), 1);
  return start === inSize - 1 ? [start, [1]] : [start, [1 - rest, rest]];
}

/** The weight of a neighbour at a distance, which falls on a line. */
export function linearAt(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** The cubic convolution with parameter a, at a distance. */
export function cubicAt(x: number, a: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((d - 5) * d + 8) * d * a - 4 * a : 0;
}

function cubic(place: number, inSize: number, outSize: number, rule: ResampleRule): Window {
  const at = positionOf(place, inSize, outSize, rule);
  const first = Math.floor(at) - 1;
  const clamp = (i: number) => Math.min(Math.max(i, 0), inSize - 1);
  const start = clamp(first);
  // What lies beyond the ends is the first or the last element again.
  const weights = new Array<number>(clamp(first + 3) - start + 1).fill(0);
  for (let i = first; i < first + 4; i++) (weights[clamp(i) - start] as number) += cubicAt(at - i, -0.75);
  return [start, weights];
}

function area(place: number, inSize: number, outSize: number): Window {
  const start = Math.floor((place * inSize) / outSize);
  const end = Math.ceil(((place + 1) * inSize) / outSize);
  return [start, new Array<number>(end - start).fill(1 / (end - start))];
}

/** A filter that is as wide as the step, where the step is more than one. */
function antialiased(place: number, inSize: number, outSize: number, rule: ResampleRule): Window {
  const step = stepOf(inSize, outSize, rule);
  const isCubic = rule.mode === "bicubic";
  const width = Math.max(step, 1);
  const support = (isCubic ? 2 : 1) * width;
  const center = step * (place + 0.5);
  const start = Math.max(Math.trunc(center - support + 0.5), 0);
  const end = Math.max(Math.min(Math.trunc(center + support + 0.5), inSize), start + 1);
  const weights = Array.from({ length: end - start }, (_, j) => {
    const x = (j + start - center + 0.5) / width;
    return isCubic ? cubicAt(x, -0.5) : linearAt(x);
  });
  const sum = weights.reduce((a, b) => a + b, 0);
  return [start, sum === 0 ? weights : weights.map((weight) => weight / sum)];
}

function windowAt(place: number, inSize: number, outSize: number, rule: ResampleRule): Window {
  if (rule.antialias) return antialiased(place, inSize, outSize, rule);
  switch (rule.mode) {
    case "nearest":
    case "nearest-exact":
      return nearest(place, inSize, outSize, rule);
    case "area":
      return area(place, inSize, outSize);
    case "bicubic":
      return cubic(place, inSize, outSize, rule);
    default:
      return linear(place, inSize, outSize, rule);
  }
}

/** The windows of a dim. */
export function windowsOf(inSize: number, outSize: number, rule: ResampleRule): Windows {
  const all = Array.from({ length: outSize }, (_, place) => windowAt(place, inSize, outSize, rule));
  return { inSize, outSize, starts: all.map(([start]) => start), weights: all.map(([, weights]) => weights) };
}

/** The windows by which gradients go back: for each place of the input those of the result to which it contributed. */
export function transposedWindows({ inSize, outSize, starts, weights }: Windows): Windows {
  const back = Array.from({ length: inSize }, (): Window => [0, []]);
  starts.forEach((start, place) => {
    for (const [k, weight] of (weights[place] as readonly number[]).entries()) {
      const window = back[start + k] as Window;
      if (window[1].length === 0) window[0] = place;
      while (window[0] + window[1].length < place) window[1].push(0);
      window[1].push(weight);
    }
  });
  return {
    inSize: outSize,
    outSize: inSize,
    starts: back.map(([start]) => start),
    weights: back.map(([, list]) => list),
  };
}
