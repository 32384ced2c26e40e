/** Writes checkpoints in another thread, one at a time, from memory that is used again for the next. */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { startThread } from "../data/workers/thread.js";
import { MemorySink } from "../serialization/files/replaceFile.js";
import type { SaveDraft } from "../serialization/save.js";
import type { Retention } from "./folder.js";
import type { WriteFailure, WriteOrder } from "./writerThread.js";

/** Those that may have something under way when the process ends. */
const active = new Set<BackgroundWriter>();

let listens = false;

/** Lets the end of the process wait for what is under way. */
function listen(): void {
  if (listens) return;
  listens = true;
  process.on("exit", () => {
    for (const writer of active) {
      const failure = writer.wait();
      if (failure !== undefined) process.stderr.write(`${failure.message}\n`);
    }
  });
}

export class BackgroundWriter {
  #thread: Worker | undefined;
  #port: MessagePort | undefined;
  #memory = new SharedArrayBuffer(0);
  /** Whether what was ordered last is done: 1 if so. */
  #done: Int32Array | undefined;

  /**
   * Copies what is to be saved, and lets the thread write it.
   *
   * @returns why the one before could not be written, if so.
   */
  write(path: string, draft: SaveDraft, retention: Retention): Error | undefined {
    const failure = this.wait();
    // Room for a little growth, so that it is rarely made anew.
    if (draft.size > this.#memory.byteLength) this.#memory = new SharedArrayBuffer(Math.ceil(draft.size * 1.05));
    const sink = new MemorySink(new Uint8Array(this.#memory));
    draft.write(sink);
    this.#done = new Int32Array(new SharedArrayBuffer(4));
    const order: WriteOrder = { path, bytes: sink.result(), retention, done: this.#done };
    this.#start().postMessage(order);
    active.add(this);
    listen();
    return failure;
  }

  #start(): MessagePort {
    if (this.#port === undefined) {
      const { port1, port2 } = new MessageChannel();
      this.#thread = startThread("writerThread", import.meta.url, { workerData: port2, transferList: [port2] });
      this.#thread.unref();
      this.#port = port1;
      port1.unref();
    }
    return this.#port;
  }

  /** Waits until nothing is under way any more; returns why the last checkpoint could not be written, if so. */
  wait(): Error | undefined {
    if (this.#done === undefined) return undefined;
    Atomics.wait(this.#done, 0, 0);
    this.#done = undefined;
    active.delete(this);
    const failure = receiveMessageOnPort(this.#port as MessagePort)?.message as WriteFailure | undefined;
    return failure && errorOf(failure);
  }

  /** Waits, and ends the thread. */
  close(): Error | undefined {
    const failure = this.wait();
    void this.#thread?.terminate();
    this.#thread = undefined;
    this.#port?.close();
    this.#port = undefined;
    return failure;
  }
}

function errorOf({ message, code }: WriteFailure): Error {
  const error = new Error(message);
  return code === undefined ? error : Object.assign(error, { code });
}
