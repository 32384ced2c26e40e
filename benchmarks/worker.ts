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
import type { Answer, Request } from "./side.js";
import { loadTensorFlow } from "./tensorflow.js";

const [library, threads, data] = process.argv.slice(2) as [string, string, string];
torch.setNumThreads(Number(threads));
const tf = library === "tensorflow" ? await loadTensorFlow() : undefined;

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

let current: string | undefined;
let run: () => unknown = () => undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const { name, times } = JSON.parse(line) as Request;
  let answer: Answer;
  try {
    if (name !== current) {
      run = prepare(name);
      current = name;
    }
    answer = { seconds: await seconds(run, times) };
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
