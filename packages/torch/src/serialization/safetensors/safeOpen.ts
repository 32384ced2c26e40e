/** An open file of safetensors, of which only what is asked for is read. */

import { readArgument } from "../../arguments/parse.js";
import { memoryOnDemand } from "../../backend/arrays.js";
import type { DType } from "../../core/dtype.js";
import { contiguousStrides, extentOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { IndexItem } from "../../ops/indexing/expressions.js";
import type { Readable } from "../files/source.js";
import { readable } from "../paths.js";
import { Collection, readTensor } from "./collection.js";
import type { Entry } from "./format.js";

/** Part of a tensor in a file. */
export class TensorSlice {
  readonly #entry: Entry;

  /** @internal */
  constructor(entry: Entry) {
    this.#entry = entry;
  }

  getShape(): number[] {
    return [...this.#entry.sizes];
  }

  getDtype(): DType {
    return this.#entry.dtype;
  }

  /**
   * The part that an index expression names, as `Tensor.at` does: of the file only the bytes from its first to its last
   * element are read.
   *
   * @example file.getSlice("embedding.weight").at("0:1000")
   */
  at(...items: readonly IndexItem[]): Tensor {
    const { source, start, nbytes } = this.#entry;
    let read = false;
    const memory = memoryOnDemand(nbytes, () => {
      read = true;
      return source.readMemory(start, nbytes).storage;
    });
    const { dtype, sizes } = this.#entry;
    const whole = new Tensor(memory, 0, sizes, contiguousStrides(sizes), dtype, true);
    const part = whole.at(...items);
    // Masks and lists of indices needed all of it.
    if (read || part.storage.origin !== memory) return part;
    const extent = extentOf(part.sizes, part.strides);
    const { storage } = source.readMemory(start + part.offset * dtype.itemsize, extent * dtype.itemsize);
    return new Tensor(storage, 0, part.sizes, part.strides, dtype, part.contiguousFlag);
  }
}

/** What `safeOpen` gives. */
export class SafeFile implements Disposable {
  readonly #collection: Collection;

  /** @internal */
  constructor(from: Readable) {
    this.#collection = new Collection(from);
  }

  /** The names of the tensors. */
  keys(): string[] {
    return [...this.#collection.entries.keys()];
  }

  /** The texts that were saved beside the tensors; null if there are none. */
  metadata(): Record<string, string> | null {
    return this.#collection.metadata ?? null;
  }

  /** Reads one tensor. */
  getTensor(name: string): Tensor {
    return readTensor(this.#collection.entry(name), false);
  }

  /** A tensor of which a part can be read: `getSlice("weight").at("0:10")`. */
  getSlice(name: string): TensorSlice {
    return new TensorSlice(this.#collection.entry(name));
  }

  close(): void {
    this.#collection.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Opens a file of safetensors, or the index of several, of which only what is asked for is read.
 *
 * @throws Error if it is damaged.
 * @example
 * using file = torch.safetensors.safeOpen("model.safetensors");
 * const embedding = file.getTensor("embedding.weight");
 * const rows = file.getSlice("head.weight").at("0:10");
 */
export function safeOpen(filename: Readable): SafeFile {
  return new SafeFile(readArgument("safeOpen", "filename", readable, filename));
}
