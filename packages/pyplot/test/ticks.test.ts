import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import type { AxisView } from "../src/axis/locators.js";
import plt, { ticker } from "../src/index.js";
import { assertClose, golden } from "./support/golden.js";

afterEach(() => plt.close("all"));

const view = (limits: readonly [number, number]): AxisView => ({
  limits,
  tickSpace: 9,
  leastPositive: 1e-300,
  scaleName: "linear",
  majorTicks: () => [],
});

test("linear axes have matplotlib's ticks, labels and offsets", () => {
  for (const { limits, ticks, labels, offset } of golden.linear) {
    const found = new ticker.AutoLocator().tickValues(...limits);
    assertClose(found, ticks, `ticks of ${limits}`);
    const formatter = new ticker.ScalarFormatter();
    formatter.setTicks(ticks, view(limits));
    assert.deepEqual(
      ticks.map((tick) => formatter.format(tick)),
      labels,
      `labels of ${limits}`,
    );
    assert.equal(formatter.offsetText(), offset, `offset of ${limits}`);
  }
});

test("MaxNLocator has matplotlib's ticks for all of its options", () => {
  for (const { options, limits, ticks } of golden.maxn) {
    const found = new ticker.MaxNLocator(options).tickValues(...limits);
    assertClose(found, ticks, `${JSON.stringify(options)} of ${limits}`);
  }
});

test("logarithmic axes have matplotlib's ticks and labels", () => {
  for (const { limits, base, major, minor } of golden.log) {
    for (const [which, expected] of Object.entries({ major, minor })) {
      const locator = new ticker.LogLocator({ base, subs: which === "major" ? [1] : "auto" });
      const found = locator.tickValues(...limits);
      assertClose(found, expected.ticks, `${which} ticks of ${limits}, base ${base}`);
      const formatter = new ticker.LogFormatterSciNotation({ base });
      formatter.setTicks(found, view(limits));
      assert.deepEqual(
        found.map((tick) => formatter.format(tick)),
        expected.labels,
        `${which} labels of ${limits}, base ${base}`,
      );
    }
  }
});

test("symmetric logarithmic axes have matplotlib's ticks", () => {
  for (const { limits, ticks } of golden.symlog) {
    assertClose(new ticker.SymmetricalLogLocator(10, 2).tickValues(...limits), ticks, `symlog ticks of ${limits}`);
  }
});

test("minor ticks are where matplotlib has them", () => {
  for (const { limits, ticks } of golden.minor) {
    const ax = plt.figure().gca();
    ax.setXlim(...limits);
    ax.minorticksOn();
    const edge = 1e-6 * (limits[1] - limits[0]);
    const found = ax.xaxis.ticks("minor", ax.box.width).map(({ value }) => value);
    const inner = found.filter((value) => value > limits[0] + edge && value < limits[1] - edge);
    assertClose(inner, ticks, `minor ticks of ${limits}`, 1e-8);
  }
});

test("other locators and formatters", () => {
  assert.deepEqual(new ticker.MultipleLocator(0.5).tickValues(0.2, 2), [0.5, 1, 1.5, 2]);
  assert.deepEqual(new ticker.FixedLocator([1, 5]).tickValues(0, 2), [1, 5]);
  assert.deepEqual(new ticker.LinearLocator(3).tickValues(0, 4), [0, 2, 4]);
  const percent = new ticker.PercentFormatter(1);
  percent.setTicks([], view([0, 1]));
  assert.equal(percent.format(0.25), "25%");
  assert.equal(new ticker.StrMethodFormatter("{x:.2f} m").format(1.234, 0), "1.23 m");
  assert.equal(new ticker.FuncFormatter((v, i) => `${v}/${i}`).format(3, 1), "3/1");
});
