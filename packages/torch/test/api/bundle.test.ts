/** The bundle, which is what programs get by the name of the package: all names are in it, and threads start from it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
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
