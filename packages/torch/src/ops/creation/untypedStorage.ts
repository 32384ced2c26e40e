/** The memory of tensors as an object of its own: bytes, which tensors of any dtype may show. */
import { device as deviceParam, int } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import { isStorage as isMemory } from "../../backend/arrays.js";
import type { Device } from "../../core/devices.js";
import { uint8 } from "../../core/dtype.js";
import type { Storage } from "../../core/storage.js";
import { Tensor } from "../../core/tensor.js";
import { checkReadable } from "../../core/wrapper.js";
import { tensor } from "./data.js";
import { empty } from "./filled.js";

/** What is known by its memory: whoever asks for that of two views gets the same object. */
const known = new WeakMap<Storage, UntypedStorage>();

/**
 * Bytes in memory, over which tensors lie; `x.untypedStorage()` gives those of a tensor, and `x.set_(storage)` lets a
 * tensor show them. Changes of the bytes go unnoticed by autograd.
 *
 * @example new torch.UntypedStorage([1, 2, 3]).tolist() // [1, 2, 3]
 * @see https://pytorch.org/docs/stable/storage.html
 */
export class UntypedStorage {
  /** @internal All of them, as a tensor of one dim. */
  readonly bytes: Tensor;

  /**
   * @param content how many bytes, whose content is undefined; or the bytes.
   * @param options.device where they are.
   */
  constructor(content: number | readonly number[] = 0, options: { device?: Device } = {}) {
    const memory = isMemory(content) ? content : memoryWith(content, options);
    this.bytes = new Tensor(memory.origin.alias(), 0, [memory.nbytes], [1], uint8, true);
    known.set(memory.origin, this);
  }

  /** Where the bytes are. */
  get device(): Device {
    return this.bytes.device;
  }

  /** The number of bytes. */
  get length(): number {
    return this.bytes.length;
  }

  /** The number of bytes. */
  size(): number {
    return this.length;
  }

  /** The number of bytes. */
  nbytes(): number {
    return this.length;
  }

  /** 1: each element is a byte. */
  elementSize(): number {
    return 1;
  }

  /** The address of the first byte. */
  dataPtr(): number {
    return this.bytes.dataPtr();
  }

  /** The byte at a place, counted from the end if it is negative. */
  at(index: number): number {
    return this.bytes.at(readArgument("at", "index", int, index)).item();
  }

  /** Sets the byte at a place. */
  setAt(index: number, value: number): void {
    this.bytes.setAt(readArgument("setAt", "index", int, index), value);
  }

  *[Symbol.iterator](): Iterator<number> {
    yield* this.tolist();
  }

  /** The bytes as numbers. */
  tolist(): number[] {
    return this.bytes.tolist() as number[];
  }

  /** Memory of its own with the same bytes. */
  clone(): UntypedStorage {
    return storageOf(this.bytes.clone());
  }

  /** Overwrites the bytes with those of another storage of the same size. */
  copy_(source: UntypedStorage): this {
    if (!(source instanceof UntypedStorage)) throw new TypeError("copy_(): argument 'source' must be UntypedStorage");
    if (source.length !== this.length) throw new Error("size does not match");
    this.bytes.copy_(source.bytes);
    return this;
  }

  /** Sets every byte to a value. */
  fill_(value: number): this {
    this.bytes.fill_(value);
    return this;
  }

  /** Whether threads share the memory: it is in a `SharedArrayBuffer`. */
  isShared(): boolean {
    return this.bytes.storage.isBetweenThreads;
  }

  /** Moves the memory into a `SharedArrayBuffer`, for all tensors over it; see `Tensor.shareMemory_`. */
  shareMemory_(): this {
    this.bytes.storage.moveBetweenThreads();
    return this;
  }

  /** Whether the memory is pinned for a GPU: none is. */
  isPinned(): boolean {
    return false;
  }

  toString(): string {
    const lines = this.device === "meta" ? "..." : this.tolist().join("\n ");
    return ` ${lines}\n[torch.storage.UntypedStorage(device=${this.device}) of size ${this.length}]`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function memoryWith(content: number | readonly number[], { device }: { device?: Device }): Storage {
  const options = {
    dtype: uint8,
    ...(device !== undefined && { device: readArgument("UntypedStorage", "device", deviceParam, device) }),
  };
  return (typeof content === "number" ? empty([content], options) : tensor(content, options)).flatten().storage;
}

/** The memory of a tensor. */
export function storageOf(tensor: Tensor): UntypedStorage {
  checkReadable(tensor, ".untypedStorage()");
  const { storage } = tensor;
  return known.get(storage.origin) ?? new UntypedStorage(storage as never);
}

/**
 * Whether something is the memory of tensors.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.is_storage.html
 */
export function isStorage(obj: unknown): obj is UntypedStorage {
  return obj instanceof UntypedStorage;
}
