/** What is done to images of bytes, and to images at places of a grid. Results and operands are row-major unless said. */
import { type DType, float32, float64, int32, int64, uint8 } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, resultAt } from "./launch.js";
import { putWindows, type ResampleWindows } from "./windows.js";

const bytes = 256;

function putDense(view: ArrayView, dtype: DType): void {
  putAddress(view, dtype, checkedSize(numelOf(view.sizes)));
}

const runLookup = kernel("lookup");

/**
 * out = the results that tables `[count, 256]` have for bytes. Runs of so many bytes belong to the tables in turn; the
 * number of bytes is a multiple of `count * run`.
 */
export function lookup(out: ArrayView, input: ArrayView, tables: ArrayView, run: number): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  const count = checkedSize(tables.sizes[0] as number);
  const elements = checkedSize(numelOf(out.sizes));
  if (elements % (count * run) !== 0) throw new RangeError("bytes have to be shared out evenly among tables");
  putAddress(tables, dtype, count * bytes);
  put(count);
  put(checkedSize(run));
  put(elements);
  putAddress(input, uint8, elements);
  putAddress(out, dtype, elements);
  launch(runLookup, list);
}

const runLookupPlanes = kernel("lookupPlanes");

/** out `[images, colours, height, width]` = the results that tables `[colours, 256]` have for bytes `[images, height, width, colours]`. */
export function lookupPlanes(out: ArrayView, input: ArrayView, tables: ArrayView): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  const [images, height, width, colours] = input.sizes.map(checkedSize) as [number, number, number, number];
  putAddress(tables, dtype, colours * bytes);
  put(images);
  put(height * width);
  put(colours);
  putAddress(input, uint8, images * height * width * colours);
  putAddress(out, dtype, images * height * width * colours);
  launch(runLookupPlanes, list);
}

const runCounts = kernel("byteCounts");

/** out `[groups, 256]` of int64 = how often each byte occurs, where runs of so many belong to the groups in turn. */
export function byteCounts(out: ArrayView, input: ArrayView, run: number): void {
  const list = begin();
  const groups = checkedSize(out.sizes[0] as number);
  const elements = checkedSize(numelOf(input.sizes));
  put(groups);
  put(checkedSize(run));
  put(elements);
  putAddress(input, uint8, elements);
  putAddress(out, int64, groups * bytes);
  launch(runCounts, list);
}

const runResampleBytes = kernel("resampleBytes");

/**
 * out `[height, width, colours]` = an image of bytes resampled, first along its rows and then along its columns, by weights
 * of int32 with 22 bits behind the point, as PIL has them. The pixels of a row lie side by side, the rows so many bytes
 * apart.
 */
export function resampleBytes(
  out: ArrayView,
  input: ArrayView,
  rowStep: number,
  rows: ResampleWindows,
  columns: ResampleWindows,
): void {
  const list = begin();
  const colours = checkedSize(out.sizes[2] as number);
  put(colours);
  put(checkedSize(rowStep));
  putWindows([rows, columns], int32);
  const isEmpty = rows.inSize * columns.inSize === 0;
  putAddress(input, uint8, isEmpty ? 0 : (rows.inSize - 1) * rowStep + columns.inSize * colours);
  putAddress(out, uint8, rows.outSize * columns.outSize * colours);
  launch(runResampleBytes, list);
}

const runResamplePlanes = kernel("resamplePlanes");

/** out = `planes` of bytes or float32, resampled along rows and columns by weights of float32; bytes are rounded. */
export function resamplePlanes(
  out: ArrayView,
  input: ArrayView,
  planes: number,
  rows: ResampleWindows,
  columns: ResampleWindows,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  put(checkedSize(planes));
  putWindows([rows, columns], float32);
  putAddress(input, dtype, planes * rows.inSize * columns.inSize);
  putAddress(out, dtype, planes * rows.outSize * columns.outSize);
  launch(runResamplePlanes, list);
}

const runSample = kernel("sampleImages");

/**
 * Where images are sampled: at places `[places, 2]` of a grid, of float32, or of float64 for such images; or under an affine
 * map (6 coefficients, of pixels whose centers are counted from the middle) or a perspective one (9, from the corner).
 */
export type SamplePlaces = ArrayView | readonly number[];

/**
 * out `[planes, height, width]` = images `[planes, height, width]`, of bytes, float32 or float64, at as many places. `fill`
 * has the colours of what is outside, for the planes in turn, or none.
 */
export function sampleImages(
  out: ArrayView,
  input: ArrayView,
  places: SamplePlaces,
  fill: ArrayView,
  isBilinear: boolean,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const computed = dtype === float64 ? float64 : float32;
  const [planes, height, width] = input.sizes.map(checkedSize) as [number, number, number];
  const [, rows, columns] = out.sizes.map(checkedSize) as [number, number, number];
  const fills = checkedSize(numelOf(fill.sizes));
  put(isBilinear ? 1 : 0);
  put(planes);
  put(fills);
  put(height);
  put(width);
  put(rows);
  put(columns);
  putAddress(fill, computed, fills);
  const isMap = Array.isArray(places);
  if (isMap) put(0);
  else putAddress(places as ArrayView, computed, 2 * rows * columns);
  const coefficients: readonly number[] = isMap ? places : [];
  const isPerspective = coefficients.length === 9;
  put(isPerspective ? 1 : 0);
  put(isPerspective ? 0.5 : 0.5 - columns / 2);
  put(isPerspective ? 0.5 : 0.5 - rows / 2);
  for (let i = 0; i < 9; i++) put(coefficients[i] ?? 0);
  putAddress(input, dtype, planes * height * width);
  putAddress(out, dtype, planes * rows * columns);
  launch(runSample, list);
}

