/** What is not made by a constructor says how it is made. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn } from "../../src/index.js";

type Constructor = new (...args: unknown[]) => unknown;

test("tensors are made by functions", () => {
  const Tensor = torch.Tensor as unknown as Constructor;
  const wrong: readonly (readonly unknown[])[] = [[], [2, 3], [[1, 2]], [{}, 0, [1], [1], torch.float32, true]];
  for (const args of wrong)
    assert.throws(() => new Tensor(...args), { name: "TypeError", message: /torch\.tensor\(data\)/ });
  assert.ok(torch.tensor(1) instanceof torch.Tensor);
  assert.ok(new nn.Parameter(torch.ones(1)) instanceof torch.Tensor);
});

test("there are no dtypes but those of torch, and they do not change", () => {
  const DType = torch.DType as unknown as Constructor;
  assert.throws(() => new DType("float16", 9, 2, 2, Uint16Array), { name: "TypeError", message: /torch\.float32/ });
  for (const change of [{ itemsize: 1 }, { id: 99 }, { name: "x" }]) {
    assert.throws(() => Object.assign(torch.float32, change), { name: "TypeError" });
  }
});
