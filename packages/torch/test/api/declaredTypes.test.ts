/** The parameters that an operation reads against those of the type that it is declared with. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import * as functional from "../../src/nn/functional/index.js";
import { operationOf } from "../../src/ops/define.js";
import * as functions from "../../src/ops/functions.js";
import * as methods from "../../src/ops/methods.js";
import { compiler } from "../support/compile.js";

/** Parameters that calls of another overload have in their place: their types do not let them be named. */
const placed: Record<string, readonly string[]> = {
  arange: ["end"],
  normal: ["std", "size"],
  randint: ["size"],
  randintLike: ["high"],
  random_: ["from", "to"],
  repeatInterleave: ["repeats"],
  to: ["target"],
  type: ["dtype"],
  where: ["input", "other"],
};

const head = [
  'import type { Complex, DType, Generator, Tensor, TypedArray } from "flambeau";',
  'import type * as functional from "../../../src/nn/functional/index.js";',
  'import type * as functions from "../../../src/ops/functions.js";',
  'import type * as methods from "../../../src/ops/methods.js";',
  'import type { SignatureOf } from "../../../src/ops/types.js";',
  // The argument lists of up to five overloads.
  "type Call<A extends unknown[]> = (...args: A) => unknown;",
  "type Lists<F> = F extends { (...a: infer A): unknown; (...a: infer B): unknown; (...a: infer C): unknown;",
  "  (...a: infer D): unknown; (...a: infer E): unknown } ? A | B | C | D | E : F extends Call<infer A> ? A : never;",
  "type Value = Tensor | DType | Complex | Generator | TypedArray | readonly unknown[] | ((...a: never[]) => unknown);",
  "type Keys<E> = E extends object ? (E extends Value ? never : keyof E) : never;",
  // What may be named, how many places there may be before the options, and how many arguments.
  "type Named<F, L = Lists<F>> = L extends readonly unknown[] ? Keys<Required<L>[number]> : never;",
  "type IsOptions<E> = [E] extends [object] ? ([E] extends [Value] ? false : true) : false;",
  "type Places<F, L = Lists<F>> = L extends readonly unknown[]",
  "  ? Required<L> extends readonly [...infer R, infer E]",
  '    ? IsOptions<E> extends true ? R["length"] : Required<L>["length"] : 0 : never;',
  'type Lengths<F, L = Lists<F>> = L extends readonly unknown[] ? L["length"] : never;',
  "type Same<A, B> = [Exclude<A, B>, Exclude<B, A>] extends [never, never]",
  "  ? true : { untaken: Exclude<A, B>; untyped: Exclude<B, A> };",
  "type Most<N, Places> = N extends Places ? true : { places: Places };",
  "type Least<N, Fewer, Lengths> = N extends Lengths ? (Fewer extends Lengths ? Lengths : true) : Lengths;",
];

/** What the compiler is to find true of an operation. */
function claims(space: string, name: string, exported: unknown): string[] {
  const operation = operationOf(exported);
  if (operation === undefined) return [];
  const { names, positional, spread } = operation.signature;
  const { params } = operation.definition;
  const required = names.slice(0, positional).filter((one) => !params[one]?.isOptional).length;
  const named = names.slice(required).filter((one) => !placed[name]?.includes(one));
  const keys = named.map((one) => `"${one}"`).join(" | ") || "never";
  const type = `SignatureOf<typeof ${space}.${name}>`;
  const claim = (what: string, truth: string) => `export const ${space}_${name}_${what}: ${truth} = true;`;
  const places = [
    claim("places", `Most<${positional}, Places<${type}>> & Least<${positional}, ${positional + 1}, Places<${type}>>`),
    claim("required", `Least<${required}, ${required - 1}, Lengths<${type}>>`),
  ];
  return [claim("options", `Same<Named<${type}>, ${keys}>`), ...(spread < 0 && name !== "to" ? places : [])];
}

const { compile, remove } = compiler("declared");
after(remove);

test("operations read the parameters that their types declare", () => {
  const spaces = Object.entries({ functional, functions, methods });
  const lines = spaces.flatMap(([space, all]) =>
    Object.entries(all).flatMap(([name, exported]) => claims(space, name, exported)),
  );
  assert.ok(lines.length > 1000, `${lines.length}`);
  const { output } = compile("operations", [...head, ...lines]);
  assert.equal(output, "");
});

test("an operation must be declared with its variants", () => {
  const define = (variants: string) => `op({ name: "f", params: { input: tensor }, variants: "${variants}" })`;
  const { wrong } = compile("variants", [
    'import { tensor } from "../../../src/arguments/params.js";',
    'import { op } from "../../../src/ops/define.js";',
    'import type { FunctionOp, InplaceOp, MethodOp } from "../../../src/ops/types.js";',
    `export const a: InplaceOp<(input: object) => object> = ${define("function, method, inplace")};`,
    `export const b: InplaceOp<(input: object) => object> = ${define("function, method")};`,
    `export const c: MethodOp<(input: object) => object> = ${define("function")};`,
    `export const d: FunctionOp<(input: object) => object> = ${define("function, method")};`,
  ]);
  assert.deepEqual(
    wrong.map((line) => /const (\w)/.exec(line)?.[1]),
    ["b", "c", "d"],
  );
});

test("a type that declares other parameters is found", () => {
  const { wrong } = compile("others", [
    ...head,
    "type F = (input: Tensor, dim?: number, options?: { keepdim?: boolean }) => Tensor;",
    'export const right: Same<Named<F>, "keepdim"> = true;',
    "export const places: Most<2, Places<F>> & Least<1, 0, Lengths<F>> = true;",
    'export const absent: Same<Named<F>, "keepdim" | "dim"> = true;',
    "export const untaken: Same<Named<F>, never> = true;",
    "export const more: Most<3, Places<F>> = true;",
    "export const fewer: Least<2, 1, Lengths<F>> = true;",
  ]);
  assert.deepEqual(
    wrong.map((line) => /const (\w+)/.exec(line)?.[1]),
    ["absent", "untaken", "more", "fewer"],
  );
});
