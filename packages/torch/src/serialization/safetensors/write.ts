/** Writing files of safetensors, byte for byte as the Python package does. */

import type { DType } from "../../core/dtype.js";
import { isPlainObject } from "../../core/kinds.js";
import { extentOf } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { putElements, tensorEntries } from "../elements.js";
import { Appender, type Sink } from "../files/replaceFile.js";
import { dtypeNames } from "./format.js";

export type Entry = readonly [name: string, tensor: Tensor];

const kinds = new Map(dtypeNames.map(([name, dtype], rank) => [dtype, { name, rank }]));

/** What is to be written: the header, and the tensors in the order of the file. */
export interface Draft {
  readonly header: Uint8Array;
  readonly tensors: readonly Tensor[];
  readonly size: number;
}

/**
 * @throws TypeError for what is no tensor, and metadata that are not texts; Error for dtypes that the format does not have,
 *   and tensors that share memory, of which it cannot tell.
 */
export function draft(caller: string, given: unknown, metadata: unknown): Draft {
  const entries = tensorEntries(caller, given);
  checkMetadata(caller, metadata);
  checkApart(entries);
  const ordered = entries
    .map((entry) => ({ entry, ...kindOf(entry[1].dtype) }))
    .sort((a, b) => b.rank - a.rank || compareText(a.entry[0], b.entry[0]));
  let at = 0;
  const parts = ordered.map(({ entry: [key, { shape, nbytes }], name }) => {
    const place = { dtype: name, shape, data_offsets: [at, at + nbytes] };
    at += nbytes;
    return `${JSON.stringify(key)}:${JSON.stringify(place)}`;
  });
  if (metadata !== undefined && metadata !== null) parts.unshift(`"__metadata__":${JSON.stringify(metadata)}`);
  const text = new TextEncoder().encode(`{${parts.join(",")}}`);
  const header = new Uint8Array(8 + 8 * Math.ceil(text.length / 8)).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(text, 8);
  return { header, tensors: ordered.map(({ entry: [, tensor] }) => tensor), size: header.length + at };
}

export function write(sink: Sink, { header, tensors }: Draft): void {
  const to = new Appender(sink);
  to.put(header);
  for (const tensor of tensors) putElements(tensor, to);
}

/** What the format calls a dtype, and the place of its tensors among all. */
function kindOf(dtype: DType): { name: string; rank: number } {
  const kind = kinds.get(dtype.name);
  if (kind !== undefined) return kind;
  throw new Error(
    `the format of safetensors has no ${dtype.name}${dtype.isComplex ? "; convert it to complex64" : ""}`,
  );
}

/** The order of the bytes of texts. */
function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function checkMetadata(caller: string, metadata: unknown): void {
  if (metadata === undefined || metadata === null) return;
  if (isPlainObject(metadata) && Object.values(metadata).every((value) => typeof value === "string")) return;
  throw new TypeError(`${caller}(): argument 'metadata' must be an object of texts`);
}

/** Throws for tensors with elements in the same memory. */
export function checkApart(entries: readonly Entry[]): void {
  const places = entries
    .filter(([, { nbytes }]) => nbytes > 0)
    .map(([name, { storage, offset, dtype, sizes, strides }]) => {
      const start = storage.pointer() + offset * dtype.itemsize;
      return { name, start, end: start + extentOf(sizes, strides) * dtype.itemsize };
    })
    .sort((a, b) => a.start - b.start);
  let last = places[0];
  for (const place of places.slice(1)) {
    if (last !== undefined && place.start < last.end) {
      throw new Error(
        `Some tensors share memory, this will lead to duplicate memory on disk and potential differences when loading them again: ` +
          `'${last.name}' and '${place.name}'. Save one of them alone, or clone() the other`,
      );
    }
    if (last === undefined || place.end > last.end) last = place;
  }
}
