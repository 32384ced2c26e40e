/** The limit on the size of images: what a file of a few bytes says of itself must not fill the memory. */

/** As many as PIL decodes without a protest. */
let maxPixels = 178956970;

/** How many pixels an image may have that is read from a file. */
export function getMaxPixels(): number {
  return maxPixels;
}

/**
 * Sets how many pixels an image may have that is read from a file; 178,956,970 by default, as in PIL. It holds for the
 * thread: workers of a `DataLoader` set their own, in `workerInitFn`.
 *
 * @param limit `Infinity` for none.
 * @example io.setMaxPixels(1e9)
 */
export function setMaxPixels(limit: number): void {
  if (typeof limit !== "number") throw new TypeError(`setMaxPixels(): expected a number, got ${typeof limit}`);
  if (!(limit >= 1)) throw new RangeError(`setMaxPixels(): expected a number of at least 1, got ${limit}`);
  maxPixels = limit;
}

/** @throws Error if an image of that size may not be read. */
export function checkPixels(width: number, height: number): void {
  const pixels = width * height;
  if (pixels <= maxPixels) return;
  throw new Error(
    `Image size (${pixels} pixels) exceeds limit of ${maxPixels} pixels, could be decompression bomb DOS attack; ` +
      "io.setMaxPixels raises the limit",
  );
}
