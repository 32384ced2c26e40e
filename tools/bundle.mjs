// Bundles what tsc made of the core package into a few files: reading hundreds of small ones is most of the time that
// an import takes. Tests read the small ones; programs, and the packages beside the core, get the bundle. Where ES modules
// cannot be required (Node.js before 20.19 and 22.12, Jest as it is set up at first) `require` gets it as CommonJS.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";

const torch = join(dirname(fileURLToPath(import.meta.url)), "..", "packages", "torch");
const compiled = join(torch, "dist", "src");
const bundled = join(torch, "dist", "lib");

/** What programs and threads begin with, by the name of its file in the bundle. */
const entries = {
  index: "index.js",
  arguments: "arguments/index.js",
  files: "serialization/files/index.js",
  worker: "data/workers/worker.js",
  supervisor: "data/workers/supervisor.js",
  writerThread: "training/writerThread.js",
  fetchFile: "hub/fetchFile.js",
  cli: "cli/program.js",
};

/** Lets the bundle's source maps lead to the TypeScript. */
const sourceMaps = {
  name: "source-maps",
  load: (path) => ({ code: readFileSync(path, "utf8"), map: readFileSync(`${path}.map`, "utf8") }),
};

const callers = join(compiled, "core", "callers.js");

/** The places in a syntax tree of what is thrown. */
function* thrown(node) {
  if (Array.isArray(node)) for (const one of node) yield* thrown(one);
  if (typeof node?.type !== "string") return;
  if (node.type === "ThrowStatement") yield node.argument;
  for (const child of Object.values(node)) if (typeof child === "object") yield* thrown(child);
}

/** Has the stack of every error that the library throws begin at the line of the caller (core/callers.ts). */
const callersFirst = {
  name: "callers-first",
  transform(code, path) {
    const places = path === callers ? [] : [...thrown(this.parse(code))];
    if (places.length === 0) return null;
    // From the last to the first, which come to stand elsewhere otherwise.
    const edits = places
      .flatMap(({ start, end }) => [
        [start, "atCaller$("],
        [end, ")"],
      ])
      .sort(([a], [b]) => b - a);
    for (const [place, text] of edits) code = code.slice(0, place) + text + code.slice(place);
    return { code: `${code}\nimport { atCaller as atCaller$ } from ${JSON.stringify(callers)};`, map: null };
  },
};

/** Warnings about what is meant: tsc's code for `using` looks at a \`this\` that modules do not have. */
const harmless = new Set(["THIS_IS_UNDEFINED", "CIRCULAR_DEPENDENCY"]);

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Whether the bundle is younger than what it is made of. */
function isUpToDate() {
  const inputs = [join(torch, "dist", "tsconfig.tsbuildinfo"), fileURLToPath(import.meta.url)];
  const outputs = Object.keys(entries).flatMap((name) => [`${name}.js`, `${name}.cjs`]);
  const oldest = Math.min(...outputs.map((name) => timeOf(join(bundled, name))));
  return inputs.every((path) => timeOf(path) < oldest);
}

async function bundle() {
  const build = await rollup({
    input: Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, join(compiled, path)])),
    external: /^node:/,
    plugins: [sourceMaps, callersFirst],
    treeshake: false,
    onLog: (level, log, handle) => harmless.has(log.code) || handle(level, log),
  });
  const common = { dir: bundled, generatedCode: { preset: "es2015", symbols: true } };
  await build.write({ ...common, format: "es", sourcemap: true, chunkFileNames: "shared-[name].js" });
  const cjs = { entryFileNames: "[name].cjs", chunkFileNames: "shared-[name].cjs" };
  await build.write({ ...common, ...cjs, format: "cjs", exports: "named" });
  await build.close();
}

if (!isUpToDate()) await bundle();
