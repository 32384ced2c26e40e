import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import torch from "flambeau";
import plt, { type Axes } from "../src/index.js";

afterEach(() => plt.close("all"));

const labels = (svg: string): string[] => [...svg.matchAll(/aria-label="([^"]*)"/g)].map((m) => m[1] as string);

test("a figure has matplotlib's size, and its words stand in the SVG", () => {
  plt.plot([1, 2, 3], [1, 4, 9], "r--", { label: "squares" });
  plt.title("A & B");
  plt.xlabel("x");
  plt.ylabel("y");
  plt.legend();
  const svg = plt.gcf().toSvg();
  assert.match(
    svg,
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="460.8pt" height="345.6pt" viewBox="0 0 460.8 345.6">/,
  );
  const words = labels(svg);
  for (const word of ["A &amp; B", "x", "y", "squares", "1.00", "3.00", "9"]) assert.ok(words.includes(word), word);
  assert.match(svg, /stroke="#ff0000" stroke-width="1.5" stroke-dasharray="5.55 2.4"/);
});

test("axes stand where matplotlib puts them", () => {
  const position = (axes: Axes): number[] => Object.values(axes.getPosition()).map((v) => Math.round(v * 1e6) / 1e6);
  assert.deepEqual(position(plt.subplot(1, 1, 1)), [0.125, 0.11, 0.775, 0.77]);
  assert.deepEqual(position(plt.subplot(2, 3, 5)), [0.398529, 0.11, 0.227941, 0.35]);
  assert.deepEqual(position(plt.figure().addSubplot(2, 2, [1, 3])), [0.125, 0.11, 0.352273, 0.77]);
  assert.throws(() => plt.subplot(2, 2, 5), new RangeError("num must be an integer with 1 <= num <= 4, not 5"));
});

test("limits follow the data with a margin of 5%, and stick to the foot of bars and the edges of images", () => {
  const ax = plt.gca();
  ax.plot([0, 10], [0, 1]);
  assert.deepEqual(ax.getXlim(), [-0.5, 10.5]);
  assert.deepEqual(ax.getYlim(), [-0.05, 1.05]);
  const bars = plt.figure().gca();
  bars.bar([1, 2], [3, 4]);
  assert.deepEqual(bars.getYlim(), [0, 4.2]);
  const image = plt.figure().gca();
  image.imshow(torch.zeros(3, 5));
  assert.deepEqual(image.getXlim(), [-0.5, 4.5]);
  assert.deepEqual(image.getYlim(), [2.5, -0.5]);
});

test("tensors, typed arrays and arrays go in as they are", () => {
  const [line] = plt.plot(torch.arange(3), Float32Array.of(1, 2, 3));
  assert.deepEqual(line?.getData(), [Float64Array.of(0, 1, 2), Float64Array.of(1, 2, 3)]);
  assert.equal(
    plt.plot([
      [1, 2],
      [3, 4],
      [5, 6],
    ]).length,
    2,
  );
  const scores = torch.tensor([1, 2], { requiresGrad: true });
  assert.equal(plt.plot(scores).length, 1);
});

test("a picture is a PNG of the asked size", () => {
  plt.figure({ figsize: [2, 1] });
  plt.imshow([
    [0, 1],
    [2, 3],
  ]);
  const size = (png: Buffer): number[] => [png.readUInt32BE(16), png.readUInt32BE(20)];
  assert.deepEqual(size(plt.gcf().toPng()), [200, 100]);
  assert.deepEqual(size(plt.gcf().toPng({ dpi: 50 })), [100, 50]);
});

test("what is wrong throws and says what", () => {
  assert.throws(
    () => plt.plot([1, 2], [1, 2, 3]),
    /x and y must have same first dimension, but have shapes \[2\] and \[3\]/,
  );
  assert.throws(
    () => plt.plot([1, 2], { colour: "r" } as object),
    new TypeError("plot() got an unexpected keyword argument 'colour'"),
  );
  assert.throws(
    () => plt.plot([1, 2], { linewidth: "thick" } as object),
    /plot\(\): argument 'linewidth' must be float, not "thick"/,
  );
  assert.throws(
    () => plt.plot([1, 2], { lw: 1, linewidth: 2 }),
    /got both 'linewidth' and 'lw', which are aliases of one another/,
  );
  assert.throws(() => plt.imshow([1, 2, 3]), new TypeError("Invalid shape (3) for image data"));
  assert.throws(() => plt.imshow([[1, 2]], { cmap: "virides" }), /'virides' is not a known colormap name/);
  assert.equal(plt.gca().artists.length, 0);
});

test("what is drawn follows the axes, also after their places were asked for", () => {
  const lineOf = (prepare: (axes: Axes) => void): string | undefined => {
    const [figure, axes] = plt.subplots({ figsize: [3, 2] });
    axes.plot([0, 1, 2], [0, 1, 4], { label: "line" });
    prepare(axes);
    figure.tightLayout();
    return /<path d="([^"]*)"[^>]*stroke="#1f77b4"/.exec(figure.toSvg())?.[1];
  };
  const plain = lineOf(() => {});
  assert.ok(plain !== undefined);
  assert.equal(
    lineOf((axes) => axes.text(1, 1, "word")),
    plain,
  );
  const [figure, axes] = plt.subplots();
  axes.plot([0, 1], [0, 1]);
  const before = figure.toSvg();
  figure.subplotsAdjust({ left: 0.3 });
  axes.setXlim(0, 5);
  assert.notEqual(figure.toSvg(), before);
  figure.subplotsAdjust({ left: 0.125 });
  axes.setXlim(-0.05, 1.05);
  assert.equal(figure.toSvg(), before);
});

test("images are written pixel by pixel and read back", () => {
  const path = join(mkdtempSync(join(tmpdir(), "pyplot-")), "a.png");
  plt.imsave(
    path,
    [
      [0, 1],
      [2, 3],
    ],
    { cmap: "gray" },
  );
  const pixels = plt.imread(path);
  assert.deepEqual(pixels.shape, [2, 2, 4]);
  assert.deepEqual(pixels.at("...", 0).mul(3).round().tolist(), [
    [0, 1],
    [2, 3],
  ]);
  plt.imsave(path, torch.tensor([[[255, 0, 0]], [[0, 0, 255]]], { dtype: torch.uint8 }), { origin: "lower" });
  assert.deepEqual(plt.imread(path).tolist(), [[[0, 0, 1, 1]], [[1, 0, 0, 1]]]);
  assert.throws(() => plt.imsave("a.jpg", [[1]]), /imsave writes PNG files/);
});

test("events and broken bars stand where they are put", () => {
  const ax = plt.gca();
  const [first, second] = ax.eventplot([
    [1, 2, 5],
    [2, 3],
  ]);
  assert.deepEqual(first?.segments[0], [
    [1, 0.5],
    [1, 1.5],
  ]);
  assert.deepEqual(second?.segments[1], [
    [3, 1.5],
    [3, 2.5],
  ]);
  const bars = ax.brokenBarh(
    [
      [0, 3],
      [5, 2],
    ],
    [10, 4],
  );
  assert.deepEqual(
    [...(bars[1]?.path.points() ?? [])],
    [
      [5, 10],
      [7, 10],
      [7, 14],
      [5, 14],
    ],
  );
});
