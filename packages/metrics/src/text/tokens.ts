/** Texts, and what they are cut into. */
import { invalid, type Param, text } from "flambeau/arguments";

/** One text or several. */
export type Texts = string | readonly string[];

/** The references of each text: one or several. */
export type References = Texts | readonly (readonly string[])[];

const isText = (value: unknown): value is string => typeof value === "string";

/** Texts as a list. */
export const texts: Param<readonly string[]> = {
  ...(text as unknown as Param<readonly string[]>),
  expected: "str or list of strs",
  endsPositional: false,
  read: (value) => {
    if (isText(value)) return [value];
    return Array.isArray(value) && value.every(isText) ? value : invalid;
  },
};

/** References as a list of lists; those of a single text may be a list of texts, if `readReferences` is told. */
export const references: Param<References> = {
  ...(texts as unknown as Param<References>),
  expected: "str, list of strs or list of lists of strs",
  read: (value) => {
    if (isText(value)) return value;
    const isList = Array.isArray(value);
    if (isList && (value.every(isText) || value.every((one) => Array.isArray(one) && one.every(isText)))) return value;
    return invalid;
  },
};

/** The references of each of several texts. */
export function listsOf(given: References): readonly (readonly string[])[] {
  if (typeof given === "string") return [[given]];
  return given.map((one) => (typeof one === "string" ? [one] : one));
}

/** @throws Error unless there are as many of both. */
export function checkLengths(preds: readonly unknown[], target: readonly unknown[]): void {
  if (preds.length !== target.length) {
    throw new Error(`Corpus has different size ${preds.length} != ${target.length}`);
  }
}

/** The words between white space. */
export function words(line: string): string[] {
  return line.split(/\s+/u).filter((word) => word !== "");
}

/** How many steps make one list of the other: a token added, left out or changed. */
export function editDistance(a: readonly string[], b: readonly string[], substitutionCost = 1): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, token] of a.entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const changed = (row[j] as number) + (token === b[j] ? 0 : substitutionCost);
      next.push(Math.min(changed, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** How often each run of n tokens occurs. */
export function ngrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const key = tokens.slice(i, i + n).join("\u0000");
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** How many runs two counts have in common. */
export function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const [key, count] of a) total += Math.min(count, b.get(key) ?? 0);
  return total;
}

/** The sum of all counts. */
export function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
