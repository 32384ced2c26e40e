/** Which addons native/build.mjs builds, and what it takes for built: run with a stand-in for node-gyp. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const native = fileURLToPath(new URL("../../../native/", import.meta.url));
const cpuAddon = join(native, "build", "Release", "cpu.node");
const { instructionSet } = createRequire(import.meta.url)(cpuAddon) as { instructionSet: string };
const instructionSets = process.arch === "x64" ? ["portable", "avx2", "avx512"] : ["portable"];
const others = instructionSets.filter((name) => name !== instructionSet);

/** Writes each addon that is asked for, notes its name, and fails after the first one if it is told to. */
const standIn = `
import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
const [verb, ...rest] = process.argv.slice(2);
if (verb === "build") {
  for (const name of rest.slice(0, rest.indexOf("--directory"))) {
    mkdirSync("build/Release", { recursive: true });
    if (name === "cpu") copyFileSync(${JSON.stringify(cpuAddon)}, "build/Release/cpu.node");
    else writeFileSync("build/Release/" + name + ".node", "built");
    appendFileSync("built.log", name + "\\n");
    writeFileSync("wanted.log", process.env.FLAMBEAU_KERNELS);
    if (process.env.FAILS) process.exit(3);
  }
}
`;

class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), "flambeau-"));

  constructor(context: TestContext) {
    context.after(() => rmSync(this.root, { recursive: true, force: true }));
    for (const folder of ["addon", "kernels", "runtime", "simd"]) {
      mkdirSync(join(this.root, folder));
      this.change(folder, "first");
    }
    for (const name of ["build.mjs", "binding.gyp", "sources.mjs"]) cpSync(join(native, name), join(this.root, name));
    writeFileSync(join(this.root, "standIn.mjs"), standIn);
  }

  change(folder: string, text: string): void {
    writeFileSync(join(this.root, folder, "source.cpp"), text);
  }

  has(name: string): boolean {
    return existsSync(join(this.root, "build", "Release", `${name}.node`));
  }

  /** Which kernels were asked for last. */
  wanted(): string {
    return readFileSync(join(this.root, "wanted.log"), "utf8");
  }

  /** The names of what was built. */
  build(args: string[], env: NodeJS.ProcessEnv = {}): { built: string[]; status: number | null; stderr: string } {
    const log = join(this.root, "built.log");
    writeFileSync(log, "");
    const { status, stderr } = spawnSync(process.execPath, ["build.mjs", ...args], {
      cwd: this.root,
      encoding: "utf8",
      env: { ...process.env, FLAMBEAU_SANITIZE: "", npm_config_node_gyp: join(this.root, "standIn.mjs"), ...env },
    });
    return { built: readFileSync(log, "utf8").split("\n").filter(Boolean), status, stderr };
  }
}

test("for this CPU only its own addon is built, and later only what is missing", (context) => {
  const checkout = new Checkout(context);
  const first = checkout.build(["this-cpu"]);
  assert.deepEqual(first.built, ["cpu", instructionSet]);
  assert.match(first.stderr, new RegExp(`^Building native kernels \\(${instructionSet}\\) …$`, "m"));
  assert.deepEqual(checkout.build(["this-cpu"]), { built: [], status: 0, stderr: "" });
  assert.deepEqual(checkout.build([]).built, others);
  assert.deepEqual(checkout.build([]), { built: [], status: 0, stderr: "" });
  assert.deepEqual(checkout.build(["this-cpu"]), { built: [], status: 0, stderr: "" });
});

test("an addon of the first kernels is enough for a first program, and made whole for others", (context) => {
  const checkout = new Checkout(context);
  assert.deepEqual(checkout.build(["first"]).built, ["cpu", instructionSet]);
  assert.equal(checkout.wanted(), "first");
  assert.deepEqual(checkout.build(["first"]), { built: [], status: 0, stderr: "" });
  assert.deepEqual(checkout.build(["this-cpu"]).built, [instructionSet]);
  assert.equal(checkout.wanted(), "");
  assert.deepEqual(checkout.build(["first"]), { built: [], status: 0, stderr: "" });
  assert.deepEqual(checkout.build([]).built, others);
});

test("an installed package gets every addon in one run", (context) => {
  assert.deepEqual(new Checkout(context).build([]).built, ["cpu", ...instructionSets]);
});

test("addons of other sources are built again, or are gone", (context) => {
  const checkout = new Checkout(context);
  checkout.build([]);
  checkout.change("kernels", "second");
  assert.deepEqual(checkout.build(["this-cpu"]).built, ["cpu", instructionSet]);
  assert.deepEqual(
    others.filter((name) => checkout.has(name)),
    [],
  );
  assert.deepEqual(checkout.build([]).built, others);
});

test("a build that did not end is made again, also when the sources are as before", (context) => {
  const checkout = new Checkout(context);
  checkout.build([]);
  checkout.change("simd", "second");
  assert.equal(checkout.build([], { FAILS: "1" }).status, 3);
  checkout.change("simd", "first");
  assert.deepEqual(checkout.build([]).built, ["cpu", ...instructionSets]);
});

test("an addon that is missing is built", (context) => {
  const checkout = new Checkout(context);
  checkout.build([]);
  rmSync(join(checkout.root, "build", "Release", `${instructionSet}.node`));
  assert.deepEqual(checkout.build([]).built, [instructionSet]);
});
