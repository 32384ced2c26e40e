/** `matplotlib`: what stands beside pyplot in the package of that name. */

import { Annotation } from "./artists/annotation.js";
import { FancyArrow } from "./artists/arrows.js";
import { Line2D } from "./artists/line.js";
import { Circle, Ellipse, Patch, Polygon, Rectangle, Wedge } from "./artists/patches.js";
import * as formatters from "./axis/formatters.js";
import * as locators from "./axis/locators.js";
import { Colormap, colormaps, LinearSegmentedColormap, ListedColormap } from "./color/colormaps.js";
import { toHex, toRgba } from "./color/colors.js";
import { BoundaryNorm, LogNorm, Normalize, PowerNorm, TwoSlopeNorm } from "./color/norms.js";
import { readSets } from "./data.js";
import { getBackend, use } from "./pyplot/backend.js";
import { plt } from "./pyplot/pyplot.js";
import { rcdefaults, rcParams } from "./rc/rcParams.js";
import { style } from "./rc/style.js";
import { boxplotStats } from "./statistics/boxStats.js";
import { compareImages } from "./testing/compare.js";

const {
  fixMinus: _f,
  general: _g,
  formatNumber: _n,
  formatPercent: _p,
  formatText: _t,
  ...formatterClasses
} = formatters;
const { widen: _w, ...locatorClasses } = locators;

/** `matplotlib.ticker`: where ticks stand and what stands there. */
export const ticker = { ...locatorClasses, ...formatterClasses };

/** `matplotlib.patches`: filled shapes. */
export const patches = { Patch, Rectangle, Circle, Ellipse, Polygon, Wedge, FancyArrow };

/** `matplotlib.colors`: colours, colormaps and how values become colours. */
export const colors = {
  toHex,
  toRgba,
  Colormap,
  ListedColormap,
  LinearSegmentedColormap,
  Normalize,
  LogNorm,
  PowerNorm,
  TwoSlopeNorm,
  BoundaryNorm,
};

/** `matplotlib.cbook`: the numbers behind a box plot. */
export const cbook = {
  boxplotStats: (
    X: Parameters<typeof readSets>[0],
    whis: number | readonly [number, number] = 1.5,
    labels?: readonly string[],
  ) => boxplotStats(readSets(X, "X"), whis, labels),
};

/**
 * matplotlib, for what is not pyplot's.
 *
 * @example
 * import { matplotlib } from "@flambeau/pyplot";
 * matplotlib.use("Agg");
 */
export const matplotlib = {
  use,
  getBackend,
  rcParams,
  rcdefaults,
  style,
  colormaps,
  colors,
  patches,
  ticker,
  cbook,
  lines: { Line2D },
  text: { Annotation },
  testing: { compareImages },
  pyplot: plt,
};
