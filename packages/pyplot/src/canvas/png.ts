/** Pictures made of pixels: of arrays for `imshow`, and of a whole page. */
import { Resvg } from "@resvg/resvg-js";
import { PNG } from "pngjs";

/** Red, green, blue and opacity of pixels, row by row from above, as a PNG. */
export function encodePng(rgba: Uint8Array, width: number, height: number): Buffer {
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  return PNG.sync.write(png, { deflateLevel: 6 });
}

/** Red, green, blue and opacity of each pixel of a page. */
export interface Pixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

function render(svg: string, zoom: number) {
  // A character that DejaVu lacks is the only thing for which the machine's fonts are looked through.
  const loadSystemFonts = svg.includes("<text ");
  return new Resvg(svg, { fitTo: { mode: "zoom", value: zoom }, font: { loadSystemFonts } }).render();
}

/** A page as PNG, `zoom` pixels for each of its units. */
export function renderPng(svg: string, zoom: number): Buffer {
  return render(svg, zoom).asPng();
}

/** A page as pixels. */
export function renderPixels(svg: string, zoom: number): Pixels {
  const image = render(svg, zoom);
  return { data: image.pixels, width: image.width, height: image.height };
}
