/**
 * For tests of what is given back: from its import on, memory that is released is filled with numbers that show wherever
 * they get to, also memory of sizes that are not used again.
 */
// The library first, as a program reads it.
import "../../src/index.js";
import { cpu } from "../../src/backend/cpu/device.js";
import { fill } from "../../src/backend/kernels.js";
import { uint8 } from "../../src/core/dtype.js";
import { type Allocator, setAllocator } from "../../src/core/storage.js";
import { Tensor } from "../../src/index.js";

let released = 0;

/** How many storages were released so far. */
export function releasedCount(): number {
  return released;
}

const { allocate } = cpu;

const poisoned: Allocator = (nbytes) => {
  const storage = allocate(nbytes);
  const prototype = Object.getPrototypeOf(storage) as typeof storage;
  let isKept = false;
  let isGivenUp = false;
  let saves = 0;
  storage.keep = () => {
    isKept = true;
    prototype.keep.call(storage);
  };
  storage.alias = () => {
    isKept = true;
    return prototype.alias.call(storage);
  };
  storage.save = () => {
    saves++;
    prototype.save.call(storage);
  };
  storage.dropSave = () => {
    saves--;
    prototype.dropSave.call(storage);
    if (isGivenUp) storage.release();
  };
  storage.release = () => {
    if (isKept) return;
    isGivenUp = true;
    if (saves > 0) return;
    released++;
    fill(new Tensor(storage, 0, [nbytes], [1], uint8, true), 255);
  };
  return storage;
};

// Also where the device comes into force again.
Object.assign(cpu, { allocate: poisoned });
setAllocator(poisoned);
