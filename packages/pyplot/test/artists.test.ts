import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import torch from "flambeau";
import plt, { type Axes } from "../src/index.js";

afterEach(() => plt.close("all"));

const axes = (): Axes => plt.figure().gca();
const round = (values: Iterable<number>): number[] => Array.from(values, (v) => Math.round(v * 1e6) / 1e6);

test("lines take the colours of the cycle in turn, bars the same cycle anew", () => {
  const ax = axes();
  const lines = [...ax.plot([1, 2]), ...ax.plot([1, 2], "r"), ...ax.plot([1, 2])];
  assert.deepEqual(
    lines.map((line) => line.color),
    ["#1f77b4", "r", "#ff7f0e"],
  );
  assert.deepEqual(
    [...ax.bar([1], [1])].map((bar) => bar.facecolor),
    [[31 / 255, 119 / 255, 180 / 255, 1]],
  );
});

test("several groups in one call of plot share the options", () => {
  const lines = axes().plot([1, 2], [3, 4], "r-", [5, 6], [7, 8], "b--", { linewidth: 3 });
  assert.deepEqual(
    lines.map(({ color, linestyle, linewidth }) => [color, linestyle, linewidth]),
    [
      ["r", "-", 3],
      ["b", "--", 3],
    ],
  );
});

test("the legend has lines before bars, and the names that are given", () => {
  const ax = axes();
  ax.bar([1], [2], { label: "bars" });
  ax.plot([1, 2], { label: "line" });
  ax.errorbar([1], [1], { yerr: 1, label: "errors" });
  ax.plot([1, 2], { label: "_hidden" });
  assert.deepEqual(ax.legend().getTexts(), ["line", "bars", "errors"]);
  const other = axes();
  const [first, second] = [...other.plot([1, 2]), ...other.plot([2, 3])];
  assert.deepEqual(other.legend(["a", "b"]).getTexts(), ["a", "b"]);
  assert.ok(first && second);
  assert.deepEqual(other.legend([second, first], ["B", "A"]).getTexts(), ["B", "A"]);
  assert.throws(() => other.legend({ loc: "top" as "best" }), /'top' is not a valid value for loc/);
});

test("a histogram gives counts, edges and patches", () => {
  const { n, bins, patches } = axes().hist([1, 1, 2, 5], 4);
  assert.deepEqual([n, bins], [Float64Array.of(2, 1, 0, 1), Float64Array.of(1, 2, 3, 4, 5)]);
  assert.equal((patches as { length: number }).length, 4);
  const [density] = axes().hist(torch.tensor([1, 1, 2, 5]), [0, 2, 6], { density: true });
  assert.deepEqual(density, Float64Array.of(0.25, 0.125));
  const { n: sets } = axes().hist(
    [
      [1, 2],
      [1, 1],
    ],
    [0.5, 1.5, 2.5],
    { stacked: true },
  );
  assert.deepEqual(sets, [Float64Array.of(1, 1), Float64Array.of(3, 1)]);
  const { n: rising } = axes().hist([1, 2, 3], 3, { cumulative: true });
  assert.deepEqual(rising, Float64Array.of(1, 2, 3));
});

test("contours of a plane lie where the plane has their value", () => {
  const ax = axes();
  const x = torch.tensor([0, 1, 2, 4]);
  const z = x.view(1, -1).expand(3, 4);
  ax.contour(x, [0, 1, 2], z, [0.5, 3]);
  const svg = ax.figure.toSvg();
  const at = (value: number): string => String(Math.round(ax.transData.map(value, 0)[0] * 1000) / 1000);
  for (const value of [0.5, 3]) assert.ok(svg.includes(`M${at(value)} `), `no line at ${value}`);
});

test("filled contours cover the whole grid", () => {
  const ax = axes();
  const z = torch.arange(12).view(3, 4);
  ax.contourf(z, [0, 4, 8, 12], { colors: ["r", "g", "b"] });
  const { data, width, height } = ax.figure.toPixels();
  const { left, right, top, bottom } = ax.box;
  const scale = width / ax.figure.width;
  let plain = 0;
  for (let y = Math.ceil(top * scale) + 2; y < bottom * scale - 2; y++) {
    for (let px = Math.ceil(left * scale) + 2; px < right * scale - 2; px++) {
      const i = (y * width + px) * 4;
      if (data[i] === 255 && data[i + 1] === 255) plain++;
    }
  }
  assert.equal(plain, 0, `${plain} white pixels of ${width * height}`);
});

