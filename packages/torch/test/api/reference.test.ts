/** Every name of PyTorch's reference for dense tensors on a CPU (recorded by conformance/api/reference.py) is here, or says why not. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import torch from "../../src/index.js";
import { absent, section } from "../conformance/absent.js";
import { toCamel } from "./signatures.js";

const reference = JSON.parse(
  readFileSync(new URL("../../../test/api/reference.json", import.meta.url), "utf8"),
) as Record<string, string>;

/** Where the names of the reference are here. */
const places: Record<string, object> = {
  torch,
  Tensor: torch.Tensor.prototype,
  linalg: torch.linalg,
  fft: torch.fft,
  special: torch.special,
  functional: torch.nn.functional,
  nn: torch.nn,
  init: torch.nn.init,
  distributions: torch.distributions,
  optim: torch.optim,
  lrScheduler: torch.optim.lrScheduler,
  autograd: torch.autograd.functional,
  nnUtils: torch.nn.utils,
};

/** A method of PyTorch whose name the library uses for the memory itself; `untypedStorage` gives the object. */
const otherwise = new Set(["Tensor.storage"]);
/** Classes that PyTorch's `nn` re-exports from its modules. */
const listed = new Set(
  absent.flatMap(({ namespace, names }) => names.map((name) => `${namespace.replace(/\.parameter$/, "")}.${name}`)),
);

const names = Object.entries(reference).flatMap(([namespace, list]) =>
  list.split(" ").map((name) => ({ namespace, name })),
);
const isHere = ({ namespace, name }: { namespace: string; name: string }) => {
  const place = places[namespace] as object;
  return (name in place || toCamel(name) in place) && !otherwise.has(`${namespace}.${name}`);
};

test("at least 99 % of the names are here", () => {
  const here = names.filter(isHere).length;
  assert.ok(names.length > 1300, `${names.length} names`);
  assert.ok(here / names.length >= 0.99, `${here} of ${names.length}`);
});

for (const namespace of Object.keys(reference)) {
  test(`what ${namespace} has not says why`, () => {
    const silent = names.filter(
      (one) =>
        one.namespace === namespace &&
        !isHere(one) &&
        !otherwise.has(`${namespace}.${one.name}`) &&
        !listed.has(`${namespace}.${toCamel(one.name)}`),
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
    const page = readFileSync(new URL("../../../../../docs/operations.md", import.meta.url), "utf8");
    assert.ok(page.includes(section(absent).join("\n")), "run node conformance/report.mjs");
  });
});