/** How a pixel is made of those around its place; in the order of transform.cpp. */
const filters = ["nearest", "bilinear", "bicubic"] as const;
export type TransformFilter = (typeof filters)[number];

const runTransform = kernel("transformBytes");

/**
 * out `[height, width, colours]`, where it has a place in the input, = an image of bytes of such a shape under a map with
 * eight coefficients, or six of an affine one, as PIL computes it.
 */
export function transformBytes(
  out: ArrayView,
  input: ArrayView,
  coefficients: readonly number[],
  filter: TransformFilter,
): void {
  const list = begin();
  put(filters.indexOf(filter));
  put(coefficients.length === 6 ? 1 : 0);
  for (let i = 0; i < 8; i++) put(coefficients[i] ?? 0);
  const [height, width, colours] = input.sizes.map(checkedSize) as [number, number, number];
  put(width);
  put(height);
  put(colours);
  put(checkedSize(out.sizes[1] as number));
  put(checkedSize(out.sizes[0] as number));
  putDense(input, uint8);
  putDense(out, uint8);
  launch(runTransform, list);
}

/** What is done to colours; in the order of colour.cpp. */
const changes = ["grey", "saturation", "hue"] as const;
export type ColourChange = (typeof changes)[number];

const runChange = kernel("changeColours");

/**
 * out = images of red, green and blue changed: `[images, 3, pixels]` as torchvision computes them, of bytes, float32 or
 * float64, or `[images, pixels, 3]` of bytes as PIL does. What is grey has one colour instead of three.
 */
export function changeColours(
  out: ArrayView,
  input: ArrayView,
  change: ColourChange,
  by: number,
  isInterleaved: boolean,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  const [images, second, third] = input.sizes.map(checkedSize) as [number, number, number];
  const pixels = isInterleaved ? second : third;
  put(isInterleaved ? 1 : 0);
  put(changes.indexOf(change));
  put(by);
  put(images);
  put(pixels);
  putAddress(input, dtype, images * 3 * pixels);
  putAddress(out, dtype, images * (change === "grey" ? 1 : 3) * pixels);
  launch(runChange, list);
}

const runBlend = kernel("blendBytes");

/** out = a + share * (b - a) for each byte, as PIL computes it. */
export function blendBytes(out: ArrayView, a: ArrayView, b: ArrayView, share: number): void {
  const list = begin();
  const elements = checkedSize(numelOf(out.sizes));
  put(elements);
  put(share);
  putAddress(a, uint8, elements);
  putAddress(b, uint8, elements);
  putAddress(out, uint8, elements);
  launch(runBlend, list);
}

const runSmooth = kernel("smoothBytes");

/** out = images of bytes `[planes, height, width, colours]`, each byte weighed five times with the eight around it. */
export function smoothBytes(out: ArrayView, input: ArrayView): void {
  const list = begin();
  for (const size of input.sizes) put(checkedSize(size));
  const elements = checkedSize(numelOf(input.sizes));
  putAddress(input, uint8, elements);
  putAddress(out, uint8, elements);
  launch(runSmooth, list);
}

/** How the few colours of an image are chosen; in the order of quantize.cpp. */
const quantizeMethods = ["mediancut", "maxcoverage", "fastoctree"] as const;
export type QuantizeMethod = (typeof quantizeMethods)[number];

const runQuantize = kernel("quantizeBytes");

/**
 * places `[height, width, 1]` and palette `[colours, 4]` = the few colours of an image of bytes `[height, width, 3 or 4]`,
 * and which of them stands for each pixel. Returns how many colours there are.
 */
export function quantizeBytes(
  places: ArrayView,
  palette: ArrayView,
  input: ArrayView,
  method: QuantizeMethod,
  kmeans: number,
): number {
  const list = begin();
  const [height, width, bands] = input.sizes.map(checkedSize) as [number, number, number];
  const colours = checkedSize(palette.sizes[0] as number);
  put(quantizeMethods.indexOf(method));
  put(colours);
  put(checkedSize(kmeans));
  put(bands);
  put(height * width);
  putAddress(input, uint8, height * width * bands);
  putAddress(places, uint8, height * width);
  putAddress(palette, uint8, colours * 4);
  launch(runQuantize, list);
  return resultAt(0);
}

const runNearest = kernel("nearestColours");

/** places `[height, width, 1]` = those of a palette `[colours, 4]` that are nearest to pixels `[height, width, 3]`. */
export function nearestColours(places: ArrayView, input: ArrayView, palette: ArrayView, dither: boolean): void {
  const list = begin();
  const [height, width] = input.sizes.map(checkedSize) as [number, number];
  const colours = checkedSize(palette.sizes[0] as number);
  put(dither ? 1 : 0);
  put(height);
  put(width);
  putAddress(input, uint8, height * width * 3);
  put(colours);
  putAddress(palette, uint8, colours * 4);
  putAddress(places, uint8, height * width);
  launch(runNearest, list);
}

/** The modes of images; in the order of modes.cpp. */
const imageModes = ["1", "L", "LA", "RGB", "RGBA", "CMYK", "HSV", "I;16", "I", "F"] as const;
export type ImageMode = (typeof imageModes)[number];

const runModes = kernel("convertModes");

/** out `[height, width, bands]` = an image of such a shape in another mode. Returns whether that is known. */
export function convertModes(
  out: ArrayView,
  input: ArrayView,
  from: ImageMode,
  to: ImageMode,
  dither: boolean,
): boolean {
  const list = begin();
  const [height, width] = input.sizes.map(checkedSize) as [number, number];
  put(imageModes.indexOf(from));
  put(imageModes.indexOf(to));
  put(dither ? 1 : 0);
  put(width);
  put(height * width);
  putDense(input, input.dtype);
  putDense(out, out.dtype);
  launch(runModes, list);
  return resultAt(0) === 1;
}
