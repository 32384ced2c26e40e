/** Arrows that are filled shapes. */
import { Path, type Point } from "../geometry.js";
import { flag, number, type Options, readOptions, words } from "../options.js";
import { Patch, patchTable } from "./patches.js";

const arrowTable = {
  ...patchTable,
  width: number,
  headWidth: number,
  headLength: number,
  lengthIncludesHead: flag,
  shape: words("full", "left", "right"),
  overhang: number,
};
export type ArrowOptions = Options<typeof arrowTable>;

/** An arrow from (x, y) by (dx, dy); its widths are in data too. */
export class FancyArrow extends Patch {
  constructor(x: number, y: number, dx: number, dy: number, options: ArrowOptions = {}) {
    const read = readOptions("arrow", arrowTable, options);
    const { width = 0.001, overhang = 0 } = read;
    const { headWidth = 3 * width } = read;
    const { headLength = 1.5 * headWidth } = read;
    const length = Math.hypot(dx, dy) + (read.lengthIncludesHead ? 0 : headLength);
    const neck = length - headLength;
    const [cos, sin] = length === 0 ? [1, 0] : [dx / Math.hypot(dx, dy), dy / Math.hypot(dx, dy)];
    const outline: Point[] = [
      [0, width / 2],
      [neck + overhang * headLength, width / 2],
      [neck, headWidth / 2],
      [length, 0],
      [neck, -headWidth / 2],
      [neck + overhang * headLength, -width / 2],
      [0, -width / 2],
    ];
    const path = Path.polyline(
      outline.map(([a, b]): Point => [x + a * cos - b * sin, y + a * sin + b * cos]),
      true,
    );
    super(path, { edgecolor: "black", ...read });
  }
}
