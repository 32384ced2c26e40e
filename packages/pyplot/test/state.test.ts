import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import plt, { matplotlib } from "../src/index.js";

afterEach(() => {
  plt.close("all");
  plt.rcdefaults();
});

test("figures have numbers, and the current one is the last that was made or asked for", () => {
  const first = plt.figure();
  const second = plt.figure("losses");
  assert.deepEqual(plt.getFignums(), [1, 2]);
  assert.equal(plt.gcf(), second);
  assert.equal(plt.figure(1), first);
  assert.equal(plt.gcf(), first);
  assert.equal(plt.figure("losses"), second);
  assert.equal(plt.figure(7).number, 7);
  plt.close(1);
  assert.deepEqual(plt.getFignums(), [2, 7]);
  plt.close();
  assert.equal(plt.gcf(), second);
  plt.close("losses");
  assert.deepEqual(plt.getFignums(), []);
});

test("the notes' grid: a cell becomes current, and pyplot's functions draw there", () => {
  const figure = plt.figure({ figsize: [8, 8] });
  for (let i = 1; i <= 9; i++) {
    figure.addSubplot(3, 3, i);
    plt.title(`sample ${i}`);
    plt.axis("off");
    plt.imshow(
      [
        [0, 1],
        [1, 0],
      ],
      { cmap: "gray" },
    );
  }
  assert.equal(figure.axes.length, 9);
  assert.deepEqual(
    figure.axes.map((ax) => ax.getTitle()),
    Array.from({ length: 9 }, (_, i) => `sample ${i + 1}`),
  );
  assert.ok(figure.axes.every((ax) => !ax.isOn && ax.artists.length === 1));
});

test("subplot takes the axes that are there, sca and clf do what they say", () => {
  const first = plt.subplot(2, 1, 1);
  const second = plt.subplot(2, 1, 2);
  assert.equal(plt.subplot(211), first);
  assert.equal(plt.gca(), first);
  plt.sca(second);
  assert.equal(plt.gca(), second);
  second.remove();
  assert.deepEqual(plt.gcf().axes, [first]);
  plt.clf();
  assert.deepEqual(plt.gcf().axes, []);
  assert.throws(() => plt.subplot(2, 1, 0), RangeError);
  assert.throws(() => plt.subplot(99), TypeError);
});

test("settings are checked, hold for what comes after, and are put back", () => {
  plt.rcParams["lines.linewidth"] = 4;
  assert.equal(plt.plot([1, 2])[0]?.linewidth, 4);
  assert.throws(() => {
    (plt.rcParams as unknown as Record<string, unknown>)["lines.width"] = 4;
  }, /lines.width is not a valid rc parameter/);
  assert.throws(() => {
    (plt.rcParams as unknown as Record<string, unknown>)["lines.linewidth"] = "thick";
  }, /Key lines.linewidth: expected number/);
  assert.throws(
    () => plt.rcContext({ "figure.dpi": 50 }, () => assert.equal(plt.figure().dpi, 50) ?? assert.fail("inside")),
    /inside/,
  );
  assert.equal(plt.rcParams["figure.dpi"], 100);
  plt.rc("lines", { linewidth: 3 });
  assert.equal(plt.rcParams["lines.linewidth"], 3);
  plt.rcdefaults();
  assert.equal(plt.rcParams["lines.linewidth"], 1.5);
});

test("styles change the settings, and an unknown one throws before anything is changed", () => {
  plt.style.use("ggplot");
  assert.equal(plt.plot([1, 2])[0]?.color, "#e24a33");
  assert.equal(plt.rcParams["axes.facecolor"], "#E5E5E5");
  assert.throws(() => plt.style.use(["dark_background", "ggplott"]), /'ggplott' is not a valid package style/);
  assert.equal(plt.rcParams["axes.facecolor"], "#E5E5E5");
  plt.style.use("default");
  assert.equal(plt.rcParams["axes.facecolor"], "white");
  assert.ok(matplotlib.style.available.includes("seaborn-v0_8"));
  assert.equal(
    plt.style.context("dark_background", () => plt.rcParams["axes.facecolor"]),
    "black",
  );
});
