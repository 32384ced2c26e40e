/** Convolutions against naive sums, over random sizes, windows and layouts, in both directions and for the weight. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type ConvolutionWindow,
  convolution,
  convolutionTransposed,
  convolutionWeight,
} from "../../src/backend/cpu/convolution.js";
import { bool, type DType, float32, float64, int64 } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { Choices } from "../support/random.js";
import { numberTypes, viewOf } from "../support/views.js";

const guard = 5;
const sentinel = 77;

/** A view of small whole numbers whose dims lie in a random order, with gaps by chance; `sentinel` is around them. */
function randomView(choices: Choices, dtype: DType, sizes: readonly number[]): ArrayView {
  const order = sizes.map((_, d) => d);
  const kind = choices.below(4);
  if (kind === 1 && order.length > 1) order.push(order.splice(1, 1)[0] as number);
  if (kind === 2) order.push(order.splice(choices.below(order.length), 1)[0] as number);
  const strides = new Array<number>(sizes.length).fill(0);
  let step = kind === 3 ? 2 : 1;
  for (const d of order.reverse()) {
    strides[d] = step;
    step *= Math.max(1, sizes[d] as number);
    if (choices.chance(0.2)) step += 3;
  }
  const array = new dtype.arrayType(step + 2 * guard) as Float64Array;
  array.fill((dtype === int64 ? BigInt(sentinel) : sentinel) as number);
  const view = viewOf(array, sizes, { strides, offset: guard, dtype });
  for (const at of placesOf(view)) {
    const value = choices.below(9) - 4;
    array[at] = (dtype === int64 ? BigInt(value) : value) as number;
  }
  return view;
}

function arrayOf(view: ArrayView): Float64Array {
  const { buffer, byteOffset, length } = view.storage.bytes();
  return new view.dtype.arrayType(buffer as ArrayBuffer, byteOffset, length / view.dtype.itemsize) as Float64Array;
}

function* indices(sizes: readonly number[], first = 0): Generator<number[]> {
  if (first === sizes.length) return yield [];
  for (let i = 0; i < (sizes[first] as number); i++) for (const rest of indices(sizes, first + 1)) yield [i, ...rest];
}

function placeOf(view: ArrayView, index: readonly number[]): number {
  return index.reduce((at, i, d) => at + i * (view.strides[d] as number), view.offset);
}

function placesOf(view: ArrayView): number[] {
  return Array.from(indices(view.sizes), (index) => placeOf(view, index));
}

interface Problem {
  image: ArrayView;
  features: ArrayView;
  weight: ArrayView;
  window: ConvolutionWindow;
}

function randomProblem(choices: Choices, dtype: DType): Problem {
  const ndim = 1 + choices.below(3);
  const numbers = (...from: number[]) => Array.from({ length: ndim }, () => choices.of(from));
  const groups = choices.of([1, 1, 1, 2, 3, 7]);
  const few = groups === 7;
  const filters = few ? choices.of([1, 2]) : choices.of([1, 2, 5, 17, 33]);
  const channels = few ? choices.of([1, 2]) : choices.of([1, 2, 3, 9, 16]);
  const kernel = numbers(1, 1, 2, 3, ndim === 1 ? 7 : 3);
  const stride = numbers(1, 1, 1, 2, 3);
  const padding = numbers(0, 0, 1, 2, 4);
  const dilation = numbers(1, 1, 1, 2, 5);
  const features = numbers(...(ndim === 1 ? [1, 7, 19, 40] : ndim === 2 ? [1, 2, 5, 9, 15] : [1, 2, 3, 4]));
  // Sizes that fit, but for a few elements at the end which no position reads; all of it may be in the padding.
  const image = features.map((size, d) => {
    const reach = at(dilation, d) * (at(kernel, d) - 1) + 1 - 2 * at(padding, d);
    return Math.max(1, (size - 1) * at(stride, d) + reach + choices.below(at(stride, d)));
  });
  const batch = choices.of([1, 1, 2, 3]);
  return {
    image: randomView(choices, dtype, [batch, groups * channels, ...image]),
    features: randomView(choices, dtype, [batch, groups * filters, ...features]),
    weight: randomView(choices, dtype, [groups * filters, channels, ...kernel]),
    window: { stride, padding, dilation, groups },
  };
}

function at(list: readonly number[], d: number): number {
  return list[d] as number;
}

/** Visits all products: which element of the image goes with which feature and weight. */
function visit({ image, features, weight, window }: Problem, each: (i: number, f: number, w: number) => void): void {
  const { stride, padding, dilation, groups } = window;
  const [filters, channels, ...kernel] = weight.sizes as [number, number, ...number[]];
  for (const [n, f, ...position] of indices(features.sizes) as Iterable<[number, number, ...number[]]>) {
    const group = Math.floor(f / (filters / groups));
    for (const tap of indices(kernel)) {
      const from = position.map((p, d) => p * at(stride, d) + at(tap, d) * at(dilation, d) - at(padding, d));
      if (from.some((i, d) => i < 0 || i >= (image.sizes[d + 2] as number))) continue;
      for (let c = 0; c < channels; c++) {
        each(
          placeOf(image, [n, group * channels + c, ...from]),
          placeOf(features, [n, f, ...position]),
          placeOf(weight, [f, c, ...tap]),
        );
      }
    }
  }
}

