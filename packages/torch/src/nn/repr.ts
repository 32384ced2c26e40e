/** The printed form of modules: the text that PyTorch prints, with Python's way to write values. */
import { isMap, isPlainObject, isSet } from "../core/kinds.js";
import type { Module } from "./module.js";

/** A float as Python writes it: always with a point or an exponent (`1.0`, `1e-05`). */
export function pyFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e16)) {
    const [digits, exponent] = value.toExponential().split("e") as [string, string];
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A value as Python writes it; a whole number as an int. */
export function py(value: unknown): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (typeof value === "string") return `'${value}'`;
  if (Array.isArray(value)) return `(${value.map(py).join(", ")}${value.length === 1 ? "," : ""})`;
  return typeof value === "number" && !Number.isInteger(value) ? pyFloat(value) : String(value);
}

/** The name of the type that a value has in Python. */
export function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  const simple: Partial<Record<string, string>> = { string: "str", boolean: "bool", bigint: "int" };
  const name = simple[typeof value];
  if (name !== undefined) return name;
  if (Array.isArray(value)) return "list";
  if (isSet(value)) return "set";
  if (isMap(value) || isPlainObject(value)) return "dict";
  const { constructor } = value as object;
  return constructor === Function ? "function" : constructor.name === "DType" ? "dtype" : constructor.name;
}

/** Moves every line but the first to the right. */
function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}

/** A name, and lines in parentheses below it. */
export function block(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${name}()` : `${name}(\n  ${lines.map(indent).join("\n  ")}\n)`;
}

/** The printed form of a module: its name, its own line, and its children below each other. */
export function moduleText(module: Module): string {
  const name = module.constructor.name;
  const extra = module.extraRepr();
  const children = [...module.namedChildren()].map(([key, child]) => `(${key}): ${child}`);
  const extraLines = extra === "" ? [] : extra.split("\n");
  if (children.length === 0 && extraLines.length === 1) return `${name}(${extra})`;
  return block(name, [...extraLines, ...children]);
}

/** The lines of a list of modules, where equal neighbours share one: `(0-2): 3 x Linear(…)`. */
export function compactLines(items: Iterable<Module>): string[] {
  const runs: { first: number; count: number; text: string }[] = [];
  let index = 0;
  for (const item of items) {
    const text = String(item);
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ first: index, count: 1, text });
    index++;
  }
  return runs.map(({ first, count, text }) =>
    count === 1 ? `(${first}): ${text}` : `(${first}-${first + count - 1}): ${count} x ${text}`,
  );
}
