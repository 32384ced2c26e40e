import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";
import { decodePng } from "../src/canvas/png.js";
import plt, { type Figure } from "../src/index.js";
import { difference } from "../src/testing/compare.js";

afterEach(() => plt.close("all"));

const folder = new URL("../../../../docs/pyplot/", import.meta.url);
const { draw, names } = (await import(new URL("figures.mjs", folder).href)) as {
  draw(name: string): Figure;
  names: readonly string[];
};
const stored = (name: string) => decodePng(readFileSync(new URL(`${name}.png`, folder)));

for (const name of names) {
  test(`the picture of ${name} is the stored one, and looks like matplotlib's`, () => {
    const picture = decodePng(draw(name).toPng({ dpi: 80 }));
    const change = difference(picture, stored(name));
    assert.ok(change < 0.003, `differs from the stored picture by ${change}`);
    const distance = difference(picture, stored(`${name}-matplotlib`));
    if (process.env.SHOW) console.log(name, change.toFixed(4), distance.toFixed(4));
    assert.ok(distance < 0.04, `differs from matplotlib's picture by ${distance}`);
  });
}

test("a picture that differs is told from the stored one", () => {
  const picture = decodePng(draw("lines").toPng({ dpi: 80 }));
  assert.ok(difference(picture, stored("fill-matplotlib")) > 0.06);
  plt.close("all");
  const figure = draw("lines");
  figure.gca().setTitle("");
  assert.ok(difference(decodePng(figure.toPng({ dpi: 80 })), stored("lines")) > 0.006);
});
