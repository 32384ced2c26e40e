/** What a profile holds: one event for each call of an operation, node of a backward pass or stretch of the user's. */

/** Which kind of work an event stands for. */
export type EventKind = "operation" | "node" | "user";

/** A stretch of time in which one thing was done. Times are in microseconds from the start of the profile. */
export class ProfilerEvent {
  end = Number.NaN;
  readonly children: ProfilerEvent[] = [];
  /** Bytes of tensor memory that were set aside, less those that were given back. */
  cpuMemoryUsage = 0;

  constructor(
    readonly name: string,
    readonly kind: EventKind,
    /** Whether it belongs to a backward pass. */
    readonly isBackward: boolean,
    readonly start: number,
    readonly parent: ProfilerEvent | undefined,
    /** The sizes of the tensors among the arguments, where they were asked for. */
    readonly inputShapes: readonly (readonly number[])[] | undefined,
    /** Floating-point operations, where they were asked for and the operation is counted. */
    readonly flops: number,
  ) {
    parent?.children.push(this);
  }

  /** The name under which events are added up: operations of backward passes stand apart. */
  get key(): string {
    return this.isBackward && this.kind === "operation" ? `${this.name} (backward)` : this.name;
  }

  /** Microseconds from the start to the end. */
  get cpuTimeTotal(): number {
    return this.end - this.start;
  }

  /** Microseconds without those of the events inside. */
  get selfCpuTimeTotal(): number {
    return this.children.reduce((time, child) => time - child.cpuTimeTotal, this.cpuTimeTotal);
  }

  /** Bytes without those of the events inside. */
  get selfCpuMemoryUsage(): number {
    return this.children.reduce((bytes, child) => bytes - child.cpuMemoryUsage, this.cpuMemoryUsage);
  }
}
