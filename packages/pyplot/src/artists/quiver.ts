/** A field of arrows. */
import type { Canvas } from "../canvas/svg.js";
import { Path, type Point } from "../geometry.js";
import type { Bounds, Frame } from "./artist.js";
import { Collection, type CollectionStyle } from "./collections.js";

export interface QuiverStyle extends CollectionStyle {
  /** How long a vector is that is drawn as long as the axes are wide; from the vectors if it is not given. */
  scale?: number | undefined;
  /** The width of the shafts as a share of the width of the axes. */
  width?: number | undefined;
  headwidth: number;
  headlength: number;
  headaxislength: number;
  minshaft: number;
  minlength: number;
  pivot: "tail" | "mid" | "middle" | "tip";
  /** Whether directions are those on the page, or those in the data. */
  angles: "uv" | "xy";
  scaleUnits?: "xy" | "width" | undefined;
}

/** Arrows at points. */
export class Quiver extends Collection {
  constructor(
    readonly xs: Float64Array,
    readonly ys: Float64Array,
    readonly us: Float64Array,
    readonly vs: Float64Array,
    readonly style: QuiverStyle,
  ) {
    super(style, 1);
  }

  override draw(canvas: Canvas, frame: Frame): void {
    const { box, transData } = frame;
    const count = this.xs.length;
    const sizes = this.us.map((u, i) => Math.hypot(u, this.vs[i] as number));
    const mean = sizes.reduce((a, b) => a + (Number.isFinite(b) ? b : 0), 0) / Math.max(1, count);
    const scale = this.style.scale ?? 1.8 * mean * Math.max(10, Math.sqrt(count));
    const shaft = (this.style.width ?? 0.06 / Math.max(8, Math.min(25, Math.sqrt(count)))) * box.width;
    const look = this.styles();
    for (let i = 0; i < count; i++) {
      const [u, v] = [this.us[i] as number, this.vs[i] as number];
      const at = transData.map(this.xs[i] as number, this.ys[i] as number);
      const end = transData.map((this.xs[i] as number) + u, (this.ys[i] as number) + v);
      const angle = this.style.angles === "xy" ? Math.atan2(at[1] - end[1], end[0] - at[0]) : Math.atan2(v, u);
      const length =
        this.style.scaleUnits === "xy"
          ? Math.hypot(end[0] - at[0], end[1] - at[1]) / (this.style.scale ?? 1)
          : ((sizes[i] as number) / scale) * box.width;
      if (!Number.isFinite(length)) continue;
      const { stroke: _, ...style } = look(i);
      canvas.path(
        this.#arrow(length / shaft).transform((a, b) => turned([at[0], at[1]], angle, a * shaft, b * shaft)),
        style,
      );
    }
  }

  /** The outline of an arrow whose shaft is one wide, lying on the x axis. */
  #arrow(length: number): Path {
    const { headwidth, headlength, headaxislength, minshaft, minlength, pivot } = this.style;
    if (length < minlength) return Path.ellipse(0, 0, minlength / 2, minlength / 2);
    // Short arrows are small pictures of the shortest one whose head is whole.
    const least = minshaft * headlength;
    const shrink = length < least ? length / least : 1;
    const whole = length / shrink;
    const outline: Point[] = [
      [0, 0.5],
      [whole - headaxislength, 0.5],
      [whole - headlength, headwidth / 2],
      [whole, 0],
      [whole - headlength, -headwidth / 2],
      [whole - headaxislength, -0.5],
      [0, -0.5],
    ];
    const back = { tail: 0, mid: length / 2, middle: length / 2, tip: length }[pivot];
    return Path.polyline(
      outline.map(([a, b]): Point => [a * shrink - back, b * shrink]),
      true,
    );
  }

  override bounds(): Bounds {
    return { x: this.xs, y: this.ys };
  }
}

function turned([x, y]: Point, angle: number, a: number, b: number): Point {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [x + a * cos - b * sin, y - (a * sin + b * cos)];
}
