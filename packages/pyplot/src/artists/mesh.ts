/** Cells with colours, as `pcolormesh` makes them. */
import { encodePng } from "../canvas/png.js";
import type { Canvas } from "../canvas/svg.js";
import { mapBytes } from "../color/norms.js";
import { extent } from "../data.js";
import { Box, Path, type Point } from "../geometry.js";
import type { Bounds, Frame } from "./artist.js";
import { Collection, type CollectionStyle } from "./collections.js";

/** The corners of the cells: (rows + 1) × (columns + 1) of them. */
export interface MeshCorners {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** A grid of cells, each of which has a value. */
export class QuadMesh extends Collection {
  readonly #corners: MeshCorners;

  constructor(corners: MeshCorners, style: CollectionStyle) {
    super(style, 0);
    this.#corners = corners;
  }

  /** The corners and the number of cells. */
  get corners(): MeshCorners {
    return this.#corners;
  }

  #corner(r: number, c: number, { transData }: Frame): Point {
    const { x, y, columns } = this.#corners;
    const i = r * (columns + 1) + c;
    return transData.map(x[i] as number, y[i] as number);
  }

  override draw(canvas: Canvas, frame: Frame): void {
    const { rows, columns } = this.#corners;
    const hasEdges = Array.isArray(this.collectionStyle.edgecolors) && this.collectionStyle.edgecolors.length > 0;
    const grid = hasEdges ? undefined : this.#evenBox(frame);
    if (grid) {
      canvas.image(encodePng(mapBytes(grid.arrange(this.array as Float64Array), this), columns, rows), grid.box, false);
      return;
    }
    const style = this.styles();
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const i = r * columns + c;
        const corners = [
          this.#corner(r, c, frame),
          this.#corner(r, c + 1, frame),
          this.#corner(r + 1, c + 1, frame),
          this.#corner(r + 1, c, frame),
        ];
        const { fill, stroke, ...rest } = style(i);
        // A hair line in the cell's colour closes the gap that smoothing leaves between neighbours.
        canvas.path(
          Path.polyline(corners, true),
          hasEdges ? { ...rest, fill, stroke } : { fill, stroke: fill, width: 0.3 },
        );
      }
    }
  }

  /** For cells that are all of one size, where they lie and how their colours stand in a picture of them. */
  #evenBox(frame: Frame): { box: Box; arrange: (values: Float64Array) => Float64Array } | undefined {
    const { rows, columns } = this.#corners;
    const [x0, y0] = this.#corner(0, 0, frame);
    const [x1, y1] = this.#corner(rows, columns, frame);
    const isEven = (at: Point, r: number, c: number): boolean =>
      Math.abs(at[0] - (x0 + ((x1 - x0) * c) / columns)) < 0.05 &&
      Math.abs(at[1] - (y0 + ((y1 - y0) * r) / rows)) < 0.05;
    for (let r = 0; r <= rows; r++)
      for (let c = 0; c <= columns; c++) if (!isEven(this.#corner(r, c, frame), r, c)) return undefined;
    const box = new Box(Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1));
    const place = (r: number, c: number): number =>
      (y1 < y0 ? rows - 1 - r : r) * columns + (x1 < x0 ? columns - 1 - c : c);
    const arrange = (values: Float64Array): Float64Array =>
      values.map((_, i) => values[place(Math.floor(i / columns), i % columns)] as number);
    return { box, arrange };
  }

  override bounds(): Bounds {
    const { x, y } = this.#corners;
    return { x, y, stickyX: extent(x), stickyY: extent(y) };
  }
}
