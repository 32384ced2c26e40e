/** The types that a user of the package sees: all of what is public, and nothing of how it is made. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import torch from "../../src/index.js";
import { compiler } from "../support/compile.js";

const { compile, remove } = compiler("published");
after(remove);

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
  const { output } = compile(
    "public",
    [
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
    ],
    "all",
  );
  assert.equal(output, "");
});

test("the type of a tensor has the members that a tensor has", () => {
  // Every object has the last two.
  const internal = ["viewOf", "bumpVersion", "constructor", "toString"];
  const present = Object.getOwnPropertyNames(torch.Tensor.prototype).filter((name) => !internal.includes(name));
  const names = ["dtype", ...present].map((name) => `"${name}"`).join(" | ");
  const { output } = compile("members", [
    'import type { Tensor } from "flambeau";',
    `type Present = ${names};`,
    "type Typed = keyof Tensor & string;",
    "export const untyped: [Exclude<Present, Typed>] extends [never] ? true : Exclude<Present, Typed> = true;",
    "export const absent: [Exclude<Typed, Present>] extends [never] ? true : Exclude<Typed, Present> = true;",
  ]);
  assert.equal(output, "");
});

test("the parts of a split, and names of data sets and loaders, have their types", () => {
  const { output } = compile("data", [
    'import { DataLoader, Dataset, type MapDataset, randomSplit, Subset, type Tensor, TensorDataset } from "flambeau";',
    "class Squares extends Dataset<[number, number]> {",
    "  at(index: number): [number, number] { return [index, index ** 2]; }",
    "  get length() { return 10; }",
    "}",
    "const data: MapDataset<[number, number]> = new Squares();",
    "const [train, test] = randomSplit(data, [0.8, 0.2]);",
    "const parts: Subset<[number, number]>[] = randomSplit(data, [1, 2, 7] as number[]);",
    "for (const [x, y] of new DataLoader(train, 4)) { const both: Tensor = x.add(y); void both; }",
    "export const lengths: number[] = [train.length, test.length, parts.length];",
    "export { TensorDataset };",
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
  const { wrong, output } = compile("internal", [
    ...head,
    "void node; void generator; void Signature; void tensor;",
    ...lines,
  ]);
  assert.deepEqual(wrong, lines, output);
});
