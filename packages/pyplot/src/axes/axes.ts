/** Axes, whole: all ways to draw, and axes that share a direction with others. */
import { AnnotationAxes } from "./annotations.js";
import type { SpineName } from "./spines.js";

/** What `set` takes: the names of setters, without `set`. */
export interface AxesProperties {
  title?: string;
  xlabel?: string;
  ylabel?: string;
  xlim?: readonly [number, number];
  ylim?: readonly [number, number];
  xscale?: Parameters<Axes["setXscale"]>[0];
  yscale?: Parameters<Axes["setYscale"]>[0];
  xticks?: Parameters<Axes["setXticks"]>[0];
  yticks?: Parameters<Axes["setYticks"]>[0];
  xticklabels?: readonly unknown[];
  yticklabels?: readonly unknown[];
  aspect?: number | "equal" | "auto";
  facecolor?: Parameters<Axes["setFacecolor"]>[0];
  visible?: boolean;
  axisbelow?: boolean | "line";
  zorder?: number;
  frameOn?: boolean;
  anchor?: Parameters<Axes["setAnchor"]>[0];
  boxAspect?: number | null;
}

const settable = [
  "title",
  "xlabel",
  "ylabel",
  "xlim",
  "ylim",
  "xscale",
  "yscale",
  "xticks",
  "yticks",
  "xticklabels",
  "yticklabels",
  "aspect",
  "facecolor",
  "visible",
  "axisbelow",
  "zorder",
  "frameOn",
  "anchor",
  "boxAspect",
] as const;

/**
 * A part of a figure in which data are drawn.
 *
 * @example
 * const [figure, ax] = plt.subplots();
 * ax.plot([1, 2, 3], [1, 4, 9], "o-");
 * ax.set({ title: "Squares", xlabel: "x", ylabel: "x²" });
 * @see https://matplotlib.org/stable/api/axes_api.html
 */
export class Axes extends AnnotationAxes {
  /**
   * Sets several properties by name.
   *
   * @throws TypeError for a name that does not exist.
   */
  set(properties: AxesProperties): this {
    for (const [name, value] of Object.entries(properties)) {
      if (!settable.includes(name as (typeof settable)[number]))
        throw new TypeError(`Axes.set() got an unexpected keyword argument '${name}'`);
      const setter = `set${name[0]?.toUpperCase()}${name.slice(1)}` as "setTitle";
      this[setter](value as string);
    }
    return this;
  }

  /** New axes over these, with the same x and a y of their own on the right. */
  twinx(): Axes {
    const twin = this.#twin({ x: this });
    twin.yaxis.moveTo("right");
    twin.xaxis.visible = false;
    return twin;
  }

  /** New axes over these, with the same y and an x of their own at the top. */
  twiny(): Axes {
    const twin = this.#twin({ y: this });
    twin.xaxis.moveTo("top");
    twin.yaxis.visible = false;
    return twin;
  }

  #twin(shared: { x?: Axes; y?: Axes }): Axes {
    const twin = new Axes(this.figure, shared);
    twin.subplotSpec = this.subplotSpec;
    twin.fixedPlace = this.fixedPlace;
    twin.facecolor = "none";
    return this.figure.insertAxes(twin);
  }

  /** Has the limits and scale of x in common with other axes. */
  sharex(other: Axes): void {
    this.#share("xaxis", other);
  }

  /** Has the limits and scale of y in common with other axes. */
  sharey(other: Axes): void {
    this.#share("yaxis", other);
  }

  #share(name: "xaxis" | "yaxis", other: Axes): void {
    this[name].view.sources.delete(this);
    this[name].view = other[name].view;
    this[name].view.sources.add(this);
  }

  /** New axes in a part of these: `[x0, y0, width, height]` as shares of them. */
  insetAxes([x0, y0, width, height]: readonly [number, number, number, number]): Axes {
    const inset = new Axes(this.figure);
    inset.placeFrom = () => {
      const { box, figure } = this;
      const [left, bottom] = box.at(x0, y0);
      const [right, top] = box.at(x0 + width, y0 + height);
      return {
        left: left / figure.width,
        right: right / figure.width,
        bottom: 1 - bottom / figure.height,
        top: 1 - top / figure.height,
      };
    };
    inset.zorder = 5;
    return this.figure.insertAxes(inset);
  }

  /** Takes everything out and starts anew. */
  cla(): void {
    this.clear();
  }

  /** The place in the figure, in fractions. */
  getPosition(): { x0: number; y0: number; width: number; height: number } {
    const { box, figure } = this;
    return {
      x0: box.left / figure.width,
      y0: 1 - box.bottom / figure.height,
      width: box.width / figure.width,
      height: box.height / figure.height,
    };
  }

  /** Puts the axes at `[left, bottom, width, height]` in fractions of the figure. */
  setPosition([left, bottom, width, height]: readonly [number, number, number, number]): void {
    this.fixedPlace = { left, bottom, right: left + width, top: bottom + height };
  }

  /** The figure that the axes are in. */
  getFigure(): Axes["figure"] {
    return this.figure;
  }
}

export type { SpineName };
