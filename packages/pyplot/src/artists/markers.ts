/** The shapes of markers, one unit wide, y upwards. */
import { Path, type Point } from "../geometry.js";

/** A shape, and whether it is filled or only lines. */
export interface Marker {
  readonly path: Path;
  readonly isFilled: boolean;
  readonly join: "miter" | "round" | "bevel";
  /** Its size beside that of the others. */
  readonly scale: number;
}

const polygon = (points: readonly Point[], by = 1): Path =>
  Path.polyline(
    points.map(([x, y]) => [x * by, y * by]),
    true,
  );

const regular = (corners: number, turn = 0): Path =>
  polygon(
    Array.from({ length: corners }, (_, i): Point => {
      const angle = (2 * Math.PI * i) / corners + Math.PI / 2 + turn;
      return [Math.cos(angle) / 2, Math.sin(angle) / 2];
    }),
  );

const star = (inner: number): Path =>
  polygon(
    Array.from({ length: 10 }, (_, i): Point => {
      const [angle, radius] = [(Math.PI * i) / 5 + Math.PI / 2, i % 2 === 0 ? 0.5 : 0.5 * inner];
      return [Math.cos(angle) * radius, Math.sin(angle) * radius];
    }),
  );

const lines = (...segments: readonly (readonly [number, number, number, number])[]): Path => {
  const path = new Path();
  for (const [x1, y1, x2, y2] of segments) path.moveTo(x1, y1).lineTo(x2, y2);
  return path;
};

const turned = (path: Path, quarters: number): Path => {
  const [cos, sin] = [Math.round(Math.cos((quarters * Math.PI) / 2)), Math.round(Math.sin((quarters * Math.PI) / 2))];
  return path.transform((x, y) => [x * cos - y * sin, x * sin + y * cos]);
};

const triangle = polygon([
  [0, 0.5],
  [-0.5, -0.5],
  [0.5, -0.5],
]);
const tripod = lines([0, 0, 0, -0.5], [0, 0, 0.4, 0.25], [0, 0, -0.4, 0.25]);
const plus: readonly Point[] = [
  [-1, -3],
  [1, -3],
  [1, -1],
  [3, -1],
  [3, 1],
  [1, 1],
  [1, 3],
  [-1, 3],
  [-1, 1],
  [-3, 1],
  [-3, -1],
  [-1, -1],
];
const cross: readonly Point[] = [
  [-1, -2],
  [0, -1],
  [1, -2],
  [2, -1],
  [1, 0],
  [2, 1],
  [1, 2],
  [0, 1],
  [-1, 2],
  [-2, 1],
  [-1, 0],
  [-2, -1],
];
const rhomb = 0.5 * Math.SQRT2;

const filled = (path: Path, join: Marker["join"] = "miter", scale = 1): Marker => ({
  path,
  isFilled: true,
  join,
  scale,
});
const open = (path: Path): Marker => ({ path, isFilled: false, join: "miter", scale: 1 });
const circle = Path.ellipse(0, 0, 0.5, 0.5);

const markers: Record<string, Marker> = {
  o: filled(circle, "round"),
  ".": filled(circle, "round", 0.5),
  ",": filled(Path.rectangle(-0.5, -0.5, 1, 1), "miter", 0.12),
  s: filled(Path.rectangle(-0.5, -0.5, 1, 1)),
  D: filled(
    polygon([
      [0, rhomb],
      [-rhomb, 0],
      [0, -rhomb],
      [rhomb, 0],
    ]),
  ),
  d: filled(
    polygon([
      [0, rhomb],
      [-0.6 * rhomb, 0],
      [0, -rhomb],
      [0.6 * rhomb, 0],
    ]),
  ),
  "^": filled(triangle),
  "<": filled(turned(triangle, 1)),
  v: filled(turned(triangle, 2)),
  ">": filled(turned(triangle, 3)),
  p: filled(regular(5)),
  h: filled(regular(6)),
  H: filled(regular(6, Math.PI / 6)),
  "8": filled(regular(8, Math.PI / 8)),
  "*": filled(star(0.381966), "bevel"),
  P: filled(polygon(plus, 1 / 6)),
  X: filled(polygon(cross, 1 / 4)),
  "+": open(lines([-0.5, 0, 0.5, 0], [0, -0.5, 0, 0.5])),
  x: open(lines([-0.5, -0.5, 0.5, 0.5], [-0.5, 0.5, 0.5, -0.5])),
  "|": open(lines([0, -0.5, 0, 0.5])),
  _: open(lines([-0.5, 0, 0.5, 0])),
  "1": open(tripod),
  "2": open(turned(tripod, 2)),
  "3": open(turned(tripod, 3)),
  "4": open(turned(tripod, 1)),
};

/** The marks that a format string may have. */
export const markerNames: readonly string[] = Object.keys(markers);

/**
 * The shape of a marker; none for `"None"`, `""` and `" "`.
 *
 * @throws Error for a name that does not exist.
 */
export function markerOf(name: string): Marker | undefined {
  if (["None", "none", "", " "].includes(name)) return undefined;
  const found = markers[name];
  if (!found) throw new Error(`Unrecognized marker style '${name}'; known are ${markerNames.join(" ")}`);
  return found;
}
