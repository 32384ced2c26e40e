/** Writes SVG: paths, text as outlines of letters, images, clipping. */
import { type Rgba, toHex } from "../color/colors.js";
import { Box, format, Path, type Point } from "../geometry.js";
import { rcParams } from "../rc/rcParams.js";
import { fontOf } from "../text/fonts.js";
import type { PlacedText } from "../text/layout.js";
import { hatchPattern } from "./hatch.js";

/** How a path is drawn. */
export interface PathStyle {
  readonly fill?: Rgba | undefined;
  readonly stroke?: Rgba | undefined;
  readonly width?: number | undefined;
  /** Lengths of dashes and gaps in points. */
  readonly dashes?: readonly number[] | undefined;
  readonly cap?: "butt" | "round" | "projecting" | undefined;
  readonly join?: "miter" | "round" | "bevel" | undefined;
  readonly hatch?: string | undefined;
  /** Whether lines along the axes are moved to whole pixels, as they are unless told otherwise. */
  readonly snap?: boolean | undefined;
  /** A tip that the viewer may show, and what the page looks up. */
  readonly className?: string | undefined;
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text with the characters that mean something in XML written as entities. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => escapes[char] as string);
}

const isSeen = (color: Rgba | undefined): color is Rgba => color !== undefined && color[3] > 0;

/** A page in the making. */
export class Canvas {
  readonly #body: string[] = [];
  readonly #definitions: string[] = [];
  readonly #clips = new Map<string, string>();
  readonly #glyphs = new Map<string, string>();
  readonly #hatches = new Map<string, string>();

  /**
   * @param scale pixels for a point, for pictures made of pixels: lines are put on whole ones
   * @param prefix what names inside begin with, so that several pictures can stand in one page
   */
  constructor(
    readonly width: number,
    readonly height: number,
    readonly scale?: number,
    readonly prefix = "",
  ) {}