test("an image shows its rows from the top, or from the bottom", () => {
  const corner = (origin: "upper" | "lower"): number[] => {
    plt.close("all");
    const ax = plt.figure({ figsize: [1, 1] }).addAxes([0, 0, 1, 1]);
    ax.axis("off");
    ax.imshow(
      [
        [0, 1],
        [1, 1],
      ],
      { origin, cmap: "gray", aspect: "auto" },
    );
    const { data, width } = ax.figure.toPixels();
    return [10, 90].map((y) => data[(y * width + 10) * 4] as number);
  };
  assert.deepEqual(corner("upper"), [0, 255]);
  assert.deepEqual(corner("lower"), [255, 0]);
});

test("colours of images may be parts of one, or bytes", () => {
  const pixel = (image: unknown): number[] => {
    plt.close("all");
    const ax = plt.figure({ figsize: [1, 1] }).addAxes([0, 0, 1, 1]);
    ax.axis("off");
    ax.imshow(image as number[][], { aspect: "auto" });
    return [...ax.figure.toPixels().data.subarray(0, 3)];
  };
  assert.deepEqual(pixel([[[1, 0.5, 0]]]), [255, 128, 0]);
  assert.deepEqual(pixel(torch.tensor([[[255, 128, 0]]], { dtype: torch.uint8 })), [255, 128, 0]);
  assert.deepEqual(pixel(torch.tensor([[[1, 1, 1]]], { dtype: torch.uint8 })), [1, 1, 1]);
});

test("twins and shared axes have one range", () => {
  const ax = axes();
  ax.plot([0, 10], [0, 1]);
  const twin = ax.twinx();
  twin.plot([0, 20], [5, 6]);
  assert.deepEqual(ax.getXlim(), twin.getXlim());
  assert.deepEqual(round(ax.getXlim()), [-1, 21]);
  assert.deepEqual(round(twin.getYlim()), [4.95, 6.05]);
  const [, [top, below]] = plt.subplots(2, 1, { sharex: true });
  top.plot([0, 1], [0, 1]);
  below.setXlim(3, 4);
  assert.deepEqual(top.getXlim(), [3, 4]);
  assert.deepEqual(top.getXticklabels().length > 0 && top.xaxis.major.labels, [false, false]);
});

test("names become categories, in the order in which they come", () => {
  const ax = axes();
  ax.bar(["b", "a"], [1, 2]);
  ax.plot(["a", "c"], [1, 2]);
  assert.deepEqual(ax.getXticks(), [0, 1, 2]);
  assert.deepEqual(ax.getXticklabels(), ["b", "a", "c"]);
});

