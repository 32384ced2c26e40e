/** `rcParams`: the settings of all figures, with matplotlib's names and defaults. */
import { describe } from "flambeau/arguments";

const tab10 = [
  "#1f77b4",
  "#ff7f0e",
  "#2ca02c",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#7f7f7f",
  "#bcbd22",
  "#17becf",
];

type Size = number | string;
type Colour = string | readonly number[];

const defaults = {
  "figure.figsize": [6.4, 4.8] as readonly number[],
  "figure.dpi": 100,
  "figure.facecolor": "white" as Colour,
  "figure.edgecolor": "white" as Colour,
  "figure.titlesize": "large" as Size,
  "figure.titleweight": "normal",
  "figure.autolayout": false,
  "figure.subplot.left": 0.125,
  "figure.subplot.right": 0.9,
  "figure.subplot.bottom": 0.11,
  "figure.subplot.top": 0.88,
  "figure.subplot.wspace": 0.2,
  "figure.subplot.hspace": 0.2,
  "figure.max_open_warning": 20,
  "savefig.dpi": "figure" as number | "figure",
  "savefig.facecolor": "auto" as Colour,
  "savefig.bbox": null as "tight" | null,
  "savefig.pad_inches": 0.1,
  "savefig.transparent": false,
  "savefig.format": "png",
  "font.size": 10,
  "font.family": "sans-serif" as string | readonly string[],
  "font.weight": "normal" as string | number,
  "font.style": "normal",
  "text.color": "black" as Colour,
  "svg.fonttype": "path",
  "axes.facecolor": "white" as Colour,
  "axes.edgecolor": "black" as Colour,
  "axes.linewidth": 0.8,
  "axes.grid": false,
  "axes.grid.axis": "both",
  "axes.grid.which": "major",
  "axes.titlesize": "large" as Size,
  "axes.titleweight": "normal",
  "axes.titlecolor": "auto" as Colour,
  "axes.titlelocation": "center",
  "axes.titlepad": 6,
  "axes.labelsize": "medium" as Size,
  "axes.labelpad": 4,
  "axes.labelweight": "normal",
  "axes.labelcolor": "black" as Colour,
  "axes.axisbelow": "line" as boolean | "line",
  "axes.xmargin": 0.05,
  "axes.ymargin": 0.05,
  "axes.spines.left": true,
  "axes.spines.right": true,
  "axes.spines.top": true,
  "axes.spines.bottom": true,
  "axes.prop_cycle": { color: tab10 as readonly Colour[] },
  "axes.formatter.limits": [-5, 6] as readonly number[],
  "axes.formatter.useoffset": true,
  "axes.formatter.offset_threshold": 4,
  "axes.unicode_minus": true,
  "grid.color": "#b0b0b0" as Colour,
  "grid.linestyle": "-",
  "grid.linewidth": 0.8,
  "grid.alpha": 1,
  "lines.linewidth": 1.5,
  "lines.linestyle": "-",
  "lines.marker": "None",
  "lines.markersize": 6,
  "lines.markeredgewidth": 1,
  "lines.markerfacecolor": "auto" as Colour,
  "lines.markeredgecolor": "auto" as Colour,
  "lines.dash_capstyle": "butt",
  "lines.solid_capstyle": "projecting",
  "lines.dash_joinstyle": "round",
  "lines.solid_joinstyle": "round",
  "patch.linewidth": 1,
  "patch.facecolor": "C0" as Colour,
  "patch.edgecolor": "black" as Colour,
  "patch.force_edgecolor": false,
  "hatch.color": "black" as Colour,
  "hist.bins": 10 as number | string,
  "scatter.marker": "o",
  "scatter.edgecolors": "face" as Colour,
  "image.cmap": "viridis",
  "image.interpolation": "antialiased",
  "image.origin": "upper" as "upper" | "lower",
  "image.aspect": "equal" as number | "equal" | "auto",
  "errorbar.capsize": 0,
  "boxplot.boxprops.color": "black" as Colour,
  "boxplot.capprops.color": "black" as Colour,
  "boxplot.whiskerprops.color": "black" as Colour,
  "boxplot.flierprops.markeredgecolor": "black" as Colour,
  "boxplot.medianprops.color": "C1" as Colour,
  "contour.linewidth": null as number | null,
  "contour.negative_linestyle": "dashed",
  "legend.loc": "best" as string | number,
  "legend.frameon": true,
  "legend.framealpha": 0.8 as number | null,
  "legend.fancybox": true,
  "legend.edgecolor": "0.8" as Colour,
  "legend.facecolor": "inherit" as Colour,
  "legend.fontsize": "medium" as Size,
  "legend.title_fontsize": null as Size | null,
  "legend.borderpad": 0.4,
  "legend.labelspacing": 0.5,
  "legend.handlelength": 2,
  "legend.handleheight": 0.7,
  "legend.handletextpad": 0.8,
  "legend.borderaxespad": 0.5,
  "legend.columnspacing": 2,
  "legend.markerscale": 1,
  "legend.numpoints": 1,
  "legend.scatterpoints": 1,
  "xtick.top": false,
  "xtick.bottom": true,
  "xtick.labeltop": false,
  "xtick.labelbottom": true,
  "xtick.major.size": 3.5,
  "xtick.minor.size": 2,
  "xtick.major.width": 0.8,
  "xtick.minor.width": 0.6,
  "xtick.major.pad": 3.5,
  "xtick.minor.pad": 3.4,
  "xtick.color": "black" as Colour,
  "xtick.labelcolor": "inherit" as Colour,
  "xtick.labelsize": "medium" as Size,
  "xtick.direction": "out" as "in" | "out" | "inout",
  "xtick.minor.visible": false,
  "ytick.left": true,
  "ytick.right": false,
  "ytick.labelleft": true,
  "ytick.labelright": false,
  "ytick.major.size": 3.5,
  "ytick.minor.size": 2,
  "ytick.major.width": 0.8,
  "ytick.minor.width": 0.6,
  "ytick.major.pad": 3.5,
  "ytick.minor.pad": 3.4,
  "ytick.color": "black" as Colour,
  "ytick.labelcolor": "inherit" as Colour,
  "ytick.labelsize": "medium" as Size,
  "ytick.direction": "out" as "in" | "out" | "inout",
  "ytick.minor.visible": false,
};

