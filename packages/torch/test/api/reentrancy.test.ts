/** Functions and getters of the user that change tensors while a call reads its arguments, or works on them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

test("the function of apply_ and map_ may change the tensor: the elements go where they came from", () => {
  const changes: readonly ((x: Tensor) => void)[] = [
    (x) => x.resize_(100_000),
    (x) => x.resize_(0),
    (x) => x.asStrided_([1], [1]),
    (x) => x.t_(),
    (x) => {
      x.data = torch.zeros(5, 5, 5);
    },
  ];
  for (const change of changes) {
    for (const name of ["apply_", "map_"] as const) {
      const x = torch.ones(2, 2);
      const memory = x.view(4);
      let calls = 0;
      const compute = (value: number) => {
        if (calls++ === 1) change(x);
        return value + 1;
      };
      if (name === "apply_") x.apply_(compute);
      else x.map_(torch.ones(2, 2), compute);
      assert.equal(calls, 4);
      assert.deepEqual(memory.tolist(), [2, 2, 2, 2]);
    }
  }
});

/** Options whose getter changes a tensor. */
function changing<O extends object>(options: O, change: () => void): O {
  const getters = Object.entries(options).map(([name, value]) => [
    name,
    {
      enumerable: true,
      get() {
        change();
        return value;
      },
    },
  ]);
  return Object.defineProperties({}, Object.fromEntries(getters)) as O;
}

test("what getters of options do to a tensor is done before it is looked at", () => {
  const grow = (x: Tensor) => () => void x.resize_(2, 3).fill_(1);
  const shrink = (x: Tensor) => () => void x.resize_(0, 3);
  const calls: readonly ((x: Tensor, change: () => void) => Tensor)[] = [
    (x, change) => x.sum(changing({ dim: 1, keepdim: true }, change)),
    (x, change) => x.cumsum(1, changing({ dtype: torch.float64 }, change)),
    (x, change) => x.add(x, changing({ alpha: 2 }, change)),
    (x, change) => torch.tensor(x, changing({ dtype: torch.float64 }, change)),
    (x, change) => x.to(changing({ dtype: torch.int64 }, change)),
    (x, change) => torch.addmm(torch.zeros(1, 2), torch.ones(1, 2), x.narrow(1, 0, 2), changing({ beta: 1 }, change)),
  ];
  for (const [i, call] of calls.entries()) {
    const grown = torch.zeros(2, 3);
    const result = call(grown, grow(grown));
    assert.ok(result.isfinite().all().item(), `call ${i}`);
    const shrunk = torch.zeros(2, 3);
    const empty = call(shrunk, shrink(shrunk));
    assert.ok(empty.isfinite().all().item(), `call ${i}`);
  }
});

test("lists that change while they are read are read once", () => {
  const sizes = [2, 3];
  const proxy = new Proxy(sizes, {
    get(target, key, receiver) {
      const value = Reflect.get(target, key, receiver) as unknown;
      if (key === "0") target[0] = 1e6;
      return value;
    },
  });
  const x = torch.zeros(proxy);
  assert.deepEqual(x.shape, [2, 3]);
  assert.equal(x.sum().item(), 0);
  const tensors = [torch.ones(2), torch.ones(2)];
  const list = Object.assign([...tensors], {
    *[Symbol.iterator]() {
      yield* tensors;
      list.length = 0;
    },
  });
  assert.deepEqual(torch.cat(list).tolist(), [1, 1, 1, 1]);
});
