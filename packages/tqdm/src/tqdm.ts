/** Progress bars around loops, with tqdm's names. */
import { type Line, type Output, openLine, writeLine } from "./display.js";
import { formatMeter, formatNumber, type Meter } from "./meter.js";

export interface TqdmOptions {
  /** What stands in front of the bar. */
  desc?: string;
  /** How many iterations there are; the length of what is iterated over unless given. */
  total?: number;
  /** Whether the bar stays when it is done; true unless given. */
  leave?: boolean;
  /** Where it is written; the process's error output unless given. */
  file?: Output;
  /** How many columns it takes; the terminal's width unless given. */
  ncols?: number;
  /** Least seconds between two drawings; 0.1 on a terminal and 10 elsewhere unless given. */
  mininterval?: number;
  /** Draws nothing at all. */
  disable?: boolean;
  /** What an iteration is called; `"it"` unless given. */
  unit?: string;
  /** Whether large numbers are written with `k`, `M`, …. */
  unitScale?: boolean;
  /** Draws the bar with `#` and digits. */
  ascii?: boolean;
  /** Iterations that were done before. */
  initial?: number;
  /** What stands at the end. */
  postfix?: Postfix;
  /** How much the newest speed counts in the one that is shown, from 0 (the mean of all) to 1; 0.3 unless given. */
  smoothing?: number;
}

/** Values by name, for the end of the bar; numbers are shown in three digits. */
export type Postfix = Readonly<Record<string, unknown>>;

const optionNames: Readonly<Record<keyof TqdmOptions, string>> = {
  desc: "string",
  total: "number",
  leave: "boolean",
  file: "object",
  ncols: "number",
  mininterval: "number",
  disable: "boolean",
  unit: "string",
  unitScale: "boolean",
  ascii: "boolean",
  initial: "number",
  postfix: "object",
  smoothing: "number",
};

function checkOptions(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const wanted = optionNames[name as keyof TqdmOptions];
    if (wanted === undefined) {
      throw new TypeError(`tqdm(): no option '${name}'; there are ${Object.keys(optionNames).join(", ")}`);
    }
    if (value !== undefined && typeof value !== wanted) {
      throw new TypeError(`tqdm(): option '${name}' must be a ${wanted}, not ${typeof value}`);
    }
  }
}

const now = () => performance.now() / 1000;

/**
 * A progress bar. Going through it goes through what it was made of; without that, `update` moves it.
 *
 * On a terminal it is drawn in its place, bars of inner loops below those of outer ones; elsewhere a line is written
 * every ten seconds and at the end.
 */
export class Tqdm<T = never> implements Iterable<T>, AsyncIterable<T>, Disposable {
  readonly #iterable: Iterable<T> | AsyncIterable<T> | undefined;
  readonly #options: TqdmOptions;
  readonly #output: Output;
  readonly #mininterval: number;
  readonly #start = now();
  #line: Line | undefined;
  #meter: Meter;
  #shownAt: number;
  #shownN: number;
  #rate: number | undefined;

  /** @internal */
  constructor(iterable: Iterable<T> | AsyncIterable<T> | undefined, options: TqdmOptions) {
    checkOptions(options);
    this.#iterable = iterable;
    this.#options = options;
    this.#output = options.file ?? process.stderr;
    this.#mininterval = options.mininterval ?? (this.#output.isTTY ? 0.1 : 10);
    const { initial = 0, desc, unit, unitScale, ascii } = options;
    const total = options.total ?? lengthOf(iterable);
    this.#meter = { n: initial, total, elapsed: 0, desc, unit, unitScale, ascii, postfix: textOf(options.postfix) };
    this.#shownAt = this.#start;
    this.#shownN = initial;
    if (!options.disable) this.#line = openLine(this.#output, () => this.toString());
  }

  /** Iterations so far. */
  get n(): number {
    return this.#meter.n;
  }

  set n(value: number) {
    this.#meter.n = value;
  }

  /** Iterations in all; undefined if nobody knows. */
  get total(): number | undefined {
    return this.#meter.total;
  }

  set total(value: number | undefined) {
    this.#meter.total = value;
  }

