/**
 * `torch.profiler`: where the time of a program goes.
 *
 * Source: https://pytorch.org/docs/stable/profiler.html
 */
import { renameSync, writeFileSync } from "node:fs";
import { callable, flag, optional, text } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { average, type EventAverages } from "./averages.js";
import type { ProfilerEvent } from "./event.js";
import { EventRecorder } from "./recorder.js";
import { chromeTrace } from "./trace.js";

/** What a profile notes beside the time. */
export interface ProfileOptions {
  /** The sizes of the tensors among the arguments. */
  recordShapes?: boolean;
  /** Bytes of tensor memory that were set aside and given back. */
  profileMemory?: boolean;
  /** Floating-point operations of products. */
  withFlops?: boolean;
}

/** The recorder that is on; the innermost of several. */
let recording: EventRecorder | undefined;

/** The events of a program, from its start to `stop`, or to the end of the block with `using`. */
export class Profile implements Disposable {
  readonly #recorder: EventRecorder;
  readonly #outer = recording;
  #mode: Disposable | undefined;

  constructor(options: Required<ProfileOptions>) {
    this.#recorder = new EventRecorder(options);
    this.#mode = this.#recorder.enter();
    recording = this.#recorder;
  }

  /** Ends the recording. */
  stop(): void {
    if (this.#mode === undefined) return;
    this.#mode[Symbol.dispose]();
    this.#mode = undefined;
    recording = this.#outer;
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Every event, in the order of their beginnings. */
  events(): readonly ProfilerEvent[] {
    return this.#recorder.events.filter(({ end }) => !Number.isNaN(end));
  }

  /**
   * The events added up by name; those of backward passes apart.
   *
   * @example console.log(profile.keyAverages().table({ sortBy: "cpu_time_total" }));
   */
  keyAverages(options: { groupByInputShape?: boolean } = {}): EventAverages {
    const { groupByInputShape } = keyAveragesSignature.parse([options]);
    return average(this.events(), groupByInputShape);
  }

  /** Writes the events as a file that `chrome://tracing` and Perfetto show. */
  exportChromeTrace(path: string): void {
    const { path: file } = exportSignature.parse([path]);
    const unfinished = `${file}.${process.pid}.tmp`;
    writeFileSync(unfinished, chromeTrace(this.events()));
    renameSync(unfinished, file);
  }
}

const options = { recordShapes: flag, profileMemory: flag, withFlops: flag };
const profileSignature = new Signature("profile", options);
const keyAveragesSignature = new Signature("keyAverages", { groupByInputShape: flag });
const exportSignature = new Signature("exportChromeTrace", { path: text });
const recordSignature = new Signature("recordFunction", { name: text, body: optional(callable) });

/**
 * Records every operation of a function, or of the rest of a block. While nothing records, it costs nothing.
 *
 * @example
 * const profile = torch.profiler.profile(() => model(x).sum().backward(), { recordShapes: true });
 * console.log(profile.keyAverages().table({ sortBy: "self_cpu_time_total", rowLimit: 10 }));
 * profile.exportChromeTrace("trace.json");
 * @see https://pytorch.org/docs/stable/profiler.html
 */
export function profile(body: () => unknown, options?: ProfileOptions): Profile;
export function profile(options?: ProfileOptions): Profile;
export function profile(...args: unknown[]): Profile {
  const [body, ...rest] = args;
  if (typeof body !== "function") return new Profile(profileSignature.parse(args));
  const running = new Profile(profileSignature.parse(rest));
  try {
    body();
  } finally {
    running.stop();
  }
  return running;
}

/**
 * Names a function, or the rest of a block, in the profile, if one is recorded.
 *
 * @example
 * torch.profiler.recordFunction("forward", () => model(x));
 * using _ = torch.profiler.recordFunction("forward");
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.profiler.record_function.html
 */
export function recordFunction(name: string): Disposable;
export function recordFunction<T>(name: string, body: () => T): T;
export function recordFunction<T>(name: string, body?: () => T): T | Disposable {
  recordSignature.parse([name, body]);
  const event = recording?.begin(name, "user") ?? { [Symbol.dispose]: () => undefined };
  if (body === undefined) return event;
  using _ = event;
  return body();
}
