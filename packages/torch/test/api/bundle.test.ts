/** The bundle, which is what programs get by the name of the package: all names are in it, and threads start from it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, test } from "node:test";
import * as compiled from "../../src/index.js";

/** Runs a program in a process of its own and returns what it wrote. */
function output(program: string): string {
  const args = ["--input-type=module", "--eval", program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** What is in a namespace, and in those inside of it. Runs here and, as text, in the other process. */
function namesOf(namespace: object): Record<string, unknown> {
  const entries = Object.entries(namespace).map(([name, value]) => {
    const isNamespace = Object.prototype.toString.call(value) === "[object Module]";
    return [name, isNamespace && !["torch", "default", "F"].includes(name) ? namesOf(value) : typeof value];
  });
  return Object.fromEntries(entries);
}

test("the bundle has the names of the modules, in every namespace", () => {
  const program = `import * as flambeau from "flambeau"; ${namesOf} console.log(JSON.stringify(namesOf(flambeau)));`;
  assert.deepEqual(JSON.parse(output(program)), namesOf(compiled));
});

test("the methods of tensors are those of the modules", () => {
  const program = `import { Tensor } from "flambeau"; console.log(JSON.stringify(Object.getOwnPropertyNames(Tensor.prototype)));`;
  const names = JSON.parse(output(program)) as string[];
  assert.deepEqual(names.sort(), Object.getOwnPropertyNames(compiled.Tensor.prototype).sort());
});

test("workers start from the bundle and share its classes", () => {
  const program = `
import torch from "flambeau";
const { DataLoader, TensorDataset } = torch.utils.data;
const data = new TensorDataset(torch.arange(6));
for await (const [batch] of new DataLoader(data, 3, { numWorkers: 2 })) console.log(JSON.stringify(batch));`;
  assert.equal(output(program), "[0,1,2]\n[3,4,5]\n");
});

test("how packages read arguments is in the bundle, and knows its tensors", () => {
  const program = `
import torch from "flambeau";
import { tensor } from "flambeau/arguments";
const x = torch.ones(2);
console.log(tensor.read(x) === x);`;
  assert.equal(output(program), "true\n");
});

// What is required where ES modules cannot be. This folder is inside of the package, whose name means what it exports.
const folder = join(import.meta.dirname, "commonjs");
mkdirSync(folder, { recursive: true });
after(() => rmSync(folder, { recursive: true }));
const load = createRequire(import.meta.url);
const required = load("../../lib/index.cjs") as typeof compiled;

/** Runs a CommonJS program, for which `require("flambeau")` means the CommonJS bundle. */
function outputOf(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [program] = Object.keys(files) as [string];
  const { stdout, stderr } = spawnSync(process.execPath, [join(folder, program)], { encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout;
}

test("the CommonJS bundle has the names of the modules, in every namespace", () => {
  assert.deepEqual(namesOf(required), namesOf(compiled));
});

test("workers start from the CommonJS bundle and share its classes", () => {
  const bundle = JSON.stringify(load.resolve("../../lib/index.cjs"));
  const output = outputOf({
    "train.cjs": `
const { DataLoader } = require(${bundle});
const { Rows } = require("./rows.cjs");
for (const batch of new DataLoader(new Rows(), 2, { numWorkers: 2 })) console.log(JSON.stringify(batch));`,
    "rows.cjs": `
const { Dataset, shareable } = require(${bundle});
class Rows extends Dataset { length = 3; at(index) { return 10 * index; } }
shareable(__filename, { Rows });
exports.Rows = Rows;`,
  });
  assert.equal(output, "[0,10]\n[20]\n");
});

test("a tensor, dtype or parameter of a second copy of the library is named as such", () => {
  const { torch, nn, optim } = compiled;
  const wrong = [
    () => torch.ones(2).add(required.ones(2)),
    () => torch.cat([required.ones(2)]),
    () => torch.ones(2, { dtype: required.float32 }),
    () => new optim.SGD(new required.nn.Linear(1, 1).parameters()),
    () => new nn.Linear(2, 2)(required.ones(2)),
  ];
  for (const call of wrong) assert.throws(call, /of another library, or of a second copy of flambeau/, String(call));
});
