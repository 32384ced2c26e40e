// Compiles TypeScript, and makes what editors see of the library from its definitions (declarations.mjs). Says so if it
// takes a while.
import { spawn } from "node:child_process";
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods, overloads, prepareMethods } from "./declarations.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(root, "packages", "torch", "dist");
const stamp = join(dist, "declarations.stamp");

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Runs the compiler; what it says is kept, for the caller to show. */
function compile(...options) {
  const args = [join("node_modules", "typescript", "bin", "tsc"), ...options];
  const child = spawn(process.execPath, args, { cwd: root });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  return new Promise((done) => child.on("close", (status) => done({ status, output })));
}

const build = () => compile("-b", "--pretty", String(process.stdout.isTTY === true));

/** Finds out what methods there are before anything is checked, which takes a fraction of the time. */
async function findMethods() {
  const early = join(dist, "early");
  const plain = ["composite", "incremental", "declaration", "declarationMap", "sourceMap"];
  const options = plain.flatMap((option) => [`--${option}`, "false"]);
  await compile("-p", join("packages", "torch"), "--noCheck", "--outDir", early, ...options);
  await methods(join(early, "src")).catch(() => false);
  rmSync(early, { recursive: true, force: true });
}

const notice = setTimeout(() => process.stderr.write("Compiling …\n"), 1000);
if (prepareMethods()) await findMethods();
let result = await build();
if (timeOf(stamp) <= timeOf(join(dist, "tsconfig.tsbuildinfo"))) {
  // Operations that are new or gone make the first pass fail where they are called as methods.
  const changed = await methods(join(dist, "src")).catch(() => false);
  if (changed) result = await build();
  if (result.status === 0) {
    overloads();
    writeFileSync(stamp, "");
  }
}
clearTimeout(notice);
process.stdout.write(result.output);
process.exitCode = result.status;
