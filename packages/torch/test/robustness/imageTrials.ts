/** Random calls of the operators on images: images that fit or nearly fit, and maps, grids and sizes that are anything. */
import torch from "../../src/index.js";
import type { Call, Trial } from "./trial.js";
import { dtypes, type Values } from "./values.js";

const { torchvision } = torch.ops;

const places = [0, 1, 0.5, -1, -0.3, 2, 7, 1e3, -1e9, 3e9, 1e30, -1e38, 1e-30, Number.NaN, Infinity, -Infinity];
const filters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;

function sizes(values: Values, count: number): number[] {
  return values.list(count, () => values.of([0, 1, 1, 2, 3, 5, 17, 33]));
}

/** An image, mostly of bytes. */
function anImage(values: Values, shape: readonly number[]): torch.Tensor {
  if (values.chance(0.04)) return values.tensor();
  const known = values.chance(0.9) ? [torch.uint8, torch.uint8, torch.float32, torch.float64] : dtypes;
  const made = torch.randint(0, 256, shape).to(values.of(known));
  return values.chance(0.2) && shape.length > 1 ? made.transpose(0, 1).contiguous().transpose(0, 1) : made;
}

function pixels(values: Values): torch.Tensor {
  return anImage(values, [...sizes(values, 2), values.of([1, 2, 3, 3, 4, 5, 0])]);
}

function planes(values: Values): torch.Tensor {
  return anImage(values, sizes(values, values.of([2, 3, 3, 4])));
}

const numbers = (values: Values, count: number) => values.list(count, () => values.of([...places, values.number()]));
const option = (values: Values, name: string) => (values.chance(0.5) ? [{ [name]: values.chance(0.5) }] : []);
const fill = (values: Values) => (values.chance(0.5) ? null : numbers(values, values.of([1, 3, 0])));

const calls: Record<string, (values: Values) => unknown[]> = {
  lookup: (values) => {
    const run = values.of([1, 1, 2, 5, values.number()]);
    return [planes(values), torch.rand(values.of([0, 1, 2, 3]), values.chance(0.95) ? 256 : 3), run];
  },
  lookupPlanes: (values) => [pixels(values), torch.rand(values.of([1, 2, 3, 4]), 256).to(values.of(dtypes))],
  byteCounts: (values) => [
    planes(values),
    values.of([1, 2, 3, 0, values.number()]),
    values.of([1, 2, 5, values.number()]),
  ],
  resizeBytes: (values) => {
    const mode = values.of(["nearest", "nearest-exact", "bilinear", "bicubic"]);
    return [planes(values), sizes(values, values.of([2, 2, 1])), mode, values.chance(0.5)];
  },
  pilResize: (values) => [pixels(values), sizes(values, 2), values.of(filters)],
  weighNeighbours: (values) => [
    planes(values),
    numbers(values, values.of([1, 3, 5, 2])),
    numbers(values, values.of([1, 3, 7, 0])),
  ],
  sampleImages: (values) => {
    const shape = [...sizes(values, 2), values.chance(0.95) ? 2 : 3];
    const grid = torch
      .tensor(
        numbers(
          values,
          shape.reduce((product, size) => product * size, 1),
        ),
      )
      .view(shape);
    return [planes(values), grid, fill(values), ...option(values, "bilinear")];
  },
  mapImages: (values) => {
    const count = values.of([6, 9, 6, 9, 3]);
    return [planes(values), sizes(values, 2), numbers(values, count), fill(values), ...option(values, "bilinear")];
  },
  transformBytes: (values) => {
    const colour = values.list(values.of([1, 3, 3, 4]), () => values.below(256));
    const map = numbers(values, values.of([6, 8, 6, 8, 2]));
    return [pixels(values), sizes(values, 2), map, colour, values.of(["nearest", "bilinear", "bicubic"])];
  },
  changeColours: (values) => {
    const isInterleaved = values.chance(0.4);
    const shape = isInterleaved ? [...sizes(values, 2), 3] : [...sizes(values, 1), 3, ...sizes(values, 2)];
    const change = values.of(["grey", "saturation", "hue"]);
    return [anImage(values, shape), change, values.of(places), { interleaved: isInterleaved }];
  },
  blendBytes: (values) => {
    const image = pixels(values);
    return [image, values.chance(0.9) ? image.clone() : pixels(values), values.of(places)];
  },
  quantizeBytes: (values) => {
    const method = values.of(["mediancut", "maxcoverage", "fastoctree"]);
    return [pixels(values), values.of([1, 2, 16, 256, values.number()]), method, values.of([0, 0, 1, 5, -1])];
  },
  convertMode: (values) => {
    const modes = ["1", "L", "LA", "RGB", "RGBA", "CMYK", "HSV", "I;16", "I", "F"] as const;
    const [from, to] = [values.of(modes), values.of(modes)];
    const dtype = { "I;16": torch.int16, I: torch.int32, F: torch.float32 }[from as "I"] ?? torch.uint8;
    const bands = { LA: 2, RGB: 3, RGBA: 4, CMYK: 4, HSV: 3 }[from as "LA"] ?? 1;
    const fits = torch.randint(0, 256, [...sizes(values, 2), bands]).to(dtype);
    return [values.chance(0.9) ? fits : pixels(values), from, to, ...option(values, "dither")];
  },
  nearestColours: (values) => {
    const palette = anImage(values, [values.of([1, 2, 16, 256, 257, 0]), values.chance(0.95) ? 4 : 3]);
    return [pixels(values), palette, ...option(values, "dither")];
  },
  smoothBytes: (values) => [values.chance(0.5) ? pixels(values) : planes(values), ...option(values, "interleaved")],
};

function aCall(values: Values): Trial {
  const name = values.of(Object.keys(calls));
  const args = (calls[name] as (values: Values) => unknown[])(values);
  return { name: `torchvision.${name}`, args, run: () => (torchvision[name as "lookup"] as unknown as Call)(...args) };
}

/** Kinds with how often they come. */
export const imageKinds: readonly (readonly [weight: number, make: (values: Values) => Trial])[] = [[5, aCall]];
