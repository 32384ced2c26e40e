/** Where ticks stand. */

import { power, powerOfTen } from "./powers.js";

/** What a locator needs to know of its axis. */
export interface AxisView {
  /** The limits, the lower one first. */
  readonly limits: readonly [number, number];
  /** How many labels there is room for. */
  readonly tickSpace: number;
  /** The least positive value of the data. */
  readonly leastPositive: number;
  readonly scaleName: string;
  majorTicks(): number[];
}

/** Finds the places of ticks. */
export abstract class Locator {
  abstract ticks(view: AxisView): number[];

  /** The ticks between two limits on an axis that has room for nine. */
  tickValues(vmin: number, vmax: number): number[] {
    const view = {
      limits: [vmin, vmax] as const,
      tickSpace: 9,
      leastPositive: 1e-300,
      scaleName: "linear",
      majorTicks: () => [],
    };
    return this.ticks(view);
  }

  /** Limits that are wide enough to draw. */
  nonsingular(low: number, high: number, _leastPositive: number): [number, number] {
    return widen(low, high, 0.05);
  }
}

/** Two limits that differ: equal ones are moved apart. */
export function widen(low: number, high: number, by: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [-by, by];
  const [a, b] = low <= high ? [low, high] : [high, low];
  const most = Math.max(Math.abs(a), Math.abs(b));
  if (most < 2.3e-287) return [-by, by];
  return b - a <= most * 1e-15 ? [a - by * Math.abs(a), b + by * Math.abs(b)] : [a, b];
}

const between = (count: number, least: number, most: number): number => Math.max(least, Math.min(most, count));

/** The greatest power of ten that is not above the size of a number. */
const unitOf = (value: number): number => powerOfTen(Math.floor(Math.log10(value)));

/** A part of long sums that is left out before counting, so that few digits are lost. */
function scaleRange(low: number, high: number, count: number): { scale: number; offset: number } {
  const middle = (low + high) / 2;
  const range = Math.abs(high - low);
  const offset = Math.abs(middle) / range < 100 ? 0 : Math.sign(middle) * unitOf(Math.abs(middle));
  return { scale: unitOf(range / count), offset };
}

/** Whether a number of steps is whole, but for rounding, at a distance `offset` from zero. */
function isWholeStep(place: number, whole: number, offset: number, step: number): boolean {
  const tolerance = offset > 0 ? Math.min(0.4999, Math.max(1e-10, 10 ** (Math.log10(offset / step) - 12))) : 1e-10;
  return Math.abs(place - whole) < tolerance;
}

export interface MaxNOptions {
  nbins?: number | "auto";
  steps?: readonly number[];
  integer?: boolean;
  minNTicks?: number;
  prune?: "lower" | "upper" | "both" | null;
  symmetric?: boolean;
}

/** At most so many intervals, at multiples of a round step. */
export class MaxNLocator extends Locator {
  readonly #options: Required<MaxNOptions>;
  readonly #steps: readonly number[];