  /** The nearest place on which a line of this width covers whole pixels. */
  #snapPoint(width: number): (x: number, y: number) => Point {
    const scale = this.scale as number;
    const half = Math.round(width * scale) % 2 === 1 ? 0.5 : 0;
    const snap = (v: number): number => (Math.floor(v * scale + 0.5) + half) / scale;
    return (x, y) => [snap(x), snap(y)];
  }

  /** Draws a path. */
  path(path: Path, style: PathStyle): void {
    const { fill, stroke, dashes, hatch } = style;
    const width = style.width ?? 1;
    const isStroked = isSeen(stroke) && width > 0;
    if (path.isEmpty || !(isSeen(fill) || isStroked || hatch)) return;
    const snaps = this.scale !== undefined && style.snap !== false && path.isRectilinear;
    const d = String(snaps ? path.transform(this.#snapPoint(isStroked ? width : 0)) : path);
    let text = `<path d="${d}"`;
    if (style.className) text += ` class="${style.className}"`;
    text += isSeen(fill) ? ` fill="${toHex(fill)}"` : ` fill="none"`;
    if (isSeen(fill) && fill[3] < 1) text += ` fill-opacity="${format(fill[3])}"`;
    if (isStroked) {
      text += ` stroke="${toHex(stroke)}"`;
      if (stroke[3] < 1) text += ` stroke-opacity="${format(stroke[3])}"`;
      if (width !== 1) text += ` stroke-width="${format(width)}"`;
      if (dashes?.length) text += ` stroke-dasharray="${dashes.map(format).join(" ")}"`;
      const cap = style.cap ?? "butt";
      if (cap !== "butt") text += ` stroke-linecap="${cap === "projecting" ? "square" : cap}"`;
      if (style.join && style.join !== "miter") text += ` stroke-linejoin="${style.join}"`;
    }
    this.#body.push(`${text}/>`);
    if (hatch) this.#body.push(`<path d="${d}" fill="url(#${this.#hatch(hatch, stroke ?? [0, 0, 0, 1])})"/>`);
  }

  /** An area between outlines: what lies inside of an odd number of them. */
  area(outlines: string, fill: Rgba): void {
    if (outlines === "" || !isSeen(fill)) return;
    const opacity = fill[3] < 1 ? ` fill-opacity="${format(fill[3])}"` : ` stroke="${toHex(fill)}" stroke-width="0.3"`;
    this.#body.push(`<path d="${outlines}" fill="${toHex(fill)}" fill-rule="evenodd"${opacity}/>`);
  }

  /** Many copies of one shape, each at its point with its own size and colours. */
  marks(shape: Path, marks: Iterable<{ at: Point; size: number; style: PathStyle }>): void {
    for (const { at, size, style } of marks) {
      if (!Number.isFinite(at[0]) || !Number.isFinite(at[1])) continue;
      this.path(
        shape.transform((x, y) => [at[0] + x * size, at[1] - y * size]),
        { snap: false, ...style },
      );
    }
  }

  /** Draws a text as the outlines of its letters. */
  text({ layout, origin, rotation }: PlacedText, color: Rgba, source: string): void {
    if (!isSeen(color) || layout.glyphs.length === 0) return;
    const opacity = color[3] < 1 ? ` fill-opacity="${format(color[3])}"` : "";
    const turn = rotation === 0 ? "" : ` rotate(${format(-rotation)})`;
    this.#body.push(
      `<g class="text" aria-label="${escapeXml(source)}" fill="${toHex(color)}"${opacity} ` +
        `transform="translate(${format(origin[0])} ${format(origin[1])})${turn}">`,
    );
    for (const { char, face, size, x, y, isForeign } of layout.glyphs) {
      if (char.trim() === "") continue;
      if (isForeign || rcParams["svg.fonttype"] === "none") {
        const family = face === "monospace" ? "DejaVu Sans Mono, monospace" : "DejaVu Sans, sans-serif";
        const look = face === "bold" ? ` font-weight="bold"` : face === "italic" ? ` font-style="oblique"` : "";
        this.#body.push(
          `<text x="${format(x)}" y="${format(y)}" font-size="${format(size)}" font-family="${family}"${look}>${escapeXml(char)}</text>`,
        );
        continue;
      }
      const font = fontOf(face);
      const scale = Math.round((size / font.unitsPerEm) * 1e6) / 1e6;
      const id = this.#define(this.#glyphs, face + char, (name) => {
        const outline = font.glyphs[char]?.[1] ?? "";
        return `<path id="${name}" d="${outline}"/>`;
      });
      this.#body.push(
        `<use href="#${id}" transform="translate(${format(x)} ${format(y)}) scale(${scale} ${-scale})"/>`,
      );
    }
    for (const { box: b } of layout.rules) this.#body.push(`<path d="${Path.ofBox(b)}"/>`);
    this.#body.push("</g>");
  }

  /** A picture made of pixels, stretched over a box. */
  image(png: Buffer, box: Box, isSmooth: boolean, transform = ""): void {
    const { left, top, width, height } = this.scale === undefined ? box : this.#snapBox(box);
    const rendering = isSmooth ? "" : ` image-rendering="optimizeSpeed"`;
    this.#body.push(
      `<image x="${format(left)}" y="${format(top)}" width="${format(width)}" height="${format(height)}" ` +
        `preserveAspectRatio="none"${rendering}${transform} href="data:image/png;base64,${png.toString("base64")}"/>`,
    );
  }

  #snapBox(box: Box): Box {
    const snap = this.#snapPoint(0);
    return new Box(...snap(box.left, box.top), ...snap(box.right, box.bottom));
  }

  /** Draws inside of a shape only. */
  clipped(shape: Path, draw: () => void): void {
    const path = this.scale !== undefined && shape.isRectilinear ? shape.transform(this.#snapPoint(0)) : shape;
    const id = this.#define(
      this.#clips,
      String(path),
      (name) => `<clipPath id="${name}"><path d="${path}"/></clipPath>`,
    );
    this.group(`clip-path="url(#${id})"`, draw);
  }

  /** Draws into a group with attributes; a group in which nothing is drawn is left out. */
  group(attributes: string, draw: () => void): void {
    const start = this.#body.push(`<g ${attributes}>`);
    draw();
    if (this.#body.length === start) this.#body.pop();
    else this.#body.push("</g>");
  }

  #define(known: Map<string, string>, key: string, make: (name: string) => string): string {
    let name = known.get(key);
    if (name === undefined) {
      name = `${this.prefix}d${this.#definitions.length}`;
      known.set(key, name);
      this.#definitions.push(make(name));
    }
    return name;
  }

  #hatch(hatch: string, color: Rgba): string {
    return this.#define(this.#hatches, hatch + color, (name) =>
      hatchPattern(name, hatch, toHex(color), format(this.height)),
    );
  }

  /** The page; `viewBox` shows a part of it, `attributes` stand in its first tag. */
  toString({ unit = "pt", box = new Box(0, 0, this.width, this.height), zoom = 1, attributes = "" } = {}): string {
    const [width, height] = [box.width * zoom, box.height * zoom];
    // Browsers know the property of images by another value than SVG had for it.
    const crisp = "<style>image[image-rendering]{image-rendering:pixelated}</style>";
    const definitions = unit === "" ? this.#definitions : [crisp, ...this.#definitions];
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${format(width)}${unit}" height="${format(height)}${unit}" ` +
      `viewBox="${format(box.left)} ${format(box.top)} ${format(box.width)} ${format(box.height)}"${attributes}>\n` +
      (definitions.length > 0 ? `<defs>\n${definitions.join("\n")}\n</defs>\n` : "") +
      `${this.#body.join("\n")}\n</svg>\n`
    );
  }
}
