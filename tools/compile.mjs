// Compiles TypeScript, and makes what editors see of the library from its definitions (declarations.mjs). Says so if it
// takes a while.
import { spawn } from "node:child_process";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods, overloads, prepareMethods } from "./declarations.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "packages", "torch", "dist");
const stamp = join(dist, "declarations.stamp");

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Runs the compiler; what it says is kept, for the caller to show. */
function compile() {
  const child = spawn(
    process.execPath,
    [join("node_modules", "typescript", "bin", "tsc"), "-b", "--pretty", String(process.stdout.isTTY === true)],
    {
      cwd: root,
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  return new Promise((done) => child.on("close", (status) => done({ status, output })));
}

const notice = setTimeout(() => process.stderr.write("Compiling …\n"), 1000);
prepareMethods();
let result = await compile();
if (timeOf(stamp) <= timeOf(join(dist, "tsconfig.tsbuildinfo"))) {
  // Operations that are new or gone make the first pass fail where they are called as methods.
  const changed = await methods().catch(() => false);
  if (changed) result = await compile();
  if (result.status === 0) {
    overloads();
    writeFileSync(stamp, "");
  }
}
clearTimeout(notice);
process.stdout.write(result.output);
process.exitCode = result.status;
