/** Colours in the palette of browsers: six steps of red, green and blue, in places 10 to 225, and black around them. */

const [steps, firstPlace, stepSize] = [6, 10, 51];
const strides = [1, steps, steps * steps] as const;

/** The bytes of the 256 colours, three each. */
export function webPalette(): Uint8Array {
  const rgb = new Uint8Array(768);
  for (let i = 0; i < steps ** 3; i++)
    for (let c = 0; c < 3; c++)
      rgb[3 * (firstPlace + i) + c] = stepSize * (Math.floor(i / (strides[c] as number)) % steps);
  return rgb;
}

/** The nearest step to each byte, of which PIL looks at the upper six bits. */
const nearestStep = Uint8Array.from({ length: 256 }, (_, byte) => Math.round((byte & 0xfc) / stepSize));

/** The place of a colour, by the sum of its steps; the first place is black, too. */
const placeOf = (sum: number): number => (sum === 0 ? 0 : firstPlace + sum);

/**
 * The places of the nearest colours.
 *
 * @param rgb three bytes a pixel, row by row.
 * @param dither whether what a pixel is too bright or too dark is given to its neighbours, after Floyd and Steinberg.
 */
export function webPlaces(rgb: Uint8Array, width: number, dither: boolean): Uint8Array {
  const places = new Uint8Array(rgb.length / 3);
  const errors = new Int32Array(3 * (width + 1));
  const [error, above, before] = [new Int32Array(3), new Int32Array(3), new Int32Array(3)];
  for (let i = 0; i < places.length; i++) {
    const x = i % width;
    let sum = 0;
    for (let c = 0; c < 3; c++) {
      const given = dither ? Math.trunc(((error[c] as number) + (errors[3 * (x + 1) + c] as number)) / 16) : 0;
      const value = Math.min(Math.max((rgb[3 * i + c] as number) + given, 0), 255);
      const step = nearestStep[value] as number;
      sum += step * (strides[c] as number);
      const rest = value - step * stepSize;
      errors[3 * x + c] = 3 * rest + (above[c] as number);
      above[c] = 5 * rest + (before[c] as number);
      before[c] = rest;
      error[c] = 7 * rest;
    }
    places[i] = placeOf(sum);
    if (x === width - 1) {
      // At the end of a row PIL keeps what is left of blue, for all colours.
      errors.set([above[2] as number, before[2] as number, before[2] as number], 3 * width);
      for (const rest of [error, above, before]) rest.fill(0);
    }
  }
  return places;
}
