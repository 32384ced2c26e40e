/** A thread that gets batches for the main thread. */
import { workerData } from "node:worker_threads";
import { defaultGenerator } from "../../backend/generator.js";
import "../../index.js";
import { createFetcher, type Fetcher } from "../fetch.js";
import { failureOf } from "./failure.js";
import { setWorkerInfo, setWorkerStarting } from "./info.js";
import { importModules, pack, unpack } from "./pack.js";
import { idle, notify, type Reply, Signal, type Task, type WorkerJob, type WorkerStart } from "./protocol.js";

const { id, numWorkers, baseSeed, job: packedJob, port, signal } = workerData as WorkerStart;

async function start(): Promise<WorkerJob> {
  setWorkerStarting(true);
  await importModules(packedJob);
  setWorkerStarting(false);
  Atomics.store(signal, Signal.HasJob + id, 1);
  const job = unpack(packedJob) as WorkerJob;
  const generator = defaultGenerator.manualSeed(BigInt.asUintN(64, baseSeed + BigInt(id)));
  setWorkerInfo({ id, numWorkers, seed: generator.initialSeed(), dataset: job.dataset });
  await job.workerInitFn?.(id);
  return job;
}

type Work = (task: Task) => ReturnType<Fetcher>;

/** Gets what tasks ask for; each pass begins with a new fetcher, so that streams begin again. */
function worksOn(job: WorkerJob): Work {
  let current = idle;
  let fetcher: Fetcher;
  return ({ pass, index }) => {
    if (pass !== current) fetcher = createFetcher(job);
    current = pass;
    return fetcher(unpack(index));
  };
}

/** Fails every task, with an error that has the stack of what went wrong at the start. */
function failsWith(error: unknown): Work {
  return () => {
    throw error;
  };
}

function replyTo(task: Task, work: Work): Reply {
  const { pass, order } = task;
  try {
    const { done, value } = work(task);
    return done ? { pass, order } : { pass, order, batch: pack(value, "batch") };
  } catch (error) {
    return { pass, order, error: failureOf(error) };
  }
}

function serve(work: Work): void {
  // `null` tells that the pool stops. Nobody waits for tasks of an earlier pass.
  port.on("message", (task: Task | null) => {
    if (task === null) port.close();
    else if (task.pass === Atomics.load(signal, Signal.Pass)) notify(port, signal, replyTo(task, work));
    else unpack(task.index);
  });
}

start().then(worksOn, failsWith).then(serve);
