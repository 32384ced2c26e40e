import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import plt, { matplotlib } from "../src/index.js";
import { terminalPicture } from "../src/pyplot/terminal.js";

let folder = "";
const before = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pyplot-"));
  process.env.FLAMBEAU_PLOT_DIR = folder;
});
afterEach(() => {
  plt.close("all");
  process.env = { ...before };
  rmSync(folder, { recursive: true });
});

test("show writes files of the kind that FLAMBEAU_PLOT names, for all figures", () => {
  plt.plot([1, 2]);
  plt.figure();
  plt.plot([2, 1]);
  for (const [kind, start] of [
    ["png", "\x89PNG"],
    ["svg", "<svg "],
    ["html", "<!doctype html>"],
  ] as const) {
    process.env.FLAMBEAU_PLOT = kind;
    plt.show();
    assert.equal(readFileSync(join(folder, `figure-2.${kind}`), "latin1").slice(0, start.length), start);
  }
  assert.equal(readdirSync(folder).length, 6);
});

test("the way to show figures is chosen by FLAMBEAU_PLOT, by matplotlib.use, by the display", () => {
  for (const name of ["FLAMBEAU_PLOT", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"]) delete process.env[name];
  matplotlib.use("TkAgg");
  if (process.platform === "linux") assert.equal(matplotlib.getBackend(), "png");
  process.env.DISPLAY = ":0";
  assert.equal(matplotlib.getBackend(), "browser");
  matplotlib.use("Agg");
  assert.equal(matplotlib.getBackend(), "png");
  process.env.FLAMBEAU_PLOT = "terminal";
  assert.equal(matplotlib.getBackend(), "terminal");
  assert.throws(() => matplotlib.use("GTK9"), /'GTK9' is not a valid value for backend/);
});

test("a page stands alone: it names no other place, and holds the data that it shows", () => {
  plt.plot([1, 2, 3], [0.1, 0.25, 0.125], { label: "</script>" });
  plt.savefig(join(folder, "a.html"));
  const page = readFileSync(join(folder, "a.html"), "utf8");
  assert.doesNotMatch(
    page.replaceAll('xmlns="http://www.w3.org/2000/svg"', "").replaceAll('"http://www.w3.org/2000/svg"', ""),
    /https?:|src=/,
  );
  assert.equal(page.match(/<\/script>/g)?.length, 2, "what data say ends no script");
  assert.match(page, /"x":\[1,2,3\],"y":\[0.1,0.25,0.125\]/);
});

test("a file without a name's end is a PNG, and an unknown kind throws before anything is written", () => {
  plt.plot([1, 2]);
  plt.savefig(join(folder, "plain"));
  assert.deepEqual(readdirSync(folder), ["plain.png"]);
  assert.throws(
    () => plt.savefig(join(folder, "a.pdf")),
    /Format 'pdf' is not supported \(supported formats: html, png, svg\)/,
  );
  assert.deepEqual(readdirSync(folder), ["plain.png"]);
});

test("the terminal shows blocks of colour with the words between them", () => {
  plt.plot([0, 1], [0, 1], "r");
  plt.title("Loss $x^2$");
  plt.ylabel("ab");
  const picture = terminalPicture(plt.gcf(), 60);
  const escape = String.fromCharCode(27);
  const rows = picture
    .replaceAll(new RegExp(`${escape}\\[[0-9;]*m`, "g"), "")
    .trimEnd()
    .split("\n");
  assert.equal(rows.length, 23);
  assert.ok(rows.every((row) => [...row].length === 60));
  assert.ok(rows.some((row) => row.includes("Loss x²")));
  const column = rows.findIndex((row) => row.includes("a"));
  assert.equal((rows[column + 1] as string)[(rows[column] as string).indexOf("a")], "b");
  assert.match(picture, new RegExp(`${escape}\\[38;2;2\\d\\d;\\d+;\\d+`));
});
