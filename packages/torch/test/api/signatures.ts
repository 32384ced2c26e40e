/** PyTorch's signatures (recorded by conformance/api/generate.py), and what the translation rule makes of them. */
import { readFileSync } from "node:fs";

type How = "place" | "name" | "spread";
/** The default is absent where the argument is required. */
type Recorded = readonly [name: string, how: How, defaultText?: string];
type Namespace = "torch" | "functional" | "init" | "nn" | "optim" | "lrScheduler" | "swaUtils" | "distributions";

const file = new URL("../../../test/api/signatures.json", import.meta.url);
const recorded = JSON.parse(readFileSync(file, "utf8")) as Record<Namespace, Record<string, Recorded[][]>>;

/** What the rule makes of an argument. */
export interface Argument {
  readonly name: string;
  /** Whether it is named only, rather than in a place where it may also be named. */
  readonly named: boolean;
}

const typedNames = new Set(["dtype", "device", "layout", "generator", "memory_format"]);
/** Deprecated, or of parts of PyTorch that are not here. */
const absent = new Set(["size_average", "layout", "pin_memory", "names", "_weight", "_stacklevel", "verbose"]);

export function toCamel(name: string): string {
  return name.replace(/(?<=[^_])_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The first optional argument that is a yes or no, a word, a dtype, …; all after it are named. */
function isSwitch([name, , text]: Recorded): boolean {
  if (text === undefined) return false;
  const isWord = /^'/.test(text) && name !== "p";
  return text === "True" || text === "False" || isWord || typedNames.has(name);
}

function translate(signature: readonly Recorded[]): Argument[] {
  let named = false;
  const isLoss = signature.some(([name]) => name === "size_average");
  return signature
    .filter(([name]) => !absent.has(name) && !(isLoss && name === "reduce"))
    .map((argument) => {
      named ||= argument[1] === "name" || isSwitch(argument);
      return { name: toCamel(argument[0]), named };
    });
}

/** The signatures of a function's overloads by the rule; undefined for what PyTorch 1.13 has not. */
export function signaturesOf(namespace: Namespace, name: string): Argument[][] | undefined {
  const table = recorded[namespace];
  const python = Object.keys(table).find((candidate) => candidate === name || toCamel(candidate) === name);
  return python === undefined ? undefined : table[python]?.map(translate);
}
