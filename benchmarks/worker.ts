/**
 * Flambeau's side of the suite, and TensorFlow.js's: runs the case that it is told and answers with the time that
 * it took. As in a program of its own, nothing is done about the collector before, between or after, and what a
 * round leaves for the event loop to do counts as part of it.
 *
 *     node worker.js flambeau|tensorflow THREADS DATA_FOLDER
 */
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers/promises";
import torch from "flambeau";
import { findCase } from "./cases/index.js";
import { type Outcome, outcomeOf } from "./outcome.js";
import { PeakMemory } from "./peakMemory.js";
import type { Answers, Request } from "./side.js";
import { loadTensorFlow } from "./tensorflow.js";

const [library, threads, data] = process.argv.slice(2) as [string, string, string];
torch.setNumThreads(Number(threads));
const tf = library === "tensorflow" ? await loadTensorFlow() : undefined;
const peak = new PeakMemory();

function prepare(name: string): () => unknown {
  const { flambeau, tensorflow } = findCase(name);
  if (!tf) return flambeau({ data });
  if (!tensorflow) throw new Error("this case has no statement for TensorFlow.js");
  return tensorflow(tf);
}

async function seconds(run: () => unknown, times: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < times; i++) run();
  await setImmediate();
  return (performance.now() - start) / 1000;
}

function outcome(name: string): Outcome | null {
  torch.manualSeed(0);
  return outcomeOf(prepare(name)());
}

let current: string | undefined;
let run: () => unknown = () => undefined;

function flops(): number {
  const counter = new torch.utils.flopCounter.FlopCounterMode({ display: false });
  counter.run(run);
  return counter.getTotalFlops();
}

async function answer({ task, name, times }: Request): Promise<Answers[Request["task"]]> {
  if (task === "memory") return peak.bytes;
  if (task === "outcome") return outcome(name);
  if (name !== current) {
    run = prepare(name);
    current = name;
  }
  return task === "flops" ? flops() : await seconds(run, times);
}

for await (const line of createInterface({ input: process.stdin })) {
  let result: { readonly answer: unknown } | { readonly error: string };
  try {
    result = { answer: await answer(JSON.parse(line) as Request) };
  } catch (error) {
    result = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
