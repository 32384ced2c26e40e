/**
 * Sizes that depend on those of the inputs.
 *
 * A program is recorded several times, with other sizes of the dynamic axes each time. A number that it computed from
 * them is known by what it was each time, and is found again as the size of a tensor, or as a sum, product or quotient
 * of such.
 */

/** A whole number that is not the same in all recordings: what it was in each. */
export class Size {
  constructor(readonly values: readonly number[]) {}

  get key(): string {
    return this.values.join();
  }

  toString(): string {
    return `a size (${this.values.join(", ")})`;
  }
}

/** A number that is fixed, or depends on sizes. */
export type Extent = number | Size;

/** What was the same number in all recordings, or what it was in each. */
export function extentOf(values: readonly number[]): Extent {
  const [first] = values as [number];
  return values.every((value) => Object.is(value, first)) ? first : new Size(values);
}

export function sameExtent(a: Extent, b: Extent): boolean {
  if (typeof a === "number" || typeof b === "number") return a === b;
  return a.key === b.key;
}

/** A function of numbers, some of which may depend on sizes. */
export function combined(compute: (...values: number[]) => number, ...extents: readonly Extent[]): Extent {
  const known = extents.find((extent) => extent instanceof Size) as Size | undefined;
  if (known === undefined) return compute(...(extents as number[]));
  const at = (extent: Extent, i: number) => (typeof extent === "number" ? extent : (extent.values[i] as number));
  return extentOf(known.values.map((_, i) => compute(...extents.map((extent) => at(extent, i)))));
}

/** The product of sizes. */
export function productOf(sizes: readonly Extent[]): Extent {
  return sizes.reduce((a, b) => combined((x, y) => x * y, a, b), 1 as Extent);
}

/** How a size is computed: `floor((product of the factors · multiplier + addend) / divisor)`. */
export interface Formula {
  readonly factors: readonly Size[];
  readonly multiplier: number;
  readonly addend: number;
  readonly divisor: number;
}

const largestDivisor = 64;

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

/** The formula `(v · p + r) / q` without a rest, if it holds in all recordings. */
function affine(wanted: readonly number[], known: readonly number[]): Omit<Formula, "factors"> | undefined {
  const other = known.findIndex((value) => value !== known[0]);
  if (other < 0) return undefined;
  const [w0, k0] = [wanted[0] as number, known[0] as number];
  const rise = (wanted[other] as number) - w0;
  const run = (known[other] as number) - k0;
  const common = gcd(rise, run) * Math.sign(run);
  if (common === 0) return undefined;
  const [multiplier, divisor] = [rise / common, run / common];
  const addend = w0 * divisor - k0 * multiplier;
  const holds = wanted.every((value, i) => value * divisor === (known[i] as number) * multiplier + addend);
  return holds && multiplier !== 0 ? { multiplier, addend, divisor } : undefined;
}

/** The formula `floor((v + r) / q) + c`, with which a quotient is rounded down or up. */
function rounded(wanted: readonly number[], known: readonly number[]): Omit<Formula, "factors"> | undefined {
  for (let divisor = 2; divisor <= largestDivisor; divisor++) {
    for (const addend of [0, divisor - 1]) {
      const quotient = (value: number) => Math.floor((value + addend) / divisor);
      const more = (wanted[0] as number) - quotient(known[0] as number);
      const holds = wanted.every((value, i) => value === quotient(known[i] as number) + more);
      if (holds) return { multiplier: 1, addend: addend + more * divisor, divisor };
    }
  }
  return undefined;
}

/** How a size is made of known ones; undefined if it is not seen. */
export function formulaFor(wanted: Size, known: readonly Size[]): Formula | undefined {
  for (const rule of [affine, rounded]) {
    for (const one of known) {
      const found = rule(wanted.values, one.values);
      if (found !== undefined) return { factors: [one], ...found };
    }
  }
  for (let i = 0; i < known.length; i++) {
    for (let j = i; j < known.length; j++) {
      const factors = [known[i], known[j]] as [Size, Size];
      const product = factors[0].values.map((value, at) => value * (factors[1].values[at] as number));
      const found = affine(wanted.values, product);
      if (found !== undefined && found.addend === 0) return { factors, ...found };
    }
  }
  return undefined;
}
