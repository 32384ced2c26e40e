/** The most memory that this process has had resident at once since the mark was made, beyond what it had then. */
import { readFileSync, writeFileSync } from "node:fs";

const kibibyte = 1024;

export class PeakMemory {
  readonly #before = process.memoryUsage.rss();

  constructor() {
    try {
      // Linux forgets the peak so far: that of loading the libraries.
      writeFileSync("/proc/self/clear_refs", "5");
    } catch {
      // Elsewhere the peak is that of the whole life.
    }
  }

  get bytes(): number {
    return kibibyte * peakKibibytes() - this.#before;
  }
}

/** What the kernel says of this program; the other count begins with what the parent had before this was loaded. */
function peakKibibytes(): number {
  try {
    return Number(/^VmHWM:\s*(\d+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