  constructor(nbins: number | "auto" | MaxNOptions = 10, options: MaxNOptions = {}) {
    super();
    const given = typeof nbins === "object" ? nbins : { nbins, ...options };
    const steps = given.steps ?? [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
    this.#options = { nbins: 10, integer: false, minNTicks: 2, prune: null, symmetric: false, ...given, steps };
    const full = steps[0] === 1 ? [...steps] : [1, ...steps];
    if (full.at(-1) !== 10) full.push(10);
    this.#steps = [...full.slice(0, -1).map((s) => 0.1 * s), ...full, 10 * (full[1] as number)];
  }

  ticks({ limits, tickSpace }: AxisView): number[] {
    let [low, high] = limits;
    if (this.#options.symmetric) [low, high] = [-Math.max(-low, high), Math.max(-low, high)];
    [low, high] = widen(low, high, 1e-13);
    const found = this.#rawTicks(low, high, tickSpace);
    const { prune } = this.#options;
    return found.slice(
      prune === "lower" || prune === "both" ? 1 : 0,
      prune === "upper" || prune === "both" ? -1 : undefined,
    );
  }

  #rawTicks(vmin: number, vmax: number, tickSpace: number): number[] {
    const { nbins, integer, minNTicks } = this.#options;
    const bins = nbins === "auto" ? between(tickSpace, Math.max(1, minNTicks - 1), 9) : nbins;
    const { scale, offset } = scaleRange(vmin, vmax, bins);
    const [low, high] = [vmin - offset, vmax - offset];
    let steps = this.#steps.map((step) => step * scale);
    if (integer) steps = steps.filter((step) => step < 1 || Math.abs(step - Math.round(step)) < 0.001);
    const enough = steps.findIndex((step) => step >= (high - low) / bins);
    let ticks: number[] = [];
    for (let i = enough < 0 ? steps.length - 1 : enough; i >= 0; i--) {
      let step = steps[i] as number;
      if (integer && Math.floor(high) - Math.ceil(low) >= minNTicks - 1) step = Math.max(1, step);
      const base = Math.floor(low / step) * step;
      const size = Math.abs(offset);
      let from = Math.floor((low - base) / step);
      if (isWholeStep((low - base) / step, from + 1, size, step)) from++;
      let to = Math.floor((high - base) / step);
      if (!isWholeStep((high - base) / step, to, size, step)) to++;
      ticks = Array.from({ length: to - from + 1 }, (_, k) => (from + k) * step + base);
      if (ticks.filter((tick) => tick >= low && tick <= high).length >= minNTicks) break;
    }
    return ticks.map((tick) => tick + offset);
  }
}

/** As many ticks as there is room for, at multiples of 1, 2, 2.5 or 5. */
export class AutoLocator extends MaxNLocator {
  constructor() {
    super("auto", { steps: [1, 2, 2.5, 5, 10] });
  }
}

/** No ticks. */
export class NullLocator extends Locator {
  ticks(): number[] {
    return [];
  }
}

/** Ticks at given places. */
export class FixedLocator extends Locator {
  constructor(readonly locs: readonly number[]) {
    super();
  }

  ticks(): number[] {
    return [...this.locs];
  }
}

/** Ticks at the multiples of a number. */
export class MultipleLocator extends Locator {
  constructor(
    readonly base = 1,
    readonly offset = 0,
  ) {
    super();
  }

  ticks({ limits: [low, high] }: AxisView): number[] {
    const first = Math.ceil((low - this.offset) / this.base - 1e-10);
    const last = Math.floor((high - this.offset) / this.base + 1e-10);
    if (last - first > 1000)
      throw new Error(`Locator attempting to generate ${last - first + 1} ticks, which exceeds 1000`);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * this.base + this.offset);
  }
}

/** So many ticks at even distances from one limit to the other. */
export class LinearLocator extends Locator {
  constructor(readonly numticks = 11) {
    super();
  }

  ticks({ limits: [low, high] }: AxisView): number[] {
    return Array.from({ length: this.numticks }, (_, i) => low + ((high - low) * i) / (this.numticks - 1));
  }
}

/** Four or five minor ticks for each major one. */
export class AutoMinorLocator extends Locator {
  constructor(readonly n?: number) {
    super();
  }

  ticks({ limits: [low, high], majorTicks }: AxisView): number[] {
    const [first, second] = majorTicks();
    if (first === undefined || second === undefined) return [];
    const step = second - first;
    const mantissa = 10 ** (((Math.log10(step) % 1) + 1) % 1);
    const isFive = [1, 2.5, 5, 10].some((m) => Math.abs(m - mantissa) < 1e-5 * m + 1e-8);
    const minor = step / (this.n ?? (isFive ? 5 : 4));
    const from = Math.floor((low - first) / minor) + 1;
    const to = Math.floor((high - first) / minor);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => (from + i) * minor + first);
  }
}

export interface LogLocatorOptions {
  base?: number;
  subs?: readonly number[] | "auto" | "all";
  numticks?: number | "auto";
}

/** Ticks at powers of a base, or between them. */
export class LogLocator extends Locator {
  readonly #options: Required<LogLocatorOptions>;

  constructor(options: LogLocatorOptions = {}) {
    super();
    this.#options = { base: 10, subs: [1], numticks: "auto", ...options };
  }

  override nonsingular(low: number, high: number, leastPositive: number): [number, number] {
    if (!Number.isFinite(low) || !Number.isFinite(high) || high <= 0) return [1, 10];
    const { base } = this.#options;
    const positive = low <= 0 ? (Number.isFinite(leastPositive) ? leastPositive : 1e-300) : low;
    if (positive !== high) return [positive, high];
    const place = Math.log(high) / Math.log(base);
    return [power(base, Math.ceil(place - 1e-10) - 1), power(base, Math.floor(place + 1e-10) + 1)];
  }

