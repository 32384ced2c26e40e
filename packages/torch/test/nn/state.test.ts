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
  // @ts-expect-error a switch has a name
  assert.throws(() => net.loadStateDict(net.stateDict(), false), /'strict' is a named option/);
});

test("the weights of a loss are part of its state", () => {
  const loss = new nn.CrossEntropyLoss(torch.tensor([1, 2]));
  assert.deepEqual(Object.keys(loss.stateDict()), ["weight"]);
  assert.deepEqual(Object.keys(new nn.BCEWithLogitsLoss({ posWeight: torch.ones(2) }).stateDict()), ["pos_weight"]);
  assert.equal(loss.double().weight?.dtype, torch.float64);
});
