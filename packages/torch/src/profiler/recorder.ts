/** Takes down when operations, nodes of the backward pass and stretches of the user's begin and end. */
import { nodeWatch } from "../autograd/observe.js";
import { stats } from "../backend/memory.js";
import type { Result } from "../ops/define.js";
import { callName, DispatchMode, type OperationCall } from "../ops/dispatch.js";
import { type EventKind, ProfilerEvent } from "./event.js";
import { flopsOf, shapesOf } from "./flops.js";

/** What is noted beside the time. */
export interface RecorderOptions {
  readonly recordShapes: boolean;
  readonly profileMemory: boolean;
  readonly withFlops: boolean;
}

export class EventRecorder extends DispatchMode {
  override readonly keepsTensors = false;
  readonly events: ProfilerEvent[] = [];
  readonly #origin = performance.now();
  #current: ProfilerEvent | undefined;
  #backwardDepth = 0;

  constructor(readonly options: RecorderOptions) {
    super();
  }

  override enter(): Disposable {
    const mode = super.enter();
    const nodes = nodeWatch.observe((node, run) => {
      this.#backwardDepth++;
      try {
        return this.record(node.name(), "node", run);
      } finally {
        this.#backwardDepth--;
      }
    });
    return {
      [Symbol.dispose]: () => {
        nodes[Symbol.dispose]();
        mode[Symbol.dispose]();
      },
    };
  }

  override operation(call: OperationCall): Result {
    return this.record(callName(call.operation.id, call.form), "operation", call.run, call);
  }

  /** Runs a function as an event. */
  record<T>(name: string, kind: EventKind, run: () => T, call?: OperationCall): T {
    using _ = this.begin(name, kind, call);
    return run();
  }

  /** Begins an event, which ends when the result is disposed of. */
  begin(name: string, kind: EventKind, call?: OperationCall): Disposable {
    const { recordShapes, profileMemory, withFlops } = this.options;
    const outer = this.#current;
    const shapes = recordShapes ? shapesOf(call?.args ?? []) : undefined;
    const flops = withFlops && call !== undefined ? flopsOf(call) : 0;
    const before = profileMemory ? stats().alive : 0;
    const event = new ProfilerEvent(name, kind, this.#backwardDepth > 0, this.#now(), outer, shapes, flops);
    this.events.push(event);
    this.#current = event;
    return {
      [Symbol.dispose]: () => {
        event.end = this.#now();
        this.#current = outer;
        if (profileMemory) event.cpuMemoryUsage = stats().alive - before;
      },
    };
  }

  #now(): number {
    return (performance.now() - this.#origin) * 1000;
  }
}
