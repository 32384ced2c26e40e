/**
 * Runs each case through Flambeau and through PyTorch in turn, in the same run and with the same number of
 * threads, and prints both medians and their ratio.
 *
 *     npm run bench -- --threads 2 --rounds 5 --data data --only "training"
 *
 * PyTorch comes from Debian's python3-torch and python3-torchvision. Their BLAS takes some new CPUs for old
 * ones, so it is told which kernels to use (OPENBLAS_CORETYPE), and its two thread pools do not spin against each
 * other (OMP_WAIT_POLICY, which makes its epoch three times as fast): the comparison is with PyTorch at its best.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import torch from "flambeau";
import { cases } from "./cases.js";

const { values: options } = parseArgs({
  options: {
    threads: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
    data: { type: "string", default: "data" },
    only: { type: "string", default: "" },
    python: { type: "string", default: "/usr/bin/python3" },
  },
});

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** PyTorch in a process of its own, which stays for the whole run. */
class PyTorch {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    const worker = fileURLToPath(new URL("../worker.py", import.meta.url));
    this.#process = spawn(options.python, [worker, options.threads, options.data], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { OPENBLAS_CORETYPE: "SkylakeX", OMP_WAIT_POLICY: "PASSIVE", ...process.env },
    });
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  async measure(name: string, runs: number): Promise<number> {
    this.#process.stdin?.write(`${runs} ${name}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`PyTorch's process ended at the case "${name}"`);
    return median(value.split(" ").map(Number));
  }

  end(): void {
    this.#process.stdin?.end();
  }
}

function measure(run: () => void, runs: number): number {
  const seconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    run();
    seconds.push((performance.now() - start) / 1000);
  }
  return median(seconds);
}

function format(seconds: number): string {
  if (seconds >= 1) return `${seconds.toFixed(2)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(2)} ms` : `${(seconds * 1e6).toFixed(1)} µs`;
}

torch.setNumThreads(Number(options.threads));
const pytorch = new PyTorch();
console.log(
  `${options.threads} threads, medians of ${options.rounds} rounds; the ratio is PyTorch's time over Flambeau's`,
);
console.log(
  `${"case".padEnd(38)} ${"Flambeau".padStart(10)} ${"PyTorch".padStart(10)} ${"ratio".padStart(7)}   spread`,
);
for (const [name, { prepare, runs }] of Object.entries(cases)) {
  if (!name.includes(options.only)) continue;
  const run = prepare(options.data);
  measure(run, runs);
  await pytorch.measure(name, runs);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    ours.push(measure(run, runs));
    theirs.push(await pytorch.measure(name, runs));
  }
  const ratios = ours.map((seconds, i) => (theirs[i] as number) / seconds);
  const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
  const line = [
    format(median(ours)).padStart(10),
    format(median(theirs)).padStart(10),
    median(ratios).toFixed(2).padStart(7),
  ];
  console.log(`${name.padEnd(38)} ${line.join(" ")}   ${spread}`);
}
pytorch.end();
