// Compiles TypeScript: first the core package, whose declarations are made readable from its definitions
// (declarations.mjs), then what stands on them. Says so if it takes a while.
//
// With the name of a project, as `npm start` has it, only that one and what it stands on are compiled, and nothing is
// checked, so that a first program runs soon.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods, overloads, prepareMethods } from "./declarations.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const core = join("packages", "torch");
const dist = join(root, core, "dist");
/** Written when the declarations are as editors are to see them. */
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

const alone = process.argv.slice(2);
const options = alone.length > 0 ? ["--noCheck"] : [];

const build = (...projects) =>
  compile("-b", ...projects, ...options, "--pretty", String(process.stdout.isTTY === true));

/** Removes what was compiled of sources that are gone, as a test that has another name now. */
function sweep() {
  const { references } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  for (const { path: project } of references) {
    const compiled = join(root, project, "dist");
    if (!existsSync(compiled)) continue;
    for (const file of readdirSync(compiled, { recursive: true })) {
      const source = /^(?!lib\b|programs\b)(.*)\.(?:d\.ts|js)(?:\.map)?$/.exec(file)?.[1];
      if (source === undefined || existsSync(join(root, project, `${source}.ts`))) continue;
      rmSync(join(compiled, file));
    }
  }
}

/** Writes the methods that compiled operations give to tensors; tells whether they are others now. */
async function updateMethods(folder) {
  try {
    return await methods(folder);
  } catch (error) {
    // The operations were not compiled, or do not load: their kernels are looked up when they do.
    process.stderr.write(`The methods of tensors are not found: ${error.message.split("; ")[0]}.\n`);
    process.stderr.write("Where kernels are missing, `node tools/setup.mjs` builds them, and compiles.\n");
    return false;
  }
}

/** Finds out what methods there are before anything is checked, which takes a fraction of the time. */
async function findMethods() {
  const early = join(dist, "early");
  const plain = ["composite", "incremental", "declaration", "declarationMap", "sourceMap"];
  const options = plain.flatMap((option) => [`--${option}`, "false"]);
  await compile("-p", core, "--noCheck", "--outDir", early, ...options);
  await updateMethods(join(early, "src"));
  rmSync(early, { recursive: true, force: true });
}

async function buildCore() {
  const tools = ["compile.mjs", "declarations.mjs"].map((name) => join(root, "tools", name));
  // Declarations that an older program changed are written anew.
  if (tools.some((file) => timeOf(file) > timeOf(stamp))) rmSync(join(dist, "tsconfig.tsbuildinfo"), { force: true });
  if (prepareMethods()) await findMethods();
  const result = await build(core);
  if (timeOf(stamp) > timeOf(join(dist, "tsconfig.tsbuildinfo"))) return result;
  // Operations that are new or gone make the first pass fail where they are called as methods.
  const changed = await updateMethods(join(dist, "src"));
  const { status, output } = changed ? await build(core) : result;
  if (status === 0) {
    overloads();
    writeFileSync(stamp, "");
  }
  return { status, output };
}

const notice = setTimeout(() => process.stderr.write("Compiling …\n"), 1000);
sweep();
let result = await buildCore();
if (result.status === 0) result = await build(...alone);
clearTimeout(notice);
process.stdout.write(result.output);
process.exitCode = result.status;
