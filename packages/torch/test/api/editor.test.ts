/** What an editor shows of the library: readable signatures with doc comments, and nothing of how it is made. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { operationOf } from "../../src/ops/define.js";
import * as functions from "../../src/ops/functions.js";
import * as methods from "../../src/ops/methods.js";
import { openEditor } from "../support/languageServer.js";

const editor = await openEditor([
  'import torch, { F, nn, optim, type Tensor } from "flambeau";',
  "declare const x: Tensor;",
  "declare const model: nn.Module;",
  "x.sum(0);",
  "x.sum({ dim: 0 });",
  "x.topk(1, { sorted: false });",
  "x.roll(1, 0);",
  "x.add(1);",
  "x.clamp_(0);",
  "x.permute(0, 1);",
  "torch.sum(x, 0);",
  "torch.zeros(2, { dtype: torch.bool });",
  'F.crossEntropy(x, x, { reduction: "sum" });',
  "F.softmax(x, 1);",
  "new nn.CrossEntropyLoss({ weight: x });",
  "new nn.Flatten(1, 2);",
  "new optim.SGD([x], 0.1);",
  "model.namedParameters();",
  "x.backward();",
  "x.",
]);
after(() => editor.close());

/** The signature that is shown, in one line, and the words below it. */
async function shown(call: string, name: string): Promise<{ signature: string; words: string }> {
  const text = await editor.hover(call.slice(call.indexOf(name)));
  const [, signature = "", words = ""] = /^```typescript\n([\s\S]*?)\n```\s*([\s\S]*)$/.exec(text) ?? [];
  return { signature: signature.replaceAll(/\s+/g, " "), words };
}

const documented: [call: string, name: string, signature: RegExp, words: RegExp][] = [
  [
    "x.sum(0)",
    "sum(0)",
    /: \(dim\?: .*, options\?: \{[^{]*keepdim\?: boolean;[^{]*\} \| undefined\) => Tensor$/,
    /^The sum of all/,
  ],
  ["x.sum({", "sum({", /: \(options\?: \{[^{]*\bdim\?: [^{]*\} \| undefined\) => Tensor$/, /^The sum of all/],
  ["x.topk(1, {", "topk(1, {", /: \(k: number, options\?: \{[^{]*largest\?: boolean;[^{]*\}/, /^The `k` largest/],
  ["x.roll(1, 0)", "roll(1, 0)", /: \(shifts: Dims, dims\?: Dims \| undefined\) => Tensor$/, /^The elements moved/],
  ["x.add(1)", "add(1)", /: \(other: .*Operand, options\?: /, /elementwise/],
  [
    "x.clamp_(0)",
    "clamp_(0)",
    /: \(min\?: .*, max\?: [^{]*\) => Tensor$|: \(min\?: .*, max\?: .*options\?: \{\s*\}/,
    /^`clamp` in place/,
  ],
  ["x.permute(0, 1)", "permute(0, 1)", /: \(\.\.\.(dims|args): number\[\]\) => Tensor$/, /^The dims in another/],
  ["torch.sum(x, 0)", "sum(x, 0)", /: \(input: Tensor, dim\?: .*, options\?: \{/, /^The sum of all/],
  [
    "torch.zeros(2, {",
    "zeros(2, {",
    /\[\.\.\.size: number\[\], options: SizedOptions\]\) => Tensor$/,
    /^A tensor of zeros/,
  ],
  [
    "F.crossEntropy(x, x, {",
    "crossEntropy(x, x, {",
    /\(input: Tensor, target: Tensor, options\?: \{/,
    /^The cross entropy/,
  ],
  [
    "F.softmax(x, 1)",
    "softmax(x, 1)",
    /\(input: Tensor, dim\?: number \| null \| undefined, options\?: \{/,
    /^exp\(x\) over/,
  ],
  [
    "nn.CrossEntropyLoss({",
    "CrossEntropyLoss({",
    /CrossEntropyLoss\(options\?: \{[^{]*weight\?: /,
    /^The cross entropy/,
  ],
  [
    "nn.Flatten(1, 2)",
    "Flatten(1, 2)",
    /Flatten\(startDim\?: number \| undefined, endDim\?: number \| undefined\)/,
    /dims/,
  ],
  ["optim.SGD([x], 0.1)", "SGD([x], 0.1)", /SGD\(params: .*, lr\?: Rate \| undefined, momentum\?: /, /gradient/],
  ["model.namedParameters()", "namedParameters()", /\(prefix\?: string \| undefined, options\?: \{/, /parameter/],
  ["x.backward()", "backward()", /gradient\?: Tensor \| null \| undefined, options\?: \{/, /^Computes the gradients/],
];

for (const [call, name, signature, words] of documented) {
  test(`${call} … shows its places by name, and its doc comment`, async () => {
    const found = await shown(call, name);
    assert.match(found.signature, signature);
    assert.match(found.words, words);
    assert.doesNotMatch(found.signature, /Args<|Arguments\b|Forms<|Omit<|Flat</);
  });
}

test("every method that an operation gives has a doc comment", () => {
  const file = new URL("../../../src/ops/tensorMethods.ts", import.meta.url);
  const members = [...readFileSync(file, "utf8").matchAll(/^( {3}\*\/\n)? {2}(\w+): \w*Method</gm)];
  const without = members.filter(([, comment]) => comment === undefined).map(([, , name]) => name);
  const operations = [...Object.entries(functions), ...Object.entries(methods)];
  const given = operations.filter(([, exported]) => operationOf(exported)?.variants.includes("method"));
  assert.ok(members.length > given.length, `${members.length}`);
  assert.deepEqual(without, []);
});

test("completion offers what is public", async () => {
  const names = await editor.completions("\nx.");
  for (const name of ["sum", "shape", "backward", "add_", "tolist"]) assert.ok(names.includes(name), name);
  const internal = [
    "storage",
    "sizes",
    "strides",
    "viewCreation",
    "bumpVersion",
    "autograd",
    "base",
    "viewOf",
    "offset",
  ];
  assert.deepEqual(
    names.filter((name) => internal.includes(name)),
    [],
  );
});
