// Builds the kernels as one WebAssembly module, build/wasm/kernels.wasm, unless the one on disk is that of these
// sources, and runs the kernel tests on it. Where clang and its parts for WebAssembly are missing it says so and ends.
//
// Arguments are options of the test runner, or the test files to run instead.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "packages", "torch", "native");
const folder = join(root, "build", "wasm");
const target = join(folder, "kernels.wasm");
const stamp = join(folder, "sources.sha256");
const tests = join(root, "packages", "torch", "dist", "test");

const compilerFlags = [
  "--target=wasm32-wasi",
  "-std=c++20",
  "-O2",
  "-msimd128",
  "-fno-exceptions",
  "-fno-math-errno",
  "-fno-trapping-math",
  "-Wno-pass-failed",
  "-Wno-bitwise-conditional-parentheses",
  `-I${sources}`,
];
const linkerFlags = [
  "--target=wasm32-wasi",
  "-mexec-model=reactor",
  "-Wl,--export=__stack_pointer",
  // Kernels keep small arrays on the stack. It comes first in the memory, so that an overflow does not go unnoticed.
  "-Wl,-z,stack-size=1048576",
  "-Wl,--stack-first",
  "-Wl,--strip-all",
];

/** The first clang that turns a program with the standard library into a module. */
function findCompiler() {
  const program = join(folder, "probe.cpp");
  writeFileSync(program, "#include <vector>\nint main() { return static_cast<int>(std::vector<int>(1).size()); }\n");
  const candidates = process.env.WASM_CXX ? [process.env.WASM_CXX] : ["clang++-14", "clang++"];
  return candidates.find((command) => {
    const args = [...compilerFlags, program, "-o", join(folder, "probe.wasm")];
    return spawnSync(command, args, { stdio: "ignore" }).status === 0;
  });
}

function filesIn(name) {
  const entries = readdirSync(join(sources, name), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function hashOf(files) {
  const hash = createHash("sha256").update(`${compilerFlags} ${linkerFlags}`);
  for (const file of files) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

/** Runs commands, as many at a time as there are cores, and ends with the first that fails. */
async function runAll(commands) {
  const queue = [...commands];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [command, ...args] = next;
      const status = await new Promise((done) => spawn(command, args, { stdio: "inherit" }).on("close", done));
      if (status !== 0) process.exit(1);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

/** The kernels, several files in one, as they are compiled for the native addons, too. */
function unitsOfKernels() {
  const folders = readdirSync(join(sources, "kernels"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const args = ["sources.mjs", ...folders.map(({ name }) => name)];
  const { stdout } = spawnSync(process.execPath, args, { cwd: sources, encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((path) => join(sources, path));
}

/** Whether the module is there: false where no compiler is. */
async function build() {
  mkdirSync(folder, { recursive: true });
  const files = ["kernels", "runtime", "simd", "wasm"].flatMap(filesIn).sort();
  const hash = hashOf(files);
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return true;
  const compiler = findCompiler();
  if (compiler === undefined) return false;
  const native = ["lending", "refuse", "threads"].map((name) => join(sources, "runtime", `${name}.cpp`));
  const isOther = (file) =>
    file.endsWith(".cpp") && !file.startsWith(join(sources, "kernels")) && !native.includes(file);
  const compiled = [...unitsOfKernels(), ...files.filter(isOther)];
  const objectOf = (file) => join(folder, `${file.slice(sources.length + 1).replaceAll(/[/\\]/g, "_")}.o`);
  await runAll(compiled.map((file) => [compiler, ...compilerFlags, "-c", file, "-o", objectOf(file)]));
  await runAll([[compiler, ...linkerFlags, ...compiled.map(objectOf), "-o", target]]);
  writeFileSync(stamp, hash);
  return true;
}

if (await build()) {
  const given = process.argv.slice(2);
  const kernelTests = readdirSync(join(tests, "kernels")).filter((name) => name.endsWith(".test.js"));
  const files = given.some((argument) => !argument.startsWith("-"))
    ? []
    : kernelTests.map((name) => join(tests, "kernels", name));
  const host = pathToFileURL(join(tests, "support", "wasmHost.js")).href;
  const { status } = spawnSync(process.execPath, ["--test", "--test-concurrency=2", ...given, ...files], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_OPTIONS: `--import=${host}`, FLAMBEAU_ISA: "portable", FLAMBEAU_WASM: target },
  });
  process.exitCode = status ?? 1;
} else {
  console.log(
    "skipped: no clang++ for WebAssembly (Debian: clang-14 lld-14 libclang-rt-14-dev-wasm32 wasi-libc " +
      "libc++-14-dev-wasm32 libc++abi-14-dev-wasm32)",
  );
}
