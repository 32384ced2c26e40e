import assert from "node:assert/strict";
import { test } from "node:test";
import { Path, type Point, thinned } from "../src/geometry.js";

test("a long line keeps its extremes and far fewer points", () => {
  const points = Array.from({ length: 10_000 }, (_, i): Point => [i / 1000, Math.sin(i * 12.9898) * 100]);
  const few = [...thinned(points)];
  assert.ok(few.length < 300, `${few.length} points`);
  const most = (list: readonly Point[]): number => Math.max(...list.map((p) => p[1]));
  assert.equal(most(few), most(points));
  assert.deepEqual([few[0], few.at(-1)], [points[0], points.at(-1)]);
  assert.deepEqual(
    few,
    few.toSorted((a, b) => a[0] - b[0]),
    "the order stays",
  );
});

test("points that lie apart, and gaps between them, stay", () => {
  const apart: Point[] = [
    [0, 0],
    [1, 1],
    [Number.NaN, 0],
    [2, Number.NaN],
    [2, 2],
    [3, Number.POSITIVE_INFINITY],
    [3, 3],
  ];
  assert.deepEqual([...thinned(apart)], apart);
  assert.equal(String(Path.polyline(apart)), "M0 0L1 1M2 2M3 3");
});

test("paths are written as SVG does", () => {
  assert.equal(String(Path.rectangle(0, 0, 1.23456, 2)), "M0 0L1.235 0L1.235 2L0 2Z");
  assert.ok(Path.rectangle(0, 0, 1, 1).isRectilinear);
  assert.ok(!Path.ellipse(0, 0, 1, 1).isRectilinear);
  assert.equal(
    String(
      Path.polyline([
        [0, 0],
        [1e9, 1],
      ]),
    ),
    "M0 0L1000000 1",
  );
});
