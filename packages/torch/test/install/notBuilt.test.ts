/** What somebody sees whose installation ran no scripts, so that the native kernels are missing. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("../../src/", import.meta.url));

test("without the native kernels, the error begins with what to run", () => {
  const root = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    writeFileSync(join(root, "package.json"), '{ "type": "module" }');
    cpSync(sources, join(root, "dist", "src"), { recursive: true });
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