/** Sums by place in the memory of a result, from products of two other places. */
function sums(
  out: ArrayView,
  a: ArrayView,
  b: ArrayView,
  problem: Problem,
  of: (i: number, f: number, w: number) => [to: number, a: number, b: number],
  bias?: ArrayView,
): Float64Array {
  const [expected, left, right] = [Float64Array.from(arrayOf(out), Number), arrayOf(a), arrayOf(b)];
  for (const index of indices(out.sizes)) {
    expected[placeOf(out, index)] = bias ? Number(arrayOf(bias)[placeOf(bias, [index[1] as number])]) : 0;
  }
  visit(problem, (...places) => {
    const [to, from, other] = of(...places);
    expected[to] = (expected[to] as number) + Number(left[from]) * Number(right[other]);
  });
  return expected;
}

function check(out: ArrayView, expected: Float64Array): void {
  const found = arrayOf(out);
  const { dtype } = out;
  const converted = dtype.isFloatingPoint ? expected : new dtype.arrayType(expected.length);
  if (!dtype.isFloatingPoint) {
    expected.forEach((value, i) => {
      (converted as Float64Array)[i] = (dtype === int64 ? BigInt(value) : value) as number;
    });
  }
  // Products and sums of small whole numbers are exact in every dtype.
  assert.deepEqual(Array.from(found), Array.from(converted as Float64Array));
}

for (const dtype of numberTypes) {
  if (dtype === bool) continue;
  test(`convolutions of ${dtype}`, () => {
    const choices = new Choices(dtype.id + 1);
    const isWide = dtype === float32 || dtype === float64;
    for (let i = 0; i < (isWide ? 120 : 25); i++) {
      const problem = randomProblem(choices, dtype);
      const { image, features, weight, window } = problem;
      const bias = choices.chance(0.5) ? randomView(choices, dtype, [features.sizes[1] as number]) : undefined;
      const forward = sums(features, image, weight, problem, (i, f, w) => [f, i, w], bias);
      convolution(features, image, weight, bias, window);
      check(features, forward);
      const own = randomView(choices, dtype, image.sizes);
      const imageBias = choices.chance(0.5) ? randomView(choices, dtype, [image.sizes[1] as number]) : undefined;
      const smaller = { ...problem, image: own, features: randomView(choices, dtype, features.sizes) };
      const back = sums(own, smaller.features, weight, smaller, (i, f, w) => [i, f, w], imageBias);
      convolutionTransposed(own, smaller.features, weight, imageBias, window);
      check(own, back);
      const gradient = { ...smaller, image, weight: randomView(choices, dtype, weight.sizes) };
      const weights = sums(gradient.weight, image, smaller.features, gradient, (i, f, w) => [w, i, f]);
      convolutionWeight(gradient.weight, image, smaller.features, window);
      check(gradient.weight, weights);
    }
  });
}

for (const dtype of [float32, float64]) {
  for (const size of [1, 3]) {
    test(`images of ${dtype} that are too many to be computed at once, ${size}×${size} by 2`, () => {
      const choices = new Choices(size);
      const [images, filters, channels, side, half] = [23, 2, 5, 63, 32];
      const window = { stride: [2, 2], padding: [size >> 1, size >> 1], dilation: [1, 1], groups: 1 };
      const filled = (...sizes: number[]) => {
        const array = new dtype.arrayType(sizes.reduce((a, b) => a * b)) as Float64Array;
        return viewOf(
          array.map(() => choices.below(9) - 4),
          sizes,
          { dtype },
        );
      };
      const [features, weight, bias] = [
        filled(images, filters, half, half),
        filled(filters, channels, size, size),
        filled(channels),
      ];
      const image = filled(images, channels, side, side);
      convolutionTransposed(image, features, weight, bias, window);
      const one = filled(1, channels, side, side);
      for (let n = 0; n < images; n++) {
        const part = viewOf(arrayOf(features), [1, filters, half, half], { offset: n * filters * half ** 2, dtype });
        const problem = { image: one, features: part, weight, window };
        const expected = sums(one, part, weight, problem, (i, f, w) => [i, f, w], bias);
        assert.deepEqual(
          Array.from(arrayOf(image).subarray(n * expected.length, (n + 1) * expected.length)),
          Array.from(expected),
        );
      }
    });
  }
}

test("windows that no kernel can compute with are refused", () => {
  const view = (...sizes: number[]) => viewOf(new Float32Array(sizes.reduce((a, b) => a * b, 1)), sizes);
  const [image, features, weight] = [view(1, 2, 4), view(1, 3, 4), view(3, 2, 1)];
  const window = { stride: [1], padding: [0], dilation: [1], groups: 1 };
  const run = (change: Partial<ConvolutionWindow>) => () =>
    convolution(features, image, weight, undefined, { ...window, ...change });
  for (const change of [{ stride: [0] }, { dilation: [-1] }, { padding: [-1] }, { groups: 2 }, { stride: [1, 1] }]) {
    assert.throws(run(change), RangeError);
  }
  assert.throws(run({ stride: [2 ** 53] }), RangeError);
  assert.throws(run({ padding: [2 ** 52] }), RangeError);
});