/** The settings by name. */
export type RcParams = typeof defaults;
export type RcName = keyof RcParams;

const kindOf = (value: unknown): string => (Array.isArray(value) ? "list" : typeof value);

function checkName(name: PropertyKey): asserts name is RcName {
  if (typeof name === "symbol" || Object.hasOwn(defaults, name)) return;
  throw new Error(`${String(name)} is not a valid rc parameter`);
}

function checkValue(name: RcName, value: unknown): void {
  const kind = kindOf(defaults[name]);
  const isWrong = (kind === "number" || kind === "boolean") && kindOf(value) !== kind && !Array.isArray(value);
  // A few numbers may also be words ("figure"), and a few words numbers: their kinds are checked where they are used.
  const mayBeWord = ["savefig.dpi", "hist.bins", "legend.loc"].includes(name);
  if (value === undefined || (isWrong && !mayBeWord)) {
    throw new Error(`Key ${name}: expected ${kind}, got ${describe(value)}`);
  }
}

/**
 * The settings. A name that does not exist, or a value of the wrong kind, throws.
 *
 * @example plt.rcParams["figure.figsize"] = [8, 6]
 * @see https://matplotlib.org/stable/users/explain/customizing.html
 */
export const rcParams: RcParams = new Proxy(structuredClone(defaults), {
  get(target, name) {
    checkName(name);
    return target[name];
  },
  set(target, name, value) {
    checkName(name);
    checkValue(name, value);
    return Reflect.set(target, name, value);
  },
});

/** Sets several settings. */
export function updateRcParams(settings: Partial<RcParams>): void {
  for (const [name, value] of Object.entries(settings)) checkedPair(name, value);
  Object.assign(rcParams, settings);
}

function checkedPair(name: string, value: unknown): void {
  checkName(name);
  checkValue(name, value);
}

/** Puts all settings back to matplotlib's. */
export function rcdefaults(): void {
  Object.assign(rcParams, structuredClone(defaults));
}

/** Runs a function with other settings. */
export function rcContext<T>(settings: Partial<RcParams>, run: () => T): T {
  const before = Object.fromEntries(Object.keys(defaults).map((name) => [name, rcParams[name as RcName]]));
  try {
    updateRcParams(settings);
    return run();
  } finally {
    Object.assign(rcParams, before);
  }
}

const scales: Record<string, number> = {
  "xx-small": 0.579,
  "x-small": 0.694,
  small: 0.833,
  smaller: 0.833,
  medium: 1,
  large: 1.2,
  larger: 1.2,
  "x-large": 1.44,
  "xx-large": 1.728,
};

/** A size of text in points, from a number or a word (`"large"`). */
export function fontSize(size: number | string): number {
  if (typeof size === "number") return size;
  const scale = scales[size] ?? (size === "" ? Number.NaN : Number(size) / rcParams["font.size"]);
  if (!Number.isFinite(scale))
    throw new Error(`'${size}' is not a valid size: a number or ${Object.keys(scales).join(", ")}`);
  return scale * rcParams["font.size"];
}
