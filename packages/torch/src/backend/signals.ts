/**
 * Signals to the process that are asked for: a loop that does not come back to the event loop hears of none, since
 * Node tells of them only there.
 */
import { begin, kernel, launch, put, resultAt } from "./cpu/block.js";

const watchKernel = kernel("watchSignal");
const receivedKernel = kernel("receivedSignal");

/** Notes the next signal of a number, which then does not end the process; one that follows it does. */
export function watchSignal(signal: number): void {
  const list = begin();
  put(signal);
  launch(watchKernel, list);
}

/** The number of the last signal that was noted; 0 if there was none. */
export function receivedSignal(): number {
  launch(receivedKernel, begin());
  return resultAt(0);
}
