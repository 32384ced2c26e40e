/** Pixels to draw on: the shapes that PIL's `ImageDraw` draws, pixel for pixel. */
import torch, { type Tensor } from "flambeau";
import type { Ink } from "./colors.js";
import { fillPolygon, type Point } from "./polygon.js";

/** Places far outside of any image, beyond which none are told apart. */
const far = 2 ** 20;

/** A coordinate as a whole number; what is none lies far outside. */
export function wholePlace(value: number): number {
  return Number.isNaN(value) ? -far : Math.trunc(Math.min(far, Math.max(-far, value)));
}

/** A byte between two, by an opacity from 0 to 255, as PIL rounds it. */
function blend(below: number, above: number, opacity: number): number {
  const sum = below * (255 - opacity) + above * opacity + 128;
  return ((sum >> 8) + sum) >> 8;
}

/** Half a number up, away from zero; and towards it. */
const roundUp = (x: number): number => (x >= 0 ? Math.floor(x + 0.5) : -Math.floor(-x + 0.5));
const roundDown = (x: number): number => (x >= 0 ? Math.ceil(x - 0.5) : -Math.ceil(-x - 0.5));

export class Canvas {
  readonly #pixels: Uint8Array;
  readonly width: number;
  readonly height: number;

  /** @param image uint8 `[3, H, W]`, which is copied. */
  constructor(image: Tensor) {
    [, this.height, this.width] = image.shape as [number, number, number];
    this.#pixels = image.permute(1, 2, 0).contiguous().toTypedArray() as Uint8Array;
  }

  /** The image as a tensor `[3, H, W]`. */
  toTensor(): Tensor {
    return torch.tensor(this.#pixels).view(this.height, this.width, 3).permute(2, 0, 1).contiguous();
  }

  /** A pixel in a colour of an opacity; nothing outside. */
  point(x: number, y: number, ink: Ink, opacity = 255): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    const at = 3 * (y * this.width + x);
    for (let c = 0; c < 3; c++) this.#pixels[at + c] = blend(this.#pixels[at + c] as number, ink[c] as number, opacity);
  }

  /** The pixels of a row from one column to another, both of them too. */
  row(from: number, y: number, to: number, ink: Ink, opacity = 255): void {
    const end = Math.min(to, this.width - 1);
    for (let x = Math.max(from, 0); x <= end; x++) this.point(x, y, ink, opacity);
  }

  /** A filled rectangle, corners included. */
  rectangle(x1: number, y1: number, x2: number, y2: number, ink: Ink, opacity = 255): void {
    const end = Math.min(y2, this.height - 1);
    for (let y = Math.max(y1, 0); y <= end; y++) this.row(x1, y, x2, ink, opacity);
  }

  /** The outline of a rectangle, so many pixels wide to the inside. */
  outline(x1: number, y1: number, x2: number, y2: number, ink: Ink, width: number): void {
    for (let i = 0; i < width; i++) {
      this.row(x1, y1 + i, x2, ink);
      this.row(x1, y2 - i, x2, ink);
      for (const x of [x2 - i, x1 + i]) this.#column(x, y1 + width, y2 - width + 1, ink);
    }
  }

  /** The pixels of a column from one row up or down to another, without that one. */
  #column(x: number, from: number, to: number, ink: Ink): void {
    const [first, end] = from < to ? [from, to] : [to + 1, from + 1];
    for (let y = Math.max(first, 0); y < Math.min(end, this.height); y++) this.point(x, y, ink);
  }

  /** A filled circle in the square around a place; nothing for a radius of 0. */
  circle(x: number, y: number, radius: number, ink: Ink): void {
    if (radius === 0) return;
    const size = 2 * radius;
    // Half widths and half heights count twice, so that all of them are whole; the curve is the nearest way down.
    const distance = (cx: number, cy: number) => Math.abs(size * size * (cx * cx + cy * cy - size * size));
    let [cx, cy] = [size, 0];
    let drawn = -1;
    while (cy <= size && cx >= 0) {
      if (cy !== drawn) {
        for (const row of cy === 0 ? [0] : [cy, -cy])
          this.row(x - radius + (size - cx) / 2, y - radius + (size + row) / 2, x - radius + (size + cx) / 2, ink);
        drawn = cy;
      }
      if (cx === 0 && cy === size) break;
      let next: readonly [number, number] = [cx, cy + 2];
      if (cx > 1) {
        for (const other of [
          [cx - 2, cy + 2],
          [cx - 2, cy],
        ] as const)
          if (distance(...next) > distance(...other)) next = other;
      }
      [cx, cy] = next;
    }
  }

  /** A line between two places. */
  line([x1, y1]: Point, [x2, y2]: Point, ink: Ink, width: number): void {
    if (width <= 1) return this.#thinLine(x1, y1, x2, y2, ink);
    const [dx, dy] = [x2 - x1, y2 - y1];
    if (dx === 0 && dy === 0) return this.point(x1, y1, ink);
    const half = (width - 1) / 2;
    const [most, least] = [roundUp(half), roundDown(half)].map((side) => side / Math.hypot(dx, dy)) as [number, number];
    const [left, right] = [roundDown(least * dy), roundDown(most * dy)];
    const [up, down] = [roundUp(least * dx), roundUp(most * dx)];
    const corners: Point[] = [
      [x1 - left, y1 + down],
      [x2 - left, y2 + down],
      [x2 + right, y2 - up],
      [x1 + right, y1 - up],
    ];
    fillPolygon(corners, this.height, (from, y, to) => this.row(from, y, to, ink));
  }

  /** Bresenham's line. */
  #thinLine(x1: number, y1: number, x2: number, y2: number, ink: Ink): void {
    const [dx, dy] = [Math.abs(x2 - x1), Math.abs(y2 - y1)];
    const [stepX, stepY] = [Math.sign(x2 - x1), Math.sign(y2 - y1)];
    const isSteep = dy > dx;
    const [long, short] = isSteep ? [dy, dx] : [dx, dy];
    let error = 2 * short - long;
    let [x, y] = [x1, y1];
    for (let i = 0; i <= long; i++) {
      this.point(x, y, ink);
      if (error >= 0) {
        if (isSteep) x += stepX;
        else y += stepY;
        error -= 2 * long;
      }
      if (isSteep) y += stepY;
      else x += stepX;
      error += 2 * short;
    }
  }
}
