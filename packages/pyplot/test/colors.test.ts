import assert from "node:assert/strict";
import { test } from "node:test";
import plt, { colormaps, colors, toRgba } from "../src/index.js";
import { assertClose, golden } from "./support/golden.js";

test("all of matplotlib's colormaps have its colours", () => {
  const names = Object.keys(golden.colormaps);
  assert.deepEqual(new Set(colormaps), new Set(names));
  const places = [0, 0.1, 0.25, 0.499, 0.5, 0.75, 1];
  for (const name of names) {
    const map = colormaps.get(name);
    for (const [i, place] of places.entries()) {
      const found = map
        .at(place)
        .slice(0, 3)
        .map((part) => Math.round(part * 255));
      // A reversed table is worked out anew there, which may round to the next of 256 steps.
      const step = name.endsWith("_r") ? 1 : 0;
      const expected = (golden.colormaps[name] as number[][])[i] as number[];
      assert.ok(
        found.every((part, c) => Math.abs(part - (expected[c] as number)) <= step),
        `${name} at ${place}: ${found}`,
      );
    }
  }
});

test("colours are matplotlib's", () => {
  for (const [name, rgba] of Object.entries(golden.colors)) assertClose(toRgba(name), rgba, name, 1e-6);
  assert.deepEqual(toRgba([0.1, 0.2, 0.3]), [0.1, 0.2, 0.3, 1]);
  for (const wrong of ["", "blu", "#12", "2", [1, 2, 3], [0, 0]]) {
    assert.throws(() => toRgba(wrong), /is not a valid value for color/, String(wrong));
  }
});

test("norms place values between 0 and 1, and back", () => {
  const places = (norm: InstanceType<typeof colors.Normalize>, values: number[]): number[] =>
    values.map((v) => norm.call(v));
  assert.deepEqual(places(new colors.Normalize(0, 10), [0, 5, 20]), [0, 0.5, 2]);
  assert.deepEqual(places(new colors.Normalize(0, 10, true), [-1, 20]), [0, 1]);
  assertClose(places(new colors.LogNorm(1, 100), [1, 10, 100]), [0, 0.5, 1], "log");
  assertClose(places(new colors.TwoSlopeNorm(0, -1, 4), [-1, 0, 2, 4]), [0, 0.5, 0.75, 1], "two slopes");
  assertClose(places(new colors.PowerNorm(2, 0, 4), [0, 2, 4]), [0, 0.25, 1], "power");
  assert.equal(new colors.LogNorm(1, 100).inverse(0.5).toFixed(9), "10.000000000");
  assert.deepEqual([...new plt.Figure().axes], []);
});

test("values that are not finite, too small and too great have colours of their own", () => {
  const map = new colors.ListedColormap(["r", "b"]).setUnder("k").setOver("w").setBad("g");
  assert.deepEqual(
    [0, 0.49, 0.5, 1].map((v) => colors.toHex(map.at(v))),
    ["#ff0000", "#ff0000", "#0000ff", "#0000ff"],
  );
  assert.deepEqual(
    [-1, 2, Number.NaN].map((v) => colors.toHex(map.at(v))),
    ["#000000", "#ffffff", "#008000"],
  );
});
