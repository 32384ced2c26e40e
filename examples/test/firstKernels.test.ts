/**
 * `npm start` begins with an addon of the first kernels alone (packages/torch/native/build.mjs): those that the
 * quickstart calls have to be among them.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const native = join(root, "packages", "torch", "native");

/** Notes the names of the functions of addons that are called. */
const spy = `
const called = new Set();
const { dlopen } = process;
process.dlopen = (module, ...rest) => {
  dlopen.call(process, module, ...rest);
  for (const [name, run] of Object.entries(module.exports)) {
    if (typeof run !== "function" || /^[A-Z]/.test(name)) continue;
    module.exports[name] = (...args) => (called.add(name), run(...args));
  }
};
process.on("exit", () => require("node:fs").writeFileSync(process.env.CALLED, JSON.stringify([...called])));
`;

/** The names of all kernels in sources that binding.gyp lists, the first ones or all. */
function kernels(wanted: "first" | "all"): Set<string> {
  const gyp = readFileSync(join(native, "binding.gyp"), "utf8").replace(/"\s*\n\s*"(?= --rest)/g, "");
  const names = new Set<string>();
  for (const [, folders = ""] of gyp.matchAll(/node sources\.mjs ([^)]*)\)/g)) {
    const units = execFileSync(process.execPath, ["sources.mjs", ...folders.split(" ")], {
      cwd: native,
      encoding: "utf8",
      env: { ...process.env, FLAMBEAU_KERNELS: wanted },
    });
    for (const unit of units.split("\n").filter(Boolean)) {
      const included = readFileSync(join(native, unit), "utf8").matchAll(/^#include "(.*)"$/gm);
      const text = [...included].map(([, file = ""]) => readFileSync(join(native, file), "utf8")).join("\n");
      for (const [, plain, listed] of text.matchAll(/FLAMBEAU_KERNEL\((\w+)\)|"([\w.]+)"/g))
        names.add(plain ?? listed ?? "");
    }
  }
  return names;
}

test("the quickstart calls no kernel but the first ones", () => {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    const [preload, notes] = [join(folder, "spy.cjs"), join(folder, "called.json")];
    writeFileSync(preload, spy);
    const data = join(root, "packages", "vision", "assets");
    const program = join(root, "examples", "dist", "quickstart.js");
    const args = ["--epochs", "1", "--data", data, "--report", folder];
    execFileSync(process.execPath, ["--require", preload, program, ...args], {
      stdio: "ignore",
      env: { ...process.env, CALLED: notes },
    });
    const all = kernels("all");
    const called = (JSON.parse(readFileSync(notes, "utf8")) as string[]).filter((name) => all.has(name));
    assert.ok(called.includes("matmul") && called.includes("unary.relu"));
    const first = kernels("first");
    assert.deepEqual(
      called.filter((name) => !first.has(name)),
      [],
    );
    assert.ok(!first.has("convolution"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
