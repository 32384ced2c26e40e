/** The options of figures. */
import { Axes } from "../axes/axes.js";
import { color, flag, kind, number, type Options, pair, text, words } from "../options.js";
import type { GridSpecOptions } from "./gridspec.js";

export const figureTable = {
  figsize: pair,
  dpi: number,
  facecolor: color,
  edgecolor: color,
  tightLayout: flag,
  layout: words("tight", "constrained", "none"),
  num: kind<number | string>("int or str", (v) => typeof v === "number" || typeof v === "string"),
  clear: flag,
  frameon: flag,
};

export type FigureOptions = Options<typeof figureTable>;

export const axesTable = {
  sharex: kind<Axes>("Axes", (v) => v instanceof Axes),
  sharey: kind<Axes>("Axes", (v) => v instanceof Axes),
  facecolor: color,
  title: text,
  xlabel: text,
  ylabel: text,
  frameon: flag,
  label: text,
};

export type AxesOptions = Options<typeof axesTable>;

const share = kind<boolean | "all" | "none" | "row" | "col">(
  "bool, 'all', 'none', 'row' or 'col'",
  (v) => typeof v === "boolean" || ["all", "none", "row", "col"].includes(v as string),
);

export const subplotsTable = {
  sharex: share,
  sharey: share,
  squeeze: flag,
  widthRatios: kind<readonly number[]>("list of float", Array.isArray),
  heightRatios: kind<readonly number[]>("list of float", Array.isArray),
  gridspecKw: kind<GridSpecOptions>("dict", (v) => typeof v === "object"),
  subplotKw: kind<AxesOptions>("dict", (v) => typeof v === "object"),
};

export type SubplotsOptions = Options<typeof subplotsTable>;

export const saveTable = {
  dpi: kind<number | "figure">("float or 'figure'", (v) => v === "figure" || (typeof v === "number" && v > 0)),
  format: words("png", "svg", "html"),
  facecolor: color,
  edgecolor: color,
  transparent: flag,
  bboxInches: kind<"tight" | "standard">("'tight'", (v) => v === "tight" || v === "standard"),
  padInches: number,
};

export type SaveOptions = Options<typeof saveTable>;
