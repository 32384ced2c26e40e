/** Random numbers in the half types are those of PyTorch, bit by bit (conformance/random/halves.py). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { camelCase } from "../conformance/compare.js";
import { dtypeNamed } from "../conformance/golden.js";

type Row = readonly [
  dtype: string,
  call: string,
  args: readonly number[],
  size: number | readonly number[],
  transposed: boolean,
  bits: readonly number[],
];
type Call = (...args: readonly unknown[]) => Tensor;

const file = new URL("../../../test/random/golden-halves.json", import.meta.url);
const rows = JSON.parse(readFileSync(file, "utf8")) as readonly Row[];

function draw([name, call, args, size, transposed]: Row): Tensor {
  const dtype = dtypeNamed(name);
  torch.manualSeed(7);
  if (!call.endsWith("_")) return (torch as unknown as Record<string, Call>)[call]?.(size, { dtype }) as Tensor;
  const zeros = torch.zeros(size as number[], { dtype });
  const filled = transposed ? zeros.t() : zeros;
  return (filled as unknown as Record<string, Call>)[camelCase(call)]?.(...args) as Tensor;
}

for (const name of ["float16", "bfloat16"]) {
  for (const call of new Set(rows.map(([, each]) => each))) {
    test(`${call} in ${name}`, () => {
      for (const row of rows.filter(([dtype, each]) => dtype === name && each === call)) {
        const bits = draw(row).contiguous().view(torch.int16).flatten().tolist();
        assert.deepEqual(bits, row[5], `${row.slice(1, 5)}`);
      }
    });
  }
}

test("float16 draws the coins of float32, which PyTorch 1.13 does not have on a CPU", () => {
  const toss = (dtype: torch.DType) => {
    torch.manualSeed(1);
    return torch.empty(50, { dtype }).bernoulli_(0.3).tolist();
  };
  assert.deepEqual(toss(torch.float16), toss(torch.float32));
});
