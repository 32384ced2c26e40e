/** How different two pictures look, for tests of programs that draw. */
import { readFileSync } from "node:fs";
import { decodePng, type Pixels } from "../canvas/png.js";

/** How far around each pixel the eye does not tell apart. */
const reach = 2;

/** The sums of one channel over all rectangles from the upper left corner. */
function sums({ width, height, data }: Pixels, channel: number): Float64Array {
  const table = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += data[(y * width + x) * 4 + channel] as number;
      table[(y + 1) * (width + 1) + x + 1] = (table[y * (width + 1) + x + 1] as number) + row;
    }
  }
  return table;
}

/** The mean of each pixel's surroundings. */
function blurred(picture: Pixels, channel: number): Float64Array {
  const { width, height } = picture;
  const table = sums(picture, channel);
  const at = (x: number, y: number): number => table[y * (width + 1) + x] as number;
  const means = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [l, t] = [Math.max(0, x - reach), Math.max(0, y - reach)];
      const [r, b] = [Math.min(width, x + reach + 1), Math.min(height, y + reach + 1)];
      means[y * width + x] = (at(r, b) - at(l, b) - at(r, t) + at(l, t)) / ((r - l) * (b - t));
    }
  }
  return means;
}

/**
 * The root of the mean square of how far the colours of blurred pictures differ, from 0 to 1: edges that are smoothed in
 * another way hardly count, things that are missing or elsewhere do.
 *
 * @throws Error for pictures of different sizes.
 */
export function difference(a: Pixels, b: Pixels): number {
  if (a.width !== b.width || a.height !== b.height) {
    throw new Error(`sizes differ: ${a.width}×${a.height} and ${b.width}×${b.height}`);
  }
  let sum = 0;
  for (const channel of [0, 1, 2]) {
    const [first, second] = [blurred(a, channel), blurred(b, channel)];
    first.forEach((value, i) => (sum += ((value - (second[i] as number)) / 255) ** 2));
  }
  return Math.sqrt(sum / (3 * a.width * a.height));
}

/**
 * Compares two PNG files.
 *
 * @param tol how large `difference` may be, from 0 to 1.
 * @returns undefined if they look alike, else what is wrong.
 * @example assert.equal(matplotlib.testing.compareImages("stored.png", "new.png", 0.01), undefined);
 * @see https://matplotlib.org/stable/api/testing_api.html
 */
export function compareImages(expected: string, actual: string, tol: number): string | undefined {
  const [a, b] = [expected, actual].map((path) => decodePng(readFileSync(path))) as [Pixels, Pixels];
  if (a.width !== b.width || a.height !== b.height) {
    return `${actual} is ${b.width}×${b.height} and not ${a.width}×${a.height}`;
  }
  const found = difference(a, b);
  return found <= tol ? undefined : `${actual} differs from ${expected} by ${found.toFixed(4)}, more than ${tol}`;
}
