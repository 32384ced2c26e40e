/**
 * Makes random calls, in a process of their own, while worker threads that do the same come and go. Run it as
 *
 *     FLAMBEAU_FUZZ_SEED=1 FLAMBEAU_FUZZ_FROM=0 FLAMBEAU_FUZZ_CALLS=1 node dist/test/robustness/fuzzProcess.js
 *
 * to repeat the call of a number, or all from there on. `FLAMBEAU_FUZZ_TRACE` names the file that holds, in a part for
 * each thread, the call that is being made.
 */
import { openSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

/** Bytes of the trace for each thread. */
const part = 4096;

/** After how many calls a worker starts, and how many it makes if it is let. */
const between = 4000;
const ofWorker = 500;

interface Job {
  seed: number;
  from: number;
  calls: number;
  trace: string | undefined;
  /** The part of the trace. */
  thread: number;
  shared: SharedArrayBuffer;
}

const { env } = process;
const job: Job = isMainThread
  ? {
      seed: Number(env.FLAMBEAU_FUZZ_SEED ?? 1),
      from: Number(env.FLAMBEAU_FUZZ_FROM ?? 0),
      calls: Number(env.FLAMBEAU_FUZZ_CALLS ?? 20_000),
      trace: env.FLAMBEAU_FUZZ_TRACE,
      thread: 0,
      shared: new SharedArrayBuffer(4096),
    }
  : (workerData as Job);
const goesOn = env.FLAMBEAU_FUZZ_GO_ON !== undefined;

// The library, which reads this when it is loaded, refuses tensors beyond: sizes near the limits are to be errors.
process.constrainedMemory = () => 2 ** 28;
const { Fuzzer, wrongWith } = await import("./fuzzer.js");
const { shareMemory } = await import("./values.js");

const trace = job.trace === undefined ? undefined : openSync(job.trace, "r+");
const block = Buffer.alloc(part);

function note(index: number, call: () => string): void {
  if (job.calls === 1) console.error(`call ${index}: ${call()}`);
  if (trace === undefined) return;
  block.fill(0).write(`${index} ${call()}`);
  writeSync(trace, block, 0, part, job.thread * part);
}

/** The places that were reported, each of which once is enough. */
const reported = new Set<string>();

function report(index: number, reason: string, call: string): void {
  const place = reason.split("\n").slice(0, 2).join();
  if (!reported.has(place)) announce(`call ${index}: ${call}\n${reason}`);
  reported.add(place);
}

function announce(text: string): void {
  if (parentPort !== null) return parentPort.postMessage(text);
  console.log(text);
  process.exitCode = 1;
}

function startWorker(index: number): Worker {
  const from = 1e9 + index * ofWorker;
  const data: Job = { ...job, from, calls: ofWorker, thread: 1 + (Math.floor(index / between) % 3) };
  const worker = new Worker(new URL(import.meta.url), { workerData: data });
  worker.on("message", announce);
  worker.on("error", (error) => announce(`the worker of call ${from} ended with ${error.stack ?? error}`));
  return worker;
}

shareMemory(job.shared);
const fuzzer = new Fuzzer(job.seed, note, report);
let current = job.from;
// Of a promise that a call made and nobody looked at.
process.on("unhandledRejection", (error) => {
  const reason = wrongWith(error);
  if (reason !== undefined) report(current, reason, "one of the calls before, by a promise");
});
const workers: Worker[] = [];
for (let i = 0; i < job.calls; i++) {
  current = job.from + i;
  fuzzer.step(current);
  if (i % 100 === 99) await setImmediate();
  if (process.exitCode === 1 && !goesOn) break;
  if (!isMainThread) continue;
  if (i % between === between / 2) workers.push(startWorker(job.from + i));
  // Most workers have made some of their calls by now.
  if (i % between === between - 1) void workers.pop()?.terminate();
}
if (isMainThread) {
  for (const worker of workers) await worker.terminate();
  console.log(JSON.stringify({ successes: fuzzer.successes, functions: fuzzer.seen.size }));
}
