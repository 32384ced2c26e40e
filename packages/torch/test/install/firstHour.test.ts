/**
 * What somebody does who follows docs/first-network.md in a project of their own, with the package as `npm pack` makes it:
 * the programs of that page are written, compiled, run, tested and bundled as they stand there.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../../../../../", import.meta.url));
const project = mkdtempSync(join(tmpdir(), "flambeau-"));
const installed = join(project, "node_modules", "flambeau");
after(() => rmSync(project, { recursive: true, force: true }));

/** Runs a program in the project and returns what it wrote. */
function run(program: string, args: readonly string[], cwd = project): string {
  const shell = process.platform === "win32";
  // In its place the runner of this test would take what another one writes.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8", shell });
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

const node = (...args: string[]): string => run(process.execPath, args);
const tool = (path: string, ...args: string[]): string => node(join(checkout, "node_modules", path), ...args);

/** The code of a page by its files: a comment names the file of a block, another one goes behind the block before. */
function filesOf(page: string): Map<string, string> {
  const files = new Map<string, string>();
  let file = "";
  for (const [, language, code = ""] of page.matchAll(/^```(ts|json)\n([\s\S]*?)^```$/gm)) {
    if (language === "json") files.set("tsconfig.json", code);
    else {
      file = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? file;
      files.set(file, (files.get(file) ?? "") + code);
    }
  }
  return files;
}

/** Rows of four numbers and a class, which the numbers tell. */
function flowers(): string {
  const wobble = (i: number, column: number) => (((i * 7919 + column * 104729) % 1000) / 1000 - 0.5) * 0.8;
  const rows = Array.from({ length: 150 }, (_, i) => {
    const kind = i % 3;
    return [5 + kind, 3 - kind / 4, 1.5 + 2 * kind, 0.2 + kind].map((x, column) => x + wobble(i, column)).concat(kind);
  });
  return rows.map((row) => `${row.join(",")}\n`).join("");
}

before(() => {
  writeFileSync(join(project, "package.json"), '{ "type": "module" }');
  const packed = JSON.parse(
    run("npm", ["pack", "--json", "--workspace", "flambeau", "--pack-destination", project], checkout),
  );
  const [{ filename }] = Object.values(packed) as [{ filename: string }];
  run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", filename]);
  // The kernels are there: the script of the installation finds that they are of the sources that it has.
  cpSync(join(checkout, "packages", "torch", "native", "build"), join(installed, "native", "build"), {
    recursive: true,
    filter: (path) => !/obj\.target|\.deps/.test(path),
  });
  assert.equal(node(join(installed, "native", "build.mjs"), "this-cpu"), "");
  mkdirSync(join(project, "node_modules", "@types"));
  symlinkSync(
    join(checkout, "node_modules", "@types", "node"),
    join(project, "node_modules", "@types", "node"),
    "junction",
  );
  for (const [file, code] of filesOf(readFileSync(join(checkout, "docs", "first-network.md"), "utf8"))) {
    writeFileSync(join(project, file), code);
  }
  writeFileSync(join(project, "flowers.csv"), flowers());
  assert.equal(tool("typescript/bin/tsc"), "");
});

test("the sine is learnt, and kept", () => {
  const lines = node("sine.js").trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["[ 200, 1 ] tensor([[ 8.7423e-08],", "        [-3.1568e-02],"]);
  const losses = lines.flatMap((line) => /^\d00 (\S+)$/.exec(line)?.slice(1).map(Number) ?? []);
  assert.equal(losses.length, 5);
  assert.ok((losses[4] as number) < 0.001 && (losses[4] as number) < (losses[0] as number) / 10, losses.join());
  const [answer, expected] = (lines.at(-1) as string).split(" ").map(Number) as [number, number];
  assert.ok(Math.abs(answer - expected) < 0.05, lines.at(-1));
  assert.equal(Number(node("use.js")), answer, "another process loads the same numbers");
});

test("rows of a CSV file are classified, read by two workers", () => {
  const [, correct, count] = /^(\d+) of (\d+) are right$/m.exec(node("classify.js")) ?? [];
  assert.equal(count, "30");
  assert.ok(Number(correct) >= 28, correct);
});

test("the test runner tests it", () => {
  assert.match(node("--test", "--test-reporter=tap", "sine.test.js"), /^# pass 2$/m);
});

test("a bundle that leaves the package out does the same, as an ES module and as CommonJS", () => {
  const answers = node("sine.js");
  const requireOnly = "--no-experimental-require-module";
  const flags = process.allowedNodeEnvironmentFlags.has(requireOnly) ? [requireOnly] : [];
  for (const [format, file] of [
    ["es", "bundle.mjs"],
    ["cjs", "bundle.cjs"],
  ] as const) {
    tool("rollup/dist/bin/rollup", "sine.js", "--silent", "--external", "flambeau", "--format", format, "--file", file);
    assert.equal(node(...flags, file), answers, file);
  }
});

test("a mistake is answered at the person's own line", () => {
  writeFileSync(
    join(project, "wrong.js"),
    'import torch from "flambeau";\ntorch.ones(2, 3).matmul(torch.ones(2, 3));\n',
  );
  const { stderr } = spawnSync(process.execPath, ["wrong.js"], { cwd: project, encoding: "utf8" });
  assert.match(stderr, /^Error: mat1 and mat2 shapes cannot be multiplied \(2x3 and 2x3\)\n {4}at .*wrong\.js:2:18/m);
});
