/** Points, boxes and paths. On the canvas a length is in points (1/72 inch) and y grows downwards. */

export type Point = readonly [x: number, y: number];

/** Maps a point from one space into another. */
export type Transform = (x: number, y: number) => Point;

/** A rectangle on the canvas. */
export class Box {
  constructor(
    readonly left: number,
    readonly top: number,
    readonly right: number,
    readonly bottom: number,
  ) {}

  get width(): number {
    return this.right - this.left;
  }

  get height(): number {
    return this.bottom - this.top;
  }

  /** The point at fractions of the width and, from below, of the height. */
  at(x: number, y: number): Point {
    return [this.left + x * this.width, this.bottom - y * this.height];
  }

  /** The box with `by` points more on each side. */
  expand(by: number): Box {
    return new Box(this.left - by, this.top - by, this.right + by, this.bottom + by);
  }

  /** Whether a point is inside. */
  contains([x, y]: Point): boolean {
    return x >= this.left && x <= this.right && y >= this.top && y <= this.bottom;
  }

  /** Whether two boxes have points in common. */
  overlaps(other: Box): boolean {
    return this.left < other.right && other.left < this.right && this.top < other.bottom && other.top < this.bottom;
  }

  /** The smallest box that holds all of them. */
  static union(boxes: Iterable<Box>): Box | undefined {
    let all: Box | undefined;
    for (const b of boxes) {
      all = all
        ? new Box(
            Math.min(all.left, b.left),
            Math.min(all.top, b.top),
            Math.max(all.right, b.right),
            Math.max(all.bottom, b.bottom),
          )
        : b;
    }
    return all;
  }
}

/** Points of a line and, where these are far apart, some between them: what a legend should not cover. */
export function* alongLine(points: Iterable<Point>, step = 4): Generator<Point> {
  let before: Point | undefined;
  for (const at of points) {
    const parts = before ? Math.min(500, Math.floor(Math.hypot(at[0] - before[0], at[1] - before[1]) / step)) : 0;
    for (let i = 1; before && i < parts; i++) {
      yield [before[0] + ((at[0] - before[0]) * i) / parts, before[1] + ((at[1] - before[1]) * i) / parts];
    }
    yield at;
    before = at;
  }
}

const pointsOf: Record<string, number> = { M: 1, L: 1, Q: 2, C: 3, Z: 0 };

/** How wide a column is in which the points of a line are not told apart. */
const narrow = 0.2;

/** Points of a line that follow one another in a narrow column. */
class Column {
  #count = 1;
  #last: Point;
  #low: Point;
  #high: Point;
  #lowAt = 0;
  #highAt = 0;

  constructor(readonly first: Point) {
    this.#last = this.#low = this.#high = first;
  }

