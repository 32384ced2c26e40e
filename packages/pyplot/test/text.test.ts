import assert from "node:assert/strict";
import { test } from "node:test";
import plt from "../src/index.js";
import { layoutText, placeText } from "../src/text/layout.js";
import { golden } from "./support/golden.js";

const width = (text: string, style: { weight?: string; family?: string } = {}): number =>
  layoutText(text, { size: 20, ...style }).width;

test("text is as wide as matplotlib's", () => {
  const styles = { plain: {}, bold: { weight: "bold" }, monospace: { family: "monospace" } };
  for (const [name, style] of Object.entries(styles)) {
    for (const [text, expected] of Object.entries(golden.widths[name as "plain"])) {
      // matplotlib measures the ink, which begins and ends a little inside of the letters.
      const found = width(text, style);
      assert.ok(Math.abs(found - expected) < 3.2, `${name} ${text}: ${found} instead of ${expected}`);
    }
  }
});

test("mathematics is nearly as wide as matplotlib's", () => {
  for (const [text, expected] of Object.entries(golden.widths.math)) {
    const found = width(text);
    assert.ok(Math.abs(found - expected) < 4, `${text}: ${found} instead of ${expected}`);
  }
});

test("powers stand higher and indices lower, in smaller letters", () => {
  const { glyphs } = layoutText("$x^2_i$", { size: 20 });
  const [x, power, index] = ["x", "2", "i"].map((char) => glyphs.find((glyph) => glyph.char === char));
  assert.ok(x && power && index);
  assert.equal(x.face, "italic");
  assert.equal(power.face, "normal");
  assert.equal(power.size, 14);
  assert.ok(power.y < x.y && index.y > x.y);
});

test("names of symbols become symbols, and an escaped dollar sign is one", () => {
  const chars = (text: string): string =>
    layoutText(text, { size: 10 })
      .glyphs.map((glyph) => glyph.char)
      .join("");
  assert.equal(chars("$\\alpha\\leq\\infty$"), "α≤∞");
  assert.equal(chars("$\\mathrm{max}\\ \\sin x$"), "maxsinx");
  assert.equal(chars("cost: \\$5"), "cost: $5");
  assert.equal(chars("5$"), "5$");
  assert.equal(layoutText("$\\frac{1}{2}$", { size: 10 }).rules.length, 1);
});

test("lines stand below one another, aligned as asked", () => {
  const { glyphs, height } = layoutText("long line\nab", { size: 10 }, "right");
  const b = glyphs.at(-1);
  assert.ok(b && Math.abs(b.x + width("b") / 2 - width("long line") / 2) < 1);
  assert.ok(height > 20 && height < 25);
});

test("the box of a turned text is put at its point", () => {
  const layout = layoutText("word", { size: 10 });
  const { box } = placeText(layout, [100, 50], "center", "top", 90);
  assert.ok(Math.abs((box.left + box.right) / 2 - 100) < 1e-9);
  assert.ok(Math.abs(box.top - 50) < 1e-9);
  assert.ok(Math.abs(box.height - layout.width) < 1e-9 && Math.abs(box.width - layout.height) < 1e-9);
});

test("letters are outlines unless svg.fonttype is none, and what DejaVu lacks is left to other fonts", () => {
  plt.figure().text(0, 0, "Añ漢");
  const svg = plt.gcf().toSvg();
  assert.equal(svg.match(/<use /g)?.length, 2);
  assert.match(svg, /<text [^>]*>漢<\/text>/);
  const letters = plt.rcContext({ "svg.fonttype": "none" }, () => plt.gcf().toSvg());
  assert.doesNotMatch(letters, /<use /);
  plt.close("all");
});
