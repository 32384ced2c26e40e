/** Assigning to the properties of a module that are its parameters, buffers and children. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "../../src/index.js";

/** What a program without types can assign. */
type Loose = Record<string, unknown>;

class Net extends nn.Module {
  scale = new nn.Parameter(torch.ones(2));
  inner = new nn.Linear(2, 2);
  note = torch.zeros(1);
  #calls = 0;
  declare runningMean: Tensor;

  constructor() {
    super();
    this.registerBuffer("running_mean", torch.zeros(2));
    this.registerParameter("shift", null);
  }

  override forward(x: Tensor): Tensor {
    this.#calls++;
    return this.inner(x).mul(this.scale).add(this.#calls);
  }
}

const keys = ["scale", "running_mean", "inner.weight", "inner.bias"];

function loose(module: nn.Module): Loose {
  return module as unknown as Loose;
}

test("a parameter, buffer or child is not replaced by a value of another kind", () => {
  const two = torch.ones(2);
  const wrong: [name: string, value: unknown, message: string][] = [
    [
      "scale",
      two.mul(2),
      "cannot assign 'torch.FloatTensor' as parameter 'scale' (torch.nn.Parameter or None expected)",
    ],
    [
      "scale",
      two.double(),
      "cannot assign 'torch.DoubleTensor' as parameter 'scale' (torch.nn.Parameter or None expected)",
    ],
    ["scale", 3, "cannot assign 'int' as parameter 'scale' (torch.nn.Parameter or None expected)"],
    ["scale", () => 1, "cannot assign 'function' as parameter 'scale' (torch.nn.Parameter or None expected)"],
    ["shift", two, "cannot assign 'torch.FloatTensor' as parameter 'shift' (torch.nn.Parameter or None expected)"],
    ["runningMean", [0, 0], "cannot assign 'array of int' as buffer 'runningMean' (torch.Tensor or None expected)"],
    ["inner", two, "cannot assign 'torch.FloatTensor' as child module 'inner' (torch.nn.Module or None expected)"],
    ["inner", "relu", `cannot assign '"relu"' as child module 'inner' (torch.nn.Module or None expected)`],
  ];
  for (const [name, value, message] of wrong) {
    const net = new Net();
    const before = loose(net)[name];
    assert.throws(() => Object.assign(net, { [name]: value }), { name: "TypeError", message });
    assert.throws(() => Object.defineProperty(net, name, { value }), { name: "TypeError", message });
    assert.equal(loose(net)[name], before);
    assert.deepEqual(Object.keys(net.stateDict()), keys);
  }
  const net = new Net();
  assert.throws(() => Object.assign(net, { scale: new nn.ReLU() }), /cannot assign '.*' as parameter 'scale'/);
});

test("the layers of the library, and modules inside a forward, refuse it too", () => {
  const linear = new nn.Linear(2, 2);
  assert.throws(() => Object.assign(linear, { weight: linear.weight.mul(2) }), {
    name: "TypeError",
    message: "cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)",
  });
  const noBias = new nn.Linear(2, 2, { bias: false });
  assert.throws(() => Object.assign(noBias, { bias: torch.ones(2) }), /as parameter 'bias'/);
  const loss = new nn.CrossEntropyLoss();
  assert.throws(() => Object.assign(loss, { weight: 2 }), /cannot assign 'int' as buffer 'weight'/);
  class Grows extends Net {
    override forward(x: Tensor): Tensor {
      Object.assign(this, { scale: this.scale.mul(2) });
      return x;
    }
  }
  assert.throws(() => new Grows()(torch.ones(2)), /as parameter 'scale'/);
  class Constructed extends nn.Module {
    gain: Tensor = new nn.Parameter(torch.ones(1));

    constructor() {
      super();
      this.gain = this.gain.mul(2);
    }
  }
  assert.throws(() => new Constructed(), /as parameter 'gain'/);
});

test("null, undefined and new members of the same kind are taken", () => {
  const net = new Net();
  const scale = new nn.Parameter(torch.zeros(2));
  net.scale = scale;
  loose(net).shift = new nn.Parameter(torch.ones(1));
  net.runningMean = torch.ones(3);
  net.inner = new nn.Linear(2, 3);
  net.note = torch.ones(4);
  assert.deepEqual(Object.keys(net.stateDict()), ["scale", "shift", "running_mean", "inner.weight", "inner.bias"]);
  assert.equal([...net.parameters()][0], scale);
  for (const nothing of [null, undefined]) {
    Object.assign(net, { scale: nothing, runningMean: nothing, inner: nothing, shift: nothing });
    assert.deepEqual(Object.keys(net.stateDict()), []);
    Object.assign(net, { inner: new nn.ReLU(), scale });
    assert.deepEqual(Object.keys(net.stateDict()), ["scale"]);
    assert.throws(() => Object.assign(net, { shift: torch.ones(1) }), /as parameter 'shift'/);
  }
});

test("as in PyTorch, a parameter takes any place, and a module that of a buffer", () => {
  const net = new Net();
  Object.assign(net, { inner: new nn.Parameter(torch.ones(1)), runningMean: new nn.Parameter(torch.ones(2)) });
  assert.deepEqual(
    [...net.namedParameters()].map(([name]) => name),
    ["scale", "inner", "running_mean"],
  );
  assert.deepEqual([...net.buffers(), ...net.children()], []);
  const other = new Net();
  Object.assign(other, { runningMean: new nn.Linear(1, 1, { bias: false }) });
  assert.deepEqual(Object.keys(other.stateDict()), ["scale", "inner.weight", "inner.bias", "running_mean.weight"]);
});

test("a property that is deleted is free, and comes last when it is made again", () => {
  const net = new Net();
  Reflect.deleteProperty(net, "scale");
  assert.deepEqual(Object.keys(net.stateDict()), keys.slice(1));
  net.scale = torch.ones(1) as nn.Parameter;
  assert.deepEqual(Object.keys(net.stateDict()), keys.slice(1));
  net.registerParameter("later", new nn.Parameter(torch.ones(1)));
  net.scale = new nn.Parameter(torch.ones(1));
  assert.deepEqual(
    [...net.namedParameters({ recurse: false })].map(([name]) => name),
    ["later", "scale"],
  );
});

test("names that are whole numbers keep their order", () => {
  const net = new nn.Module();
  for (const name of ["1", "0"]) net.registerModule(name, new nn.Linear(1, 1, { bias: false }));
  assert.deepEqual(Object.keys(net.stateDict()), ["1.weight", "0.weight"]);
});

test("two members cannot have one key in the state dict", () => {
  const parameter = () => new nn.Parameter(torch.ones(1));
  const message = "'a_b' would have the key 'a_b' in the state dict, which another member has";
  const net = loose(new nn.Module());
  net.aB = parameter();
  assert.throws(() => Object.assign(net, { a_b: parameter() }), { name: "Error", message });
  assert.throws(() => Object.assign(net, { a_b: new nn.ReLU() }), { name: "Error", message });
  net.a_b = torch.ones(1);
  class Both extends nn.Module {
    a_b = parameter();
    aB = new nn.Linear(1, 1);
  }
  assert.throws(() => new Both(), /'aB' would have the key 'a_b'/);
  const named = new nn.Module();
  named.registerParameter("a_b", parameter());
  assert.throws(() => named.registerParameter("aB", parameter()), /attribute 'aB' already exists/);
  assert.throws(() => named.registerBuffer("a_b", torch.ones(1)), /attribute 'a_b' already exists/);
  const dict = new nn.ModuleDict({ a_b: new nn.ReLU() });
  assert.throws(() => Object.assign(dict, { aB: new nn.ReLU() }), /'aB' would have the key 'a_b'/);
  loose(dict).cD = new nn.ReLU();
  assert.throws(() => dict.setAt("c_d", new nn.ReLU()), /'c_d' would have the key 'c_d'/);
  dict.setAt("a_b", new nn.ReLU());
});

test("a copy refuses what its original refuses", () => {
  class Plain extends nn.Module {
    scale = new nn.Parameter(torch.ones(2));
  }
  const original = new Plain();
  original.registerBuffer("mean", torch.zeros(1), { persistent: false });
  const copy = torch.deepcopy(original);
  assert.throws(() => Object.assign(copy, { scale: torch.ones(2) }), /as parameter 'scale'/);
  assert.throws(() => Object.assign(copy, { mean: 1 }), /as buffer 'mean'/);
  assert.deepEqual(Object.keys(copy.stateDict()), ["scale"]);
  copy.registerParameter("more", new nn.Parameter(torch.ones(1)));
  assert.deepEqual(Object.keys(original.stateDict()), ["scale"]);
});

test("a parameter that is registered as a buffer is one, as in PyTorch, also in a copy", () => {
  const net = new nn.Module();
  net.registerBuffer("x", new nn.Parameter(torch.ones(1)));
  for (const module of [net, torch.deepcopy(net)]) {
    assert.deepEqual([[...module.namedBuffers()].map(([name]) => name), [...module.parameters()]], [["x"], []]);
  }
});
