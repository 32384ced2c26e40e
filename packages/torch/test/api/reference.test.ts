/** Every name of PyTorch's reference for dense tensors on a CPU (recorded by conformance/api/reference.py) is here, or says why not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import torch from "../../src/index.js";
import { absent, section } from "../conformance/absent.js";
import { isHere, isOtherwise, namesOnPage, pageName, places, reference, tables } from "../conformance/listed.js";
import { toCamel } from "./signatures.js";

const page = readFileSync(new URL("../../../../../docs/operations.md", import.meta.url), "utf8");
const listed = new Set(
  absent.flatMap(({ namespace, names }) => names.map((name) => `${namespace.replace(/\.parameter$/, "")}.${name}`)),
);

test("at least 99 % of the names are here", () => {
  const here = reference.filter(isHere).length;
  assert.ok(reference.length > 1400, `${reference.length} names`);
  assert.ok(here / reference.length >= 0.99, `${here} of ${reference.length}`);
});

test("docs/operations.md has its tables of what no recorded call stands for", () => {
  assert.ok(page.includes(tables().join("\n")), "run node conformance/report.mjs");
});

for (const namespace of Object.keys(places)) {
  const names = reference.filter((one) => one.namespace === namespace);

  test(`what ${namespace} has says yes in a row of docs/operations.md`, () => {
    const rows = namesOnPage(page);
    const silent = names.filter(isHere).filter((one) => !rows.has(pageName(one)));
    assert.deepEqual(silent, [], "record a call, or name it in listed.ts; then run node conformance/report.mjs");
  });

  test(`what ${namespace} has not says why`, () => {
    const silent = names.filter(
      (one) => !isHere(one) && !isOtherwise(one) && !listed.has(`${namespace}.${toCamel(one.name)}`),
    );
    assert.deepEqual(silent, []);
  });
}

describe("what is said not to be here", () => {
  for (const { namespace, names: missing } of absent) {
    test(`${namespace}: ${missing.join(", ")}`, () => {
      const path =
        namespace === "Tensor" ? ["Tensor", "prototype"] : namespace.split(".").filter((part) => part !== "torch");
      const place = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], torch);
      assert.deepEqual(
        missing.filter((name) => name in Object(place)),
        [],
      );
    });
  }

  test("stands in docs/operations.md", () => {
    assert.ok(page.includes(section(absent).join("\n")), "run node conformance/report.mjs");
  });
});
