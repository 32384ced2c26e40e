/**
 * The format of the first versions of PyTorch: a tar archive of memory (`storages`), tensors over it (`tensors`), and a
 * pickle that names them by numbers.
 */
import { isCount } from "../../core/kinds.js";
import { maxDims } from "../../core/shape.js";
import { Cursor } from "../files/cursor.js";
import { checkInside, damaged, partOf, type Source } from "../files/source.js";
import { Unpickler } from "../pickle/unpickler.js";
import { viewOf } from "./legacyFile.js";
import { findName } from "./names.js";
import { type StorageRef, StorageType, StoredMemory } from "./storages.js";
import { StoredTensor } from "./tensors.js";

const block = 512;

/** Whether a file is a tar archive. */
export function isTar(source: Source): boolean {
  if (source.size < block) return false;
  const header = source.read(0, block);
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  return octal(header.subarray(148, 156)) === sum;
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("latin1");
}

function octal(bytes: Uint8Array): number {
  const text = textOf(bytes).trim();
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

/** The files in the archive. */
function membersOf(source: Source): Map<string, Source> {
  const members = new Map<string, Source>();
  for (let at = 0; at + block <= source.size; ) {
    const header = source.read(at, block);
    if (header[0] === 0) break;
    const [name, size] = [textOf(header.subarray(0, 100)), octal(header.subarray(124, 136))];
    if (!Number.isSafeInteger(size)) throw damaged(source, `the size of '${name}' is no number`);
    checkInside(source, at + block, size, `'${name}'`);
    members.set(name.replace(/^\.\//, ""), partOf(source, at + block, size));
    at += block * (1 + Math.ceil(size / block));
  }
  return members;
}

/** What the archive holds, with tensors that wait for their memory. */
export function readTar(source: Source): unknown {
  const members = membersOf(source);
  const member = (name: string): Cursor => {
    const found = members.get(name);
    if (found === undefined)
      throw new Error(`${source.name} is a tar archive, but none of torch.save: it has no '${name}'`);
    return new Cursor(found);
  };
  const refs = new Map<string, StorageRef | StoredTensor>();
  readStorages(member("storages"), refs);
  readTensors(member("tensors"), refs);
  const persistent = (id: unknown) => {
    if (Array.isArray(id)) return id[0];
    const found = refs.get(String(id));
    if (found === undefined) throw damaged(source, `it has no tensor or memory '${id}'`);
    return found;
  };
  return new Unpickler(member("pickle"), { find: findName, persistent }).read();
}

/** The next pickle of a member, of which nothing is outside. */
function plain(cursor: Cursor): unknown {
  const persistent = () => {
    throw damaged(cursor.source, "it names memory where there is none");
  };
  return new Unpickler(cursor, { find: findName, persistent }).read();
}

function listOf(cursor: Cursor, length: number): unknown[] {
  const list = plain(cursor);
  if (!Array.isArray(list) || list.length < length) throw damaged(cursor.source, "a list in it is too short");
  return list;
}

function countOf(cursor: Cursor): number {
  const count = plain(cursor);
  if (isCount(count)) return count;
  throw damaged(cursor.source, "it does not say how many tensors it has");
}

function readStorages(cursor: Cursor, refs: Map<string, StorageRef | StoredTensor>): void {
  const { source } = cursor;
  const count = countOf(cursor);
  for (let i = 0; i < count; i++) {
    const [key, location, type] = listOf(cursor, 3);
    if (!(type instanceof StorageType)) throw damaged(source, "memory in it has no type");
    const { dtype } = type;
    const numel = cursor.int64();
    const at = cursor.offset;
    if (numel < 0) throw damaged(source, `memory of ${numel} elements`);
    checkInside(source, at, numel * dtype.itemsize, "the memory of a tensor");
    const fetch = () => source.readMemory(at, numel * dtype.itemsize).storage;
    refs.set(String(key), { memory: new StoredMemory(dtype, numel, String(location), fetch), dtype, offset: 0, numel });
    cursor.offset = at + numel * dtype.itemsize;
  }
  const views = plain(cursor);
  if (!Array.isArray(views)) throw damaged(source, "it has no list of views");
  for (const view of views) {
    if (!Array.isArray(view) || view.length < 4) throw damaged(source, "a view of memory in it is none");
    const [target, root, offset, numel] = view;
    refs.set(String(target), viewOf(storageRef(refs, root, source).memory, offset, numel, source));
  }
}

function storageRef(refs: Map<string, StorageRef | StoredTensor>, key: unknown, source: Source): StorageRef {
  const ref = refs.get(String(key));
  if (ref === undefined || ref instanceof StoredTensor) throw damaged(source, `it has no memory '${key}'`);
  return ref;
}

function readTensors(cursor: Cursor, refs: Map<string, StorageRef | StoredTensor>): void {
  const { source } = cursor;
  const count = countOf(cursor);
  for (let i = 0; i < count; i++) {
    const [key, storage] = listOf(cursor, 2);
    const ref = storageRef(refs, storage, source);
    const ndim = cursor.int32();
    cursor.bytes(4);
    if (ndim < 0 || ndim > maxDims) throw damaged(source, `a tensor of ${ndim} dims`);
    const numbers = Array.from({ length: 2 * ndim + 1 }, () => cursor.int64());
    const geometry = { sizes: numbers.slice(0, ndim), strides: numbers.slice(ndim, -1), dtype: ref.memory.dtype };
    refs.set(String(key), new StoredTensor(geometry, numbers[2 * ndim] as number, ref, false));
  }
}
