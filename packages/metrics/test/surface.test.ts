/** What the package exports: every function in `functional` too, a class for each, all of it on the page of metrics. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as metrics from "@flambeau/metrics";

const { functional, ...root } = metrics;
const names = Object.keys(root);
const functions = names.filter((name) => /^[a-z]/.test(name));
const isOfTask = (name: string) => /^(binary|multiclass|multilabel)[A-Z]/i.test(name);

test("functional has the functions, and nothing else", () => {
  assert.deepEqual(Object.keys(functional).sort(), functions.sort());
});

test("a metric that is told its task has functions and classes of the tasks", () => {
  const own = functions.filter((name) => functions.includes(`binary${name[0]?.toUpperCase()}${name.slice(1)}`));
  assert.ok(own.length >= 25, `${own.length} of them`);
  const classes = names.filter((name) => names.includes(`Binary${name}`));
  assert.equal(classes.length, own.length);
  for (const name of classes.filter((one) => names.includes(`Multilabel${one}`))) {
    assert.ok(names.includes(`Multiclass${name}`), `Multiclass${name}`);
  }
});

test("every name is on the page of metrics", () => {
  const page = readFileSync(new URL("../../../../docs/metrics.md", import.meta.url), "utf8");
  const missing = names.filter((name) => !page.includes(`\`${name}`) && !(isOfTask(name) && page.includes(base(name))));
  assert.deepEqual(missing, []);
});

/** The name without the task. */
function base(name: string): string {
  const rest = name.replace(/^(binary|multiclass|multilabel)/i, "");
  return /^[a-z]/.test(name) ? `\`${rest[0]?.toLowerCase()}${rest.slice(1)}\`` : `\`${rest}\``;
}
