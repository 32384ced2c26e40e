/** A line on a terminal that tells how much of a file has come; elsewhere nothing is shown. */

/** Milliseconds between two changes of the line. */
const interval = 100;

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

export class ProgressLine {
  readonly #isShown: boolean;
  readonly #began = performance.now();
  #shownAt = Number.NEGATIVE_INFINITY;

  constructor(
    wanted: boolean,
    /** Bytes of the whole file, where that is known. */
    readonly total: number | undefined,
    /** Bytes that were there before. */
    readonly start: number,
  ) {
    this.#isShown = wanted && process.stderr.isTTY === true;
  }

  show(bytes: number): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#shownAt < interval) return;
    this.#shownAt = now;
    const rate = (bytes - this.start) / (now - this.#began);
    const { total } = this;
    const text =
      total === undefined
        ? megabytes(bytes)
        : `${Math.floor((100 * bytes) / total)}% of ${megabytes(total)}, ${Math.ceil((total - bytes) / rate / 1000)} s left`;
    process.stderr.write(`\r${text.padEnd(40)}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shownAt > 0) process.stderr.write(`\r${" ".repeat(40)}\r`);
  }
}
