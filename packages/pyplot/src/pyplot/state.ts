/** The figures that there are, and which of them is the current one. */
import type { Axes } from "../axes/axes.js";
import type { Mappable } from "../color/norms.js";
import { Figure } from "../figure/figure.js";
import type { FigureOptions } from "../figure/options.js";

const figures = new Map<number, Figure>();
let current: Figure | undefined;

/** The numbers of all figures. */
export function getFignums(): number[] {
  return [...figures.keys()].sort((a, b) => a - b);
}

export function getFiglabels(): string[] {
  return getFignums().map((n) => figures.get(n)?.label ?? "");
}

export function allFigures(): Figure[] {
  return getFignums().map((n) => figures.get(n) as Figure);
}

export function fignumExists(num: number): boolean {
  return figures.has(num);
}

/** A new figure, or the one with a number or name, which becomes the current one. */
export function openFigure(num: number | string | undefined, options: FigureOptions): Figure {
  const found =
    typeof num === "string"
      ? allFigures().find((figure) => figure.label === num)
      : num === undefined
        ? undefined
        : figures.get(num);
  if (found) {
    current = found;
    return found;
  }
  const figure = new Figure(options);
  figure.number = typeof num === "number" ? num : Math.max(0, ...figures.keys()) + 1;
  figure.label = typeof num === "string" ? num : "";
  figures.set(figure.number, figure);
  current = figure;
  return figure;
}

/** The current figure; a new one if there is none. */
export function gcf(): Figure {
  return current ?? openFigure(undefined, {});
}

/** The current axes; new ones if there are none. */
export function gca(): Axes {
  return gcf().gca();
}

/** Makes axes, and their figure, the current ones. */
export function sca(axes: Axes): void {
  axes.figure.sca(axes);
  current = axes.figure;
}

/** Takes figures out: the current one, one by itself, its number or name, or all. */
export function removeFigures(which?: Figure | number | string): Figure[] {
  const all = allFigures();
  const gone =
    which === "all"
      ? all
      : which === undefined
        ? all.filter((figure) => figure === current)
        : all.filter(
            (figure) => figure === which || figure.number === which || (which !== "" && figure.label === which),
          );
  for (const figure of gone) figures.delete(figure.number);
  if (current && gone.includes(current)) current = allFigures().at(-1);
  return gone;
}

/** The image of the current axes whose colours stand for values. */
export function gci(): Mappable | undefined {
  return current?.gca().currentImage;
}
