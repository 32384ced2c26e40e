/** What the event files below a folder hold, in the order in which it was found; files that grow are read on. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import {
  type Event,
  EventSchema,
  type HParamsPluginData,
  HParamsPluginDataSchema,
  type SummaryValue,
  type TensorValue,
} from "../proto/tensorboard_pb.js";
import { readRecords } from "../records.js";

/** Something that was added to a run. */
export interface Entry {
  readonly run: string;
  readonly kind: "scalar" | "histogram" | "image" | "audio" | "text" | "prCurve" | "hparams";
  readonly tag: string;
  readonly step: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  /** A number, a text, a histogram, rows of a curve, or the number of bytes that are asked for apart. */
  readonly value: unknown;
}

/** Where the bytes of an image or a sound stand. */
interface Place {
  readonly path: string;
  /** The record that holds them: where it begins, and its length. */
  readonly start: number;
  readonly length: number;
  readonly type: string;
  readonly tag: string;
}

/** Bytes that are read at a time, and that one record may take at most. */
const chunk = 1 << 24;
const largestRecord = 1 << 28;

export class EventLog {
  readonly entries: Entry[] = [];
  readonly #places: Place[] = [];
  /** How far each file was read. */
  readonly #read = new Map<string, number>();
  /** Files that are damaged, with what is wrong. */
  readonly #damaged = new Map<string, string>();

  constructor(readonly folder: string) {}

  /** What could not be read. */
  get problems(): string[] {
    return [...this.#damaged].map(([path, problem]) => `${relative(this.folder, path)}: ${problem}`);
  }

  /** Takes in what was written since. */
  refresh(): void {
    for (const path of eventFiles(this.folder)) {
      if (this.#damaged.has(path)) continue;
      try {
        this.#readOn(path);
      } catch (error) {
        this.#damaged.set(path, (error as Error).message);
      }
    }
  }

  /** The bytes of an image or a sound, with their type. */
  blob(index: number): { type: string; bytes: Uint8Array } | undefined {
    const place = this.#places[index];
    if (place === undefined) return undefined;
    const [record] = readRecords(bytesOf(place.path, place.start, place.length)).records;
    const event = record && fromBinary(EventSchema, record);
    const value =
      event && valuesOf(event).find(({ tag, value }) => tag === place.tag && (value.case ?? "") in blobTypes);
    if (value?.value.case === "image") return { type: place.type, bytes: value.value.value.encodedImageString };
    if (value?.value.case === "audio") return { type: place.type, bytes: value.value.value.encodedAudioString };
    return undefined;
  }

  #readOn(path: string): void {
    const run = relative(this.folder, dirname(path)).split(sep).join("/") || ".";
    let size = chunk;
    for (;;) {
      const start = this.#read.get(path) ?? 0;
      const bytes = bytesOf(path, start, size);
      const { records, length } = readRecords(bytes);
      let at = start;
      for (const record of records) {
        this.#take(run, path, at, record.length + 16, fromBinary(EventSchema, record));
        at += record.length + 16;
      }
      this.#read.set(path, at);
      if (bytes.length < size) return;
      // A record that is longer than what was read.
      if (length === 0 && (size *= 2) > largestRecord) throw new Error("a record is longer than 256 MB");
    }
  }

  #take(run: string, path: string, start: number, length: number, event: Event): void {
    for (const summary of valuesOf(event)) {
      const { tag, value } = summary;
      const type = blobTypes[value.case ?? ""];
      const content = type === undefined ? contentOf(summary) : ([value.case, this.#places.length] as Content);
      if (type !== undefined) this.#places.push({ path, start, length, type, tag });
      if (content === undefined) continue;
      const [kind, shown] = content;
      const name = kind === "text" ? tag.replace(/\/text_summary$/, "") : tag;
      this.entries.push({ run, kind, tag: name, step: Number(event.step), wallTime: event.wallTime, value: shown });
    }
  }
}

type Content = readonly [kind: Entry["kind"], value: unknown];

/** What is asked for apart, by its kind. */
const blobTypes: Readonly<Record<string, string>> = { image: "image/png", audio: "audio/wav" };

/** What a summary holds, if it is something that is shown. */
function contentOf({ value, metadata }: SummaryValue): Content | undefined {
  const { pluginName = "", content = new Uint8Array() } = metadata?.pluginData ?? {};
  if (value.case === "simpleValue") return ["scalar", value.value];
  if (value.case === "histo") {
    const { min, max, num, sum, bucketLimit, bucket } = value.value;
    return ["histogram", { min, max, num, sum, bucketLimit, bucket }];
  }
  if (value.case === "tensor") return tensorContent(pluginName, value.value);
  return pluginName === "hparams" ? hparamsIn(fromBinary(HParamsPluginDataSchema, content)) : undefined;
}

function tensorContent(
  plugin: string,
  { stringVal, doubleVal, floatVal, tensorShape }: TensorValue,
): Content | undefined {
  if (plugin === "scalars") return ["scalar", doubleVal[0] ?? floatVal[0]];
  if (plugin === "text") return ["text", stringVal.map((bytes) => new TextDecoder().decode(bytes)).join("\n")];
  if (plugin !== "pr_curves") return undefined;
  const columns = Number(tensorShape?.dim[1]?.size ?? 0n);
  // The last two rows: precision and recall.
  return ["prCurve", [4, 5].map((row) => floatVal.slice(row * columns, (row + 1) * columns))];
}

function valuesOf(event: Event): readonly SummaryValue[] {
  return event.what.case === "summary" ? event.what.value.value : [];
}

/** The hyperparameters by name. */
function hparamsIn({ data }: HParamsPluginData): Content | undefined {
  if (data.case !== "sessionStartInfo") return undefined;
  const values = Object.entries(data.value.hparams).map(([name, { kind }]) => [name, kind.value]);
  return ["hparams", Object.fromEntries(values)];
}

/** The event files below a folder, in the order of their names. */
function eventFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    // It is not there yet.
    return [];
  }
  return names
    .filter((name) => basename(name).includes("tfevents"))
    .sort()
    .map((name) => join(folder, name));
}

/** As many bytes of a file from a place on as there are. */
function bytesOf(path: string, start: number, length: number): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const left = Math.max(0, fstatSync(descriptor).size - start);
    const bytes = new Uint8Array(Math.min(length, left));
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(descriptor, bytes, at, bytes.length - at, start + at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(descriptor);
  }
}
