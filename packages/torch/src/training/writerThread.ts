/** A thread that writes checkpoints to the disk while the program goes on. */
import { type MessagePort, workerData } from "node:worker_threads";
import { share } from "../backend/arrays.js";
import { type Retention, writeCheckpoint } from "./folder.js";

/** What the thread is told to write. */
export interface WriteOrder {
  readonly path: string;
  /** Memory that both threads see. */
  readonly bytes: Uint8Array;
  readonly retention: Retention;
  /** Becomes 1 when it is done. */
  readonly done: Int32Array;
}

/** Why a checkpoint could not be written. A copy of an error on its way to another thread would lose the code. */
export interface WriteFailure {
  readonly message: string;
  /** That of the system, such as `"ENOSPC"`. */
  readonly code: string | undefined;
}

const port = workerData as MessagePort;

port.on("message", ({ path, bytes, retention, done }: WriteOrder) => {
  try {
    writeCheckpoint(
      path,
      (sink) => sink.writeMemory(0, { storage: share(bytes), start: 0, nbytes: bytes.length }, 0),
      retention,
    );
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    port.postMessage({ message, code } satisfies WriteFailure);
  }
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});
