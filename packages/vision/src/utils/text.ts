/** Text on images: in DejaVu Sans, which comes along, or in any TrueType font. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Canvas } from "./canvas.js";
import type { Ink } from "./colors.js";
import { type FontFile, readFont } from "./trueType.js";

const own = fileURLToPath(new URL("../../../assets/fonts/DejaVuSans.ttf", import.meta.url));

/** Pixels between lines. */
const leading = 4;
/** Letters beyond this are not drawn. */
const mostLetters = 1000;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escaped(text: string): string {
  // Control characters have no letters, and no place in XML.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[&<>"]/g, (letter) => escapes[letter] as string).replace(/[\u0000-\u001f\ufffe\uffff]/g, " ");
}

/** Text of one font and size. */
export class Lettering {
  readonly #font: FontFile;

  /** @throws Error if the file is no font. */
  constructor(
    font: string | null,
    readonly size: number,
  ) {
    this.#font = readFont(font ?? own);
  }

  /** Draws lines of text whose upper left corner is at a place. */
  draw(canvas: Canvas, x: number, y: number, text: string, ink: Ink): void {
    const { family, ascent, descent, path } = this.#font;
    const lines = text.slice(0, mostLetters).split("\n");
    const height = this.size * (ascent + descent) + leading;
    const svgLines = lines.map(
      (line, i) =>
        `<text x="0" y="${i * height + this.size * ascent}" font-size="${this.size}" font-family="${escaped(family)}" xml:space="preserve">${escaped(line)}</text>`,
    );
    const longest = Math.max(...lines.map(({ length }) => length));
    // What lies outside of the image is not set.
    const width = Math.min(Math.ceil((longest + 1) * 2 * this.size), Math.max(1, canvas.width - x));
    const rows = Math.min(Math.ceil(lines.length * height), Math.max(1, canvas.height - y));
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows}">${svgLines.join("")}</svg>`;
    // Loaded when a text is drawn: most programs draw none.
    const { Resvg } = createRequire(import.meta.url)("@resvg/resvg-js") as typeof import("@resvg/resvg-js");
    const font = { fontFiles: [path], loadSystemFonts: false, defaultFontFamily: family };
    const { pixels } = new Resvg(svg, { font }).render();
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < width; j++) {
        const opacity = pixels[4 * (i * width + j) + 3] as number;
        if (opacity > 0) canvas.point(x + j, y + i, ink, opacity);
      }
  }
}
