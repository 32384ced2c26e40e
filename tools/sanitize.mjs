// Runs kernel tests, conformance and the fuzzer on kernels that are built with AddressSanitizer and
// UndefinedBehaviorSanitizer, where every buffer has its exact size and is used once: a read or write outside of a
// tensor's memory, also by one byte, ends the run with a report. Needs g++ on Linux.
//
// The build stands in build/sanitize and leaves the normal one alone. `FLAMBEAU_SANITIZE` names other sanitizers.
// Arguments are the test files to run instead, or options of the runner.
import { spawnSync } from "node:child_process";
import { cpSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = join(root, "packages", "torch", "native");
const folder = join(root, "build", "sanitize");
const tests = join("packages", "torch", "dist", "test");

const environment = { ...process.env, FLAMBEAU_SANITIZE: process.env.FLAMBEAU_SANITIZE || "address,undefined" };

function run(command, args, env) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (status !== 0) {
    console.error(`${command} ${args.join(" ")} ended with ${status ?? signal}`);
    process.exit(status ?? 1);
  }
}

function testsIn(name) {
  return readdirSync(join(root, tests, name))
    .filter((file) => file.endsWith(".test.js"))
    .map((file) => join(tests, name, file));
}

/** The runtime of the sanitizer must be there before Node's own memory functions. */
function runtime() {
  const { stdout } = spawnSync(process.env.CXX ?? "g++", ["-print-file-name=libasan.so"], { encoding: "utf8" });
  return stdout.trim();
}

cpSync(sources, folder, {
  recursive: true,
  preserveTimestamps: true,
  filter: (path) => relative(sources, path).split("/")[0] !== "build",
});
run(process.execPath, [join(folder, "build.mjs")], environment);

const given = process.argv.slice(2);
const files = given.some((argument) => !argument.startsWith("-"))
  ? []
  : ["kernels", "conformance"].flatMap(testsIn).concat(join(tests, "robustness", "fuzz.test.js"));
run(process.execPath, ["--test", ...given, ...files], {
  ...environment,
  LD_PRELOAD: runtime(),
  FLAMBEAU_ADDONS: join(folder, "build", "Release"),
  FLAMBEAU_ISA: "portable",
  // Node keeps what it needs until it ends; and a tensor too large is an error that the library reports.
  ASAN_OPTIONS: "detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=1",
  UBSAN_OPTIONS: "print_stacktrace=1",
});
