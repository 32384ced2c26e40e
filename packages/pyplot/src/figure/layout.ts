/** `tightLayout`: margins and gaps that leave room for all text. */
import type { Axes } from "../axes/axes.js";
import { rcParams } from "../rc/rcParams.js";
import type { Figure } from "./figure.js";

export interface LayoutOptions {
  /** The space around, and between axes, in sizes of the font. */
  pad?: number | undefined;
  hPad?: number | undefined;
  wPad?: number | undefined;
  /** The part of the figure into which all has to fit: `[left, bottom, right, top]` in fractions. */
  rect?: readonly [number, number, number, number] | undefined;
}

/** How far the text of axes sticks out of their cell on each side, in points. */
function overhang(axes: Axes): { left: number; right: number; top: number; bottom: number } {
  const { cell } = axes;
  const tight = axes.tightBox();
  return {
    left: Math.max(0, cell.left - tight.left),
    right: Math.max(0, tight.right - cell.right),
    top: Math.max(0, cell.top - tight.top),
    bottom: Math.max(0, tight.bottom - cell.bottom),
  };
}

/** Sets the margins and gaps of a figure's grid. */
export function fitLayout(figure: Figure, { pad = 1.08, hPad, wPad, rect }: LayoutOptions = {}): void {
  const placed = figure.axes.filter((axes) => axes.subplotSpec && axes.isVisible && !axes.fixedPlace);
  if (placed.length === 0) return;
  const size = rcParams["font.size"];
  const margin = pad * size;
  const [between, beside] = [(hPad ?? pad) * size, (wPad ?? pad) * size];
  const cells = placed.map((axes) => ({
    spec: (axes.subplotSpec as NonNullable<Axes["subplotSpec"]>).outermost,
    out: overhang(axes),
  }));
  const rows = Math.max(...cells.map(({ spec }) => spec.grid.nrows));
  const columns = Math.max(...cells.map(({ spec }) => spec.grid.ncols));
  // Cells of grids of other sizes are looked at by their share of the whole.
  const edges = cells.map(({ spec, out }) => ({
    out,
    first: Math.round((spec.columns[0] / spec.grid.ncols) * columns),
    last: Math.round(((spec.columns[1] + 1) / spec.grid.ncols) * columns) - 1,
    top: Math.round((spec.rows[0] / spec.grid.nrows) * rows),
    bottom: Math.round(((spec.rows[1] + 1) / spec.grid.nrows) * rows) - 1,
  }));
  const most = (side: "left" | "right" | "top" | "bottom", isHere: (edge: (typeof edges)[number]) => boolean): number =>
    Math.max(0, ...edges.filter(isHere).map(({ out }) => out[side]));
  const { reserved } = figure;
  const [x0, y0, x1, y1] = rect ?? [0, 0, 1, 1];
  const left = margin + most("left", (e) => e.first === 0) + reserved.left;
  const right = margin + most("right", (e) => e.last === columns - 1);
  const top = margin + most("top", (e) => e.top === 0) + reserved.top;
  const bottom = margin + most("bottom", (e) => e.bottom === rows - 1) + reserved.bottom;
  const { subplotParams: params, width, height } = figure;
  const next = {
    left: x0 + left / width,
    right: x1 - right / width,
    bottom: y0 + bottom / height,
    top: y1 - top / height,
  };
  if (next.left >= next.right || next.bottom >= next.top) return;
  Object.assign(params, next);
  const gap = (count: number, of: (k: number) => number): number =>
    Math.max(0, ...Array.from({ length: count - 1 }, (_, k) => of(k)));
  if (columns > 1) {
    const wide =
      beside + gap(columns, (k) => most("right", (e) => e.last === k) + most("left", (e) => e.first === k + 1));
    const cell = ((next.right - next.left) * width - wide * (columns - 1)) / columns;
    if (cell > 0) params.wspace = wide / cell;
  }
  if (rows > 1) {
    const high =
      between + gap(rows, (k) => most("bottom", (e) => e.bottom === k) + most("top", (e) => e.top === k + 1));
    const cell = ((next.top - next.bottom) * height - high * (rows - 1)) / rows;
    if (cell > 0) params.hspace = high / cell;
  }
}
