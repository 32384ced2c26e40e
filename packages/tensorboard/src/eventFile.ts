/** A file of events that grows: what is added is written now and then, and at the end of the process at the latest. */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { EventSchema, type Summary } from "./proto/tensorboard_pb.js";
import { recordOf } from "./records.js";

export interface EventFileOptions {
  /** How many events wait at most before they are written. */
  maxQueue: number;
  /** After how many seconds what waits is written with the next event. */
  flushSecs: number;
  /** Put behind the name of the file. */
  filenameSuffix: string;
}

/** What an event is, beside its time and step. */
export type EventContent = NonNullable<MessageInitShape<typeof EventSchema>["what"]>;

let files = 0;

/** Files that have something to write when the process ends. */
const open = new Set<EventFile>();
process.on("exit", () => {
  for (const file of open) file.flush();
});

export class EventFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #options: EventFileOptions;
  #waiting: Uint8Array[] = [];
  #flushedAt = Date.now();

  constructor(
    readonly folder: string,
    options: EventFileOptions,
  ) {
    mkdirSync(folder, { recursive: true });
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, "0");
    const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}${options.filenameSuffix}`;
    this.path = join(folder, name);
    // Never another file than a new one.
    this.#descriptor = openSync(this.path, "ax");
    this.#options = options;
    open.add(this);
    this.add({ case: "fileVersion", value: "brain.Event:2" });
    this.flush();
  }

  /** Adds an event; without a time it is of now. */
  add(what: EventContent, step: number | bigint = 0, wallTime = Date.now() / 1000): void {
    if (!open.has(this)) throw new Error(`the file ${this.path} is closed`);
    const event = create(EventSchema, { wallTime, step: BigInt(step), what });
    this.#waiting.push(recordOf(toBinary(EventSchema, event)));
    const { maxQueue, flushSecs } = this.#options;
    const isOld = Date.now() - this.#flushedAt >= 1000 * flushSecs;
    if (this.#waiting.length > maxQueue || isOld) this.flush();
  }

  addSummary(summary: Summary, step?: number | bigint, wallTime?: number): void {
    this.add({ case: "summary", value: summary }, step, wallTime);
  }

  /** Writes what waits. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#flushedAt = Date.now();
    for (const record of waiting) {
      for (let at = 0; at < record.length; ) at += writeSync(this.#descriptor, record, at);
    }
  }

  close(): void {
    if (!open.has(this)) return;
    this.flush();
    open.delete(this);
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
  }
}
