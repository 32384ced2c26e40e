/**
 * Runs each case through Flambeau and through PyTorch in turn, in the same run and with the same number of threads,
 * and prints both medians, their ratio, and how near the machine's own limit Flambeau comes.
 *
 *     npm run bench -- --only matmul --threads 1 --json results.json
 */
import { rmSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { check } from "./check.js";
import { type Chosen, choose } from "./choose.js";
import { generateFashionMNIST, hasFashionMNIST } from "./data.js";
import { describeMachine, findPyTorch, Limits } from "./machine.js";
import { type Bench, measure, type Row, type Sides } from "./measure.js";
import { format, head, type Results, type Run, summary } from "./report.js";
import { Side } from "./side.js";
import { hasTensorFlow, installTensorFlow } from "./tensorflow.js";

const usage = `npm run bench -- [options]
  --only TEXT      the cases whose theme and name have this text in them, or match it as a regular expression
  --threads 1,2    the numbers of threads, one after the other
  --rounds 7       rounds of each case, of both sides in turn (3 for what takes long)
  --data data      the folder that holds FashionMNIST; without it the images are random
  --json FILE      writes the results; benchmarks/dist/table.js makes a page of one or more
  --python FILE    the Python that has PyTorch; else /usr/bin/python3, or python3
  --tfjs           compares with TensorFlow.js too
  --check          compares what both sides compute, from one seed, and measures nothing
  --list           prints the names of the cases`;

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    threads: { type: "string", default: "1,2" },
    rounds: { type: "string", default: "7" },
    data: { type: "string", default: "data" },
    json: { type: "string" },
    python: { type: "string" },
    tfjs: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`"${text}" is not a number of threads or rounds`);
}

/** How the sides are started, with so many threads. */
function starter(threads: number, data: string, python: string | undefined): Bench["start"] {
  const starts = {
    flambeau: () => Side.node("flambeau", threads, data),
    pytorch: () => (python === undefined ? undefined : Side.pytorch(python, threads, data)),
    tensorflow: () => (options.tfjs ? Side.node("tensorflow", threads, data) : undefined),
  };
  return (library) => starts[library]();
}

function sidesOf(start: Bench["start"]): Sides {
  return { flambeau: start("flambeau"), pytorch: start("pytorch"), tensorflow: start("tensorflow") };
}

async function runWith(threads: number, rounds: number, chosen: Chosen, start: Bench["start"]): Promise<Run> {
  const bench: Bench = { threads, rounds, sides: sidesOf(start), start, limits: Limits.build() };
  const gigaflops = async (bytes: 4 | 8) => ((await bench.limits?.peak(bytes, threads)) ?? 0) / 1e9;
  const rows: Row[] = [];
  console.log(head(threads));
  for (const [theme, work] of chosen) {
    const row = await measure(theme, work, bench);
    console.log(format(row));
    rows.push(row);
  }
  const peak = bench.limits && { float32: await gigaflops(4), float64: await gigaflops(8) };
  for (const part of [...Object.values(bench.sides), bench.limits]) part?.end();
  return { threads, peak, rows };
}

/** What repeats this run, the environment that matters to it included. */
function commandLine(): string {
  const variables = ["OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY", "FLAMBEAU_ISA"].flatMap((name) =>
    process.env[name] === undefined ? [] : `${name}=${process.env[name]}`,
  );
  const quoted = process.argv.slice(2).map((word) => (/^[\w,./:=-]+$/.test(word) ? word : `"${word}"`));
  return [...variables, "npm run bench --", ...quoted].join(" ");
}

async function main(): Promise<void> {
  if (options.help) return console.log(usage);
  const chosen = choose(options.only);
  if (options.list) return console.log(chosen.map(([theme, { name }]) => `${theme}: ${name}`).join("\n"));
  const threadCounts = options.threads.split(",").map(count);
  const rounds = count(options.rounds);
  if (options.tfjs && !hasTensorFlow()) {
    throw new Error(`TensorFlow.js is not installed. To do so:\n  ${installTensorFlow}`);
  }
  const found = findPyTorch(options.python ? [options.python] : ["/usr/bin/python3", "python3"]);
  if (!found) console.log("There is no Python with PyTorch and torchvision: Flambeau runs alone.");
  const generated = !hasFashionMNIST(options.data);
  const needsData = chosen.some(([, { images }]) => images);
  if (generated && needsData) console.log(`There is no FashionMNIST in ${options.data}: the images are random.`);
  const data = generated && needsData ? generateFashionMNIST() : options.data;
  const results: Results & { runs: Run[] } = {
    command: commandLine(),
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    pytorch: found?.version,
    generatedData: generated,
    runs: [],
  };
  try {
    for (const threads of threadCounts) {
      const start = starter(threads, data, found?.python);
      if (options.check) {
        process.exitCode = (await check(chosen, sidesOf(start))) ? 0 : 1;
        return;
      }
      const run = await runWith(threads, rounds, chosen, start);
      console.log(summary(run));
      results.runs.push(run);
      if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
    }
  } finally {
    if (data !== options.data) rmSync(data, { recursive: true });
  }
  if (results.runs.some(({ rows }) => rows.some(({ errors }) => errors.length > 0))) process.exitCode = 1;
}

await main();
