/** A data set that is written in TypeScript, which workers import as the main thread did, or say what is to be done. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const root = mkdtempSync(join(tmpdir(), "flambeau-"));
after(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

/** What programs get: in the bundle, errors stand at the line of the caller. */
const library = new URL("../../lib/index.js", import.meta.url).href;

// No Node.js reads .tsx by itself. The stand-in for tsx reads it, as before Node.js 24, in threads that ask for it.
write(
  "rows.tsx",
  `import { Dataset, shareable } from ${JSON.stringify(library)};
export class Rows extends Dataset { length = 3; at(index) { return 10 * index; } }
shareable(import.meta.url, { Rows });`,
);
write(
  "train.mjs",
  `import { DataLoader } from ${JSON.stringify(library)};
import { Rows } from "./rows.tsx";
for (const batch of new DataLoader(new Rows(), 2, { numWorkers: 2 })) console.log(JSON.stringify(batch));`,
);
write(
  "plain.mjs",
  `import { DataLoader, Dataset, shareable } from ${JSON.stringify(library)};
class Rows extends Dataset { length = 3; at(index) { return index; } }
shareable(${JSON.stringify(pathToFileURL(join(root, "rows.tsx")).href)}, { Rows });
const loader = new DataLoader(new Rows(), 2, { numWorkers: 1 });
try { for (const batch of loader); } catch (error) { console.log(error.message, error.stack.split("\\n    at ")[1]); }`,
);
const exported = { ".": "./loader.mjs", "./esm/api": { import: "./api.mjs", require: "./api.cjs" } };
write("node_modules/tsx/package.json", JSON.stringify({ name: "tsx", exports: exported }));
write("node_modules/tsx/api.cjs", "");
write(
  "node_modules/tsx/api.mjs",
  'import * as m from "node:module"; export const register = () => m.register("./hooks.mjs", import.meta.url);',
);
write(
  "node_modules/tsx/loader.mjs",
  'import { isMainThread } from "node:worker_threads"; import { register } from "./api.mjs"; if (isMainThread) register();',
);
write(
  "node_modules/tsx/hooks.mjs",
  `import { readFileSync } from "node:fs";
export async function load(url, context, next) {
  if (!url.endsWith(".tsx")) return next(url, context);
  return { format: "module", shortCircuit: true, source: readFileSync(new URL(url)) };
}`,
);

const run = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 60_000 })).stdout;

test("under tsx workers import it as well", async () => {
  const output = await run("--no-warnings", "--import", "tsx", "train.mjs");
  assert.equal(output, "[0,10]\n[20]\n");
});

test("without anything that reads it, the error says what does", async () => {
  const output = await run("plain.mjs");
  assert.match(
    output,
    /worker 0: a worker cannot import file:\S*rows\.tsx: .* reads no TypeScript by itself\. Compile it/,
  );
  assert.match(output, /take numWorkers: 0\. file:.*plain\.mjs:5/);
});
