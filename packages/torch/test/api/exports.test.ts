/** What the package gives away: every name is here on purpose. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import * as flambeau from "../../src/index.js";

const { torch } = flambeau;

/** A namespace and those inside of it, by their paths. */
function namespacesOf(path: string, namespace: object): [path: string, namespace: object][] {
  const inner = Object.entries(namespace).filter(
    ([name, value]) =>
      !["torch", "default", "F"].includes(name) && Object.prototype.toString.call(value) === "[object Module]",
  );
  return [[path, namespace], ...inner.flatMap(([name, value]) => namespacesOf(`${path}.${name}`, value))];
}

const namespaces = [...namespacesOf("torch", flambeau), ["Tensor.prototype", torch.Tensor.prototype]] as const;

const file = new URL("../../../test/api/exports.txt", import.meta.url);

function namesOf(namespace: object): string[] {
  return Object.getOwnPropertyNames(namespace)
    .filter((key) => key !== "constructor")
    .sort();
}

// FLAMBEAU_UPDATE=1 takes today's names for those that are meant.
if (process.env.FLAMBEAU_UPDATE === "1") {
  const lines = namespaces.flatMap(([name, members]) => namesOf(members).map((key) => `${name} ${key}`));
  writeFileSync(file, `${lines.join("\n")}\n`);
}

/** One "namespace name" to a line. */
const committed = readFileSync(file, "utf8")
  .trim()
  .split("\n")
  .map((line) => line.split(" ") as [namespace: string, name: string]);

for (const [name, namespace] of namespaces) {
  test(`the names of ${name} are those of exports.txt`, () => {
    const meant = committed.filter(([of]) => of === name).map(([, key]) => key);
    assert.deepEqual(namesOf(namespace), meant.sort(), "FLAMBEAU_UPDATE=1 accepts the names that are there now");
  });
}

test("the default export is the namespace torch, which is also flat in the package", () => {
  assert.equal(flambeau.default, torch);
  assert.equal(flambeau.F, torch.nn.functional);
  for (const [name, value] of Object.entries(torch)) assert.equal((flambeau as Record<string, unknown>)[name], value);
});

test("names follow the rule: camelCase, with the underscore of in-place functions", () => {
  for (const [namespace, name] of committed) {
    if (name === "_version") continue;
    assert.match(name, /^[a-zA-Z][a-zA-Z0-9]*_?$/, namespace);
    if (/^[A-Z]/.test(name)) assert.doesNotMatch(name, /_/, namespace);
  }
});
