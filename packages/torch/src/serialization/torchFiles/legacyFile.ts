/**
 * The format before PyTorch 1.6: pickles one after the other (a magic number, a version, what the machine was, the object,
 * the keys of its memory), and then the memory itself, always in little-endian order.
 */
import { isCount } from "../../core/kinds.js";
import { Cursor } from "../files/cursor.js";
import { checkInside, damaged, type Source } from "../files/source.js";
import { Unpickler } from "../pickle/unpickler.js";
import { findName } from "./names.js";
import { type StorageRef, StoredMemory } from "./storages.js";
import { readId } from "./zipFile.js";

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

const noMemory = () => {
  throw new Error("no memory is named here");
};

/** Memory whose place in the file is known when all else was read. */
class LateMemory {
  at: number | undefined;
  readonly memory: StoredMemory;

  constructor(
    readonly source: Source,
    dtype: StoredMemory["dtype"],
    numel: number,
    location: string,
  ) {
    this.memory = new StoredMemory(dtype, numel, location, () => {
      if (this.at === undefined) throw damaged(source, "the memory of a tensor is missing");
      return source.readMemory(this.at, numel * dtype.itemsize).storage;
    });
  }
}

/** What the file holds, with tensors that wait for their memory. */
export function readLegacy(source: Source): unknown {
  const cursor = new Cursor(source);
  const plain = () => new Unpickler(cursor, { find: findName, persistent: noMemory }).read();
  if (plain() !== magic) throw new Error(`${source.name} is no file of torch.save: it does not begin as one`);
  if (plain() !== protocol) throw new Error(`${source.name} is of a version of torch.save that is not known`);
  plain();
  const memories = new Map<string, LateMemory>();
  const persistent = (id: unknown) => refer(id, source, memories);
  const result = new Unpickler(cursor, { find: findName, persistent }).read();
  const keys = plain();
  if (!Array.isArray(keys)) throw damaged(source, "it does not name the memory of its tensors");
  let at = cursor.offset;
  for (const key of keys) at = place(source, memories.get(String(key)), at);
  for (const { at: found } of memories.values()) {
    if (found === undefined) throw damaged(source, "the memory of a tensor is missing");
  }
  return result;
}

function refer(id: unknown, source: Source, memories: Map<string, LateMemory>): StorageRef {
  if (Array.isArray(id) && id[0] === "module") return id[1];
  const { type, key, location, numel, view } = readId(id, source);
  let late = memories.get(key);
  if (late === undefined) {
    late = new LateMemory(source, type, numel, location);
    memories.set(key, late);
  }
  const { memory } = late;
  if (memory.dtype !== type || memory.numel !== numel) throw damaged(source, `the memory '${key}' has two sizes`);
  if (view === null || view === undefined) return { memory, dtype: type, offset: 0, numel };
  const [, offset, count] = Array.isArray(view) ? view : [];
  return viewOf(memory, offset, count, source);
}

/**
 * Part of some memory.
 *
 * @throws Error if it is not inside.
 */
export function viewOf(memory: StoredMemory, offset: unknown, numel: unknown, source: Source): StorageRef {
  const isInside = isCount(offset) && isCount(numel) && offset + numel <= memory.numel;
  if (!isInside) throw damaged(source, "a view reaches outside of its memory");
  return { memory, dtype: memory.dtype, offset, numel };
}

/** Notes where memory is, before which its length stands, and returns where the next is. */
function place(source: Source, late: LateMemory | undefined, at: number): number {
  if (late === undefined || late.at !== undefined) throw damaged(source, "it has memory that no tensor uses");
  const numel = new Cursor(source, at).int64();
  const { memory } = late;
  if (numel !== memory.numel) throw damaged(source, `memory of ${memory.numel} elements has ${numel}`);
  checkInside(source, at + 8, memory.nbytes, "the memory of a tensor");
  late.at = at + 8;
  return late.at + memory.nbytes;
}
