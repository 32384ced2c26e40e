/** The memory of tensors in a file: found by its key, checked, and read when all else is known. */
import { memoryOnDemand } from "../../backend/arrays.js";
import { backendOf } from "../../backend/devices.js";
import type { Device } from "../../core/devices.js";
import { complex32, type DType, dtypes } from "../../core/dtype.js";
import type { Storage } from "../../core/storage.js";

/** The type of a Python storage, such as `torch.FloatStorage`. */
export class StorageType {
  constructor(
    readonly name: string,
    readonly dtype: DType,
  ) {}
}

/** Whether PyTorch has storages of such elements; others it saves as bytes. */
export function hasStorageType(dtype: DType): boolean {
  return dtype !== complex32;
}

/** The types of storages by their Python names, such as `"FloatStorage"`. */
const storageTypes = new Map(
  dtypes
    .filter(hasStorageType)
    .map((dtype) => [`${dtype.words.tensor}Storage`, new StorageType(`${dtype.words.tensor}Storage`, dtype)]),
);

/** The name of the storages of a dtype: `FloatStorage`. */
export function storageTypeOf(dtype: DType): string {
  return `${dtype.words.tensor}Storage`;
}

/**
 * The type of the storages that a name of Python's stands for; undefined for what is no such name.
 *
 * @throws Error for elements that do not exist here.
 */
export function findStorageType(name: string): StorageType | undefined {
  if (/^torch\.(storage\.)?_?UntypedStorage$/.test(name)) return storageTypes.get("ByteStorage");
  const [, kind] = /^torch\.(?:cuda\.|sparse\.|storage\.)?(\w+Storage)$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  const type = storageTypes.get(kind);
  if (type === undefined) throw new Error(`the elements of a torch.${kind} do not exist here`);
  return type;
}

/** How a file's memory is brought into the process. */
export interface Placement {
  /** The device of what was saved at a location such as `"cuda:0"`. */
  deviceFor(location: string): Device;
  /** Whether memory is read only when it is used. */
  readonly onDemand: boolean;
}

/** One piece of memory in a file. */
export class StoredMemory {
  #storage: Storage | undefined;

  /** @param fetch reads it, of as many bytes or a few more. */
  constructor(
    readonly dtype: DType,
    /** How many elements it has. */
    readonly numel: number,
    readonly location: string,
    private readonly fetch: () => Storage,
  ) {}

  get nbytes(): number {
    return this.numel * this.dtype.itemsize;
  }

  /** The memory on the device where it belongs. */
  bring({ deviceFor, onDemand }: Placement): Storage {
    if (this.#storage === undefined) {
      const device = deviceFor(this.location);
      if (device !== "cpu") this.#storage = backendOf(device).allocate(this.nbytes);
      else if (onDemand) this.#storage = memoryOnDemand(this.nbytes, this.fetch);
      else this.#storage = this.fetch();
    }
    return this.#storage;
  }
}

/** Memory in a file, seen from an element on: older files have views of storages. */
export interface StorageRef {
  readonly memory: StoredMemory;
  readonly dtype: DType;
  readonly offset: number;
  readonly numel: number;
}

/** Turns the bytes of each element around, or of both parts of each complex one, in their place. */
export function swapBytes(storage: Storage, dtype: DType): Storage {
  const { itemsize } = dtype.toReal();
  if (itemsize === 1) return storage;
  const bytes = storage.bytes();
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, storage.nbytes - (storage.nbytes % itemsize));
  if (itemsize === 2) buffer.swap16();
  else if (itemsize === 4) buffer.swap32();
  else buffer.swap64();
  return storage;
}
