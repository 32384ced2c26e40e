/**
 * Signals to the process that are asked for: a loop that does not come back to the event loop hears of none, since
 * Node tells of them only there.
 */
import { begin, kernel, launch, put, resultAt } from "./cpu/block.js";

const watchKernel = kernel("watchSignal");
const unwatchKernel = kernel("unwatchSignal");
const receivedKernel = kernel("receivedSignal");

/** How many watch each signal. */
const watchers = new Map<number, number>();

function tell(run: typeof watchKernel, signal: number): void {
  const list = begin();
  put(signal);
  launch(run, list);
}

/** Notes the next signal of a number, which then does not end the process; one that follows it does. */
export function watchSignal(signal: number): void {
  watchers.set(signal, (watchers.get(signal) ?? 0) + 1);
  tell(watchKernel, signal);
}

/** Ends what `watchSignal` began; when nobody watches any more, the signal does what it did before. */
export function unwatchSignal(signal: number): void {
  const left = (watchers.get(signal) ?? 1) - 1;
  watchers.set(signal, left);
  if (left === 0) tell(unwatchKernel, signal);
}

/** The number of the last signal that was noted; 0 if there was none. */
export function receivedSignal(): number {
  launch(receivedKernel, begin());
  return resultAt(0);
}
