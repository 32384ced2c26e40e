/** Values of another realm, as Jest and `vm` make them, are what they are in their own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import torch, { F, nn, optim, utils } from "../../src/index.js";

/** The value of an expression in a realm of its own. */
function foreign<T>(code: string): T {
  return runInNewContext(`(${code})`) as T;
}

test("options", () => {
  assert.equal(torch.zeros(2, foreign<{ requiresGrad: boolean }>("{ requiresGrad: true }")).requiresGrad, true);
  assert.deepEqual(torch.ones(2, 3).sum(1, foreign<{ keepdim: true }>("{ keepdim: true }")).shape, [2, 1]);
  assert.throws(() => torch.zeros(2, foreign<object>("{ dtypo: 1 }")), {
    name: "TypeError",
    message: /option 'dtypo'/,
  });
  const layer = new nn.Linear(2, 3, foreign<{ bias: boolean }>("{ bias: false }"));
  assert.equal(layer.bias, null);
  assert.equal(F.dropout(torch.ones(3), 0.5, foreign<{ training: boolean }>("{ training: false }")).sum().item(), 3);
});

test("arrays of sizes and data", () => {
  assert.deepEqual(torch.zeros(foreign<number[]>("[2, 3]")).shape, [2, 3]);
  assert.deepEqual(torch.tensor(foreign<number[][]>("[[1, 2], [3, 4]]")).tolist(), [
    [1, 2],
    [3, 4],
  ]);
  assert.deepEqual(torch.arange(4).at(foreign<number[]>("[0, 2]")).tolist(), [0, 2]);
});

test("typed arrays and buffers", () => {
  const kinds = { Float32Array: "float32", Uint8Array: "uint8", Uint8ClampedArray: "uint8", Int16Array: "int16" };
  for (const [kind, dtype] of Object.entries(kinds)) {
    const array = foreign<Float32Array>(`new ${kind}([1, 2])`);
    const converted = utils.data.defaultConvert([array])[0] as unknown as torch.Tensor;
    const made = [torch.tensor(array), torch.asTensor(array), torch.fromTypedArray(array), converted];
    for (const tensor of made) {
      assert.equal(String(tensor.dtype), `torch.${dtype}`);
      assert.deepEqual(tensor.tolist(), [1, 2]);
    }
    assert.deepEqual(utils.data.defaultCollate([array, array]).shape, [2, 2]);
  }
  assert.deepEqual(
    torch.frombuffer(foreign<ArrayBuffer>("new ArrayBuffer(2)"), { dtype: torch.int8 }).tolist(),
    [0, 0],
  );
  const view = foreign<DataView>("new DataView(new ArrayBuffer(2))");
  assert.equal(utils.data.defaultConvert(view as never), view);
});

test("parameter groups, and the state of an optimizer", () => {
  const p = new nn.Parameter(torch.ones(2));
  const group = foreign<{ params: nn.Parameter[]; lr: number }>("{ params: [], lr: 0.25 }");
  group.params.push(p);
  const optimizer = new optim.SGD([group], { lr: 1, momentum: 0.9 });
  assert.equal(optimizer.paramGroups[0]?.lr, 0.25);
  p.grad = torch.ones(2);
  optimizer.step();
  const other = new optim.SGD([p], { lr: 1, momentum: 0.9 });
  const { state, param_groups } = optimizer.stateDict();
  const saved = foreign<{ state: Record<number, unknown>; param_groups: object[] }>(
    "{ state: {}, param_groups: [{}] }",
  );
  for (const [key, value] of Object.entries(state)) {
    saved.state[Number(key)] = Object.assign(foreign<object>("{}"), value);
  }
  Object.assign(saved.param_groups[0] as object, param_groups[0]);
  other.loadStateDict(saved as never);
  assert.equal(other.paramGroups[0]?.lr, 0.25);
});

test("collated objects and Maps", () => {
  const objects = foreign<{ x: number }[]>("[{ x: 1 }, { x: 2 }]");
  const { x } = utils.data.defaultCollate(objects);
  assert.deepEqual(x.tolist(), [1, 2]);
  const maps = foreign<Map<string, number>[]>("[new Map([['x', 1]]), new Map([['x', 2]])]");
  const collated = utils.data.defaultCollate(maps) as unknown as Map<string, torch.Tensor>;
  assert.deepEqual(collated.get("x")?.tolist(), [1, 2]);
});

test("deepcopy copies objects, Maps and Sets", () => {
  const value = foreign<{ list: number[]; map: Map<string, object>; set: Set<object> }>(
    "{ list: [1], map: new Map([['a', {}]]), set: new Set([{}]) }",
  );
  const copy = torch.deepcopy(value);
  assert.notEqual(copy, value);
  assert.notEqual(copy.map, value.map);
  assert.notEqual(copy.map.get("a"), value.map.get("a"));
  assert.equal(copy.set.size, 1);
  assert.equal(copy.set.has([...value.set][0] as object), false);
});

test("forkRng waits for a promise", async () => {
  torch.manualSeed(0);
  const expected = torch.rand(1).item();
  torch.manualSeed(0);
  const promise = torch.random.forkRng(() => {
    torch.rand(1);
    return foreign<() => Promise<number>>("() => Promise.resolve(3)")();
  });
  assert.equal(await promise, 3);
  assert.equal(torch.rand(1).item(), expected);
});

test("instances of classes are no options", () => {
  class Options {
    keepdim = true;
  }
  const call = torch.sum as unknown as (...args: unknown[]) => unknown;
  assert.throws(() => call(torch.ones(2, 3), 1, new Options()), { name: "TypeError" });
});
