/** Filled polygons as PIL draws them: row by row, between the edges that a row crosses. */

/** x and y. */
export type Point = readonly [x: number, y: number];

interface Edge {
  readonly x: number;
  readonly y: number;
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** How far right it goes from one row to the next. */
  readonly slope: number;
}

const { fround } = Math;

function edgeBetween([x1, y1]: Point, [x2, y2]: Point): Edge {
  return {
    x: x1,
    y: y1,
    top: Math.min(y1, y2),
    bottom: Math.max(y1, y2),
    left: Math.min(x1, x2),
    right: Math.max(x1, x2),
    slope: y1 === y2 ? 0 : fround((x2 - x1) / (y2 - y1)),
  };
}

/** Where an edge is in a row, in float32. */
function crossing(edge: Edge, y: number): number {
  return fround(fround((y - edge.y) * edge.slope) + edge.x);
}

function roundUp(x: number): number {
  return x >= 0 ? Math.floor(fround(x + 0.5)) : -Math.floor(fround(Math.abs(x) + 0.5));
}

function roundDown(x: number): number {
  return x >= 0 ? Math.ceil(fround(x - 0.5)) : -Math.ceil(fround(Math.abs(x) - 0.5));
}

/** Whether two edges lean to the same side. */
function leanAlike(a: Edge, b: Edge): boolean {
  return a.slope > 0 ? b.slope > 0 : b.slope < 0;
}

/** Moves the crossing of an edge at a corner so that no gap is left to the next row. */
function joinCorner(edges: readonly Edge[], i: number, y: number, last: number, crossings: number[]): void {
  const edge = edges[i] as Edge;
  const here = crossings.at(-1) as number;
  if (edge.slope === 0 || Math.round(here) !== here) return;
  for (let k = 0; k < i; k++) {
    const other = edges[k] as Edge;
    if (!leanAlike(edge, other)) continue;
    const isCorner = (y === edge.top && y === other.top) || (y === edge.bottom && y === other.bottom);
    if (!isCorner || here !== crossing(other, y)) continue;
    const beside = y === last ? y - 1 : y + 1;
    const [a, b] = [crossing(edge, beside), crossing(other, beside)];
    const isRight = edge.slope > 0;
    if (y === edge.bottom) crossings[k] = isRight ? Math.max(a, b) + 1 : Math.min(a, b) - 1;
    else crossings[k] = isRight ? Math.min(a, b) : Math.max(a, b) + 1;
    return;
  }
}

/**
 * Fills a polygon.
 *
 * @param height that of the image; rows outside are left out.
 * @param row draws from a column to another one of a row, both of them too.
 */
export function fillPolygon(
  corners: readonly Point[],
  height: number,
  row: (from: number, y: number, to: number) => void,
): void {
  const all = corners.map((corner, i) => edgeBetween(corner, corners[(i + 1) % corners.length] as Point));
  const flat = all.filter(({ top, bottom }) => top === bottom);
  const edges = all.filter(({ top, bottom }) => top !== bottom);
  for (const { left, top, right } of flat) row(left, top, right);
  const first = Math.max(0, Math.min(...all.map(({ top }) => top)));
  const last = Math.min(height, Math.max(...all.map(({ bottom }) => bottom)));
  for (let y = first; y <= last; y++) {
    const crossings: number[] = [];
    for (const [i, edge] of edges.entries()) {
      if (y < edge.top || y > edge.bottom) continue;
      crossings.push(crossing(edge, y));
      if (y === edge.bottom && y < last) crossings.push(crossings.at(-1) as number);
      else joinCorner(edges, i, y, last, crossings);
    }
    crossings.sort((a, b) => a - b);
    let free = 0;
    for (let i = 1; i < crossings.length; i += 2) {
      const to = roundDown(crossings[i] as number);
      if (to < free) continue;
      const from = Math.max(free, roundUp(crossings[i - 1] as number));
      if (to < from) continue;
      row(from, y, to);
      free = to + 1;
    }
  }
}
