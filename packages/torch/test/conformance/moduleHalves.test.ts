/**
 * Modules in float16 and bfloat16: every recorded call gives in a half type what it gives in float32 on the same numbers,
 * up to how the half type rounds on the way.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";
import { Golden, type GoldenError, type GoldenResult, type Json } from "./golden.js";
import { Arguments, flatten, type ModuleCall, makeModule } from "./replay.js";

interface Recorded extends ModuleCall {
  readonly seed: number;
  readonly e?: GoldenError;
  readonly calls: readonly { x: readonly Json[]; k?: { readonly [name: string]: Json }; r?: GoldenResult }[];
}

/** How far results may lie apart, relative to their size and absolutely: a few roundings. */
const tolerances = new Map<DType, number>([
  [torch.float16, 4e-3],
  [torch.bfloat16, 3e-2],
]);

/** What draws numbers draws others in another dtype, and so do the first weights of lazy modules. */
const draws = /RReLU|Fractional|Lazy/;
/**
 * CTC has no half types in PyTorch either. In a whole transformer norms over four numbers magnify roundings stack after
 * stack; its stacks and layers are compared one by one.
 */
const leftOut = new Set(["CTCLoss", "Transformer"]);

/** Whether the calls of a module can be compared. */
function isComparable({ name, a, k, e }: Recorded): boolean {
  return e === undefined && !leftOut.has(name) && !draws.test(JSON.stringify([name, a, k]));
}

function check(golden: Golden, recorded: Recorded, call: Recorded["calls"][number], half: DType): void {
  torch.manualSeed(recorded.seed);
  const module = makeModule(golden, recorded).to(half);
  const whole = torch.deepcopy(module).float();
  const args = new Arguments(golden, call.k === undefined ? { a: call.x } : { a: call.x, k: call.k });
  const convert = (x: Tensor, dtype: DType) => (x.dtype.isFloatingPoint ? x.to(half).to(dtype) : x);
  const inputs = (dtype: DType) => args.listWith(new Map(args.tensors.map((x) => [x, convert(x, dtype)])));
  torch.manualSeed(3);
  const found = flatten(module(...inputs(half)));
  torch.manualSeed(3);
  const wanted = flatten(whole(...inputs(torch.float32)));
  assert.equal(found.length, wanted.length);
  const tolerance = tolerances.get(half) as number;
  for (const [i, result] of found.entries()) {
    const expected = wanted[i] as Tensor;
    assert.equal(result.dtype, expected.dtype.isFloatingPoint ? half : expected.dtype);
    if (!expected.dtype.isFloatingPoint) continue;
    // What is infinite in the half type is so in the result that was rounded to it.
    const rounded = expected.to(half).float();
    torch.testing.assertClose(result.float(), rounded, { rtol: tolerance, atol: tolerance, equalNan: true });
  }
}

const folder = new URL("../../../../../conformance/data/modules/", import.meta.url);
for (const family of readdirSync(folder).map((name) => name.slice(0, -".gz".length))) {
  const golden = new Golden(`modules/${family}`);
  const recorded = golden.operations as unknown as readonly Recorded[];
  for (const half of tolerances.keys()) {
    test(`${family} in ${half}`, () => {
      for (const one of recorded) {
        if (!isComparable(one)) continue;
        for (const [i, call] of one.calls.entries()) {
          if (call.r === undefined) continue;
          try {
            check(golden, one, call, half);
          } catch (error) {
            throw new Error(`${one.name}(${JSON.stringify([one.a, one.k])}), call ${i}`, { cause: error });
          }
        }
      }
    });
  }
}
