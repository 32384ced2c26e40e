/** Says whether an error is the one that PyTorch has, by the rule for errors: its class, and its words translated. */
import { camelCase } from "./compare.js";
import type { GoldenError } from "./golden.js";

type ErrorClass = new (message?: string) => Error;

/** The class that the rule gives to one of PyTorch's; any where it gives none. */
function classFor({ class: name, message }: GoldenError): ErrorClass | undefined {
  if (name === "TypeError") return TypeError;
  return name === "IndexError" && /out of (range|bounds)/.test(message) ? RangeError : undefined;
}

/** The spellings of dtypes in PyTorch's messages besides its own: of scalar types, and of C++. */
const dtypes: Readonly<Record<string, readonly string[]>> = {
  bool: ["Bool", "bool"],
  uint8: ["Byte", "unsigned char"],
  int8: ["Char", "signed char"],
  int16: ["Short", "short int"],
  int32: ["Int", "int"],
  int64: ["Long", "long int"],
  float16: ["Half"],
  bfloat16: ["BFloat16"],
  float32: ["Float", "float"],
  float64: ["Double", "double"],
  complex64: ["ComplexFloat", "c10::complex<float>"],
  complex128: ["ComplexDouble", "c10::complex<double>"],
};
const dtypeNames = new Map(
  Object.entries(dtypes).flatMap(([name, all]) => all.map((other) => [other, `torch.${name}`])),
);
const spellings = [...dtypeNames.keys()].sort((a, b) => b.length - a.length).join("|");

/**
 * What the translation rule makes of words, besides names in camelCase. Both messages are translated, so that ours may
 * speak of a key in a state dict or of a C++ function as PyTorch does.
 */
const rules: readonly (readonly [pattern: RegExp, ours: string | ((...parts: string[]) => string)])[] = [
  // Lines that continue in Python's source.
  [/\s+/g, " "],
  [/"/g, "'"],
  [/\bNone\b/g, "null"],
  [/\binf\b/g, "Infinity"],
  [/\bnan\b/g, "NaN"],
  [new RegExp(`(?<![\\w.])(${spellings})(?![\\w.])`, "g"), (name) => dtypeNames.get(name) as string],
  [/torch\.Size\((\[[^\]]*\])\)/g, "$1"],
  [/(\d)\.0\b/g, "$1"],
  [/\((-?[\d.]+(?:, -?[\d.]+)*),?\)/g, "[$1]"],
  // Python shows sets in any order.
  [/\{('[^{}]*')\}/g, (_, words = "") => `{${words.split(", ").sort().join(", ")}}`],
  [/<class '(?:\w+\.)*(\w+)'>?/g, "$1"],
  [/\.__init__\(\)/g, "()"],
  // The names of C++ functions that are not here.
  [/ \(while checking arguments for \w+\)/g, ""],
  // Every argument may be given by its name here.
  [/required positional argument/g, "required argument"],
];

function translated(message: string): string {
  return rules.reduce<string>((text, [pattern, ours]) => text.replace(pattern, ours as string), camelCase(message));
}

const internalError = /Cannot (read|set|convert)|is not (a function|iterable|defined)|undefined|Maximum call stack/;

/** How an error is of another kind than PyTorch's. */
function kindDifference(error: unknown, expected: GoldenError): string | undefined {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const { name, message } = error;
  const [words = ""] = message.split("\n");
  if (internalError.test(words)) return `threw ${error.stack} instead of "${expected.message}"`;
  const Wanted = classFor(expected);
  return Wanted === undefined || error instanceof Wanted
    ? undefined
    : `threw ${name} "${message}" instead of ${Wanted.name} "${expected.message}"`;
}

/**
 * How an error is not PyTorch's. A message has to begin with PyTorch's words; how their sentence ends and what stands
 * behind them is free.
 */
export function errorDifference(error: unknown, expected: GoldenError): string | undefined {
  const kind = kindDifference(error, expected);
  if (kind !== undefined) return kind;
  const { message } = error as Error;
  const wanted = translated(expected.message).replace(/[\s.]+$/, "");
  return translated(message).startsWith(wanted) ? undefined : `says "${message}" instead of "${expected.message}"`;
}
