/**
 * A thread that starts the workers and says when one of them is gone.
 *
 * The main thread cannot see that itself: it hears of it only through its event loop, which stands still while a
 * `for … of` waits for a batch.
 */
import { workerData } from "node:worker_threads";
import { type Failure, failureOf } from "./failure.js";
import { notify, Signal, type SupervisorStart } from "./protocol.js";
import { startThread } from "./thread.js";

/** How long, in milliseconds, workers may take to finish what they are at when the pool stops. */
const patience = 5000;

const { workers, port, signal } = workerData as SupervisorStart;

Atomics.store(signal, Signal.Started, 1);

workers.forEach((start, id) => {
  const worker = startThread("worker", import.meta.url, { workerData: start, transferList: [start.port] });
  let error: Failure | undefined;
  worker.on("error", (reason) => {
    error = failureOf(reason);
  });
  worker.on("exit", (exitCode) => notify(port, signal, { worker: id, exitCode, error }));
});

// The only message is that the pool stops.
port.once("message", () => {
  setTimeout(() => process.exit(), patience).unref();
});
port.unref();
