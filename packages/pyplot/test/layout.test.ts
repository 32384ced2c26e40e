import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import torch from "flambeau";
import plt, { type Axes, type Figure } from "../src/index.js";
import { assertClose, golden } from "./support/golden.js";

afterEach(() => plt.close("all"));

const { data } = golden;
const sets = [data.normal as number[], data.skewed as number[]];
const count = (rows: number, columns: number) => torch.arange(rows * columns).view(rows, columns);

const drawings: Record<string, (ax: Axes) => void> = {
  plot: (ax) => ax.plot([1, 2, 5], [3, -4, 10]),
  "one point": (ax) => ax.plot([3], [7]),
  "level line": (ax) => ax.plot([0, 1], [2, 2]),
  "not finite": (ax) => ax.plot([0, 1, 2], [1, Number.NaN, Number.POSITIVE_INFINITY]),
  bars: (ax) => ax.bar([1, 2, 3], [4, 5, 2]),
  "bars below": (ax) => ax.bar([1, 2], [-4, 5]),
  barh: (ax) => ax.barh([1, 2, 3], [4, 5, 2]),
  names: (ax) => ax.bar(["a", "b", "c"], [1, 2, 3]),
  hist: (ax) => ax.hist(data.normal as number[], 10),
  "step hist": (ax) => ax.hist(data.normal as number[], 10, { histtype: "step" }),
  image: (ax) => ax.imshow(torch.zeros(4, 6)),
  "low image": (ax) => ax.imshow(torch.zeros(4, 6), { origin: "lower", extent: [0, 3, 1, 2] }),
  "image and line": (ax) => {
    ax.imshow(torch.zeros(4, 6));
    ax.plot([0, 2], [0, 1]);
  },
  scatter: (ax) => ax.scatter([0, 4], [1, 3]),
  mesh: (ax) => ax.pcolormesh(torch.zeros(3, 5)),
  "mesh at middles": (ax) => ax.pcolormesh([0, 1, 2], [0, 2], torch.zeros(2, 3), { shading: "nearest" }),
  contour: (ax) => ax.contourf(count(3, 4)),
  fill: (ax) => ax.fillBetween([0, 1, 2], [1, 2, 3]),
  axhline: (ax) => {
    ax.plot([0, 1], [0, 1]);
    ax.axhline(3);
  },
  axvspan: (ax) => {
    ax.plot([0, 1], [0, 1]);
    ax.axvspan(2, 3);
  },
  errors: (ax) =>
    ax.errorbar([1, 2], [1, 2], {
      yerr: 0.5,
      xerr: [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
    }),
  boxes: (ax) => ax.boxplot(sets),
  violins: (ax) => ax.violinplot(sets),
  stem: (ax) => ax.stem([1, 3, 2]),
  stack: (ax) =>
    ax.stackplot(
      [0, 1, 2],
      [
        [1, 2, 3],
        [3, 2, 1],
      ],
    ),
  log: (ax) => ax.loglog([1, 100], [0.1, 30]),
  "log with zero": (ax) => ax.semilogy([0, 1, 2], [0, 1, 100]),
  pie: (ax) => ax.pie([1, 2]),
  quiver: (ax) => ax.quiver([0, 1], [0, 2], [1, 1], [1, 0]),
  vlines: (ax) => ax.vlines([1, 2], 0, 5),
  empty: () => {},
  circle: (ax) => {
    ax.plot([0, 1], [0, 1]);
    ax.addPatch(new plt.Circle([1, 1], 0.5));
  },
  stairs: (ax) => ax.stairs([1, 3, 2], [0, 1, 2, 4]),
};

for (const [name, expected] of Object.entries(golden.limits)) {
  test(`limits of ${name} are matplotlib's`, () => {
    const ax = plt.figure().gca();
    drawings[name]?.(ax);
    assertClose(ax.getXlim(), expected.xlim, "xlim", 1e-7);
    assertClose(ax.getYlim(), expected.ylim, "ylim", 1e-7);
  });
}

const layouts: Record<string, () => Figure> = {
  grid: () => plt.subplots(2, 3)[0],
  mixed: () => {
    const figure = plt.figure({ figsize: [8, 4] });
    figure.addSubplot(2, 2, 1);
    figure.addSubplot(2, 2, 3);
    figure.addSubplot(1, 2, 2);
    return figure;
  },
  ratios: () => plt.subplots(2, 2, { gridspecKw: { widthRatios: [3, 1], heightRatios: [1, 2], wspace: 0.4 } })[0],
  "image with colorbar": () => {
    const [figure, ax] = plt.subplots();
    figure.colorbar(ax.imshow(count(3, 4)));
    return figure;
  },
  "level colorbar": () => {
    const [figure, ax] = plt.subplots();
    figure.colorbar(ax.scatter([0, 1], [0, 1], { c: [0, 1] }), { orientation: "horizontal", shrink: 0.8 });
    return figure;
  },
  "narrow colorbar": () => {
    const [figure, [left, right]] = plt.subplots(1, 2);
    const image = left.imshow(count(3, 4));
    right.imshow(count(3, 4));
    figure.colorbar(image, { ax: left, fraction: 0.046, pad: 0.04 });
    return figure;
  },
  "wide image": () => {
    const [figure, ax] = plt.subplots();
    ax.imshow(torch.zeros(2, 8));
    return figure;
  },
  adjusted: () => {
    const [figure] = plt.subplots(2, 2);
    figure.subplotsAdjust({ left: 0.1, right: 0.95, wspace: 0.5, hspace: 0.3 });
    return figure;
  },
};

for (const [name, expected] of Object.entries(golden.positions)) {
  test(`axes stand as matplotlib's: ${name}`, () => {
    const figure = (layouts[name] as () => Figure)();
    assert.equal(figure.axes.length, expected.length);
    for (const [i, axes] of figure.axes.entries()) {
      const { x0, y0, width, height } = axes.getPosition();
      assertClose([x0, y0, width, height], expected[i] as number[], `axes ${i}`, 1e-6);
    }
  });
}

const tight: Record<string, () => Figure> = {
  grid: () => {
    const [figure, axes] = plt.subplots(2, 2, { figsize: [6, 5] });
    for (const [k, ax] of axes.flat().entries()) {
      ax.plot([1, 2], [k, 1000 * k]);
      ax.set({ title: `Title ${k}`, xlabel: "x label", ylabel: "y label" });
    }
    figure.suptitle("Everything");
    return figure;
  },
  names: () => {
    plt.barh(["convolution", "pooling"], [1, 2]);
    return plt.gcf();
  },
  twins: () => {
    plt.plot([1, 2]);
    plt.twinx().plot([1e6, 2e6]);
    return plt.gcf();
  },
  colorbar: () => {
    const [figure, [left]] = plt.subplots(1, 2);
    figure.colorbar(left.imshow(count(3, 4)), { ax: left });
    return figure;
  },
  mixed: () => (layouts.mixed as () => Figure)(),
};

for (const [name, expected] of Object.entries(golden.tight)) {
  test(`tight layouts are matplotlib's but for the hinting of letters: ${name}`, () => {
    const figure = (tight[name] as () => Figure)();
    if (name === "mixed") figure.setSizeInches(6.4, 4.8);
    figure.tightLayout();
    for (const [key, value] of Object.entries(expected)) {
      const found = figure.subplotParams[key as "left"];
      assert.ok(
        Math.abs(found - value) < (key.endsWith("space") ? 0.01 : 0.002),
        `${key}: ${found} instead of ${value}`,
      );
    }
  });
}

test("contour levels are matplotlib's", () => {
  for (const { low, high, count: wanted, filled, levels } of golden.contours) {
    const z = torch.linspace(low, high, 12, { dtype: torch.float64 }).view(3, 4);
    const ax = plt.figure().gca();
    const set = filled ? ax.contourf(z, wanted) : ax.contour(z, wanted);
    assertClose(set.levels, levels, `${low} to ${high}, ${wanted}, ${filled ? "filled" : "lines"}`);
  }
});
