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
  assert.throws(() => new DType(9, { name: "float16", itemsize: 2, category: 2, arrayType: Uint16Array }), {
    name: "TypeError",
    message: /torch\.float32/,
  });
  for (const change of [{ itemsize: 1 }, { id: 99 }, { name: "x" }]) {
    assert.throws(() => Object.assign(torch.float32, change), { name: "TypeError" });
  }
});

test("the memory of a tensor leads nowhere from which other memory could be named", () => {
  const { storage } = torch.ones(2);
  const prototype = Object.getPrototypeOf(storage) as object;
  assert.equal((storage as object).constructor, Object);
  for (let p = prototype; p !== Object.prototype; p = Object.getPrototypeOf(p) as object) {
    assert.ok(!Object.hasOwn(p, "constructor"));
  }
  const forged = Object.create(prototype, { nbytes: { value: 2 ** 40 }, version: { value: 0 } }) as typeof storage;
  assert.throws(() => forged.pointer(), { name: "TypeError" });
  const x = Reflect.construct(torch.Tensor, [forged, 0, [4], [1], torch.float32, true]) as torch.Tensor;
  for (const use of [() => x.add(1), () => x.fill_(1), () => x.tolist(), () => torch.ones(4).copy_(x)]) {
    assert.throws(use, { name: "TypeError" });
  }
});
