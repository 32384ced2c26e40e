/** What real PyTorch gave for the calls that tests name, each with the default generator at seed 7. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import torch from "../../../src/index.js";

interface Recorded {
  readonly result: unknown;
  /** A number that was drawn from the default generator afterwards. */
  readonly next: number;
}

const golden = JSON.parse(
  readFileSync(new URL("../../../../test/data/golden.json", import.meta.url), "utf8"),
) as Record<string, Recorded>;

/** A number that tells where the default generator (or another one) is in its sequence. */
export function drawNext(generator?: torch.Generator): number {
  const drawn = torch.empty([], { dtype: torch.int64 }).random_({ generator });
  return Number(drawn.itemBigInt() % 1000003n);
}

/** Checks that a call gives what PyTorch gave, and takes as many random numbers. */
export function checkGolden(name: string, body: () => unknown, tolerance = 0): void {
  torch.manualSeed(7);
  const { result, next } = golden[name] as Recorded;
  if (tolerance === 0) assert.deepEqual(body(), result);
  else closeTo(body(), result, tolerance);
  assert.equal(drawNext(), next, "the generator is elsewhere afterwards");
}

function closeTo(actual: unknown, expected: unknown, tolerance: number): void {
  if (Array.isArray(expected)) {
    assert.equal((actual as unknown[]).length, expected.length);
    for (const [i, item] of expected.entries()) closeTo((actual as unknown[])[i], item, tolerance);
  } else {
    assert.ok(Math.abs((actual as number) - (expected as number)) <= tolerance, `${actual} is not ${expected}`);
  }
}
