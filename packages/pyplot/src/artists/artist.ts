/** What all things that are drawn have in common. */
import type { Canvas } from "../canvas/svg.js";
import type { Box, Point } from "../geometry.js";
import { as, color, flag, kind, number, type Read, readOptions, type Table, text } from "../options.js";

/** A system of coordinates; `map` gives the point on the canvas. */
export interface Coordinates {
  readonly name: "data" | "axes" | "figure" | "xaxis" | "yaxis" | "points";
  map(x: number, y: number): Point;
}

/** What an artist needs to know of the axes that it is in. */
export interface Frame {
  readonly box: Box;
  readonly transData: Coordinates;
  readonly transAxes: Coordinates;
  /** x in data, y from 0 below to 1 above. */
  readonly transXaxis: Coordinates;
  /** x from 0 on the left to 1, y in data. */
  readonly transYaxis: Coordinates;
}

/** How far an artist reaches in data, for the limits of the axes. */
export interface Bounds {
  readonly x?: Iterable<number> | undefined;
  readonly y?: Iterable<number> | undefined;
  /** Values beyond which the margins do not reach: the foot of bars, the edges of images. */
  readonly stickyX?: readonly number[] | undefined;
  readonly stickyY?: readonly number[] | undefined;
}

/** The options of all artists. */
export const artistTable = { alpha: number, label: text, zorder: number, visible: flag, clipOn: flag };

/** The lines of an artist: names, dashes or both. */
export type LineStyle = string | readonly [offset: number, dashes: readonly number[]];
export const linestyle = kind<LineStyle>("linestyle", (v) => typeof v === "string" || Array.isArray(v));

export const strokeTable = {
  ...artistTable,
  color,
  c: as("color", color),
  linewidth: number,
  lw: as("linewidth", number),
  linestyle,
  ls: as("linestyle", linestyle),
};

/** A sample of an artist for the legend, drawn into a box. */
export interface LegendEntry {
  readonly label: string;
  draw(canvas: Canvas, box: Box, scale: number): void;
}

/** What a page says of an artist under the pointer. */
export interface Details {
  readonly points?: { label: string; color: string; x: Iterable<number>; y: Iterable<number> };
  readonly image?: {
    extent: readonly number[];
    rows: number;
    columns: number;
    values: Iterable<number>;
    isUpper: boolean;
  };
}

/** The most points or values that a page is given to look up. */
export const mostDetails = 10_000;

/** Something that is drawn. */
export abstract class Artist {
  label = "";
  alpha: number | undefined;
  visible = true;
  clipOn = true;
  zorder: number;
  /** Set by the axes that it is added to; takes it out of them again. */
  removeFromAxes: (() => void) | undefined;

  constructor(options: Read<typeof artistTable>, zorder: number) {
    this.zorder = options.zorder ?? zorder;
    this.label = options.label ?? "";
    this.alpha = options.alpha;
    this.visible = options.visible ?? true;
    this.clipOn = options.clipOn ?? true;
  }

  abstract draw(canvas: Canvas, frame: Frame): void;

  /** How far it reaches in data; nothing if it has no say in the limits. */
  bounds(): Bounds | undefined {
    return undefined;
  }

  /** Where it is on the canvas, if it can stick out of the axes. */
  extentOnCanvas(_frame: Frame): Box | undefined {
    return undefined;
  }

  /** Points on the canvas that a legend should not cover. */
  *obstacles(_frame: Frame): Iterable<Point> {}

  /** What a page says of it under the pointer. */
  details(): Details | undefined {
    return undefined;
  }

  /** Its sample in the legend. */
  legendEntry(): LegendEntry | undefined {
    return undefined;
  }

  /** The options that `set` takes. */
  protected get table(): Table {
    return artistTable;
  }

  /** Changes properties by name. */
  set(properties: Record<string, unknown>): this {
    Object.assign(this, readOptions(`${this.constructor.name}.set`, this.table, properties));
    return this;
  }

  /** Shows it or hides it. */
  setVisible(visible: boolean): this {
    this.visible = visible;
    return this;
  }

  /** Sets how opaque it is, from 0 to 1; `null` leaves the colours as they are. */
  setAlpha(alpha: number | null): this {
    this.alpha = alpha ?? undefined;
    return this;
  }

  /** Sets its name in the legend. */
  setLabel(label: string): this {
    this.label = label;
    return this;
  }

  /** Its name in the legend. */
  getLabel(): string {
    return this.label;
  }

  /** Sets its place in the stack: what has a greater one covers what has a smaller one. */
  setZorder(zorder: number): this {
    this.zorder = zorder;
    return this;
  }

  /** Takes it out of the axes. */
  remove(): void {
    this.removeFromAxes?.();
  }
}

const dashLengths: Record<string, readonly number[]> = {
  "--": [3.7, 1.6],
  "-.": [6.4, 1.6, 1, 1.6],
  ":": [1, 1.65],
};

const dashNames: Record<string, string> = {
  solid: "-",
  dashed: "--",
  dashdot: "-.",
  dotted: ":",
  None: "",
  none: "",
  " ": "",
};

/**
 * The dashes of a line in points: none for a solid one, `null` for no line at all.
 *
 * @throws Error for a name that does not exist.
 */
export function dashesOf(style: LineStyle, width: number): readonly number[] | null {
  if (typeof style !== "string") return style[1].map((length) => length * width);
  const name = dashNames[style] ?? style;
  if (name === "") return null;
  if (name === "-") return [];
  const lengths = dashLengths[name];
  if (!lengths)
    throw new Error(
      `'${style}' is not a valid value for ls; supported values are '-', '--', '-.', ':', 'None', ' ', '', 'solid', 'dashed', 'dashdot', 'dotted'`,
    );
  return lengths.map((length) => length * width);
}
