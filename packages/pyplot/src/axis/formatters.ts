/** What stands at ticks. */
import { rcParams } from "../rc/rcParams.js";
import type { AxisView } from "./locators.js";
import { powerOfTen } from "./powers.js";

/** Writes the labels of ticks. */
export abstract class Formatter {
  /** Looks at all ticks before one of them is written. */
  setTicks(_ticks: readonly number[], _view: AxisView): void {}
  abstract format(value: number, position: number): string;
  /** What stands at the end of the axis: a factor or an offset of all labels. */
  offsetText(): string {
    return "";
  }
}

/** A minus sign as printed, unless `axes.unicode_minus` is off. */
export function fixMinus(text: string): string {
  return rcParams["axes.unicode_minus"] ? text.replaceAll("-", "−") : text;
}

/** As C's `%g`. */
export function general(value: number, digits = 6): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  if (exponent >= -4 && exponent < digits) {
    const text = value.toFixed(Math.max(0, digits - 1 - exponent));
    return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  }
  const [mantissa = "", power = ""] = value.toExponential(digits - 1).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

const orderOf = (value: number): number => Math.floor(Math.log10(value));

export interface ScalarFormatterOptions {
  useOffset?: boolean | number;
  scientific?: boolean;
  powerlimits?: readonly number[];
}

/** Numbers with as many digits as tell the ticks apart, a common factor or offset at the end of the axis. */
export class ScalarFormatter extends Formatter {
  useOffset: boolean | number;
  scientific: boolean;
  powerlimits: readonly number[];
  #offset = 0;
  #order = 0;
  #digits = 0;
  #isEmpty = true;

  constructor(options: ScalarFormatterOptions = {}) {
    super();
    this.useOffset = options.useOffset ?? rcParams["axes.formatter.useoffset"];
    this.scientific = options.scientific ?? true;
    this.powerlimits = options.powerlimits ?? rcParams["axes.formatter.limits"];
  }

  override setTicks(ticks: readonly number[], { limits }: AxisView): void {
    this.#isEmpty = ticks.length === 0;
    if (this.#isEmpty) return;
    const seen = ticks.filter((tick) => tick >= limits[0] && tick <= limits[1]);
    this.#offset = typeof this.useOffset === "number" ? this.useOffset : this.useOffset ? offsetOf(seen) : 0;
    this.#order = this.#orderOfMagnitude(seen, limits);
    this.#digits = this.#digitsFor(ticks, limits);
  }

  #orderOfMagnitude(seen: readonly number[], [low, high]: readonly [number, number]): number {
    const [least, most] = this.powerlimits as readonly [number, number];
    if (!this.scientific) return 0;
    if (least === most && least !== 0) return least;
    if (seen.length === 0) return 0;
    const greatest = this.#offset ? high - low : Math.max(...seen.map(Math.abs));
    const order = greatest === 0 ? 0 : orderOf(greatest);
    return order <= least || order >= most ? order : 0;
  }

