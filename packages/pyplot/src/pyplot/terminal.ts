/** Figures in the terminal: as a picture where it can show one, else as blocks of colour with the words between them. */

import { renderPixels } from "../canvas/png.js";
import { Canvas } from "../canvas/svg.js";
import type { Rgba } from "../color/colors.js";
import type { Figure } from "../figure/figure.js";
import type { PlacedText } from "../text/layout.js";
import { symbols } from "../text/symbols.js";

/** A text and the middle of where it stands. */
interface Word {
  readonly text: string;
  readonly placed: PlacedText;
}

/** A page on which words are not drawn but kept. */
class WordlessCanvas extends Canvas {
  readonly words: Word[] = [];

  override text(placed: PlacedText, _color: Rgba, source: string): void {
    this.words.push({ text: plainWords(source), placed });
  }
}

const raised: Record<string, string> = {
  "-": "⁻",
  "−": "⁻",
  ".": "·",
  "0": "⁰",
  "1": "¹",
  "2": "²",
  "3": "³",
  "4": "⁴",
  "5": "⁵",
  "6": "⁶",
  "7": "⁷",
  "8": "⁸",
  "9": "⁹",
};

/** Mathematics as plain letters. */
function plainWords(source: string): string {
  if (!source.includes("$")) return source;
  return source
    .replace(/\\(?:mathdefault|mathrm|mathregular|text)\{((?:[^{}]|\{[^{}]*\})*)\}/g, "$1")
    .replace(/\^\{([^{}]*)\}|\^(\w)/g, (_, group: string | undefined, one: string) =>
      [...(group ?? one)].map((char) => raised[char] ?? char).join(""),
    )
    .replace(/\\([a-zA-Z]+)/g, (_, name: string) => symbols[name] ?? name)
    .replace(/[${}\\]/g, "");
}

/** A figure as text for the terminal, with escape codes for colours or a picture. */
export function terminalPicture(figure: Figure, columns = process.stdout.columns ?? 80): string {
  const protocol = pictureProtocol();
  if (protocol === "kitty") return kitty(figure.toPng());
  if (protocol === "iterm") return `\x1b]1337;File=inline=1:${figure.toPng().toString("base64")}\x07\n`;
  return blocks(figure, Math.min(columns, 120));
}

/** How the terminal shows pictures, if it does. */
function pictureProtocol(): "kitty" | "iterm" | undefined {
  const { TERM = "", TERM_PROGRAM = "", KITTY_WINDOW_ID } = process.env;
  if (!process.stdout.isTTY) return undefined;
  if (KITTY_WINDOW_ID || /kitty|ghostty/.test(TERM) || TERM_PROGRAM === "ghostty") return "kitty";
  return TERM_PROGRAM === "iTerm.app" || TERM_PROGRAM === "WezTerm" ? "iterm" : undefined;
}

/** A PNG in kitty's way: in pieces of at most 4096 characters. */
function kitty(png: Buffer): string {
  const pieces = png.toString("base64").match(/.{1,4096}/g) ?? [];
  const codes = pieces.map(
    (piece, i) => `\x1b_G${i === 0 ? "a=T,f=100," : ""}m=${i + 1 < pieces.length ? 1 : 0};${piece}\x1b\\`,
  );
  return `${codes.join("")}\n`;
}

/** Half blocks: each character shows two pixels, one above the other; words stand in characters of their own. */
function blocks(figure: Figure, columns: number): string {
  const zoom = columns / figure.width;
  const canvas = figure.drawOn(new WordlessCanvas(figure.width, figure.height, zoom));
  const { data, width, height } = renderPixels(canvas.toString({ unit: "" }), zoom);
  const color = (x: number, y: number): string => {
    const i = (Math.min(y, height - 1) * width + x) * 4;
    return `${data[i]};${data[i + 1]};${data[i + 2]}`;
  };
  const letters = placeWords(canvas.words, zoom);
  let text = "";
  for (let row = 0; row * 2 < height; row++) {
    for (let x = 0; x < width; x++) {
      const letter = letters.get(`${row},${x}`);
      const [above, below] = [color(x, 2 * row), color(x, 2 * row + 1)];
      text += letter ? `\x1b[38;2;0;0;0;48;2;${above}m${letter}` : `\x1b[38;2;${above};48;2;${below}m▀`;
    }
    text += "\x1b[0m\n";
  }
  return text;
}

/** The letters by row and column, each word in the middle of where it stands in the figure. */
function placeWords(words: readonly Word[], zoom: number): Map<string, string> {
  const letters = new Map<string, string>();
  for (const { text, placed } of words) {
    const { box, rotation } = placed;
    const [x, y] = [((box.left + box.right) / 2) * zoom, (((box.top + box.bottom) / 2) * zoom) / 2];
    const isUpright = Math.abs(rotation % 180) > 45;
    const chars = [...text.replaceAll("\n", " ")];
    const start = isUpright ? Math.round(y - chars.length / 2) : Math.round(x - chars.length / 2);
    for (const [i, char] of chars.entries()) {
      const place = isUpright ? [start + i, Math.floor(x)] : [Math.floor(y), start + i];
      letters.set(place.join(","), char);
    }
  }
  return letters;
}
