/** Pictures made of pixels: of arrays for `imshow`, and of a whole page. */
import { createRequire } from "node:module";

/** Libraries are loaded with the first picture: most programs that may draw one, such as those with metrics, draw none. */
const library = (name: string): unknown => createRequire(import.meta.url)(name);
const pngjs = () => (library("pngjs") as typeof import("pngjs")).PNG;
const resvg = () => (library("@resvg/resvg-js") as typeof import("@resvg/resvg-js")).Resvg;

/** Red, green, blue and opacity of pixels, row by row from above, as a PNG. */
export function encodePng(rgba: Uint8Array, width: number, height: number): Buffer {
  const PNG = pngjs();
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  return PNG.sync.write(png, { deflateLevel: 6 });
}

/** The pixels of a PNG. */
export function decodePng(bytes: Buffer): Pixels {
  return pngjs().sync.read(bytes);
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
  const Resvg = resvg();
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
