/** Values over a plane as cells with colours. */
import { QuadMesh } from "../artists/mesh.js";
import { getCmap } from "../color/colormaps.js";
import { type Color, toRgba } from "../color/colors.js";
import { mappableTable, normOf } from "../color/options.js";
import { type Data, type Matrix, readMatrix, readVector, type Vector } from "../data.js";
import { as, data, flag, number, type Options, pick, readCall, text, words } from "../options.js";
import { type Bins, binOf, histogramBinEdges } from "../statistics/histogram.js";
import { cornersOf, readGrid } from "./grids.js";
import { ImageAxes } from "./images.js";

const meshTable = {
  ...mappableTable,
  alpha: number,
  shading: words("auto", "flat", "nearest"),
  edgecolors: data<Color | "face" | "none">(),
  edgecolor: as("edgecolors", data<Color | "face" | "none">()),
  linewidth: number,
  lw: as("linewidth", number),
  zorder: number,
  label: text,
};

export type MeshOptions = Options<typeof meshTable>;

const hist2dTable = {
  ...meshTable,
  bins: data<Bins | readonly [Bins, Bins]>(),
  range: data<readonly [readonly [number, number], readonly [number, number]]>(),
  density: flag,
  weights: data<Vector>(),
  cmin: number,
  cmax: number,
};

/** Axes on which meshes can be drawn. */
export class MeshAxes extends ImageAxes {
  /**
   * A grid of cells whose colours stand for values; x and y give the corners or, if they are as many as the values, the
   * middles of the cells.
   *
   * @example ax.pcolormesh(x, y, z, { cmap: "RdBu", shading: "nearest" })
   */
  pcolormesh(
    ...args: [C: Matrix, options?: MeshOptions] | [X: Data, Y: Data, C: Matrix, options?: MeshOptions]
  ): QuadMesh {
    return this.#mesh("pcolormesh", args);
  }

  /** As `pcolormesh`. */
  pcolor(...args: [C: Matrix, options?: MeshOptions] | [X: Data, Y: Data, C: Matrix, options?: MeshOptions]): QuadMesh {
    return this.#mesh("pcolor", args);
  }

  #mesh(functionName: string, args: readonly unknown[]): QuadMesh {
    const [read, at] = readGrid(functionName, args, "C", meshTable);
    const C = readMatrix(at.C, "C");
    const [rows, columns] = C.shape as [number, number];
    const corners = cornersOf(at.X, at.Y, rows, columns, read.shading ?? "auto");
    const edges =
      read.edgecolors === undefined || read.edgecolors === "none" || read.edgecolors === "face"
        ? []
        : [toRgba(read.edgecolors)];
    const mesh = new QuadMesh(corners, {
      ...pick(read, "alpha", "zorder"),
      edgecolors: edges,
      linewidths: [read.linewidth ?? 1],
    });
    mesh.mapValues(C.values, getCmap(read.cmap), normOf(read));
    this.currentImage = mesh;
    return this.add(mesh);
  }

  /**
   * How many points fall into each cell of a grid; also as `[counts, xedges, yedges, image]`.
   *
   * @example ax.hist2d(x, y, [20, 30], { cmap: "Blues" })
   */
  hist2d(
    x: Vector,
    y: Vector,
    ...rest:
      | [bins?: Bins | readonly [Bins, Bins], options?: Options<typeof hist2dTable>]
      | [options?: Options<typeof hist2dTable>]
  ) {
    const [read, at] = readCall("hist2d", [x, y, ...rest], ["x", "y", "bins"], 2, hist2dTable);
    const { bins = 10, range: limits, density, weights, cmin, cmax, ...style } = read;
    const [xs, ys] = [readVector(at.x, "x"), readVector(at.y, "y")];
    if (xs.length !== ys.length) throw new Error("x and y must have the same length.");
    const two = (Array.isArray(bins) && bins.length === 2 ? bins : [bins, bins]) as unknown as readonly [Bins, Bins];
    const xedges = histogramBinEdges(xs, two[0], limits?.[0]);
    const yedges = histogramBinEdges(ys, two[1], limits?.[1]);
    const [columns, rows] = [xedges.length - 1, yedges.length - 1];
    const w = weights === undefined ? undefined : readVector(weights, "weights");
    const counts = Array.from({ length: columns }, () => new Float64Array(rows));
    const isIn = (v: number, edges: Float64Array): boolean =>
      v >= (edges[0] as number) && v <= (edges.at(-1) as number);
    for (const [i, px] of xs.entries()) {
      const py = ys[i] as number;
      if (!isIn(px, xedges) || !isIn(py, yedges)) continue;
      const column = counts[binOf(px, xedges)] as Float64Array;
      const row = binOf(py, yedges);
      column[row] = (column[row] as number) + (w?.[i] ?? 1);
    }
    if (density) {
      const total = counts.reduce((sum, column) => sum + column.reduce((a, b) => a + b, 0), 0);
      for (const [c, column] of counts.entries())
        column.forEach((n, r) => (column[r] = n / total / widthOf(xedges, c) / widthOf(yedges, r)));
    }
    const hide = (n: number): number =>
      (cmin !== undefined && n < cmin) || (cmax !== undefined && n > cmax) ? Number.NaN : n;
    const C = Array.from({ length: rows }, (_, r) => counts.map((column) => hide(column[r] as number)));
    const image = this.pcolormesh(xedges, yedges, C, style);
    const result = { h: counts, xedges, yedges, image };
    return {
      ...result,
      *[Symbol.iterator](): Generator<unknown> {
        yield* [counts, xedges, yedges, image];
      },
    };
  }
}

const widthOf = (edges: Float64Array, i: number): number => (edges[i + 1] as number) - (edges[i] as number);
