/** Events in the format of Chrome's trace viewer. */
import type { ProfilerEvent } from "./event.js";

const categories = { operation: "cpu_op", node: "autograd", user: "user_annotation" } as const;

/** The text of a trace file. */
export function chromeTrace(events: readonly ProfilerEvent[]): string {
  const traceEvents = events.map((event) => ({
    ph: "X",
    cat: categories[event.kind],
    name: event.name,
    pid: process.pid,
    tid: event.isBackward ? "backward" : "forward",
    ts: event.start,
    dur: event.cpuTimeTotal,
    args: {
      ...(event.inputShapes && { "Input Dims": event.inputShapes }),
      ...(event.cpuMemoryUsage !== 0 && { Bytes: event.cpuMemoryUsage }),
    },
  }));
  return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents })}\n`;
}