  *[Symbol.iterator](): Iterator<T> {
    if (!isIterable<T>(this.#iterable)) throw new TypeError("this bar has nothing to go through; use update()");
    try {
      for (const item of this.#iterable) {
        yield item;
        this.update();
      }
    } finally {
      this.close();
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    if (this.#iterable === undefined) throw new TypeError("this bar has nothing to go through; use update()");
    try {
      for await (const item of this.#iterable) {
        yield item;
        this.update();
      }
    } finally {
      this.close();
    }
  }

  /** Moves the bar by so many iterations. */
  update(n = 1): void {
    this.#meter.n += n;
    if (this.#line === undefined) return;
    const time = now();
    if (time - this.#shownAt < this.#mininterval) return;
    this.#measure(time);
    this.#line.refresh();
  }

  /** Takes the newest speed into the mean. */
  #measure(time: number): void {
    const newest = (this.#meter.n - this.#shownN) / (time - this.#shownAt);
    const { smoothing = 0.3 } = this.#options;
    if (newest > 0 && smoothing > 0) {
      this.#rate = this.#rate === undefined ? newest : smoothing * newest + (1 - smoothing) * this.#rate;
    }
    this.#shownAt = time;
    this.#shownN = this.#meter.n;
  }

  /** Draws the bar as it is now. */
  refresh(): void {
    this.#line?.refresh();
  }

  /** Changes what stands in front of the bar. */
  setDescription(desc = ""): void {
    this.#meter.desc = desc;
    this.#redraw();
  }

  /**
   * Shows values at the end of the bar.
   *
   * @example bar.setPostfix({ loss: loss.item() });
   */
  setPostfix(postfix: Postfix): void {
    this.setPostfixStr(textOf(postfix));
  }

  /** Shows a text at the end of the bar. */
  setPostfixStr(text: string): void {
    this.#meter.postfix = text;
    this.#redraw();
  }

  /** What changes beside the numbers is shown at once on a terminal, and with the next line elsewhere. */
  #redraw(): void {
    if (this.#output.isTTY && now() - this.#shownAt >= this.#mininterval) this.#line?.refresh();
  }

  /** Starts again from 0. */
  reset(total: number | undefined = this.#meter.total): void {
    this.#meter.n = 0;
    this.#meter.total = total;
    this.#rate = undefined;
    this.#shownN = 0;
    this.refresh();
  }

  /** Ends the bar; it stays where it is unless `leave` is false. */
  close(): void {
    const line = this.#line;
    this.#line = undefined;
    // The whole time counts in the end, not the speed of the last steps.
    this.#rate = undefined;
    line?.end(this.#options.leave ?? true);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  toString(): string {
    const ncols = this.#options.ncols ?? (this.#output.isTTY ? this.#output.columns : undefined);
    return formatMeter({ ...this.#meter, elapsed: now() - this.#start, rate: this.#rate, ncols });
  }

  /** Writes a line above the bars, without breaking them. */
  static write(text: string, { file = process.stderr as Output }: { file?: Output } = {}): void {
    writeLine(file, text);
  }
}

function isIterable<T>(value: object | undefined): value is Iterable<T> {
  return value !== undefined && Symbol.iterator in value;
}

function lengthOf(iterable: object | undefined): number | undefined {
  const { length, size } = (iterable ?? {}) as { length?: unknown; size?: unknown };
  if (typeof length === "number") return length;
  return typeof size === "number" ? size : undefined;
}

function textOf(postfix: Postfix = {}): string {
  const entries = Object.entries(postfix);
  const text = (value: unknown) => (typeof value === "number" ? formatNumber(value) : String(value).trim());
  return entries.map(([name, value]) => `${name}=${text(value)}`).join(", ");
}

/**
 * A progress bar around what is iterated over: an array, a loader, any iterable, also an asynchronous one.
 *
 * @throws TypeError for something that cannot be iterated over, or an unknown option.
 * @example
 * for (const [features, labels] of tqdm(loader, { desc: "epoch 1" })) train(features, labels);
 * @see https://tqdm.github.io/docs/tqdm/
 */
export function tqdm<T>(iterable: Iterable<T> | AsyncIterable<T>, options?: TqdmOptions): Tqdm<T>;
export function tqdm(options: TqdmOptions): Tqdm;
export function tqdm<T>(first: Iterable<T> | AsyncIterable<T> | TqdmOptions, options: TqdmOptions = {}): Tqdm<T> {
  const isOptions = typeof first === "object" && first !== null && Object.getPrototypeOf(first) === Object.prototype;
  if (isOptions && !isIterable(first) && !(Symbol.asyncIterator in first)) {
    return new Tqdm<T>(undefined, first as TqdmOptions);
  }
  const value: unknown = first;
  const isGiven = typeof value === "string" || (typeof value === "object" && value !== null);
  if (!isGiven || !(isIterable(Object(value)) || Symbol.asyncIterator in Object(value))) {
    throw new TypeError(`tqdm(): expected something to iterate over, or options, not ${typeof value}`);
  }
  return new Tqdm<T>(first as Iterable<T>, options);
}

/**
 * A progress bar around the numbers from 0 to n - 1.
 *
 * @example for (const epoch of trange(5, { desc: "epochs" })) train(epoch);
 */
export function trange(n: number, options: TqdmOptions = {}): Tqdm<number> {
  return new Tqdm<number>(
    Array.from({ length: n }, (_, i) => i),
    options,
  );
}

tqdm.write = Tqdm.write;
