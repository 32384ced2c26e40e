/** The text of a summary, in the layout of torchinfo. */

import { formatFixed } from "../core/numberFormat.js";
import type { Shape } from "../core/shape.js";
import type { LayerInfo } from "./layerInfo.js";

/** The columns of a summary, and their titles. */
export const columnTitles = {
  input_size: "Input Shape",
  output_size: "Output Shape",
  num_params: "Param #",
  params_percent: "Param %",
  kernel_size: "Kernel Shape",
  groups: "Groups",
  mult_adds: "Mult-Adds",
  trainable: "Trainable",
} as const;

/** A column of a summary. */
export type SummaryColumn = keyof typeof columnTitles;

export const rowSettings = ["ascii_only", "depth", "hide_recursive_layers", "var_names"] as const;

/** What a row of a summary shows, or whether it is shown. */
export type SummaryRowSetting = (typeof rowSettings)[number];

/** How a summary is written. */
export interface SummaryFormat {
  readonly depth: number;
  readonly colNames: readonly SummaryColumn[];
  readonly colWidth: number;
  readonly rowSettings: readonly SummaryRowSetting[];
  /** Whether each layer is followed by its parameters. */
  readonly showsParameters: boolean;
}

type Cells = Partial<Record<SummaryColumn, string>>;

const none = "--";
const indent = 5;
const narrowestName = 40;

/** A whole number with commas between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A number behind its unit (none, thousands, millions, …), with two digits after the point unless it is whole. */
export function formatScaled(count: number): string {
  const [unit, size] = (
    [
      [" (T)", 1e12],
      [" (G)", 1e9],
      [" (M)", 1e6],
      [" (K)", 1e3],
    ] as const
  ).find(([, least]) => count >= least) ?? ["", 1];
  const scaled = count / size;
  return `${unit}: ${Number.isInteger(scaled) ? formatCount(scaled) : formatFixed(scaled, 2)}`;
}

/** Bytes in megabytes. */
export function formatMegabytes(bytes: number): string {
  return formatFixed(bytes / 1e6, 2);
}

function formatShape(shape: Shape): string {
  return shape.length === 0 ? none : `[${shape.join(", ")}]`;
}

/** The rows of a summary, below a head. */
export class SummaryTable {
  readonly #format: SummaryFormat;
  readonly #totalParams: number;
  readonly #nameWidth: number;

  constructor(
    readonly layers: readonly LayerInfo[],
    totalParams: number,
    format: SummaryFormat,
  ) {
    this.#format = format;
    this.#totalParams = totalParams;
    const widest = Math.max(0, ...layers.map((layer) => this.#nameOf(layer).length + layer.depth * indent + 1));
    this.#nameWidth = widest < narrowestName ? narrowestName : Math.ceil(widest / indent) * indent;
  }

  /** The line between the parts of a summary. */
  get rule(): string {
    return "=".repeat(this.#nameWidth + this.#format.colNames.length * this.#format.colWidth);
  }

  /** The head and the rows, with rules around each. */
  toString(): string {
    const title = `Layer (type${this.#has("var_names") ? " (var_name)" : ""}${this.#has("depth") ? ":depth-idx" : ""})`;
    const shown = this.layers.filter(
      ({ depth, isRecursive }) => depth <= this.#format.depth && !(isRecursive && this.#has("hide_recursive_layers")),
    );
    const rows = shown.flatMap((layer) => [this.#row(layer), ...this.#parameterRows(layer)]);
    return [this.rule, this.#line(title, columnTitles), this.rule, ...rows, this.rule].join("\n");
  }

  #has(setting: SummaryRowSetting): boolean {
    return this.#format.rowSettings.includes(setting);
  }

  #nameOf({ className, varName, depth, depthIndex }: LayerInfo): string {
    const name = this.#has("var_names") ? `${className} (${varName})` : className;
    return this.#has("depth") && depth > 0 ? `${name}: ${depth}-${depthIndex}` : name;
  }

  /** What stands before the name of a row. */
  #branch(depth: number): string {
    const ascii = this.#has("ascii_only");
    if (depth === 0) return "";
    if (depth === 1) return ascii ? "+ " : "├─";
    return (ascii ? "|    " : "│    ").repeat(depth - 1) + (ascii ? "+ " : "└─");
  }

  #line(name: string, cells: Cells): string {
    const { colNames, colWidth } = this.#format;
    const columns = colNames.map((column) => `${(cells[column] ?? "").padEnd(colWidth)} `);
    return `${name.padEnd(this.#nameWidth)} ${columns.join("")}`.trimEnd();
  }

  #row(layer: LayerInfo): string {
    const { kernelSize, groups } = layer.module as { kernelSize?: unknown; groups?: unknown };
    const isWhole = layer.isLeafLayer || layer.depth === this.#format.depth;
    const params = isWhole ? layer.numParams : layer.leftoverParams;
    return this.#line(this.#branch(layer.depth) + this.#nameOf(layer), {
      input_size: formatShape(layer.inputSize),
      output_size: formatShape(layer.outputSize),
      num_params: this.#paramsOf(layer, params),
      params_percent: this.#shareOf(layer, params),
      kernel_size: Array.isArray(kernelSize) ? formatShape(kernelSize) : String(kernelSize ?? none),
      groups: String(groups ?? none),
      mult_adds: isWhole && layer.totalMultAdds > 0 ? formatCount(layer.totalMultAdds) : none,
      trainable: trainableOf(layer),
    });
  }

  #paramsOf({ numParams, trainableParams, isRecursive }: LayerInfo, params: number): string {
    if (numParams === 0) return none;
    if (isRecursive) return "(recursive)";
    if (params === 0) return none;
    return trainableParams > 0 ? formatCount(params) : `(${formatCount(params)})`;
  }

  #shareOf({ isRecursive }: LayerInfo, params: number): string {
    if (isRecursive && this.#totalParams > 0) return "(recursive)";
    return (params === 0 ? none : `${formatFixed((100 * params) / this.#totalParams, 2)}%`).padStart(7);
  }

  /** The parameters of a layer; those of the whole model stand below its parts. */
  #parameterRows({ depth, parameters }: LayerInfo): string[] {
    if (!this.#format.showsParameters) return [];
    const shown = [...parameters].filter(([name]) => depth > 0 || !name.includes("."));
    return shown.map(([name, parameter], i) => {
      const [first, second, ...rest] = parameter.shape;
      const isMatrix = name === "weight" && second !== undefined;
      return this.#line(this.#branch(depth + 1) + name, {
        kernel_size: formatShape(isMatrix ? [second, first as number, ...rest] : parameter.shape),
        num_params: `${i === shown.length - 1 ? "└─" : "├─"}${formatCount(parameter.numel())}`,
      });
    });
  }
}

function trainableOf({ numParams, trainableParams }: LayerInfo): string {
  if (numParams === 0) return none;
  if (trainableParams === 0) return "False";
  return trainableParams === numParams ? "True" : "Partial";
}
