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
  /** Here and in the places after it: whether each worker has the job, and so the memory that was lent with it. */
  HasJob,
}

/** The pass of a pool that has nothing to do; others count from 1. */
export const idle = 0;
/** The pass of a pool that has stopped. */
export const stopped = -1;

/** Work for a worker. */
export interface Task {
  readonly pass: number;
  readonly order: number;
  readonly index: Packed;
}

/** What came of a task: a batch, an error, or neither at the end of a stream. */
export interface Reply {
  readonly pass: number;
  readonly order: number;
  readonly batch?: Packed;
  readonly error?: Failure;
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
  readonly baseSeed: bigint;
  readonly job: Packed;
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
