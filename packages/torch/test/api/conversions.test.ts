/** What JavaScript makes of a tensor by itself: numbers, texts, JSON, clones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import torch, { nn, type Tensor } from "../../src/index.js";

/** A tensor where the types want a number. */
const asNumber = (tensor: Tensor): number => tensor as unknown as number;

const dtypes = [torch.float32, torch.float64, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8];

test("a tensor of one element is its number", () => {
  for (const dtype of dtypes) {
    for (const shape of [[], [1], [1, 1]]) {
      const [ten, nine] = [10, 9].map((value) => asNumber(torch.full(shape, value, { dtype }))) as [number, number];
      assert.equal(ten < nine, false);
      assert.equal(ten > nine, true);
      assert.equal(-ten, -10);
      assert.equal(Number(ten), 10);
      assert.equal(ten + nine, 19);
      assert.equal(ten * 2, 20);
      assert.equal(Math.max(ten, nine), 10);
    }
  }
  let total = 0;
  for (let i = 0; i < 3; i++) total += asNumber(torch.tensor(0.5, { requiresGrad: true }).mul(2));
  assert.equal(total, 3);
  assert.equal(Number(torch.tensor(true)), 1);
  assert.equal(Number(torch.tensor(-Infinity)), -Infinity);
  assert.equal(Number(new nn.Parameter(torch.tensor([7]))), 7);
  assert.throws(() => Number(torch.tensor(2n ** 60n)), { name: "RangeError", message: /itemBigInt/ });
});

test("a tensor of several elements, or of none, is no number", () => {
  for (const tensor of [torch.ones(2), torch.ones(2, 3, { dtype: torch.int64 }), torch.empty(0)]) {
    const x = asNumber(tensor);
    assert.throws(() => x + 1, { name: "TypeError", message: /write a\.add\(b\) instead of a \+ b/ });
    // biome-ignore lint/suspicious/noDoubleEquals: the conversion is what is tested
    assert.throws(() => x == 1, { name: "TypeError", message: /a\.eq\(b\)/ });
    for (const misuse of [() => -x, () => x * 2, () => x < 3, () => Number(x), () => Math.max(x, 1)]) {
      assert.throws(misuse, { name: "TypeError", message: /a\.mul\(b\), a\.div\(b\), a\.neg\(\), a\.lt\(b\)/ });
    }
  }
});

test("a text is what is printed", () => {
  for (const tensor of [torch.tensor(1.5), torch.ones(2, 2), torch.empty(0), torch.tensor([true])]) {
    assert.equal(`${tensor}`, tensor.toString());
    assert.equal(String(tensor), tensor.toString());
    assert.equal([tensor, tensor].join(), `${tensor},${tensor}`);
  }
});

test("JSON has nested arrays, and texts for numbers that it does not know", () => {
  const cases: readonly (readonly [Tensor, string])[] = [
    [torch.tensor(2.5), "2.5"],
    [
      torch.tensor([
        [1, 2],
        [3, 4],
      ]),
      "[[1,2],[3,4]]",
    ],
    [torch.tensor([1n, 2n ** 53n, -(2n ** 60n)]), '[1,"9007199254740992","-1152921504606846976"]'],
    [torch.tensor([Number.NaN, Infinity, -Infinity, -1]), '["NaN","Infinity","-Infinity",-1]'],
    [torch.tensor([true, false]), "[true,false]"],
    [torch.empty(2, 0), "[[],[]]"],
    [torch.ones(2, 2).t().narrow(0, 0, 1), "[[1,1]]"],
    [new nn.Parameter(torch.ones(1)), "[1]"],
  ];
  for (const [tensor, json] of cases) assert.equal(JSON.stringify(tensor), json);
  assert.equal(JSON.stringify({ loss: torch.tensor(1), dtype: torch.int8 }), '{"loss":1,"dtype":"torch.int8"}');
});

test("a clone, or a message, says how a tensor is sent", () => {
  const { port1, port2 } = new MessageChannel();
  const x = torch.ones(2, 3);
  const y = x.mul(torch.ones(3, { requiresGrad: true }));
  const values: readonly unknown[] = [
    x,
    y,
    x.view(6),
    torch.tensor(true),
    new nn.Parameter(x),
    { x },
    [[y]],
    torch.int8,
  ];
  for (const value of values) {
    for (const send of [() => structuredClone(value), () => port1.postMessage(value)]) {
      assert.throws(send, {
        name: "DataCloneError",
        message: /toTypedArray\(\).* torch\.fromTypedArray\(array, shape\)/,
      });
    }
  }
  const sent = structuredClone({ array: x.toTypedArray(), shape: x.shape });
  assert.deepEqual(torch.fromTypedArray(sent.array, sent.shape).tolist(), x.tolist());
  port1.close();
  port2.close();
});
