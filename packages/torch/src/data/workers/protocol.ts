/** What the main thread, the supervisor and the workers say to each other. */
import type { MessagePort } from "node:worker_threads";
import type { FetchJob } from "../fetch.js";
import type { Failure } from "./failure.js";
import type { Packed } from "./pack.js";

/** Places in the memory that all threads see. */
export const enum Signal {
  /** Counts messages to the main thread, which waits for it to change. */
  Messages,
  /** Which pass over the data is under way; work of an earlier one is not done any more. */
  Pass,
  /** Whether the supervisor runs. */
  Started,
  /** Here and after it the places of each worker. */
  OfWorkers,
}

/** Where it stands whether a worker has the job, and so the memory that was lent with it. */
export const hasJobAt = (worker: number): number => Signal.OfWorkers + 2 * worker;
/** Where the number of the last rest stands that a worker began. */
export const restAt = (worker: number): number => Signal.OfWorkers + 2 * worker + 1;
/** How many places there are. */
export const signalsOf = (numWorkers: number): number => Signal.OfWorkers + 2 * numWorkers;

/** The pass of a pool that has nothing to do; others count from 1. */
export const idle = 0;
/** The pass of a pool that has stopped. */
export const stopped = -1;

/** What a worker works on from now on, with random numbers that begin anew. */
export interface Begin {
  readonly job: Packed;
  readonly baseSeed: bigint;
  /** States from which its generators go on; none where they begin with the seed. */
  readonly generators: readonly Uint8Array[];
}

/** The job is done, and a worker may forget it. Rests are counted. */
export interface Rest {
  readonly rest: number;
}

/** Work for a worker. */
export interface Task {
  readonly pass: number;
  readonly order: number;
  readonly index: Packed;
}

/** What the main thread sends to a worker; null ends it. */
export type Order = Begin | Task | Rest | null;

/** What came of a task: a batch, an error, or neither at the end of a stream. */
export interface Reply {
  readonly pass: number;
  readonly order: number;
  readonly batch?: Packed;
  readonly error?: Failure;
  /** The states of the worker's generators behind this task, where they are not those behind the one before. */
  readonly generators?: readonly Uint8Array[];
}

/** The supervisor's word that a worker is gone. */
export interface Death {
  readonly worker: number;
  readonly exitCode: number;
  readonly error?: Failure;
}

/** What a worker works on. */
export interface WorkerJob extends FetchJob {
  readonly workerInitFn: ((id: number) => unknown) | undefined;
}

/** What a worker is started with. */
export interface WorkerStart {
  readonly id: number;
  readonly numWorkers: number;
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

/** What the supervisor is started with. */
export interface SupervisorStart {
  readonly workers: readonly WorkerStart[];
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

/** Sends a message to the main thread, and wakes it up. */
export function notify(port: MessagePort, signal: Int32Array, message: Reply | Death): void {
  port.postMessage(message);
  Atomics.add(signal, Signal.Messages, 1);
  Atomics.notify(signal, Signal.Messages);
}
