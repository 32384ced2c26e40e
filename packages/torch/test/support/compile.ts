/** Small programs given to the TypeScript compiler, for tests of types. */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const options = { target: "es2022", lib: "es2023,esnext.disposable", module: "nodenext", types: "node" };
const flags = [
  ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
  "--strict",
  "--noUncheckedIndexedAccess",
  "--noEmit",
];

/** What the compiler says of a program: the lines with errors, and its own words. */
export interface Verdict {
  readonly wrong: readonly string[];
  readonly output: string;
}

/** Compiles programs in a folder inside of the package, whose name then means what it exports. */
export function compiler(name: string): {
  /** With `all`, the declarations of the library are checked as well. */
  compile: (program: string, lines: readonly string[], all?: "all") => Verdict;
  remove: () => void;
} {
  const folder = fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
  mkdirSync(folder, { recursive: true });
  return {
    compile(program, lines, all) {
      const file = join(folder, `${program}.ts`);
      writeFileSync(file, lines.join("\n"));
      const args = [tsc, "--ignoreConfig", ...flags, "--skipLibCheck", String(all === undefined), file];
      const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
      const numbers = new Set([...stdout.matchAll(/^\S+\.ts\((\d+),\d+\): error/gm)].map(([, line]) => Number(line)));
      return { wrong: lines.filter((_, i) => numbers.has(i + 1)), output: stdout };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
