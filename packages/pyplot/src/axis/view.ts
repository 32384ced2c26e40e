/** What all axes that share an axis have in common: limits, scale, ticks, categories. */

import type { Bounds } from "../artists/artist.js";
import { extent } from "../data.js";
import { FixedFormatter, type Formatter } from "./formatters.js";
import { FixedLocator, type Locator } from "./locators.js";
import { makeScale, type Scale } from "./scales.js";

/** Something with artists whose extent counts. */
export interface BoundsSource {
  artistBounds(): Iterable<Bounds>;
}

/** One direction of one or several axes. */
export class View {
  scale: Scale = makeScale("linear");
  locator: Locator = this.scale.makeLocator();
  formatter: Formatter = this.scale.makeFormatter();
  minorLocator: Locator = this.scale.makeMinorLocator();
  minorFormatter: Formatter = this.scale.makeMinorFormatter();
  /** Whether the limits follow the data. */
  autoscale = true;
  isInverted = false;
  margin: number | undefined;
  readonly sources = new Set<BoundsSource>();
  readonly #categories = new Map<string, number>();
  #limits: [number, number] = [0, 1];

  constructor(
    readonly direction: "x" | "y",
    readonly defaultMargin: () => number,
  ) {}

  /** Sets the scale, with the ticks that suit it. */
  setScale(scale: Scale): void {
    this.scale = scale;
    this.locator = scale.makeLocator();
    this.formatter = scale.makeFormatter();
    this.minorLocator = scale.makeMinorLocator();
    this.minorFormatter = scale.makeMinorFormatter();
  }

  /** The limits as they stand on the page: the left or lower one first. */
  get limits(): readonly [number, number] {
    if (!this.autoscale) return this.#limits;
    const [low, high] = this.#kept?.range ?? this.#fromData();
    if (this.#kept) this.#kept.range = [low, high];
    return this.isInverted ? [high, low] : [low, high];
  }

  /** What was found in the data, for as long as nothing changes: they are gone through once for a picture. */
  #kept: { range?: [number, number]; leastPositive?: number } | undefined;

  /** Does something in which neither data nor limits change but by `setLimits`. */
  static whileKept<T>(views: Iterable<View>, act: () => T): T {
    const fresh = [...new Set(views)].filter((view) => view.#kept === undefined);
    for (const view of fresh) view.#kept = {};
    try {
      return act();
    } finally {
      for (const view of fresh) view.#kept = undefined;
    }
  }

  /** Sets the limits; from then on they do not follow the data. */
  setLimits(first: number, last: number): void {
    this.#limits = [first, last];
    this.isInverted = first > last;
    this.autoscale = false;
  }

  /** Sets the lower and the upper limit, and keeps the direction. */
  setSorted(low: number, high: number): void {
    const [first, last] = this.limits;
    if (first > last) this.setLimits(high, low);
    else this.setLimits(low, high);
  }

  /** The limits, the lower one first. */
  get sorted(): readonly [number, number] {
    const [a, b] = this.limits;
    return a <= b ? [a, b] : [b, a];
  }

  /** The least positive value of the data, from which a logarithmic axis can begin. */
  get leastPositive(): number {
    if (this.#kept?.leastPositive !== undefined) return this.#kept.leastPositive;
    let least = Number.POSITIVE_INFINITY;
    for (const { values } of this.#spans()) {
      for (const value of values) if (value > 0 && value < least) least = value;
    }
    if (this.#kept) this.#kept.leastPositive = least;
    return least;
  }

  /** What counts for the limits, by artist. */
  *#spans(): Generator<{ values: Iterable<number>; sticky: readonly number[] }> {
    for (const source of this.sources) {
      for (const bounds of source.artistBounds()) {
        const values = this.direction === "x" ? bounds.x : bounds.y;
        const sticky = (this.direction === "x" ? bounds.stickyX : bounds.stickyY) ?? [];
        if (values) yield { values, sticky };
      }
    }
  }

  #fromData(): [number, number] {
    const sticky: number[] = [];
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const span of this.#spans()) {
      const found = extent(span.values);
      sticky.push(...span.sticky);
      if (!found) continue;
      low = Math.min(low, found[0]);
      high = Math.max(high, found[1]);
    }
    if (low > high && this.scale.name === "linear") return [0, 1];
    [low, high] = this.locator.nonsingular(low, high, this.leastPositive);
    const near = 1e-5 * Math.abs(high - low);
    const below = Math.max(...sticky.filter((s) => s <= low + near));
    const above = Math.min(...sticky.filter((s) => s >= high - near));
    const [from, to] = [this.scale.forward(low), this.scale.forward(high)];
    const margin = (to - from) * (this.margin ?? this.defaultMargin());
    if (!Number.isFinite(margin)) return [low, high];
    return [Math.max(this.scale.inverse(from - margin), below), Math.min(this.scale.inverse(to + margin), above)];
  }

  /** The places of categories; new names are put at the end, with ticks for all of them. */
  placesOf(names: readonly string[]): Float64Array {
    const places = Float64Array.from(names, (name) => {
      const place = this.#categories.get(name) ?? this.#categories.size;
      this.#categories.set(name, place);
      return place;
    });
    this.locator = new FixedLocator([...this.#categories.values()]);
    this.formatter = new FixedFormatter([...this.#categories.keys()]);
    return places;
  }

  /** The names of the categories, if there are any. */
  get names(): string[] | undefined {
    return this.#categories.size > 0 ? [...this.#categories.keys()] : undefined;
  }

  /** The place of a value as a share of the length of the axis. */
  share(value: number): number {
    const [a, b] = this.limits;
    const [from, to] = [this.scale.forward(a), this.scale.forward(b)];
    return (this.scale.forward(value) - from) / (to - from);
  }
}