test("ticks and labels can be set, and their numbers must agree", () => {
  const ax = axes();
  ax.plot([0, 10], [0, 1]);
  ax.setXticks([0, 5, 20], ["a", "b", "c"], { rotation: 45 });
  assert.deepEqual(ax.getXlim(), [-0.5, 20]);
  assert.deepEqual(ax.getXticklabels(), ["a", "b", "c"]);
  assert.throws(
    () => ax.setXticklabels(["a"]),
    /The number of FixedLocator locations \(3\).* does not match the number of labels \(1\)/,
  );
  const [places, labels] = plt.yticks();
  assert.deepEqual(round(places), [-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]);
  assert.deepEqual(labels, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
});

test("axis sets limits and aspects by words", () => {
  const ax = axes();
  ax.plot([0, 4], [0, 1]);
  assert.deepEqual(ax.axis([0, 8, 0, 2]), [0, 8, 0, 2]);
  ax.axis("scaled");
  assert.ok(Math.abs(ax.box.width / ax.box.height - 4) < 1e-9);
  ax.axis("auto");
  assert.deepEqual(round(ax.getXlim()), [-0.2, 4.2]);
  assert.throws(() => ax.axis("on off"), /Unrecognized string 'on off' to axis; try 'on' or 'off'/);
  assert.throws(() => ax.setXlim(Number.NaN, 1), RangeError);
  assert.throws(() => ax.setXscale("exponential" as "log"), /Unknown scale type 'exponential'/);
});

test("what does not fit together throws", () => {
  const ax = axes();
  assert.throws(() => ax.scatter([1, 2], [1]), /x and y must be the same size/);
  assert.throws(
    () => ax.scatter([1, 2], [1, 2], { c: [1, 2, 3] }),
    /'c' argument has 3 elements, which is inconsistent with 'x' and 'y' with size 2/,
  );
  assert.throws(() => ax.bar([1, 2], [1, 2, 3]), /shape mismatch/);
  assert.throws(
    () => ax.pcolormesh([1, 2, 3, 4, 5], [1, 2], torch.zeros(2, 3)),
    /Dimensions of C \(2, 3\) should be one smaller than X\(5\) and Y\(2\)/,
  );
  assert.throws(() => ax.contour([[1, 2]]), /Input z must be at least a \(2, 2\) shaped array/);
  assert.throws(() => ax.contourf(torch.zeros(2, 2), [2, 1]), /Contour levels must be increasing/);
  assert.throws(() => ax.errorbar([1], [1], { yerr: -1 }), /'yerr' must not contain negative values/);
  assert.throws(() => ax.pie([1, -1]), /Wedge sizes 'x' must be non negative values/);
  assert.throws(() => ax.plot([1], { marker: "?" }), /Unrecognized marker style '\?'/);
  assert.throws(() => ax.plot([1], { linestyle: "dots" }), /'dots' is not a valid value for ls/);
  assert.throws(() => ax.plot(["a", 1] as string[], [1, 2, 3]), Error);
  assert.throws(() => plt.figure().gca() && plt.colorbar(), /No mappable was found/);
  assert.equal(ax.artists.length, 0);
});

test("things that are drawn can be changed and taken away", () => {
  const ax = axes();
  const [line] = ax.plot([1, 2]);
  assert.ok(line);
  line.set({ color: "g", lw: 5 });
  assert.deepEqual([line.color, line.linewidth], ["g", 5]);
  line.setData([0, 1, 2], [3, 4, 5]).setLabel("new");
  assert.deepEqual(round(ax.getXlim()), [-0.1, 2.1]);
  assert.throws(() => line.set({ colour: "g" }), TypeError);
  line.remove();
  assert.deepEqual(ax.artists, []);
});

test("a colorbar has the range and the name of what it explains", () => {
  const [figure, ax] = plt.subplots();
  const bar = figure.colorbar(
    ax.imshow([
      [0, 5],
      [10, 20],
    ]),
    { label: "count" },
  );
  assert.deepEqual(bar.ax.getYlim(), [0, 20]);
  assert.equal(bar.ax.getYlabel(), "count");
  assert.equal(plt.gca(), ax, "the axes stay the current ones");
  const bands = figure.colorbar(ax.contourf(torch.arange(12).view(3, 4), [0, 1, 10]));
  assert.deepEqual(bands.ax.getYticks(), [0, 1, 10]);
  assert.equal(bands.ax.yaxis.view.share(1), 0.5, "each band is as long as the others");
});

test("as many numbers as points are values for colours, a colour is one", () => {
  const ax = axes();
  assert.deepEqual(ax.scatter([1, 2, 3], [1, 2, 3], { c: [0.1, 0.2, 0.3] }).array, Float64Array.of(0.1, 0.2, 0.3));
  assert.equal(ax.scatter([1, 2], [1, 2], { c: [0.1, 0.2, 0.3] }).array, undefined);
  assert.equal(ax.scatter([1, 2], [1, 2], { c: ["r", "g"] }).array, undefined);
});

test("bars take one look for all or one for each", () => {
  const bars = [
    ...axes().bar([1, 2], [3, 4], 0.5, [1, 1], {
      color: ["r", "g"],
      edgecolor: "k",
      linewidth: [1, 2],
      hatch: ["/", "x"],
    }),
  ];
  assert.deepEqual(
    bars.map((bar) => [bar.facecolor, bar.linewidth, bar.hatch]),
    [
      [[1, 0, 0, 1], 1, "/"],
      [[0, 0.5, 0, 1], 2, "x"],
    ],
  );
  assert.deepEqual(
    [...(bars[1]?.path.points() ?? [])],
    [
      [1.75, 1],
      [2.25, 1],
      [2.25, 5],
      [1.75, 5],
    ],
  );
});

test("the parts of a pie go around the circle by their shares", () => {
  const { patches, autotexts } = axes().pie([1, 3], { autopct: "%.0f%%", startangle: 90, radius: 2, center: [1, 1] });
  assert.deepEqual(
    autotexts.map((text) => text.getText()),
    ["25%", "75%"],
  );
  const [first] = patches.map((wedge) => round([...wedge.path.points()].flat()));
  assert.deepEqual(first?.slice(0, 2), [1, 3], "begins at the top");
  assert.deepEqual(first?.slice(-2), [1, 1], "ends in the middle");
});

test("insets lie in their axes, and move with them", () => {
  const ax = axes();
  const inset = ax.insetAxes([0.5, 0.5, 0.4, 0.2]);
  const place = (): number[] => round(Object.values(inset.getPosition()));
  assert.deepEqual(place(), [0.5125, 0.495, 0.31, 0.154]);
  ax.setPosition([0, 0, 1, 1]);
  assert.deepEqual(place(), [0.5, 0.5, 0.4, 0.2]);
});
