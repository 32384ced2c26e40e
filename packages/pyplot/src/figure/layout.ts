/** `tightLayout`: margins and gaps that leave room for all text. */
import type { Axes } from "../axes/axes.js";
import { Box } from "../geometry.js";
import { rcParams } from "../rc/rcParams.js";
import type { Figure } from "./figure.js";
import type { SubplotSpec } from "./gridspec.js";

export interface LayoutOptions {
  /** The space around, and between axes, in sizes of the font. */
  pad?: number | undefined;
  hPad?: number | undefined;
  wPad?: number | undefined;
  /** The part of the figure into which all has to fit: `[left, bottom, right, top]` in fractions. */
  rect?: readonly [number, number, number, number] | undefined;
}

/** The axes of one cell of the outermost grid: also twins, and a colorbar that took room from it. */
interface Cell {
  readonly spec: SubplotSpec;
  readonly axes: readonly Axes[];
}

function cellsOf(figure: Figure): Cell[] {
  const cells = new Map<string, { spec: SubplotSpec; axes: Axes[] }>();
  for (const axes of figure.axes) {
    if (!axes.subplotSpec || !axes.isVisible || axes.fixedPlace) continue;
    const spec = axes.subplotSpec.outermost;
    const key = String([spec.grid.nrows, spec.grid.ncols, spec.rows, spec.columns]);
    const cell = cells.get(key) ?? { spec, axes: [] };
    cell.axes.push(axes);
    cells.set(key, cell);
  }
  return [...cells.values()];
}

/** The room that is needed at each line between cells, the outer ones included; for each of the rows or columns. */
class Room {
  readonly #lines: number[][];

  constructor(count: number, across: number) {
    this.#lines = Array.from({ length: count + 1 }, () => new Array<number>(across).fill(0));
  }

  /** Adds room at a line, in the rows or columns from one to another. */
  add(line: number, from: number, to: number, room: number): void {
    const lanes = this.#lines[line] as number[];
    for (let lane = from; lane <= to; lane++) lanes[lane] = (lanes[lane] as number) + room;
  }

  /** The most at the first line, at the last one, and at one between. */
  get first(): number {
    return Math.max(0, ...(this.#lines[0] as number[]));
  }

  get last(): number {
    return Math.max(0, ...(this.#lines.at(-1) as number[]));
  }

  get between(): number {
    return Math.max(...this.#lines.slice(1, -1).flat());
  }
}

/** Sets the margins and gaps of a figure's grid; where there is not room enough, they stay as they are. */
export function fitLayout(figure: Figure, { pad = 1.08, hPad, wPad, rect = [0, 0, 1, 1] }: LayoutOptions = {}): void {
  const cells = cellsOf(figure);
  if (cells.length === 0) return;
  const rows = Math.max(...cells.map(({ spec }) => spec.grid.nrows));
  const columns = Math.max(...cells.map(({ spec }) => spec.grid.ncols));
  const [beside, above] = [new Room(columns, rows), new Room(rows, columns)];
  for (const { spec, axes } of cells) {
    // Cells of grids of other sizes are looked at by their share of the whole.
    const scale = (k: number, own: number, all: number): number => Math.round((k / own) * all);
    const [left, right] = [
      scale(spec.columns[0], spec.grid.ncols, columns),
      scale(spec.columns[1] + 1, spec.grid.ncols, columns),
    ];
    const [top, bottom] = [scale(spec.rows[0], spec.grid.nrows, rows), scale(spec.rows[1] + 1, spec.grid.nrows, rows)];
    const cell = Box.union(axes.map((one) => one.cell)) as Box;
    const tight = Box.union(axes.map((one) => one.tightBox())) as Box;
    beside.add(left, top, bottom - 1, cell.left - tight.left);
    beside.add(right, top, bottom - 1, tight.right - cell.right);
    above.add(top, left, right - 1, cell.top - tight.top);
    above.add(bottom, left, right - 1, tight.bottom - cell.bottom);
  }
  const { reserved, subplotParams, width, height } = figure;
  const size = rcParams["font.size"];
  /** A margin, with the words over all axes if there are some. */
  const margin = (room: number, words: number): number => room + pad * size + (words > 0 ? words + pad * size : 0);
  const next = {
    left: rect[0] + margin(beside.first, reserved.left) / width,
    right: rect[2] - margin(beside.last, 0) / width,
    bottom: rect[1] + margin(above.last, reserved.bottom) / height,
    top: rect[3] - margin(above.first, reserved.top) / height,
  };
  if (next.left >= next.right || next.bottom >= next.top) return;
  const wspace = gap(columns, (next.right - next.left) * width, beside, (wPad ?? pad) * size);
  const hspace = gap(rows, (next.top - next.bottom) * height, above, (hPad ?? pad) * size);
  if (wspace === null || hspace === null) return;
  Object.assign(subplotParams, next, wspace !== undefined && { wspace }, hspace !== undefined && { hspace });
}

/** The gap between cells as a share of their size; `null` where it leaves them no room. */
function gap(count: number, length: number, room: Room, pad: number): number | null | undefined {
  if (count === 1) return undefined;
  const space = room.between + pad;
  const cell = (length - space * (count - 1)) / count;
  return cell > 0 ? space / cell : null;
}
