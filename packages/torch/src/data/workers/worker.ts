/** A thread that gets batches for the main thread. */
import { workerData } from "node:worker_threads";
import { releaseUnused } from "../../backend/arrays.js";
import { defaultGenerator, type Generator } from "../../backend/generator.js";
import { setOwnNumThreads } from "../../backend/threads.js";
import "../../index.js";
import { createFetcher, type Fetcher } from "../fetch.js";
import { failureOf } from "./failure.js";
import { WorkerGenerators } from "./generators.js";
import { setWorkerInfo, setWorkerStarting } from "./info.js";
import { importModules, pack, unpack } from "./pack.js";
import {
  type Begin,
  hasJobAt,
  idle,
  notify,
  type Order,
  type Reply,
  restAt,
  Signal,
  type Task,
  type WorkerJob,
  type WorkerStart,
} from "./protocol.js";

const { id, numWorkers, port, signal } = workerData as WorkerStart;

// Workers are beside each other already: kernels in each of them that shared the pool would take turns with the others.
setOwnNumThreads(1);

interface Started {
  readonly job: WorkerJob;
  readonly generators: WorkerGenerators;
}

async function start({ job: packedJob, baseSeed, generators: states }: Begin): Promise<Started> {
  setWorkerStarting(true);
  await importModules(packedJob);
  setWorkerStarting(false);
  Atomics.store(signal, hasJobAt(id), 1);
  const own: Generator[] = [];
  const job = unpack(packedJob, own) as WorkerJob;
  const seeded = defaultGenerator.manualSeed(BigInt.asUintN(64, baseSeed + BigInt(id)));
  setWorkerInfo({ id, numWorkers, seed: seeded.initialSeed(), dataset: job.dataset });
  await job.workerInitFn?.(id);
  return { job, generators: new WorkerGenerators([defaultGenerator, ...own], states) };
}

type Work = (task: Task) => Omit<Reply, "pass" | "order">;

/** Gets what tasks ask for; each pass begins with a new fetcher, so that streams begin again. */
function worksOn({ job, generators }: Started): Work {
  let current = idle;
  let fetcher: Fetcher;
  return ({ pass, index }) => {
    if (pass !== current) {
      fetcher = createFetcher(job);
      generators.tellAgain();
    }
    current = pass;
    const { done, value } = fetcher(unpack(index));
    return { batch: done ? undefined : pack(value, "batch"), generators: generators.news() };
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
    return { pass, order, ...work(task) };
  } catch (error) {
    return { pass, order, error: failureOf(error) };
  }
}

/** Nobody waits for tasks of an earlier pass. */
function serve(task: Task, work: Work): void {
  if (task.pass === Atomics.load(signal, Signal.Pass)) notify(port, signal, replyTo(task, work));
  else unpack(task.index);
}

/** After how many milliseconds of rest memory is let go; where the next pass begins at once it would only take time. */
const tidyAfter = 100;

/** What to work with, once it is there. */
let work: Promise<Work> | undefined;
let tidying: NodeJS.Timeout | undefined;

function begin(order: Begin): void {
  clearTimeout(tidying);
  work = start(order).then(worksOn, failsWith);
}

/** Forgets the job, and says so. */
function rest(count: number): void {
  work = undefined;
  setWorkerInfo(undefined);
  Atomics.store(signal, restAt(id), count);
  Atomics.notify(signal, restAt(id));
  tidying = setTimeout(releaseUnused, tidyAfter).unref();
}

port.on("message", (order: Order) => {
  if (order === null) port.close();
  else if ("job" in order) begin(order);
  else if ("rest" in order) work?.then(() => rest(order.rest));
  else work?.then((working) => serve(order, working));
});
