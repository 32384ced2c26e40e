import assert from "node:assert/strict";
import { test } from "node:test";
import plt, * as everything from "../src/index.js";

test("plt has these names", () => {
  const names = `
    Axes Circle Ellipse Figure GridSpec Polygon Rectangle Wedge annotate arrow autoscale axes axhline axhspan axis axline
    axvline axvspan bar barLabel barh boxplot brokenBarh bxp cla clabel clf clim close colorbar colormaps contour contourf
    delaxes draw errorbar eventplot figlegend figtext figure fignumExists fill fillBetween fillBetweenx gca gcf gci getCmap
    getFiglabels getFignums grid hist hist2d hlines imread imsave imshow legend locatorParams loglog margins matshow
    minorticksOff minorticksOn pause pcolor pcolormesh pie plot quiver rc rcContext rcParams rcdefaults savefig sca scatter
    semilogx semilogy setCmap setp show spy stackplot stairs stem step style subplot subplot2grid subplotMosaic subplots
    subplotsAdjust suptitle text tickParams ticklabelFormat tightLayout title twinx twiny violinplot vlines xlabel xlim
    xscale xticks ylabel ylim yscale yticks`;
  assert.deepEqual(Object.keys(plt).sort(), names.trim().split(/\s+/).sort());
});

test("the package exports these names", () => {
  const names = `
    Axes BoundaryNorm Circle Colormap Ellipse Figure GridSpec Line2D LinearSegmentedColormap ListedColormap LogNorm Normalize
    Patch Polygon PowerNorm Rectangle TwoSlopeNorm Wedge cbook colormaps colors default matplotlib patches rcParams style
    ticker toHex toRgba`;
  assert.deepEqual(Object.keys(everything).sort(), names.trim().split(/\s+/).sort());
});

test("what plt passes on to the current axes is there", () => {
  const ax = plt.figure().gca() as unknown as Record<string, unknown>;
  for (const name of ["plot", "imshow", "setTitle", "setXlim", "quiver", "violinplot", "annotate"]) {
    assert.equal(typeof ax[name], "function", name);
  }
  plt.close("all");
});

test("wrong options are compile errors, and throw", () => {
  // @ts-expect-error no such option
  assert.throws(() => plt.imshow([[1]], { colormap: "gray" }), TypeError);
  // @ts-expect-error a word is no number
  assert.throws(() => plt.bar([1], [1], { alpha: "half" }), TypeError);
  // @ts-expect-error no such choice
  assert.throws(() => plt.hist([1], { histtype: "lines" }), TypeError);
  // @ts-expect-error no such property
  assert.throws(() => plt.gca().set({ titel: "A" }), TypeError);
  // @ts-expect-error no such setting
  assert.throws(() => plt.rcParams["figure.size"], /figure.size is not a valid rc parameter/);
  // @ts-expect-error a title is words
  plt.rcParams["axes.titlesize"] = plt.rcParams["axes.titlesize"] as boolean;
  plt.close("all");
});

test("the types of grids of axes are exact", () => {
  const [, one] = plt.subplots();
  const title: string = one.getTitle();
  const [, [left, right]] = plt.subplots(1, 2);
  const [, [[a], [b]]] = plt.subplots(2, 2, { sharex: true });
  const [, rows] = plt.subplots(1, 1, { squeeze: false });
  for (const ax of [left, right, a, b, rows[0]?.[0]]) assert.equal(ax?.getTitle(), title);
  plt.close("all");
});