  /** Takes the next point if it lies in the column. */
  take(point: Point): boolean {
    if (!(Math.abs(point[0] - this.first[0]) < narrow) || Number.isNaN(this.first[1] - point[1])) return false;
    if (point[1] < this.#low[1]) [this.#low, this.#lowAt] = [point, this.#count];
    if (point[1] > this.#high[1]) [this.#high, this.#highAt] = [point, this.#count];
    this.#last = point;
    this.#count++;
    return true;
  }

  /** The points that are enough, in their order. */
  kept(): Iterable<Point> {
    const ends = this.#lowAt < this.#highAt ? [this.#low, this.#high] : [this.#high, this.#low];
    return new Set([this.first, ...ends, this.#last]);
  }
}

/**
 * Fewer points on the canvas that make a line of the same look: of several in a row that lie in a column narrower than
 * can be seen, the first, the lowest, the highest and the last.
 */
export function* thinned(points: Iterable<Point>): Generator<Point> {
  let column: Column | undefined;
  for (const point of points) {
    if (column?.take(point)) continue;
    if (column) yield* column.kept();
    column = new Column(point);
  }
  if (column) yield* column.kept();
}

/** How far the control points of a quarter circle are from its ends, in radii. */
const quarter = 0.5522847498;

/** Straight and curved lines, in any space. */
export class Path {
  readonly #letters: string[] = [];
  readonly #numbers: number[] = [];

  /** Begins a new line at a point. */
  moveTo(x: number, y: number): this {
    return this.#add("M", x, y);
  }

  /** Draws a straight line to a point. */
  lineTo(x: number, y: number): this {
    return this.#add("L", x, y);
  }

  /** Draws a cubic curve with two control points to a point. */
  curveTo(x1: number, y1: number, x2: number, y2: number, x: number, y: number): this {
    return this.#add("C", x1, y1, x2, y2, x, y);
  }

  /** Draws a quadratic curve with one control point to a point. */
  quadTo(x1: number, y1: number, x: number, y: number): this {
    return this.#add("Q", x1, y1, x, y);
  }

  /** Closes the line to where it began. */
  close(): this {
    return this.#add("Z");
  }

  #add(letter: string, ...numbers: number[]): this {
    this.#letters.push(letter);
    this.#numbers.push(...numbers);
    return this;
  }

  /** Whether there is nothing in it. */
  get isEmpty(): boolean {
    return this.#letters.length === 0;
  }

  /** Whether all its lines run along the axes, so that they look best on whole pixels. */
  get isRectilinear(): boolean {
    if (this.#letters.length > 1024) return false;
    let previous: Point | undefined;
    let k = 0;
    for (const letter of this.#letters) {
      if (letter === "Q" || letter === "C") return false;
      if (letter === "Z") continue;
      const [x, y] = [this.#numbers[k++] as number, this.#numbers[k++] as number];
      if (letter === "L" && previous) {
        if (Math.abs(x - previous[0]) > 1e-4 && Math.abs(y - previous[1]) > 1e-4) return false;
      }
      previous = [x, y];
    }
    return true;
  }

  /** All points, control points of curves included. */
  *points(): Generator<Point> {
    const n = this.#numbers;
    for (let i = 0; i < n.length; i += 2) yield [n[i] as number, n[i + 1] as number];
  }

  /** The same lines in another space. */
  transform(map: Transform): Path {
    const path = new Path();
    path.#letters.push(...this.#letters);
    for (const [x, y] of this.points()) path.#numbers.push(...map(x, y));
    return path;
  }

  /** As SVG writes it. */
  toString(): string {
    let k = 0;
    let text = "";
    for (const letter of this.#letters) {
      text += letter;
      for (let i = 0; i < 2 * (pointsOf[letter] as number); i++) {
        if (i > 0) text += " ";
        text += format(this.#numbers[k++] as number);
      }
    }
    return text;
  }

  /** A line through points, broken where a coordinate is not finite. */
  static polyline(points: Iterable<Point>, closed = false): Path {
    const path = new Path();
    let pen = false;
    for (const [x, y] of points) {
      if (!Number.isFinite(x) || !Number.isFinite(y)) pen = false;
      else if (pen) path.lineTo(x, y);
      else {
        path.moveTo(x, y);
        pen = true;
      }
    }
    return closed && !path.isEmpty ? path.close() : path;
  }

  /** A rectangle from a corner. */
  static rectangle(x: number, y: number, width: number, height: number): Path {
    return new Path()
      .moveTo(x, y)
      .lineTo(x + width, y)
      .lineTo(x + width, y + height)
      .lineTo(x, y + height)
      .close();
  }

  /** The outline of a box. */
  static ofBox(box: Box): Path {
    return Path.rectangle(box.left, box.top, box.width, box.height);
  }

  /** The outline of a box with round corners. */
  static roundedBox(box: Box, radius: number): Path {
    const { left, top, right, bottom } = box;
    const r = Math.min(radius, box.width / 2, box.height / 2);
    return new Path()
      .moveTo(left + r, top)
      .lineTo(right - r, top)
      .quadTo(right, top, right, top + r)
      .lineTo(right, bottom - r)
      .quadTo(right, bottom, right - r, bottom)
      .lineTo(left + r, bottom)
      .quadTo(left, bottom, left, bottom - r)
      .lineTo(left, top + r)
      .quadTo(left, top, left + r, top)
      .close();
  }

  /** An ellipse around a point. */
  static ellipse(x: number, y: number, rx: number, ry: number): Path {
    const [kx, ky] = [rx * quarter, ry * quarter];
    return new Path()
      .moveTo(x + rx, y)
      .curveTo(x + rx, y + ky, x + kx, y + ry, x, y + ry)
      .curveTo(x - kx, y + ry, x - rx, y + ky, x - rx, y)
      .curveTo(x - rx, y - ky, x - kx, y - ry, x, y - ry)
      .curveTo(x + kx, y - ry, x + rx, y - ky, x + rx, y)
      .close();
  }

  /** Draws an arc of a circle around (x, y), angles in degrees against the clock, on the end of the path. */
  arc(x: number, y: number, radius: number, from: number, to: number): this {
    const parts = Math.max(1, Math.ceil(Math.abs(to - from) / 90));
    const step = ((to - from) / parts) * (Math.PI / 180);
    const k = (4 / 3) * Math.tan(step / 4) * radius;
    for (let i = 0; i < parts; i++) {
      const a = from * (Math.PI / 180) + i * step;
      const b = a + step;
      const end: Point = [x + radius * Math.cos(b), y + radius * Math.sin(b)];
      if (i === 0) this.#add(this.isEmpty ? "M" : "L", x + radius * Math.cos(a), y + radius * Math.sin(a));
      this.curveTo(
        x + radius * Math.cos(a) - k * Math.sin(a),
        y + radius * Math.sin(a) + k * Math.cos(a),
        end[0] + k * Math.sin(b),
        end[1] - k * Math.cos(b),
        ...end,
      );
    }
    return this;
  }
}

/** A coordinate with three digits after the point at most; far outside of any page it is cut, as renderers fail there. */
export function format(value: number): string {
  const cut = Math.max(-1e6, Math.min(1e6, value));
  return String(Math.round(cut * 1000) / 1000);
}
