/** Arrays as pictures. */
import { AxesImage, type Interpolation, interpolations, readImage } from "../artists/image.js";
import { Line2D } from "../artists/line.js";
import { MaxNLocator } from "../axis/locators.js";
import { getCmap } from "../color/colormaps.js";
import { mappableTable, normOf } from "../color/options.js";
import { type Data, type Matrix, readMatrix } from "../data.js";
import { flag, kind, number, type Options, readOptions, text, words } from "../options.js";
import { rcParams } from "../rc/rcParams.js";
import { StatisticsAxes } from "./statistics.js";

const imageTable = {
  ...mappableTable,
  aspect: kind<number | "equal" | "auto">(
    "float, 'equal' or 'auto'",
    (v) => typeof v === "number" || v === "equal" || v === "auto",
  ),
  interpolation: kind<Interpolation>(`one of ${interpolations.join(", ")}`, (v) =>
    interpolations.includes(v as Interpolation),
  ),
  alpha: number,
  origin: words("upper", "lower"),
  extent: kind<readonly [number, number, number, number]>(
    "[left, right, bottom, top]",
    (v) => Array.isArray(v) && v.length === 4,
  ),
  zorder: number,
  label: text,
  clipOn: flag,
};
export type ImageOptions = Options<typeof imageTable>;

/** Axes on which images can be drawn. */
export class ImageAxes extends StatisticsAxes {
  /**
   * An array as a picture: values of shape [rows, columns], to which a colormap gives colours, or colours of shape
   * [rows, columns, 3 or 4] (from 0 to 1, or bytes).
   *
   * @example ax.imshow(image.squeeze(), { cmap: "gray", vmin: 0, vmax: 1 })
   * @throws TypeError for another shape.
   * @see https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.imshow.html
   */
  imshow(X: Data, options: ImageOptions = {}): AxesImage {
    const read = readOptions("imshow", imageTable, options);
    const content = readImage(X);
    const { rows, columns } = content;
    const origin = read.origin ?? rcParams["image.origin"];
    const [bottom, top] = origin === "upper" ? [rows - 0.5, -0.5] : [-0.5, rows - 0.5];
    const extent = read.extent ?? ([-0.5, columns - 0.5, bottom, top] as const);
    const image = this.add(
      new AxesImage(content, {
        ...read,
        cmap: getCmap(read.cmap),
        norm: normOf(read),
        origin,
        interpolation: read.interpolation ?? (rcParams["image.interpolation"] as Interpolation),
        extent,
      }),
    );
    this.setAspect(read.aspect ?? rcParams["image.aspect"]);
    if (this.xaxis.view.autoscale) this.xaxis.view.isInverted = extent[0] > extent[1];
    if (this.yaxis.view.autoscale) this.yaxis.view.isInverted = extent[2] > extent[3];
    if (content.parts === 1) this.currentImage = image;
    return image;
  }

  /** A matrix with its first row at the top and the ticks of the columns there too. */
  matshow(Z: Matrix, options: ImageOptions = {}): AxesImage {
    readMatrix(Z, "Z");
    const image = this.imshow(Z, { interpolation: "nearest", origin: "upper", aspect: "equal", ...options });
    this.xaxis.tickTop();
    for (const style of [this.xaxis.major, this.xaxis.minor]) style.ticks[0] = true;
    this.xaxis.view.locator = new MaxNLocator(9, { steps: [1, 2, 5, 10], integer: true });
    this.yaxis.view.locator = new MaxNLocator(9, { steps: [1, 2, 5, 10], integer: true });
    return image;
  }

  /** Which elements of a matrix are not zero. */
  spy(Z: Matrix, options: { precision?: number; markersize?: number; marker?: string } = {}): AxesImage | Line2D {
    const table = { precision: number, markersize: number, marker: text };
    const { precision = 0, markersize, marker } = readOptions("spy", table, options);
    const { values, shape } = readMatrix(Z, "Z");
    const [rows, columns] = shape as [number, number];
    this.xaxis.tickTop();
    if (markersize === undefined && marker === undefined) {
      const seen = Array.from({ length: rows }, (_, r) =>
        values.slice(r * columns, (r + 1) * columns).map((v) => (Math.abs(v) > precision ? 1 : 0)),
      );
      return this.imshow(seen, { cmap: "binary", interpolation: "nearest", aspect: "equal", origin: "upper" });
    }
    const places = [...values.keys()].filter((i) => Math.abs(values[i] as number) > precision);
    const line = new Line2D(
      Float64Array.from(places, (i) => i % columns),
      Float64Array.from(places, (i) => Math.floor(i / columns)),
      {
        linestyle: "None",
        marker: marker ?? "s",
        markersize: markersize ?? 10,
        color: this.nextLineColor(),
      },
    );
    this.setXlim(-0.5, columns - 0.5);
    this.setYlim(rows - 0.5, -0.5);
    this.setAspect("equal");
    return this.add(line);
  }
}
