/** The text of an optimizer, as PyTorch prints it. */
import { describe } from "../arguments/parse.js";
import { toSnakeCase } from "../core/names.js";
import { Tensor } from "../core/tensor.js";
import { mapKeys } from "./stateDict.js";

/** The lines of a parameter group: its options by their names in PyTorch, in order; some defaults have `.0`. */
export function formatGroup(
  { params: _, ...options }: { params: readonly Tensor[] },
  index: number,
  floats: Readonly<Record<string, number>>,
): string {
  const entries = Object.entries(mapKeys(options, toSnakeCase)).sort(([a], [b]) => (a < b ? -1 : 1));
  const line = (key: string, value: unknown) =>
    `    ${key}: ${formatOption(value)}${floats[key] === value ? ".0" : ""}\n`;
  return `Parameter Group ${index}\n${entries.map(([key, value]) => line(key, value)).join("")}`;
}

/** An option as Python prints it; of a list only its items, since it may contain itself. */
function formatOption(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return formatList(value);
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-4) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  if (value instanceof Tensor) return formatTensor(value);
  // What only looks like an object or a function may not know how to become text.
  return typeof value === "object" || typeof value === "function" ? describe(value) : String(value);
}

/** A tensor; of one without dims its number, which has `.0` if it is whole and floating. */
function formatTensor(tensor: Tensor): string {
  if (tensor.ndim > 0) return Tensor.prototype.toString.call(tensor);
  const value = tensor.tolist();
  return `${formatOption(value)}${tensor.dtype.isFloatingPoint && Number.isInteger(value) ? ".0" : ""}`;
}

/** Numbers as a tuple, names as a list. */
function formatList(values: readonly unknown[]): string {
  const items = values.map(formatItem).join(", ");
  return typeof values[0] === "string" ? `[${items}]` : `(${items})`;
}

function formatItem(value: unknown): string {
  if (typeof value === "string") return `'${value}'`;
  return Array.isArray(value) ? describe(value) : formatOption(value);
}
