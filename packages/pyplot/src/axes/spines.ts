/** The four lines around the plot. */
import { dashesOf, type LineStyle } from "../artists/artist.js";
import type { Canvas } from "../canvas/svg.js";
import { type Color, toRgba } from "../color/colors.js";
import { type Box, Path } from "../geometry.js";
import { rcParams } from "../rc/rcParams.js";

export type SpineName = "left" | "right" | "bottom" | "top";
/** Where a spine is: at a value of the data, a share of the axes, or so many points outwards. */
export type SpinePosition = "zero" | "center" | readonly ["data" | "axes" | "outward", number];

/** One of the lines. */
export class Spine {
  visible: boolean;
  color: Color = rcParams["axes.edgecolor"];
  linewidth: number = rcParams["axes.linewidth"];
  linestyle: LineStyle = "-";
  alpha: number | undefined;
  position: SpinePosition = ["outward", 0];
  bounds: readonly [number, number] | undefined;

  constructor(readonly name: SpineName) {
    this.visible = rcParams[`axes.spines.${name}`];
  }

  /** Shows it or hides it. */
  setVisible(visible: boolean): this {
    this.visible = visible;
    return this;
  }

  /** Sets the colour. */
  setColor(color: Color): this {
    toRgba(color);
    this.color = color;
    return this;
  }

  /** Sets the colour of the edge. */
  setEdgecolor(color: Color): this {
    return this.setColor(color);
  }

  /** Sets the width of lines, in points. */
  setLinewidth(width: number): this {
    this.linewidth = width;
    return this;
  }

  /** Sets the dashes: `"-"`, `"--"`, `"-."`, `":"` or `"None"`. */
  setLinestyle(style: LineStyle): this {
    dashesOf(style, 1);
    this.linestyle = style;
    return this;
  }

  /** Sets how opaque it is, from 0 to 1; `null` leaves the colours as they are. */
  setAlpha(alpha: number): this {
    this.alpha = alpha;
    return this;
  }

  /** Sets where it is: `"zero"`, `"center"`, or `["data" | "axes" | "outward", amount]`. */
  setPosition(position: SpinePosition): this {
    this.position = position;
    return this;
  }

  /** The part of the axis, in data, along which the line runs. */
  setBounds(low: number, high: number): this {
    this.bounds = [low, high];
    return this;
  }

  /** Where the line is, as a share of the box across its direction; `shareOf` gives that of a value. */
  share(box: Box, shareOf: (value: number) => number): number {
    const isFar = this.name === "right" || this.name === "top";
    if (this.position === "zero") return shareOf(0);
    if (this.position === "center") return 0.5;
    const [kind, amount] = this.position;
    if (kind === "data") return shareOf(amount);
    if (kind === "axes") return amount;
    const length = this.name === "left" || this.name === "right" ? box.width : box.height;
    return isFar ? 1 + amount / length : -amount / length;
  }

  /** Draws it across the box, from one share of its length to another. */
  draw(canvas: Canvas, box: Box, across: number, along: readonly [number, number]): void {
    if (!this.visible) return;
    const isUpright = this.name === "left" || this.name === "right";
    const ends = along.map((share) => (isUpright ? box.at(across, share) : box.at(share, across)));
    canvas.path(Path.polyline(ends), {
      stroke: toRgba(this.color, this.alpha),
      width: this.linewidth,
      dashes: dashesOf(this.linestyle, this.linewidth) ?? [],
      cap: "projecting",
    });
  }
}

/** The four of them, by name or several at once: `ax.spines.at(["top", "right"]).setVisible(false)`. */
export class Spines {
  readonly left = new Spine("left");
  readonly right = new Spine("right");
  readonly bottom = new Spine("bottom");
  readonly top = new Spine("top");

  *[Symbol.iterator](): Generator<Spine> {
    yield* [this.left, this.right, this.bottom, this.top];
  }

  /** Several spines, on which the same methods can be called; `":"` for all. */
  at(
    names: readonly SpineName[] | ":",
  ): Pick<Spine, "setVisible" | "setColor" | "setLinewidth" | "setLinestyle" | "setPosition"> {
    const chosen = names === ":" ? [...this] : names.map((name) => this[name]);
    const each =
      <A extends unknown[]>(act: (spine: Spine, ...args: A) => Spine) =>
      (...args: A): Spine => {
        for (const spine of chosen) act(spine, ...args);
        return chosen[0] as Spine;
      };
    return {
      setVisible: each((spine, visible: boolean) => spine.setVisible(visible)),
      setColor: each((spine, color: Color) => spine.setColor(color)),
      setLinewidth: each((spine, width: number) => spine.setLinewidth(width)),
      setLinestyle: each((spine, style: LineStyle) => spine.setLinestyle(style)),
      setPosition: each((spine, position: SpinePosition) => spine.setPosition(position)),
    };
  }
}
