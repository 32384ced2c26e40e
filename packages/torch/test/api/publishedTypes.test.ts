/** The types that a user of the package sees: all of what is public, and nothing of how it is made. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import torch from "../../src/index.js";

// Inside of the package, whose name then means what it exports.
const folder = fileURLToPath(new URL("./published", import.meta.url));
mkdirSync(folder, { recursive: true });
after(() => rmSync(folder, { recursive: true }));

const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const options = { target: "es2022", lib: "es2023,esnext.disposable", module: "nodenext", types: "node" };
const flags = [...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]), "--strict", "--noEmit"];

/** The lines of a program with errors, and all of what the compiler says. */
function compile(name: string, lines: readonly string[]): { wrong: readonly string[]; output: string } {
  const file = join(folder, name);
  writeFileSync(file, lines.join("\n"));
  const args = [compiler, "--ignoreConfig", ...flags, "--skipLibCheck", "false", file];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  const numbers = new Set([...stdout.matchAll(/^\S+\.ts\((\d+),\d+\): error/gm)].map(([, number]) => Number(number)));
  return { wrong: lines.filter((_, i) => numbers.has(i + 1)), output: stdout };
}

const head = [
  'import torch, { autograd, DType, nn, optim, type Tensor } from "flambeau";',
  'import { Signature, tensor } from "flambeau/arguments";',
  "const x: Tensor = torch.ones(2, 3, { requiresGrad: true });",
  "const layer = new nn.Linear(3, 4);",
  "const optimizer = new optim.Adam(layer.parameters(), { lr: 0.1 });",
  "const node = x.sum().gradFn as autograd.Node;",
  "const generator = new torch.Generator();",
];

test("a program that uses what is public compiles, also with all declarations checked", () => {
  const { output } = compile("public.ts", [
    ...head,
    "const shape: readonly number[] = x.shape;",
    "const y: Tensor = layer(x).relu().at(0).add_(1).exp();",
    "autograd.backward([y.sum()], [null], { retainGraph: true });",
    "y.sum().backward({ retainGraph: true });",
    "const rest: Tensor = torch.exp_(y.detach());",
    "optimizer.step(() => layer(x).sum());",
    "const name: string = node.name() + x.dtype.name + generator.initialSeed();",
    "class Twice extends nn.Module { override forward(input: Tensor): Tensor { return input.mul(2); } }",
    "class Plain extends optim.Optimizer<{ lr: number }> {",
    "  protected override rule(p: Tensor, grad: Tensor, _: object, { lr }: { lr: number }): void { p.sub_(grad.mul(lr)); }",
    "}",
    "export { DType, name, Plain, rest, shape, Twice };",
    'export const signature = new Signature("f", { tensor });',
  ]);
  assert.equal(output, "");
});

test("the type of a tensor has the members that a tensor has", () => {
  // Every object has the last two.
  const internal = ["viewOf", "bumpVersion", "constructor", "toString"];
  const present = Object.getOwnPropertyNames(torch.Tensor.prototype).filter((name) => !internal.includes(name));
  const names = ["dtype", ...present].map((name) => `"${name}"`).join(" | ");
  const { output } = compile("members.ts", [
    'import type { Tensor } from "flambeau";',
    `type Present = ${names};`,
    "type Typed = keyof Tensor & string;",
    "export const untyped: [Exclude<Present, Typed>] extends [never] ? true : Exclude<Present, Typed> = true;",
    "export const absent: [Exclude<Typed, Present>] extends [never] ? true : Exclude<Typed, Present> = true;",
  ]);
  assert.equal(output, "");
});

test("what is internal is an error", () => {
  const internal: Record<string, readonly string[]> = {
    x: ["storage", "offset", "sizes", "strides", "contiguousFlag", "autograd", "base", "viewCreation", "inference"],
    "x ": ["viewOf", "bumpVersion", "isTensor"],
    "x.dtype": ["id", "category", "arrayType", "notCloneable"],
    "torch.Tensor": ["empty", "emptyStrided"],
    layer: ["table", "hooks", "members"],
    optimizer: ["rule", "fused", "prepare", "changes", "update"],
    node: ["edges", "outputs", "postHooks", "preHooks", "apply", "release", "addOutput", "progress"],
    "torch.Generator": ["addressOf"],
    torch: ["op", "operationOf", "Storage", "newTensor", "index", "copyOf"],
  };
  const lines = Object.entries(internal).flatMap(([of, names]) => names.map((name) => `void ${of.trim()}.${name};`));
  lines.push("new torch.Tensor([1, 2]);", "new DType(1);");
  const { wrong, output } = compile("internal.ts", [
    ...head,
    "void node; void generator; void Signature; void tensor;",
    ...lines,
  ]);
  assert.deepEqual(wrong, lines, output);
});
