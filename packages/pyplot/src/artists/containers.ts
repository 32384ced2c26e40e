/** Several artists that belong together and have one entry in the legend. */
import type { Canvas } from "../canvas/svg.js";
import { Box, Path, type Point } from "../geometry.js";
import type { LegendEntry } from "./artist.js";
import type { LineCollection } from "./collections.js";
import type { Line2D } from "./line.js";
import type { Patch } from "./patches.js";

/** The label of the parts of a container, which have no entries of their own. */
export const noLegend = "_nolegend_";

/** What may stand in a legend. */
export interface Labelled {
  readonly label: string;
  legendEntry(): LegendEntry | undefined;
}

/** The bars of one call. */
export class BarContainer implements Labelled {
  constructor(
    readonly patches: readonly Patch[],
    readonly errorbar: ErrorbarContainer | undefined,
    readonly datavalues: Float64Array,
    readonly orientation: "vertical" | "horizontal",
    /** Where the bars end, with their error bars. */
    readonly ends: readonly number[],
    readonly label: string,
  ) {}

  /** How many bars there are. */
  get length(): number {
    return this.patches.length;
  }

  [Symbol.iterator](): Iterator<Patch> {
    return this.patches[Symbol.iterator]();
  }

  legendEntry(): LegendEntry | undefined {
    const entry = this.patches[0]?.legendEntry();
    return entry && { ...entry, label: this.label };
  }
}

/** What `errorbar` draws. */
export class ErrorbarContainer implements Labelled {
  constructor(
    readonly line: Line2D | undefined,
    readonly caplines: readonly Line2D[],
    readonly barlines: readonly LineCollection[],
    readonly label: string,
    /** The direction of each of the sets of bars. */
    readonly directions: readonly ("x" | "y")[],
  ) {}

  *[Symbol.iterator](): Generator<unknown> {
    yield* [this.line, this.caplines, this.barlines];
  }

  legendEntry(): LegendEntry {
    return {
      label: this.label,
      draw: (canvas: Canvas, box: Box, scale: number): void => {
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const size = box.width / 4;
        const cap = (dx: number, dy: number) => new Box(x + dx, y + dy, x + dx, y + dy);
        for (const [i, direction] of this.directions.entries()) {
          const [dx, dy] = direction === "y" ? [0, size] : [size, 0];
          const ends = [cap(-dx, -dy), cap(dx, dy)];
          const bars = this.barlines[i] as LineCollection;
          canvas.path(Path.polyline(ends.map(({ left, top }): Point => [left, top])), bars.lineStyle()(0));
          for (const end of ends) this.caplines[2 * i]?.legendEntry().draw(canvas, end, scale);
        }
        this.line?.legendEntry().draw(canvas, box, scale);
      },
    };
  }
}

/** What `stem` draws; also as `[markerline, stemlines, baseline]`. */
export class StemContainer implements Labelled {
  constructor(
    readonly markerline: Line2D,
    readonly stemlines: LineCollection,
    readonly baseline: Line2D,
    readonly label: string,
  ) {}

  *[Symbol.iterator](): Generator<unknown> {
    yield* [this.markerline, this.stemlines, this.baseline];
  }

  legendEntry(): LegendEntry {
    return { ...this.markerline.legendEntry(), label: this.label };
  }
}
