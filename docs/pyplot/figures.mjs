// Draws the figures of docs/pyplot.md: `node docs/pyplot/figures.mjs`. figures.py draws the same ones with matplotlib.

import { fileURLToPath } from "node:url";
import plt from "@flambeau/pyplot";
import torch from "flambeau";

/** The same random numbers in both languages. */
function generator(seed) {
  let state = BigInt(seed);
  const uniform = () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 11n) / 2 ** 53;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const many = (draw) => (n) => Array.from({ length: n }, draw);
  return { uniform: many(uniform), normal: many(normal) };
}

const linspace = (a, b, n) => torch.linspace(a, b, n, { dtype: torch.float64 });
const _reshape = (list, rows) =>
  Array.from({ length: rows }, (_, r) => list.slice((r * list.length) / rows, ((r + 1) * list.length) / rows));
const grid = (n) => {
  const x = linspace(-3, 3, n);
  const X = x.view(1, -1).expand(n, n);
  return { x, X, Y: x.view(-1, 1).expand(n, n) };
};
const hill = (X, Y) =>
  X.neg()
    .square()
    .add(Y.square())
    .neg()
    .exp()
    .sub(X.sub(1).square().add(Y.sub(1).square()).neg().exp())
    .mul(2);

const figures = {
  lines() {
    const x = linspace(0, 10, 101);
    plt.plot(x, x.sin(), { label: "sin" });
    plt.plot(x, x.cos(), "--", { label: "cos" });
    plt.plot(x, x.sin().mul(0.5), "g:", { label: "half" });
    plt.title("Lines");
    plt.xlabel("x");
    plt.ylabel("y");
    plt.legend();
  },
  markers() {
    for (const [i, marker] of [..."os^v<>Dd*pPXh+x|_"].entries()) {
      plt.plot(i % 6, Math.floor(i / 6), marker, { markersize: 12 });
    }
    plt.margins(0.15);
    plt.title("Markers");
  },
  scatter() {
    const random = generator(1);
    const [x, y, c, s] = [random.uniform(60), random.uniform(60), random.uniform(60), random.uniform(60)];
    plt.scatter(x, y, { s: s.map((v) => 300 * v), c, alpha: 0.6, cmap: "viridis" });
    plt.colorbar({ label: "value" });
    plt.grid(true, { alpha: 0.3 });
  },
  bars() {
    const names = ["apple", "pear", "plum", "fig"];
    const bars = plt.bar(names, [4, 7, 3, 5.5], {
      color: ["C0", "C1", "C2", "C3"],
      yerr: [0.3, 0.5, 0.2, 0.4],
      capsize: 4,
    });
    plt.barLabel(bars, { padding: 3 });
    plt.ylabel("count");
    plt.title("Bars");
  },
  groups() {
    const at = [0, 1, 2, 3];
    plt.bar(at, [3, 5, 2, 4], 0.4, { label: "train", align: "edge" });
    plt.bar(
      at.map((v) => v - 0.4),
      [2, 4, 3, 3.5],
      0.4,
      { label: "test", align: "edge", hatch: "//" },
    );
    plt.xticks(at, ["a", "b", "c", "d"], { rotation: 45 });
    plt.legend({ loc: "upper left", ncol: 2 });
    plt.ylim(0, 7);
  },
  barh() {
    plt.barh(["convolution", "pooling", "linear", "activation"], [12, 3, 7, 1.5], {
      color: "tab:olive",
      edgecolor: "k",
    });
    plt.xlabel("time (ms)");
    plt.gca().invertYaxis();
    plt.axvline(5, { color: "r", linestyle: "--" });
    plt.tightLayout();
  },
  histogram() {
    const random = generator(2);
    plt.hist(random.normal(1000), 30, { density: true, alpha: 0.6, label: "one" });
    plt.hist(
      random.normal(1000).map((v) => v + 2),
      30,
      { density: true, histtype: "step", label: "two" },
    );
    plt.legend({ loc: "upper left" });
    plt.title("Histogram");
  },
  boxes() {
    const random = generator(3);
    const sets = [1, 2, 3, 4].map((k) => random.normal(80).map((v) => v * k + k));
    plt.boxplot(sets, { labels: ["a", "b", "c", "d"], notch: true, showmeans: true });
    plt.title("Box plot");
  },
  violins() {
    const random = generator(4);
    plt.violinplot(
      [1, 2, 3].map((k) => random.normal(100).map((v) => v * k)),
      { showmedians: true },
    );
    plt.title("Violin plot");
  },
  fill() {
    const x = linspace(0, 5, 50);
    const y = x.neg().exp();
    plt.plot(x, y, { color: "C3" });
    plt.fillBetween(x, y.mul(0.7), y.mul(1.3), { alpha: 0.2, color: "C3" });
    plt.axhspan(0.2, 0.4, { alpha: 0.3, color: "C1" });
    plt.annotate("half-life", [0.69, 0.5], [2, 0.9], { arrowprops: { arrowstyle: "->" } });
    plt.text(3, 1.1, "$e^{-\\lambda x}$", { fontsize: 14, bbox: { facecolor: "wheat", boxstyle: "round" } });
  },
  errorbars() {
    const x = [0, 1, 2, 3, 4];
    plt.errorbar(x, [1, 2.2, 2.9, 4.1, 5.2], {
      yerr: [0.2, 0.4, 0.3, 0.5, 0.2],
      xerr: 0.15,
      fmt: "o",
      capsize: 3,
      label: "data",
    });
    plt.plot(x, [1, 2, 3, 4, 5], "k--", { lw: 1, label: "fit" });
    plt.legend({ loc: "lower right" });
  },
  loglog() {
    const x = linspace(0, 4, 50).mul(Math.log(10)).exp();
    plt.loglog(x, x.pow(1.5), { label: "$x^{1.5}$" });
    plt.loglog(x, x.mul(10), { label: "$10x$" });
    plt.grid(true, { which: "both", ls: "-", alpha: 0.3 });
    plt.xlabel("size");
    plt.ylabel("time");
    plt.legend();
  },
  images() {
    const [figure, axes] = plt.subplots(2, 3, { figsize: [4.8, 3.6] });
    const { X, Y } = grid(28);
    const z = X.square().add(Y.square()).sqrt().mul(2).sin();
    for (const [i, cmap] of ["gray", "viridis", "plasma", "jet", "coolwarm", "Blues"].entries()) {
      const ax = axes[Math.floor(i / 3)][i % 3];
      ax.imshow(z, { cmap });
      ax.setTitle(cmap, { fontsize: 10 });
      ax.axis("off");
    }
    figure.suptitle("Colormaps");
  },
  matrix() {
    const m = [
      [50, 3, 2],
      [5, 40, 8],
      [1, 6, 44],
    ];
    plt.imshow(m, { cmap: "Blues" });
    plt.colorbar();
    m.forEach((row, r) =>
      row.forEach((v, c) => plt.text(c, r, v, { ha: "center", va: "center", color: v > 25 ? "white" : "black" })),
    );
    plt.xticks([0, 1, 2], ["cat", "dog", "bird"]);
    plt.yticks([0, 1, 2], ["cat", "dog", "bird"]);
    plt.xlabel("predicted");
    plt.ylabel("true");
    plt.title("Confusion matrix");
  },
  contours() {
    const { x, X, Y } = grid(60);
    const z = hill(X, Y);
    const filled = plt.contourf(x, x, z, { cmap: "RdBu_r" });
    const lines = plt.contour(x, x, z, { colors: "k", linewidths: 0.7 });
    plt.clabel(lines, { fontsize: 8 });
    plt.colorbar(filled);
  },
  mesh() {
    const { x, X, Y } = grid(30);
    plt.pcolormesh(x, x, hill(X, Y), { cmap: "magma", shading: "nearest" });
    plt.colorbar({ orientation: "horizontal", label: "height" });
  },
  quiver() {
    const { x, X, Y } = grid(12);
    plt.quiver(x, x, Y.neg(), X, X.square().add(Y.square()).sqrt(), { cmap: "plasma" });
    plt.gca().setAspect("equal");
    plt.gca().addPatch(new plt.Circle([0, 0], 1, { fill: false, edgecolor: "r", lw: 2 }));
    plt.gca().addPatch(new plt.Rectangle([-2.5, -2.5], 1.5, 1, { alpha: 0.3, facecolor: "C2", edgecolor: "k" }));
  },
  pie() {
    plt.pie([35, 25, 25, 15], {
      labels: ["a", "b", "c", "d"],
      autopct: "%1.1f%%",
      explode: [0, 0.1, 0, 0],
      startangle: 90,
    });
    plt.title("Pie");
  },
  steps() {
    const x = [0, 1, 2, 3, 4, 5, 6, 7];
    const [, [top, below]] = plt.subplots(2, 1, { sharex: true, figsize: [4.8, 3.6] });
    top.step(x, [1, 3, 2, 4, 3, 5, 4, 6], { where: "mid", label: "mid" });
    top.plot(x, [1, 3, 2, 4, 3, 5, 4, 6], "C1o--", { alpha: 0.4 });
    top.legend();
    below.stem(x, [1, -1, 2, -2, 3, -3, 2, -1]);
    below.setXlabel("step");
    top.setTitle("Shared x");
  },
  twins() {
    const x = linspace(1, 20, 20);
    const ax = plt.gca();
    ax.plot(x, x.reciprocal(), "C0-o", { ms: 3 });
    ax.setXlabel("epoch");
    ax.setYlabel("loss", { color: "C0" });
    ax.tickParams("y", { colors: "C0" });
    const right = ax.twinx();
    right.plot(x, x.reciprocal().neg().add(1).mul(1e6), "C1-");
    right.setYlabel("samples", { color: "C1" });
    plt.title("Two scales");
    plt.tightLayout();
  },
};

/** The figures with a size of their own. */
const sized = ["images", "steps"];

/** Draws a figure by its name. */
export function draw(name) {
  if (!sized.includes(name)) plt.figure({ figsize: [4.8, 3.6] });
  figures[name]();
  return plt.gcf();
}

export const names = Object.keys(figures);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const only = process.argv.slice(2);
  for (const name of only.length > 0 ? only : names) {
    draw(name).savefig(fileURLToPath(new URL(`${name}.png`, import.meta.url)), { dpi: 80 });
    plt.close("all");
  }
}
