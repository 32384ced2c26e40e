/**
 * Today's format: a zip archive with a pickle (`data.pkl`), in which tensors name their memory by a key, and a record
 * for each piece of memory (`data/0`, …).
 */
import type { DType } from "../../core/dtype.js";
import { isCount } from "../../core/kinds.js";
import { Cursor } from "../files/cursor.js";
import { damaged, type Source, sourceOver } from "../files/source.js";
import { Unpickler } from "../pickle/unpickler.js";
import { Archive } from "../zip/archive.js";
import { findName } from "./names.js";
import { type StorageRef, StorageType, StoredMemory, swapBytes } from "./storages.js";

/** The longest pickle: all that is no tensor. */
const longestPickle = 2 ** 30;

/** What the archive holds, with tensors that wait for their memory. */
export function readZip(source: Source): unknown {
  const archive = new Archive(source);
  const folder = folderOf(archive);
  if (archive.entries.has(`${folder}/constants.pkl`)) {
    throw new Error(
      `${source.name} is a TorchScript archive, which holds code. Save its numbers alone, in Python: ` +
        'torch.save(torch.jit.load("model.pt").state_dict(), "weights.pt")',
    );
  }
  const isSwapped = readText(archive, `${folder}/byteorder`) === "big";
  const entry = archive.entry(`${folder}/data.pkl`);
  if (entry.size > longestPickle) throw damaged(source, `a pickle of ${entry.size} bytes`);
  const pickle = sourceOver(source.name, archive.read(entry));
  const memories = new Map<string, StoredMemory>();
  const persistent = (id: unknown): StorageRef => {
    const { type, key, location, numel } = readId(id, source);
    const known = memories.get(key);
    if (known === undefined)
      memories.set(key, findMemory(archive, `${folder}/data/${key}`, type, numel, location, isSwapped));
    else if (known.dtype !== type || known.numel !== numel) throw damaged(source, `the memory '${key}' has two sizes`);
    return { memory: memories.get(key) as StoredMemory, dtype: type, offset: 0, numel };
  };
  return new Unpickler(new Cursor(pickle), { find: findName, persistent }).read();
}

/** The folder in which everything is; it has the name that the file once had. */
function folderOf({ entries, source }: Archive): string {
  for (const name of entries.keys()) {
    const at = name.indexOf("/data.pkl");
    if (at > 0 && name.indexOf("/") === at && name.endsWith("/data.pkl")) return name.slice(0, at);
  }
  throw new Error(`${source.name} is a zip archive, but none of torch.save: it has no data.pkl`);
}

/** A short text in the archive; undefined where there is none. */
function readText(archive: Archive, name: string): string | undefined {
  const entry = archive.entries.get(name);
  if (entry === undefined || entry.size > 64) return undefined;
  return new TextDecoder().decode(archive.read(entry));
}

/** What names a piece of memory. */
export interface MemoryId {
  readonly type: DType;
  readonly key: string;
  readonly location: string;
  readonly numel: number;
  readonly view: unknown;
}

/** @throws Error for anything but `("storage", type, key, location, numel)`, with a view behind it in older files. */
export function readId(id: unknown, source: Source): MemoryId {
  if (Array.isArray(id) && id[0] === "storage") {
    const [, type, key, location, numel, view] = id;
    const isNamed = type instanceof StorageType && isCount(numel);
    if (isNamed) return { type: type.dtype, key: String(key), location: String(location), numel, view };
  }
  throw damaged(source, "it names a thing beside its pickle that is no memory of a tensor");
}

function findMemory(
  archive: Archive,
  name: string,
  dtype: DType,
  numel: number,
  location: string,
  isSwapped: boolean,
): StoredMemory {
  const entry = archive.entry(name);
  const start = archive.check(entry);
  // Memory need not be a whole number of elements.
  const rest = entry.size - numel * dtype.itemsize;
  if (rest < 0 || rest >= dtype.itemsize) {
    throw damaged(archive.source, `the record '${name}' has ${entry.size} bytes, not those of ${numel} ${dtype}`);
  }
  return new StoredMemory(dtype, numel, location, () => {
    const storage = archive.readMemory(entry, start);
    return isSwapped ? swapBytes(storage, dtype) : storage;
  });
}
