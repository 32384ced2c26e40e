/** Which folder may import which: arrows point down only. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** The folders of src/, lowest first, each with what it may use beside what is below it in `core`. */
const layers: Record<string, { readonly uses: readonly string[]; readonly holds: string }> = {
  core: { uses: [], holds: "what a tensor is: dtypes, shapes, promotion, memory; nothing of Node" },
  backend: { uses: ["core"], holds: "what a device gives, and the kernels of the CPU" },
  arguments: { uses: ["core", "backend"], holds: "reading the arguments of calls" },
  autograd: { uses: ["core", "backend", "arguments"], holds: "the graph of derivatives; it knows no operation" },
  members: { uses: ["core", "backend", "arguments"], holds: "printing and reading of values" },
  ops: { uses: ["core", "backend", "arguments", "autograd"], holds: "operations with their derivatives" },
  nn: { uses: ["core", "arguments", "autograd", "ops"], holds: "modules, and the face of their functions" },
  distributions: {
    uses: ["core", "arguments", "autograd", "ops", "nn"],
    holds: "probability distributions, transforms, constraints",
  },
  checkpoint: {
    uses: ["core", "arguments", "backend", "autograd", "ops", "nn"],
    holds: "computing again in the backward pass",
  },
  transforms: {
    uses: ["core", "backend", "arguments", "autograd", "ops", "nn"],
    holds: "functions of functions, and programs as data",
  },
  optim: { uses: ["core", "backend", "arguments", "autograd", "ops", "nn"], holds: "optimizers, schedules, averages" },
  amp: { uses: ["core", "arguments", "autograd", "ops", "optim"], holds: "training in a lower precision" },
  profiler: {
    uses: ["core", "backend", "arguments", "autograd", "members", "ops", "nn"],
    holds: "what a program does, and where its time goes",
  },
  serialization: {
    uses: ["core", "arguments", "backend", "ops", "nn"],
    holds: "values and tensors in files, of PyTorch and others",
  },
  data: { uses: ["core", "arguments", "backend", "ops"], holds: "data sets, samplers, loaders" },
  training: {
    uses: ["core", "arguments", "backend", "serialization", "data"],
    holds: "checkpoints from which training goes on",
  },
  hub: { uses: ["core", "arguments", "serialization"], holds: "published weights, fetched from the network" },
  cli: { uses: ["core", "nn", "serialization"], holds: "the command that looks into files" },
};

/** Imports that the table does not allow, by file, each with its reason. */
const exceptions: Record<string, readonly string[]> = {
  // A worker thread imports the whole library, as a program does.
  "data/workers/worker.ts": ["index.ts"],
  // So does the command.
  "cli/program.ts": ["index.ts"],
};

const src = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "src");

interface Import {
  readonly from: string;
  readonly to: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    ([, specifier]) => specifier as string,
  );
  return specifiers.map((to) => ({
    from: file,
    to: to.startsWith(".") ? normalize(join(dirname(file), to)).replace(/\.js$/, ".ts") : to,
  }));
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const imports = files.flatMap(importsOf);
const folderOf = (file: string): string | undefined => (file.includes("/") ? file.split("/")[0] : undefined);

test("every folder is a layer", () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== undefined));
  assert.deepEqual([...folders].sort(), Object.keys(layers).sort());
});

test("a file imports from its own folder and from those that its layer may use", () => {
  const wrong = imports.flatMap(({ from, to }) => {
    const [own, other] = [folderOf(from), to.endsWith(".ts") ? folderOf(to) : undefined];
    if (own === undefined || exceptions[from]?.includes(to)) return [];
    if (to.endsWith(".ts") && other === undefined) {
      return `${from} imports ${to}: what stands beside the folders is for users; import the file that defines it`;
    }
    if (other === undefined || other === own || layers[own]?.uses.includes(other)) return [];
    const uses = layers[own]?.uses.join(", ") || "nothing";
    return `${from} imports ${to}: ${own}/ (${layers[own]?.holds}) may use ${uses}; move the line to a folder above ${other}/`;
  });
  assert.deepEqual(wrong, []);
});

test("what is of one device alone is used inside backend/ alone", () => {
  const wrong = imports.filter(({ from, to }) => /^backend\/(cpu|meta)\//.test(to) && folderOf(from) !== "backend");
  const advice = "import kernels from backend/kernels.ts, and all else from a file beside it";
  assert.deepEqual(
    wrong.map(({ from, to }) => `${from} imports ${to}: ${advice}`),
    [],
  );
});

test("what is of Node alone is used by the host of the kernels, and by layers that only Node can have", () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      to.startsWith("node:") && /^(backend\/(?!cpu\/host\/)|ops|nn|optim|autograd|arguments)/.test(from),
  );
  assert.deepEqual(wrong, []);
});

test("numbers are read by way of backend/reading.ts", () => {
  // The state of a generator is on the CPU; files are read by a function of the same name.
  const door = /\b(readSync|countNonzeroElements|countRuns)\b|\.readElement\(/;
  const wrong = files.filter(
    (file) =>
      !/^(backend\/(cpu|meta|contract|kernels|reading|generator)|serialization\/files)\b/.test(file) &&
      door.test(readFileSync(join(src, file), "utf8")),
  );
  assert.deepEqual(wrong, []);
});

test("the layers are in order: each uses only those before it", () => {
  const order = Object.keys(layers);
  for (const [name, { uses }] of Object.entries(layers)) {
    for (const used of uses) assert.ok(order.indexOf(used) < order.indexOf(name), `${name} uses ${used}`);
  }
});

test("no modules import each other in a circle: any of them may be the first that is imported", () => {
  const compiled = fileURLToPath(new URL("../../src/", import.meta.url));
  /** What a module imports once its types are gone. */
  const needs = (file: string): string[] => {
    const text = readFileSync(join(compiled, file), "utf8");
    const relative = text.matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";/gm);
    return [...relative].map(([, to]) => normalize(join(dirname(file), to as string)));
  };
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) circles.push([...path.slice(start), file].join(" imports "));
    if (start >= 0 || done.has(file)) return;
    for (const needed of needs(file)) visit(needed, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file.replace(/\.ts$/, ".js"), []);
  assert.ok(done.size > 300);
  assert.deepEqual(circles, []);
});

test("core imports no module of Node", () => {
  const ofNode = imports.filter(({ from, to }) => folderOf(from) === "core" && !to.endsWith(".ts"));
  assert.deepEqual(ofNode, []);
});

test("no exception stands that is not needed", () => {
  for (const [from, targets] of Object.entries(exceptions)) {
    for (const to of targets) {
      assert.ok(
        imports.some((one) => one.from === from && one.to === to),
        `${from} does not import ${to} any more; take it off the list`,
      );
    }
  }
});
