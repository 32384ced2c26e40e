// Brings a checkout to the point where programs run: installs packages, builds the native kernels, compiles
// TypeScript. Each step is skipped where its result is there already.
//
// `npm test` builds the kernels for every instruction set; with the argument `this-cpu` only those that this machine
// runs are built, and with `first` only those of them that a first program calls. A project named after that, as `npm
// start` has it, is compiled alone, so that a first program runs soon.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const isWindows = process.platform === "win32";

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: isWindows,
  });
  if (error) process.stderr.write(`${error.message}\n`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Whether node_modules holds what the lock file asks for. */
function packagesAreInstalled() {
  const installed = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(installed, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { optional, version }]) =>
      optional || !path.startsWith("node_modules/") || (path in present && present[path].version === version),
  );
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 17)) {
  process.stderr.write(`Flambeau needs Node 20.17 or later; this is ${process.versions.node}.\n`);
  process.exit(1);
}
if (!packagesAreInstalled()) {
  process.stderr.write("Installing packages …\n");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error", "--ignore-scripts"]);
}
const [sets, ...projects] = process.argv.slice(2);
run(process.execPath, ["packages/torch/native/build.mjs", ...(sets === undefined ? [] : [sets])]);
run(process.execPath, ["tools/compile.mjs", ...projects]);
run(process.execPath, ["tools/bundle.mjs"]);
