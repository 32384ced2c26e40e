/**
 * matplotlib's part of Flambeau: figures as PNG, SVG and pages.
 *
 * @example
 * import plt from "@flambeau/pyplot";
 * plt.plot([1, 2, 3], [1, 4, 9], "o-", { label: "squares" });
 * plt.legend();
 * plt.savefig("squares.png");
 */
export type { Artist } from "./artists/artist.js";
export { Line2D } from "./artists/line.js";
export { Circle, Ellipse, Patch, Polygon, Rectangle, Wedge } from "./artists/patches.js";
export { Axes } from "./axes/axes.js";
export { Colormap, colormaps, LinearSegmentedColormap, ListedColormap } from "./color/colormaps.js";
export { type Color, toHex, toRgba } from "./color/colors.js";
export { BoundaryNorm, LogNorm, Normalize, PowerNorm, TwoSlopeNorm } from "./color/norms.js";
export type { Data, Matrix, Vector } from "./data.js";
export { Figure } from "./figure/figure.js";
export { GridSpec } from "./figure/gridspec.js";
export type { FigureOptions, SaveOptions, SubplotsOptions } from "./figure/options.js";
export { cbook, colors, matplotlib, patches, ticker } from "./matplotlib.js";
export { type Pyplot, plt as default } from "./pyplot/pyplot.js";
export { type RcParams, rcParams } from "./rc/rcParams.js";
export { style } from "./rc/style.js";
