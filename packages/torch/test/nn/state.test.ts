/** State dicts: what they hold, and how they are loaded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import torch, { nn, type Tensor } from "../../src/index.js";

class Norm extends nn.Module {
  weight = new nn.Parameter(torch.ones(2));
  runningMean!: Tensor;
  scratch!: Tensor;

  constructor() {
    super();
    this.registerBuffer("running_mean", torch.zeros(2));
    this.registerBuffer("scratch", torch.zeros(2), { persistent: false });
  }
}

class Net extends nn.Module {
  norm = new Norm();
  fc = new nn.Linear(2, 3);
}

test("a state shares the memory of the module, without gradients", () => {
  const net = new Net();
  const state = net.stateDict();
  assert.deepEqual(Object.keys(state), ["norm.weight", "norm.running_mean", "fc.weight", "fc.bias"]);
  assert.ok(Object.values(state).every((tensor) => !tensor.requiresGrad));
  state["fc.bias"]?.fill_(7);
  assert.deepEqual(net.fc.bias?.tolist(), [7, 7, 7]);
  assert.equal(net.stateDict({ keepVars: true })["fc.weight"], net.fc.weight);
  const into = { other: torch.ones(1) };
  assert.equal(net.stateDict({ destination: into }), into);
  assert.equal(Object.keys(into).length, 5);
});

test("loading copies, and tells that all matched", () => {
  const [from, to] = [new Net(), new Net()];
  from.norm.runningMean.fill_(5);
  const weight = to.fc.weight;
  const result = to.loadStateDict(from.stateDict());
  assert.equal(inspect(result), "<All keys matched successfully>");
  assert.deepEqual([...result], [[], []]);
  assert.deepEqual(to.norm.runningMean.tolist(), [5, 5]);
  assert.equal(to.fc.weight, weight);
  assert.deepEqual(weight.tolist(), from.fc.weight.tolist());
  torch.noGrad(() => from.fc.weight.fill_(0));
  assert.ok(weight.ne(0).all().item());
});

test("loading converts to the dtype of the module; with assign the module takes the state's", () => {
  const [from, to] = [new Net().double(), new Net()];
  to.loadStateDict(from.stateDict());
  assert.equal(to.fc.weight.dtype, torch.float32);
  const state = from.stateDict();
  const before = to.fc.weight;
  before.requiresGrad_(false);
  to.loadStateDict(state, { assign: true });
  assert.notEqual(to.fc.weight, before);
  assert.equal(to.fc.weight.dtype, torch.float64);
  assert.equal(to.fc.weight.requiresGrad, false);
  assert.ok(to.norm.weight instanceof nn.Parameter && to.norm.weight.requiresGrad);
  assert.equal(to.norm.runningMean, state["norm.running_mean"]);
});

test("errors are all told at once, in PyTorch's words, and nothing is changed", () => {
  const net = new Net();
  const state: Record<string, Tensor> = { ...new Net().stateDict(), extra: torch.ones(1), "fc.more": torch.ones(1) };
  delete state["norm.weight"];
  delete state["norm.running_mean"];
  state["fc.bias"] = torch.zeros(4);
  const before = net.fc.weight.tolist();
  assert.throws(() => net.loadStateDict(state), {
    name: "Error",
    message: [
      "Error(s) in loading state_dict for Net:",
      '\tMissing key(s) in state_dict: "norm.weight", "norm.running_mean". ',
      '\tUnexpected key(s) in state_dict: "extra", "fc.more". ',
      "\tsize mismatch for fc.bias: copying a param with shape torch.Size([4]) from checkpoint, the shape in current model is torch.Size([3]).",
    ].join("\n"),
  });
  assert.deepEqual(net.fc.weight.tolist(), before);
  assert.throws(
    () => net.loadStateDict(state, { strict: false }),
    /^Error: Error\(s\) in loading state_dict for Net:\n\tsize mismatch for fc\.bias/,
  );
  assert.deepEqual(net.fc.weight.tolist(), before);
  delete state["fc.bias"];
  const { missingKeys, unexpectedKeys } = net.loadStateDict(state, { strict: false });
  assert.deepEqual(missingKeys, ["norm.weight", "norm.running_mean", "fc.bias"]);
  assert.deepEqual(unexpectedKeys, ["extra", "fc.more"]);
  assert.deepEqual(net.fc.weight.tolist(), state["fc.weight"]?.tolist());
  const text = "_IncompatibleKeys(missing_keys=['a'], unexpected_keys=[])";
  assert.equal(String(new nn.IncompatibleKeys(["a"], [])), text);
});

test("a tensor that cannot be copied leaves all others as they were, and is named", () => {
  const array = new Float32Array(3);
  const gone = torch.fromTypedArray(array);
  structuredClone(array, { transfer: [array.buffer] });
  const where = (sizes: string) =>
    `While copying the parameter named "fc.bias", whose dimensions in the model are torch.Size(${sizes}) and whose dimensions in the checkpoint are torch.Size(${sizes}), an exception occurred : `;
  const spoil: [change: (net: Net, state: Record<string, Tensor>) => void, message: string][] = [
    [
      ({ fc }) => Object.assign(fc, { bias: new nn.Parameter(torch.ones(1).expand(3)) }),
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location.",
    ],
    [
      ({ fc }, state) => {
        const both = torch.arange(4, { dtype: torch.float32 });
        fc.bias = new nn.Parameter(both.at(":3"));
        state["fc.bias"] = both.at("1:");
      },
      "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location.",
    ],
    [
      (_, state) => Object.assign(state, { "fc.bias": gone }),
      "the ArrayBuffer that this tensor shares was detached or resized",
    ],
    [
      ({ fc }) => Object.assign(fc, { bias: new nn.Parameter(gone) }),
      "the ArrayBuffer that this tensor shares was detached or resized",
    ],
  ];
  for (const [change, message] of spoil) {
    const [net, state] = [new Net(), new Net().stateDict()];
    change(net, state);
    const before = net.fc.weight.tolist();
    assert.throws(
      () => net.loadStateDict(state),
      (error: Error) => error.message.includes(`Net:\n\t${where("[3]")}${message}`),
    );
    assert.deepEqual(net.fc.weight.tolist(), before);
  }
});

test("a state that cannot be assigned changes nothing", () => {
  const net = new Net();
  const { weight } = net.fc;
  const state = { ...new Net().stateDict(), "fc.bias": torch.ones(3, { dtype: torch.int64 }) };
  assert.throws(() => net.loadStateDict(state, { assign: true }), /parameter named "fc\.bias".*floating point/);
  assert.equal(net.fc.weight, weight);
});

test("a buffer that is assigned a parameter stays a buffer", () => {
  const net = new Norm();
  const mean = new nn.Parameter(torch.ones(2));
  net.loadStateDict({ weight: torch.ones(2), running_mean: mean }, { assign: true });
  assert.deepEqual(
    [...net.namedBuffers()].map(([name]) => name),
    ["running_mean", "scratch"],
  );
});

test("what is no tensor is not loaded", () => {
  const net = new nn.Linear(1, 1);
  assert.throws(
    () => net.loadStateDict({ weight: 3 as unknown as Tensor, bias: torch.ones(1) }),
    /While copying the parameter named "weight", expected torch\.Tensor or Tensor-like object from checkpoint but received int/,
  );
  assert.throws(() => net.loadStateDict(null as unknown as nn.StateDict), {
    name: "TypeError",
    message: /Expected state_dict to be dict-like/,
  });
  for (const wrong of [[], "state", 3, new nn.ReLU(), torch.ones(1), new Set()]) {
    assert.throws(() => net.loadStateDict(wrong as never), {
      name: "TypeError",
      message: /Expected state_dict to be dict-like/,
    });
  }
  const map = new Map([
    ["weight", torch.full([1, 1], 5)],
    ["bias", torch.ones(1)],
  ]);
  assert.equal(net.loadStateDict(map as never).missingKeys.length, 0);
  assert.equal(net.weight.item(), 5);
  // @ts-expect-error a switch has a name
  assert.throws(() => net.loadStateDict(net.stateDict(), false), /'strict' is a named option/);
});

test("the weights of a loss are part of its state", () => {
  const loss = new nn.CrossEntropyLoss(torch.tensor([1, 2]));
  assert.deepEqual(Object.keys(loss.stateDict()), ["weight"]);
  assert.deepEqual(Object.keys(new nn.BCEWithLogitsLoss({ posWeight: torch.ones(2) }).stateDict()), ["pos_weight"]);
  assert.equal(loss.double().weight?.dtype, torch.float64);
});

test("a module changes a state before it is loaded, not the caller's own", () => {
  class Renamed extends nn.Linear {
    override _loadFromStateDict(state: nn.StateDict, prefix: string): void {
      const old = state[`${prefix}kernel`];
      if (old === undefined) return;
      state[`${prefix}weight`] = old;
      delete state[`${prefix}kernel`];
    }
  }
  const net = new nn.Sequential({ first: new Renamed(1, 1), second: new nn.Linear(1, 1) });
  const { "first.weight": weight, ...rest } = net.stateDict();
  const older = { ...rest, "first.kernel": torch.full([1, 1], 5) };
  assert.equal(String(net.loadStateDict(older)), "<All keys matched successfully>");
  assert.equal(weight?.item(), 5);
  assert.ok("first.kernel" in older && !("first.weight" in older));
  assert.throws(() => net.loadStateDict({ ...rest, "second.kernel": weight as Tensor }), /Unexpected key\(s\)/);
});

test("a state without the counters of batch norms is loaded, as older ones are", () => {
  const [source, target] = [new nn.BatchNorm2d(2), new nn.Sequential(new nn.BatchNorm2d(2))];
  source(torch.rand(2, 2, 3, 3));
  const { num_batches_tracked: _, ...old } = source.stateDict();
  const named = Object.entries(old).map(([key, value]) => [`0.${key}`, value]);
  target.loadStateDict(Object.fromEntries(named));
  const [norm] = [...target] as [nn.BatchNorm2d];
  assert.ok(norm.runningMean?.equal(source.runningMean as Tensor));
  assert.equal(norm.numBatchesTracked?.item(), 0);
});

test("what is no state is refused by a module that adapts states", () => {
  for (const layer of [new nn.BatchNorm1d(2), new nn.LazyBatchNorm1d(), new nn.BatchNorm3d(2)]) {
    for (const wrong of [undefined, null, 3, [torch.ones(2)]]) {
      assert.throws(() => layer._loadFromStateDict(wrong as never, ""), /Expected state_dict to be dict-like/);
    }
  }
});
