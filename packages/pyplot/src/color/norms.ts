/** How values become numbers from 0 to 1, for which a colormap has colours. */
import { extent } from "../data.js";
import type { Colormap } from "./colormaps.js";
import type { Rgba } from "./colors.js";

/** Evenly from `vmin` to `vmax`, which are the least and greatest value where they are not given. */
export class Normalize {
  readonly scaleName: "linear" | "log" | "symlog" = "linear";

  constructor(
    public vmin?: number,
    public vmax?: number,
    readonly clip = false,
  ) {}

  /** Takes the limits that are not set from values. */
  autoscaleNone(values: Iterable<number>): void {
    if (this.vmin !== undefined && this.vmax !== undefined) return;
    const found = extent(this.usable(values)) ?? [0, 1];
    this.vmin ??= found[0];
    this.vmax ??= found[1];
  }

  /** The values that can set a limit. */
  protected usable(values: Iterable<number>): Iterable<number> {
    return values;
  }

  protected forward(value: number): number {
    return value;
  }

  protected backward(value: number): number {
    return value;
  }

  /** The place of a value between the limits, from 0 to 1; outside of them it is less or more unless it is clipped. */
  call(value: number): number {
    const [low, high] = [this.forward(this.vmin ?? 0), this.forward(this.vmax ?? 1)];
    if (low === high) return Number.isNaN(value) ? value : 0;
    const place = (this.forward(value) - low) / (high - low);
    return this.clip ? Math.max(0, Math.min(1, place)) : place;
  }

  /** The value at a place from 0 to 1. */
  inverse(place: number): number {
    const [low, high] = [this.forward(this.vmin ?? 0), this.forward(this.vmax ?? 1)];
    return this.backward(low + place * (high - low));
  }
}

/** Evenly by the logarithm; values that are not positive have no place. */
export class LogNorm extends Normalize {
  override readonly scaleName = "log" as const;

  protected override *usable(values: Iterable<number>): Iterable<number> {
    for (const value of values) if (value > 0) yield value;
  }

  protected override forward(value: number): number {
    return value > 0 ? Math.log(value) : Number.NaN;
  }

  protected override backward(value: number): number {
    return Math.exp(value);
  }
}

/** By a power of the distance from `vmin`. */
export class PowerNorm extends Normalize {
  constructor(
    readonly gamma: number,
    vmin?: number,
    vmax?: number,
  ) {
    super(vmin, vmax);
  }

  override call(value: number): number {
    const place = super.call(value);
    return place <= 0 ? place : place ** this.gamma;
  }

  override inverse(place: number): number {
    return super.inverse(place ** (1 / this.gamma));
  }
}

/** Two even ranges that meet at `vcenter`, which lies in the middle of the colours. */
export class TwoSlopeNorm extends Normalize {
  constructor(
    readonly vcenter: number,
    vmin?: number,
    vmax?: number,
  ) {
    super(vmin, vmax);
  }

  override call(value: number): number {
    const [low, high] = [this.vmin ?? 0, this.vmax ?? 1];
    return value < this.vcenter
      ? (0.5 * (value - low)) / (this.vcenter - low)
      : 0.5 + (0.5 * (value - this.vcenter)) / (high - this.vcenter);
  }

  override inverse(place: number): number {
    const [low, high] = [this.vmin ?? 0, this.vmax ?? 1];
    return place < 0.5
      ? low + 2 * place * (this.vcenter - low)
      : this.vcenter + 2 * (place - 0.5) * (high - this.vcenter);
  }
}

/** One colour for each range between boundaries. */
export class BoundaryNorm extends Normalize {
  constructor(
    readonly boundaries: readonly number[],
    readonly ncolors: number,
  ) {
    super(boundaries[0], boundaries.at(-1));
  }

  override call(value: number): number {
    if (Number.isNaN(value)) return value;
    const bins = this.boundaries.length - 1;
    const bin = this.boundaries.findLastIndex((b) => b <= value);
    if (bin < 0) return -1;
    if (bin >= bins && value > (this.boundaries[bins] as number)) return 2;
    const place = bins > 1 ? Math.floor((Math.min(bin, bins - 1) * (this.ncolors - 1)) / (bins - 1)) : 0;
    return (place + 0.5) / this.ncolors;
  }
}

/** Something whose colours stand for values: an image, a scatter plot, a contour plot. A colorbar explains it. */
export interface Mappable {
  readonly cmap: Colormap;
  readonly norm: Normalize;
  readonly alpha?: number | undefined;
  /** The limits between filled contours, each of which has one colour, or the levels of lines. */
  readonly levels?: readonly number[] | undefined;
  /** The colours of filled contours. */
  readonly bandColors?: readonly Rgba[] | undefined;
  readonly isFilled?: boolean | undefined;
}

/** The colours of values. */
export function mapColors(values: Iterable<number>, { cmap, norm }: Pick<Mappable, "cmap" | "norm">): Rgba[] {
  return Array.from(values, (value) => cmap.at(norm.call(value)));
}

/** The colours of values as bytes: red, green, blue and opacity of each. */
export function mapBytes(values: Float64Array, { cmap, norm, alpha }: Mappable): Uint8Array {
  const byte = (part: number): number => Math.round(Math.max(0, Math.min(1, part)) * 255);
  const packed = new Map<Rgba, number>();
  const bytes = new Uint8Array(values.length * 4);
  const words = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const color = cmap.at(norm.call(values[i] as number));
    let word = packed.get(color);
    if (word === undefined) {
      const [r, g, b, a] = withAlpha(color, alpha);
      word = ((byte(r) << 24) | (byte(g) << 16) | (byte(b) << 8) | byte(a)) >>> 0;
      packed.set(color, word);
    }
    words.setUint32(4 * i, word);
  }
  return bytes;
}

/** Colours with an opacity, if one is given. */
export function withAlpha(color: Rgba, alpha: number | undefined): Rgba {
  return alpha === undefined ? color : [color[0], color[1], color[2], color[3] === 0 ? 0 : alpha];
}