  #digitsFor(ticks: readonly number[], limits: readonly [number, number]): number {
    const scaled = (values: readonly number[]) => values.map((v) => (v - this.#offset) / powerOfTen(this.#order));
    const all = scaled(ticks.length < 2 ? [...ticks, ...limits] : ticks);
    const range = Math.max(...all) - Math.min(...all) || Math.max(...all.map(Math.abs)) || 1;
    const order = orderOf(range);
    const written = scaled(ticks);
    const threshold = 1e-3 * powerOfTen(order);
    let digits = Math.max(0, 3 - order);
    const error = (d: number): number =>
      Math.max(...written.map((v) => Math.abs(v - Math.round(v * powerOfTen(d)) / powerOfTen(d))));
    while (digits >= 0 && error(digits) < threshold) digits--;
    return digits + 1;
  }

  format(value: number): string {
    if (this.#isEmpty) return "";
    const scaled = (value - this.#offset) / powerOfTen(this.#order);
    return fixMinus((Math.abs(scaled) < 1e-8 ? 0 : scaled).toFixed(Math.min(100, this.#digits)));
  }

  override offsetText(): string {
    if (this.#isEmpty) return "";
    const factor = this.#order === 0 ? "" : `1e${this.#order}`;
    const sign = this.#offset > 0 ? "+" : "";
    return fixMinus(factor + (this.#offset === 0 ? "" : sign + significand(this.#offset)));
  }
}

/** A number as its digits and a power of ten. */
function significand(value: number): string {
  const exponent = orderOf(Math.abs(value));
  const digits = general(Math.round((value / powerOfTen(exponent)) * 1e10) / 1e10, 10);
  return exponent === 0 ? digits : `${digits}e${exponent}`;
}

/** What all ticks have in common, if that saves digits enough. */
function offsetOf(seen: readonly number[]): number {
  const [low, high] = [Math.min(...seen), Math.max(...seen)];
  if (seen.length === 0 || low === high || (low <= 0 && high >= 0)) return 0;
  const [least, most] = [Math.abs(low), Math.abs(high)].sort((a, b) => a - b) as [number, number];
  const top = Math.ceil(Math.log10(most));
  const floor = (value: number, order: number): number => Math.floor(value / powerOfTen(order));
  const firstOrder = (differs: (order: number) => boolean): number => {
    let order = top;
    while (!differs(order)) order--;
    return order + 1;
  };
  let order = firstOrder((o) => floor(least, o) !== floor(most, o));
  if ((most - least) / powerOfTen(order) <= 1e-2) order = firstOrder((o) => floor(most, o) - floor(least, o) > 1);
  const isWorth = floor(most, order) >= powerOfTen(rcParams["axes.formatter.offset_threshold"] - 1);
  return isWorth ? Math.sign(low) * floor(most, order) * powerOfTen(order) : 0;
}

const isNearWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-10;

export interface LogFormatterOptions {
  base?: number;
  labelOnlyBase?: boolean;
  linthresh?: number | undefined;
}

/** Powers, as `10²`; ticks between them only where the axis spans less than a power. */
export class LogFormatterSciNotation extends Formatter {
  readonly #base: number;
  readonly #onlyBase: boolean;
  readonly #linthresh: number | undefined;
  #labelled: ReadonlySet<number> | undefined;

  constructor({ base = 10, labelOnlyBase = false, linthresh }: LogFormatterOptions = {}) {
    super();
    this.#base = base;
    this.#onlyBase = labelOnlyBase;
    this.#linthresh = linthresh;
  }

  override setTicks(_ticks: readonly number[], { limits: [low, high] }: AxisView): void {
    const base = this.#base;
    if (low <= 0 && this.#linthresh === undefined) {
      this.#labelled = new Set([1]);
      return;
    }
    const power = (a: number, b: number): number => Math.log(b / a) / Math.log(base);
    let span: number;
    if (this.#linthresh === undefined) span = Math.abs(power(low, high));
    else {
      const threshold = this.#linthresh;
      span = low < -threshold ? power(-Math.min(high, -threshold), -low) : 0;
      if (high > threshold) span += power(Math.max(low, threshold), high);
    }
    const whole = Math.floor(base);
    if (span > 1) this.#labelled = new Set([1]);
    else if (span > 0.4) {
      const count = Math.floor(whole / 2) + 1;
      this.#labelled = new Set(Array.from({ length: count }, (_, i) => Math.round(base ** (i / (count - 1)))));
    } else this.#labelled = new Set(Array.from({ length: whole }, (_, i) => i + 1));
  }

  format(value: number): string {
    if (value === 0) return "$\\mathdefault{0}$";
    const base = this.#base;
    const sign = value < 0 ? "-" : "";
    const power = Math.log(Math.abs(value)) / Math.log(base);
    const isPower = isNearWhole(power);
    const exponent = isPower ? Math.round(power) : Math.floor(power);
    const factor = base ** (power - exponent);
    if (this.#onlyBase && !isPower) return "";
    if (this.#labelled && !this.#labelled.has(Math.round(factor))) return "";
    if (isPower) return `$\\mathdefault{${sign}${base}^{${exponent}}}$`;
    const shown = isNearWhole(factor) ? Math.round(factor) : general(factor);
    return `$\\mathdefault{${sign}${shown}\\times${base}^{${exponent}}}$`;
  }
}

/** Shares between 0 and 1, as `10⁻²`, `½`, `1 − 10⁻²`. */
export class LogitFormatter extends Formatter {
  format(value: number): string {
    if (Math.abs(value - 0.5) < 1e-10) return "$\\mathdefault{\\frac{1}{2}}$";
    const [share, prefix] = value < 0.5 ? [value, ""] : [1 - value, "1-"];
    const power = Math.log10(share);
    return isNearWhole(power) ? `$\\mathdefault{${prefix}10^{${Math.round(power)}}}$` : "";
  }
}

/** Nothing. */
export class NullFormatter extends Formatter {
  format(): string {
    return "";
  }
}

/** One text for each tick, in their order. */
export class FixedFormatter extends Formatter {
  constructor(readonly labels: readonly string[]) {
    super();
  }

  format(_value: number, position: number): string {
    return this.labels[position] ?? "";
  }
}

/** What a function makes of the value and the place. */
export class FuncFormatter extends Formatter {
  constructor(readonly func: (value: number, position: number) => string) {
    super();
  }

  format(value: number, position: number): string {
    return this.func(value, position);
  }
}

/** A text with `{x}` in the place of the value: `"{x:.1f} km"`. */
export class StrMethodFormatter extends Formatter {
  constructor(readonly fmt: string) {
    super();
  }

  format(value: number, position: number): string {
    return this.fmt.replace(/\{(x|pos)(?::([^}]*))?\}/g, (_, name: string, spec = "") =>
      formatNumber(name === "x" ? value : position, spec as string),
    );
  }
}

/** Shares of `xmax` in percent. */
export class PercentFormatter extends Formatter {
  #digits = 0;

  constructor(
    readonly xmax = 100,
    readonly decimals?: number,
    readonly symbol = "%",
  ) {
    super();
  }

  override setTicks(_ticks: readonly number[], { limits: [low, high] }: AxisView): void {
    const range = (100 * Math.abs(high - low)) / this.xmax;
    this.#digits = range > 0 ? between(Math.ceil(2 - Math.log10(2 * range)), 0, 5) : 0;
  }

  format(value: number): string {
    return `${fixMinus(((100 * value) / this.xmax).toFixed(this.decimals ?? this.#digits))}${this.symbol}`;
  }
}

const between = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/** A number by a format of Python's: `.2f`, `d`, `.1%`, `.3g`, `.1e`, `,`. */
export function formatNumber(value: number, spec: string): string {
  const found = /^(\+?)(,?)(?:\.(\d+))?([fdeg%]?)$/.exec(spec.replace(/^0?>?\d*(?=[.,fdeg%]|$)/, ""));
  if (!found) throw new Error(`Invalid format specifier '${spec}'`);
  const [, plus = "", comma = "", digits, type = ""] = found;
  const d = digits === undefined ? 6 : Number(digits);
  let text: string;
  if (type === "f") text = value.toFixed(d);
  else if (type === "%") text = `${(value * 100).toFixed(d)}%`;
  else if (type === "e") text = value.toExponential(d).replace(/e([+-])(\d)$/, "e$10$2");
  else if (type === "g") text = general(value, d || 1);
  else if (type === "d") text = String(Math.round(value));
  else text = digits === undefined ? String(value) : general(value, d);
  if (comma)
    text = text.replace(
      /^(-?)(\d+)/,
      (_, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ","),
    );
  return plus && value >= 0 ? `+${text}` : text;
}

/** A number by an old format of C's, `"%1.1f%%"`. */
export function formatPercent(format: string, value: number): string {
  return format.replace(/%(?:(%)|([+]?)\d*(?:\.(\d+))?([dfeg]))/g, (_, percent, plus = "", digits, type) =>
    percent ? "%" : formatNumber(value, `${plus}${digits === undefined ? "" : `.${digits}`}${type}`),
  );
}

/** A number in a text that has a place for it, `"{x:.1f}"` or `"%.1f"`. */
export function formatText(format: string, value: number): string {
  if (!format.includes("{")) return formatPercent(format, value);
  return format.replace(/\{x?:?([^}]*)\}/, (_, spec: string) => formatNumber(value, spec));
}
