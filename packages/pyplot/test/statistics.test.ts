import assert from "node:assert/strict";
import { test } from "node:test";
import { cbook } from "../src/index.js";
import { type Bins, histogram, histogramBinEdges } from "../src/statistics/histogram.js";
import { gaussianKde } from "../src/statistics/kde.js";
import { assertClose, golden } from "./support/golden.js";

const dataOf = (name: string): Float64Array => Float64Array.from(golden.data[name] as number[]);

test("bins and counts are numpy's", () => {
  for (const { data, bins, range, density, counts, edges } of golden.histograms) {
    const values = dataOf(data);
    const name = `${data}, bins ${bins}`;
    const found = histogramBinEdges(values, bins as Bins, range ?? undefined);
    assertClose(found, edges, name);
    assertClose(histogram(values, found, density), counts, name);
  }
});

test("edges that fall, and bins that are none, throw", () => {
  const values = Float64Array.of(1, 2);
  assert.throws(() => histogramBinEdges(values, [2, 1]), /`bins` must increase monotonically/);
  assert.throws(() => histogramBinEdges(values, 0), RangeError);
  assert.throws(() => histogramBinEdges(values, "best"), /'best' is not a valid estimator/);
});

test("the numbers of box plots are matplotlib's", () => {
  for (const { data, whis, stats } of golden.boxes) {
    const [found] = cbook.boxplotStats([dataOf(data)], whis);
    for (const [name, expected] of Object.entries(stats)) {
      const value = found?.[name as "mean"] as number | Float64Array;
      assertClose(
        [value].flatMap((v) => (typeof v === "number" ? [v] : [...v])),
        [expected].flat(),
        `${name} of ${data}, whis ${whis}`,
      );
    }
  }
});

test("densities are matplotlib's", () => {
  for (const { data, method, places, density } of golden.kde) {
    assertClose(gaussianKde(dataOf(data), Float64Array.from(places), method), density, `${data}, ${method}`);
  }
});
