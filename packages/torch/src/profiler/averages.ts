/** Events added up by name. */
import type { ProfilerEvent } from "./event.js";
import { formatTable, type SortKey } from "./table.js";

/** All events of one name, and if asked for of one list of shapes. */
export class EventAverage {
  /** How many events. */
  count = 0;
  /** Microseconds from start to end. */
  cpuTimeTotal = 0;
  /** Microseconds without those of the events inside. */
  selfCpuTimeTotal = 0;
  /** Bytes that were set aside, less those that were given back. */
  cpuMemoryUsage = 0;
  /** Bytes without those of the events inside. */
  selfCpuMemoryUsage = 0;
  /** Floating-point operations, where they were asked for. */
  flops = 0;

  constructor(
    readonly key: string,
    readonly isBackward: boolean,
    readonly inputShapes: readonly (readonly number[])[] | undefined,
  ) {}

  /** Microseconds of one call. */
  get cpuTime(): number {
    return this.count === 0 ? 0 : this.cpuTimeTotal / this.count;
  }

  add(event: ProfilerEvent): void {
    this.count++;
    // What is inside of an event of the same name is counted there.
    if (!isInsideOfItsLike(event)) {
      this.cpuTimeTotal += event.cpuTimeTotal;
      this.cpuMemoryUsage += event.cpuMemoryUsage;
    }
    this.selfCpuTimeTotal += event.selfCpuTimeTotal;
    this.selfCpuMemoryUsage += event.selfCpuMemoryUsage;
    this.flops += event.flops;
  }
}

function isInsideOfItsLike(event: ProfilerEvent): boolean {
  for (let outer = event.parent; outer !== undefined; outer = outer.parent) if (outer.key === event.key) return true;
  return false;
}

/** How events are printed. */
export interface TableOptions {
  /** A field in PyTorch's spelling, such as `"cpu_time_total"`; the order of the first calls if left out. */
  sortBy?: SortKey;
  /** The most rows; 100 unless said. */
  rowLimit?: number;
}

/** A list of sums of events. */
export class EventAverages extends Array<EventAverage> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /**
   * The sums as PyTorch prints them, a row each.
   *
   * @example console.log(profile.keyAverages().table({ sortBy: "self_cpu_time_total", rowLimit: 10 }));
   */
  table({ sortBy, rowLimit = 100 }: TableOptions = {}): string {
    return formatTable(this, sortBy, rowLimit);
  }
}

/** Adds up events by name, and by the shapes of their inputs if asked for. */
export function average(events: readonly ProfilerEvent[], groupByInputShape: boolean): EventAverages {
  const groups = new Map<string, EventAverage>();
  for (const event of events) {
    const shapes = groupByInputShape ? (event.inputShapes ?? []) : undefined;
    const key = `${event.key} ${JSON.stringify(shapes)}`;
    let group = groups.get(key);
    if (group === undefined) {
      group = new EventAverage(event.key, event.isBackward, shapes);
      groups.set(key, group);
    }
    group.add(event);
  }
  return EventAverages.from(groups.values()) as EventAverages;
}
