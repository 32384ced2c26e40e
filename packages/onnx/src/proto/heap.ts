/**
 * How much of JavaScript's heap a file takes when it is read. Bytes of weights stay where they are, but everything else
 * becomes objects, of which a file could hold more than there is room for: that would end the process.
 */

import { getHeapStatistics } from "node:v8";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Bytes of the heap that a byte of a message takes, where it was made to take much. */
const perByte = 100;
/** What the object of a message takes, also of one that is empty. */
const perMessage = 500;

/** How messages lie in each other: what a byte of a field takes, or the fields of the message that it is. */
interface Fields {
  readonly [field: number]: number | Fields;
}

/** Elements of a tensor: as floats, whole numbers, bytes, doubles. */
const tensor: Fields = { 4: 4, 5: 16, 7: 40, 9: 0, 10: 2, 11: 40 };
const model: Fields = { 7: { 1: { 5: { 5: tensor } }, 5: tensor } };

/** The bytes of the heap that a message takes at most, or more than a limit, where counting ends. */
function heapOf(bytes: Uint8Array, fields: Fields, limit: number): number {
  if (bytes.length === 0) return perMessage;
  const reader = new BinaryReader(bytes);
  let total = perMessage;
  while (reader.pos < reader.len && total <= limit) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    const inner = fields[field];
    if (wireType !== WireType.LengthDelimited || inner === undefined) {
      reader.skip(wireType, field);
      total += perByte * (reader.pos - start);
    } else {
      const content = reader.bytes();
      total += perByte + (typeof inner === "number" ? inner * content.length : heapOf(content, inner, limit - total));
    }
  }
  return total;
}

/**
 * Throws for a message for which there is no room.
 *
 * @throws Error also for what is no message.
 */
export function checkHeap(bytes: Uint8Array): void {
  const { heap_size_limit: limit, used_heap_size: used } = getHeapStatistics();
  const room = 0.9 * Math.max(limit - used, 0);
  if (heapOf(bytes, model, room) <= room) return;
  throw new RangeError(
    `to read it may take more than the ${Math.floor(room)} bytes there are: see node --max-old-space-size`,
  );
}
