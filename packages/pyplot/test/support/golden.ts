/** What matplotlib and numpy give: recorded by golden/make.py. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

interface Ticks {
  readonly limits: [number, number];
  readonly ticks: number[];
}

export interface Golden {
  readonly linear: (Ticks & { labels: string[]; offset: string })[];
  readonly maxn: (Ticks & { options: object })[];
  readonly log: { limits: [number, number]; base: number; major: LogTicks; minor: LogTicks }[];
  readonly symlog: Ticks[];
  readonly minor: Ticks[];
  readonly colormaps: Record<string, number[][]>;
  readonly colors: Record<string, number[]>;
  readonly data: Record<string, number[]>;
  readonly histograms: {
    data: string;
    bins: number | number[] | string;
    range: [number, number] | null;
    density: boolean;
    counts: number[];
    edges: number[];
  }[];
  readonly boxes: { data: string; whis: number | [number, number]; stats: Record<string, number | number[]> }[];
  readonly kde: { data: string; method: number | "scott" | "silverman"; places: number[]; density: number[] }[];
  readonly contours: { low: number; high: number; count: number | null; filled: boolean; levels: number[] }[];
  readonly limits: Record<string, { xlim: number[]; ylim: number[] }>;
  readonly positions: Record<string, number[][]>;
  readonly widths: Record<"plain" | "bold" | "monospace" | "math", Record<string, number>>;
  readonly tight: Record<string, Record<string, number>>;
}

interface LogTicks {
  readonly ticks: number[];
  readonly labels: string[];
}

export const golden = JSON.parse(
  gunzipSync(readFileSync(new URL("../../../test/golden/matplotlib.json.gz", import.meta.url))).toString(),
) as Golden;

/** Asserts that numbers agree to a share of the greatest of them. */
export function assertClose(
  actual: Iterable<number>,
  expected: readonly number[],
  message: string,
  tolerance = 1e-9,
): void {
  const found = [...actual];
  assert.equal(found.length, expected.length, `${message}: ${found} instead of ${expected}`);
  const size = Math.max(...expected.map(Math.abs), 1e-300);
  for (const [i, value] of expected.entries()) {
    assert.ok(
      Math.abs((found[i] as number) - value) <= tolerance * size,
      `${message}: ${found} instead of ${expected}`,
    );
  }
}