  ticks(view: AxisView): number[] {
    const { base, subs: given, numticks } = this.#options;
    let [low, high] = view.limits;
    if (low <= 0) low = view.leastPositive;
    if (!(low > 0) || !Number.isFinite(low)) {
      throw new Error("Data has no positive values, and therefore can not be log-scaled.");
    }
    if (high < low) [low, high] = [high, low];
    const count = numticks === "auto" ? between(view.tickSpace, 2, 9) : numticks;
    const [from, to] = [Math.log(low) / Math.log(base), Math.log(high) / Math.log(base)];
    const decades = Math.floor(to) - Math.ceil(from);
    const subs = this.#subs(given, decades, base);
    if (subs.length === 0) return [];
    let stride = Math.floor((decades + 1) / count) + 1;
    if (stride >= decades) stride = Math.max(1, decades - 1);
    const isMinor = subs.length > 1 || subs[0] !== 1;
    if (isMinor && stride > 1) return [];
    const ticks: number[] = [];
    for (let k = Math.floor(from) - stride; k < Math.ceil(to) + 2 * stride; k += stride) {
      for (const sub of subs) ticks.push(sub * power(base, k));
    }
    const isAlone = subs.length > 1 && ticks.filter((tick) => tick >= low && tick <= high).length <= 1;
    return isAlone ? new AutoLocator().ticks({ ...view, limits: [low, high] }) : ticks;
  }

  #subs(given: readonly number[] | "auto" | "all", decades: number, base: number): readonly number[] {
    if (typeof given !== "string") return given;
    if (decades > 10 || base < 3) return given === "auto" ? [] : [1];
    const first = given === "auto" ? 2 : 1;
    return Array.from({ length: Math.ceil(base) - first }, (_, i) => first + i);
  }
}

/** Ticks at powers on both sides of zero. */
export class SymmetricalLogLocator extends Locator {
  constructor(
    readonly base: number,
    readonly linthresh: number,
  ) {
    super();
  }

  ticks({ limits: [low, high] }: AxisView): number[] {
    const { base, linthresh } = this;
    if (-linthresh < low && high < linthresh) return [low, high];
    const decades = (from: number, to: number): [number, number] => [
      Math.floor(Math.log(from) / Math.log(base)),
      Math.ceil(Math.log(to) / Math.log(base)),
    ];
    const hasNegative = low < -linthresh;
    const hasPositive = high > linthresh;
    const hasZero = (hasNegative && high > -linthresh) || (hasPositive && low < linthresh);
    const [n0, n1] = hasNegative ? decades(Math.abs(Math.min(-linthresh, high)), Math.abs(low) + 1) : [0, 0];
    const [p0, p1] = hasPositive ? decades(Math.max(linthresh, low), high + 1) : [0, 0];
    const stride = Math.max(1, Math.floor((n1 - n0 + p1 - p0 + (hasZero ? 1 : 0)) / 14));
    const negative: number[] = [];
    const positive: number[] = [];
    for (let k = n0; k < n1; k += stride) negative.unshift(-power(base, k));
    for (let k = p0; k < p1; k += stride) positive.push(power(base, k));
    return [...negative, ...(hasZero ? [0] : []), ...positive];
  }
}

/** Ticks at …, 0.01, 0.1, 0.5, 0.9, 0.99, … */
export class LogitLocator extends Locator {
  constructor(readonly isMinor = false) {
    super();
  }

  override nonsingular(low: number, high: number): [number, number] {
    return low > 0 && high < 1 && low < high ? [low, high] : [1e-7, 1 - 1e-7];
  }

  ticks({ limits: [low, high] }: AxisView): number[] {
    const ticks: number[] = this.isMinor ? [] : [0.5];
    const deepest = Math.ceil(-Math.log10(Math.max(1e-15, Math.min(low, 1 - high))));
    for (let k = 1; k <= deepest; k++) {
      const subs = this.isMinor ? (k === 1 ? [2, 3, 4] : [2, 3, 4, 5, 6, 7, 8, 9]) : [1];
      for (const sub of subs) ticks.push(sub * powerOfTen(-k), 1 - sub * powerOfTen(-k));
    }
    return ticks.filter((tick) => tick >= low && tick <= high).sort((a, b) => a - b);
  }
}
