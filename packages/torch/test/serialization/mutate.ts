/** Files that were changed at random, and what must come of reading them: the right values, or an error. */
import assert from "node:assert/strict";

/** Random numbers that are the same each time. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Bytes with which numbers of sizes and instructions are likely to go wrong. */
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x28, 0x2e, 0x52, 0x63, 0x71, 0x75, 0x94];

/** A copy of a file with some bytes changed, taken away or doubled. */
export function mutated(file: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = file.slice();
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length);
    const kind = random(8);
    if (kind < 3) bytes[at] = random(256);
    else if (kind < 5) bytes[at] = extremes[random(extremes.length)] as number;
    else if (kind === 5) new DataView(bytes.buffer).setInt32(Math.min(at, bytes.length - 4), -1 - random(3), true);
    else if (kind === 6) bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + random(16))]);
    else
      bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(random(at + 1), at), ...bytes.subarray(at)]);
    if (bytes.length < 8) return bytes;
  }
  return bytes;
}

/** The longest, in milliseconds, that a small file may take. */
const longest = 5000;

/** Reads mutations of a file; each must end soon, in a value or in an error that says something. */
export function readMutations(
  file: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  count: number,
  seed: number,
): { values: number; errors: number } {
  const random = randomFrom(seed);
  const result = { values: 0, errors: 0 };
  for (let i = 0; i < count; i++) {
    const bytes = mutated(file, random);
    const start = performance.now();
    try {
      read(bytes);
      result.values++;
    } catch (error) {
      assert.ok(error instanceof Error && error.message.length > 0, `mutation ${i}`);
      const isOurs =
        !/undefined|not a function|not iterable|Cannot read|Maximum call stack|bounds of the DataView/.test(
          error.message,
        );
      assert.ok(isOurs, `mutation ${i} of seed ${seed}: ${error.stack}`);
      result.errors++;
    }
    assert.ok(performance.now() - start < longest, `mutation ${i} of seed ${seed} took too long`);
  }
  return result;
}
