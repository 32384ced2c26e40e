/** What somebody sees where native kernels are missing: none were built, or older ones, or the library is in a bundle. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { host } from "../../src/backend/cpu/host/index.js";

const sources = fileURLToPath(new URL("../../src/", import.meta.url));
const bundle = fileURLToPath(new URL("../../lib/", import.meta.url));

test("without the native kernels, the error begins with what to run", () => {
  const root = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    writeFileSync(join(root, "package.json"), '{ "type": "module" }');
    cpSync(sources, join(root, "dist", "src"), { recursive: true });
    mkdirSync(join(root, "native"));
    writeFileSync(join(root, "native", "build.mjs"), "");
    const { status, stderr } = spawnSync(process.execPath, [join(root, "dist", "src", "index.js")], {
      encoding: "utf8",
    });
    assert.equal(status, 1);
    const message =
      "Error: the native kernels of flambeau are not built; run `npm rebuild flambeau --ignore-scripts=false`";
    assert.equal(
      stderr.split("\n").find((line) => /^\w*Error/.test(line)),
      message,
    );
    assert.match(stderr, /\[cause\]: Error: Cannot find module/);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("in a bundle of somebody else's, the error says how to leave the library out", () => {
  const root = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    for (const name of readdirSync(bundle)) cpSync(join(bundle, name), join(root, name));
    writeFileSync(join(root, "package.json"), '{ "type": "module" }');
    for (const name of ["index.js", "index.cjs"]) {
      const { status, stderr } = spawnSync(process.execPath, [join(root, name)], { encoding: "utf8" });
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^Error: flambeau was put into a bundle, where its native kernels cannot be; leave it out: --external:flambeau/m,
      );
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test("where the kernels are those of another version, the error says so, and what to run", () => {
  assert.throws(() => host.kernel("nothing"), {
    message:
      "no kernel named nothing: the native kernels are of another version of flambeau; run `npm rebuild flambeau --ignore-scripts=false`",
  });
});
