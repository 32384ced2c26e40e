/** Memory that has a size and nothing else. */
import type { Device } from "../../core/devices.js";
import type { Storage } from "../../core/storage.js";

/** What is said where somebody wants numbers that there are not. */
export function noData(): never {
  throw new Error("Cannot copy out of meta tensor; no data!");
}

/** The memory of a tensor on the device `meta`. */
export class MetaStorage implements Storage {
  version = 0;
  readonly #nbytes: number;
  readonly #origin: MetaStorage;

  constructor(nbytes: number, origin?: MetaStorage) {
    // Also what is no number: a size that was computed from sizes beyond all bounds.
    if (!(nbytes >= 0 && nbytes <= Number.MAX_SAFE_INTEGER)) {
      throw new RangeError(`not enough memory: you tried to allocate ${nbytes} bytes`);
    }
    this.#nbytes = nbytes;
    this.#origin = origin ?? this;
  }

  get device(): Device {
    return "meta";
  }

  get nbytes(): number {
    return this.#nbytes;
  }

  get origin(): MetaStorage {
    return this.#origin;
  }

  get isInArray(): boolean {
    return false;
  }

  get isBetweenThreads(): boolean {
    return false;
  }

  moveBetweenThreads(): void {}

  pointer(): number {
    return 0;
  }

  overlaps(other: Storage): boolean {
    return other.origin === this.#origin;
  }

  alias(): MetaStorage {
    return new MetaStorage(this.#nbytes, this.#origin);
  }

  clone(): MetaStorage {
    return new MetaStorage(this.#nbytes);
  }

  bytes(): Uint8Array {
    return noData();
  }

  save(): void {}

  dropSave(): void {}

  get isSaved(): boolean {
    return false;
  }

  keep(): void {}

  release(): void {}
}
