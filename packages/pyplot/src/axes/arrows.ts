/** Fields of arrows. */
import { Quiver } from "../artists/quiver.js";
import { getCmap } from "../color/colormaps.js";
import { type Color, type Rgba, toRgba } from "../color/colors.js";
import { mappableTable, normOf, readColors } from "../color/options.js";
import { type Data, readValues } from "../data.js";
import { data, isOptions, number, type Options, pick, readCall, text, words } from "../options.js";
import { ContourAxes } from "./contours.js";
import { gridPoints } from "./grids.js";

const quiverTable = {
  ...mappableTable,
  color: data<Color | readonly Color[]>(),
  scale: number,
  scaleUnits: words("xy", "width"),
  angles: words("uv", "xy"),
  pivot: words("tail", "mid", "middle", "tip"),
  units: words("width"),
  width: number,
  headwidth: number,
  headlength: number,
  headaxislength: number,
  minshaft: number,
  minlength: number,
  alpha: number,
  label: text,
  zorder: number,
};

export type QuiverOptions = Options<typeof quiverTable>;

/** Axes on which fields of arrows can be drawn. */
export class ArrowAxes extends ContourAxes {
  /**
   * An arrow for each vector (u, v), at x and y or at the points of a grid; c are values that a colormap colours.
   *
   * @example ax.quiver(x, y, u, v, { color: "C1" })
   */
  quiver(
    ...args:
      | [U: Data, V: Data, options?: QuiverOptions]
      | [U: Data, V: Data, C: Data, options?: QuiverOptions]
      | [X: Data, Y: Data, U: Data, V: Data, options?: QuiverOptions]
      | [X: Data, Y: Data, U: Data, V: Data, C: Data, options?: QuiverOptions]
  ): Quiver {
    const given = args.filter((arg) => arg !== undefined);
    const count = given.filter((arg) => !isOptions(arg)).length;
    const places = count >= 4 ? ["X", "Y", "U", "V", "C"] : ["U", "V", "C"];
    const [read, at] = readCall("quiver", given, places, count >= 4 ? 4 : 2, quiverTable);
    const [U, V] = [readValues(at.U, "U"), readValues(at.V, "V")];
    if (U.values.length !== V.values.length)
      throw new Error(`U and V must have the same size, but have ${U.values.length} and ${V.values.length}`);
    const [x, y] = gridPoints(at.X, at.Y, U);
    const shade = read.color === undefined ? [toRgba("k")] : (readColors(read.color) as Rgba[]);
    const {
      scale,
      scaleUnits,
      width,
      headwidth = 3,
      headlength = 5,
      headaxislength = 4.5,
      minshaft = 1,
      minlength = 1,
      pivot = "tail",
      angles = "uv",
    } = read;
    const arrows = new Quiver(x, y, U.values, V.values, {
      facecolors: shade,
      edgecolors: [],
      linewidths: [0],
      scale,
      scaleUnits,
      width,
      headwidth,
      headlength,
      headaxislength,
      minshaft,
      minlength,
      pivot,
      angles,
      ...pick(read, "alpha", "label", "zorder"),
    });
    if (at.C !== undefined) {
      const values = readValues(at.C, "C").values;
      if (values.length !== x.length) throw new Error(`C has ${values.length} values for ${x.length} arrows`);
      arrows.mapValues(values, getCmap(read.cmap), normOf(read));
      this.currentImage = arrows;
    }
    return this.add(arrows);
  }
}
