/** What is in a file, as lines of text. */
import { DType } from "../core/dtype.js";
import { isMap, isPlainObject, isSet } from "../core/kinds.js";
import { formatShape, type Shape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { Parameter } from "../nn/parameter.js";

/** How much of a list or a text is shown, and how deep. */
const itemsShown = 8;
const textShown = 60;
const depthShown = 12;

/** Bytes as a person writes them. */
export function formatBytes(count: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  return unit === 0 ? `${count} bytes` : `${(count / 1000 ** unit).toFixed(1)} ${units[unit]}`;
}

/** How many tensors there are, and how large they are. */
export function describeCount(tensors: readonly { readonly shape: Shape; readonly nbytes: number }[]): string {
  const elements = tensors.reduce((sum, { shape }) => sum + shape.reduce((count, size) => count * size, 1), 0);
  const bytes = tensors.reduce((sum, { nbytes }) => sum + nbytes, 0);
  return `${tensors.length} ${tensors.length === 1 ? "tensor" : "tensors"}, ${elements.toLocaleString("en")} elements, ${formatBytes(bytes)}`;
}

/** The entries of a value, one to a line, those inside of it indented. */
export function describeValue(value: unknown, indent = "", seen: readonly unknown[] = []): string[] {
  const entries = entriesOf(value);
  if (entries === undefined) return [`${indent}${describeItem(value)}`];
  if (entries.length === 0) return [`${indent}(empty)`];
  if (seen.includes(value) || seen.length > depthShown) return [`${indent}…`];
  const width = Math.min(40, Math.max(...entries.map(([name, item]) => (entriesOf(item) ? 0 : name.length))));
  return entries.flatMap(([name, item]) => {
    const inner = entriesOf(item);
    if (inner === undefined || inner.length === 0) return [`${indent}${name.padEnd(width)}  ${describeItem(item)}`];
    return [`${indent}${name}`, ...describeValue(item, `${indent}  `, [...seen, value])];
  });
}

/** What has entries that are shown one to a line; lists of numbers and texts are shown on one. */
function entriesOf(value: unknown): [name: string, value: unknown][] | undefined {
  if (isPlainObject(value)) return Object.entries(value);
  if (isMap(value)) return [...value].map(([key, item]) => [String(key), item]);
  if (!Array.isArray(value) || !value.some((item) => typeof item === "object" && item !== null)) return undefined;
  return value.map((item, i) => [`[${i}]`, item]);
}

function describeItem(value: unknown): string {
  if (value instanceof Tensor) {
    const kind = value instanceof Parameter ? "parameter " : "";
    return `${kind}${value.dtype.name} ${formatShape(value.shape)}  ${formatBytes(value.nbytes)}`;
  }
  if (typeof value === "string")
    return JSON.stringify(value.length > textShown ? `${value.slice(0, textShown)}…` : value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof DType) return String(value);
  if (Array.isArray(value) || isSet(value)) return describeList([...value]);
  if (isPlainObject(value)) return "{}";
  return String(value);
}

function describeList(items: readonly unknown[]): string {
  const shown = items
    .slice(0, itemsShown)
    .map((item) => (Array.isArray(item) ? `[${item.length} items]` : describeItem(item)));
  return `[${shown.join(", ")}${items.length > itemsShown ? `, … ${items.length} items` : ""}]`;
}

/** All tensors in a value, each once. */
export function tensorsOf(value: unknown): Tensor[] {
  const found = new Set<Tensor>();
  const seen = new Set<unknown>();
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (next instanceof Tensor) found.add(next);
    if (seen.has(next)) continue;
    seen.add(next);
    for (const [, item] of entriesOf(next) ?? []) left.push(item);
  }
  return [...found];
}
