/**
 * Runs every example and compares what it prints with examples/expected, which PyTorch printed for the same
 * program (conformance/examples).
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = new URL("../../", import.meta.url);

function run(program: string, ...args: string[]): string {
  return execFileSync(process.execPath, [fileURLToPath(new URL(`dist/${program}.js`, folder)), ...args], {
    encoding: "utf8",
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: "1" },
  });
}

for (const name of ["tensors", "datasets", "network", "autograd", "training"]) {
  test(`examples/${name} prints what PyTorch prints`, () => {
    assert.equal(run(name), readFileSync(new URL(`expected/${name}.txt`, folder), "utf8"));
  });
}
