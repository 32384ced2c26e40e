/** Containers of modules and parameters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn } from "../../src/index.js";

test("Sequential calls its modules one after another", () => {
  const net = new nn.Sequential(new nn.Flatten(), new nn.ReLU());
  assert.deepEqual(net(torch.tensor([[[1, -2]], [[-3, 4]]])).tolist(), [
    [1, 0],
    [0, 4],
  ]);
  assert.equal(net.length, 2);
  assert.deepEqual([...net].map(String), ["Flatten(start_dim=1, end_dim=-1)", "ReLU()"]);
  const x = torch.ones(1);
  assert.equal(new nn.Sequential()(x), x);
});

test("Sequential: names, indices, slices", () => {
  const [a, b, c] = [new nn.Linear(2, 2), new nn.ReLU(), new nn.Linear(2, 2)];
  const named = new nn.Sequential({ fc_1: a, act: b, lastLayer: c });
  assert.deepEqual(Object.keys(named.stateDict()), ["fc_1.weight", "fc_1.bias", "lastLayer.weight", "lastLayer.bias"]);
  assert.equal(named.at(-1), c);
  assert.deepEqual(
    [...named.at("1:").namedChildren()].map(([name]) => name),
    ["act", "lastLayer"],
  );
  const net = new nn.Sequential(a, b, c);
  assert.deepEqual([...net.at("::2")], [a, c]);
  assert.ok(net.at(":-1") instanceof nn.Sequential);
  // As in PyTorch, a slice of a Sequential keeps its keys, and one of a list counts anew.
  assert.deepEqual(Object.keys(net.at("2:").stateDict()), ["2.weight", "2.bias"]);
  assert.match(String(net.at("1:")), /^Sequential\(\n {2}\(1\): ReLU\(\)\n {2}\(2\): Linear/);
  assert.deepEqual(Object.keys(new nn.ModuleList([a, b, c]).at("2:").stateDict()), ["0.weight", "0.bias"]);
  assert.equal([...new nn.Sequential(new Map([["x", a]])).namedChildren()][0]?.[0], "x");
  assert.throws(() => net.at(3), { name: "RangeError", message: "index 3 is out of range" });
  assert.throws(() => net.at("a"), TypeError);
  assert.throws(
    () => new nn.Sequential([a, b] as unknown as nn.Module),
    /array of Linear is not a Module subclass|is not a Module subclass/,
  );
  assert.throws(() => new nn.Sequential(a, undefined as unknown as nn.Module), /undefined is not a Module subclass/);
});

test("Sequential and ModuleList change", () => {
  const modules = Array.from({ length: 5 }, () => new nn.ReLU());
  const [a, b, c, d, e] = modules as [nn.ReLU, nn.ReLU, nn.ReLU, nn.ReLU, nn.ReLU];
  for (const list of [new nn.Sequential(a), new nn.ModuleList<nn.Module>([a])]) {
    assert.equal(list.append(b).extend([c, d]), list);
    list.insert(1, e);
    assert.deepEqual([...list], [a, e, b, c, d]);
    assert.equal(list.pop(), d);
    assert.equal(list.pop(1), e);
    list.setAt(-1, d);
    list.delete(0);
    assert.deepEqual([...list], [b, d]);
    list.insert(2, a);
    assert.deepEqual(
      [...list.namedChildren()].map(([name]) => name),
      ["0", "1", "2"],
    );
    assert.throws(() => list.append(3 as unknown as nn.Module), /is not a Module subclass/);
    assert.throws(() => list.extend(a as unknown as nn.Module[]), /should be called with an iterable/);
    assert.throws(() => list.insert(7, a), RangeError);
  }
  const named = new nn.Sequential({ first: a });
  assert.throws(() => named.insert(0, b), /have names/);
});

test("ModuleDict", () => {
  const [a, b] = [new nn.Linear(2, 2), new nn.ReLU()];
  const dict = new nn.ModuleDict<nn.Module>({ keys: a, length: b });
  assert.deepEqual([...dict], ["keys", "length"]);
  assert.equal(dict.at("keys"), a);
  assert.ok(dict.has("length") && !dict.has("x"));
  dict.setAt("x", b);
  dict.update([["y", a]]);
  dict.update(new nn.ModuleDict({ z: b }));
  assert.deepEqual([...dict.keys()], ["keys", "length", "x", "y", "z"]);
  assert.deepEqual([...dict.values()], [a, b, b, a, b]);
  assert.equal(dict.pop("x"), b);
  dict.delete("y");
  assert.deepEqual(
    [...dict.items()].map(([key]) => key),
    ["keys", "length", "z"],
  );
  assert.throws(() => dict.at("x"), /ModuleDict has no key 'x'/);
  assert.throws(() => dict.setAt("a.b", a), /module name can't contain "\."/);
  dict.clear();
  assert.equal(dict.length, 0);
});

test("ParameterList and ParameterDict", () => {
  class Holder extends nn.Module {
    list = new nn.ParameterList([torch.ones(1), new nn.Parameter(torch.zeros(2))]);
    dict = new nn.ParameterDict({ b: torch.ones(1), a: torch.zeros(2) });
    ordered = new nn.ParameterDict(
      new Map([
        ["b", torch.ones(1)],
        ["a", torch.zeros(2)],
      ]),
    );
  }
  const holder = new Holder();
  assert.deepEqual(Object.keys(holder.stateDict()), ["list.0", "list.1", "dict.a", "dict.b", "ordered.b", "ordered.a"]);
  assert.ok([...holder.list].every((p) => p instanceof nn.Parameter && p.requiresGrad));
  assert.deepEqual(holder.dict.at("b").tolist(), [1]);
  assert.equal(holder.dict.get("x"), undefined);
  assert.equal(holder.dict.get("x", 3), 3);
  assert.equal(holder.dict.setdefault("c", torch.ones(1)), holder.dict.at("c"));
  assert.equal(holder.dict.popitem()[0], "c");
  assert.deepEqual([...holder.dict.copy().keys()], ["a", "b"]);
  holder.list.append(torch.ones(3) as nn.Parameter);
  assert.equal([...holder.parameters()].length, 7);
  holder.double();
  assert.equal(holder.list.at(0).dtype, torch.float64);
});

test("a subclass of a container may have parameters of its own", () => {
  class Scaled extends nn.Sequential {
    scale = new nn.Parameter(torch.tensor([2]));

    override forward(x: torch.Tensor): torch.Tensor {
      return super.forward(x).mul(this.scale);
    }
  }
  const net = new Scaled(new nn.ReLU());
  assert.deepEqual(net(torch.tensor([-1, 3])).tolist(), [0, 6]);
  assert.deepEqual(Object.keys(net.stateDict()), ["scale"]);
});

test("the compiler knows the members of a sequential by their names", () => {
  const net = new nn.Sequential({ hidden: new nn.Linear(2, 3), body: new nn.Sequential({ act: new nn.ReLU() }) });
  const inFeatures: number = net.hidden.inFeatures;
  assert.equal(inFeatures, 2);
  const inplace: boolean = net.body.act.inplace;
  assert.equal(inplace, false);
  // @ts-expect-error: there is no such member
  assert.equal(net.output, undefined);
  class Block extends nn.Sequential {
    constructor() {
      super({ first: new nn.Linear(2, 2) });
    }
  }
  const row: nn.Sequential = new Block();
  assert.equal(String(row), "Block(\n  (first): Linear(in_features=2, out_features=2, bias=True)\n)");
  assert.equal(nn.Sequential.name, "Sequential");
});
