/** Tensors of inference mode stay out of every graph: they are not changed outside of it, and never saved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const inferred = (): Tensor => torch.inferenceMode(() => torch.ones(3));

const changes: Readonly<Record<string, (x: Tensor) => unknown>> = {
  add_: (x) => x.add_(1),
  copy_: (x) => x.copy_(torch.zeros(3)),
  zero_: (x) => x.zero_(),
  fill_: (x) => x.fill_(2),
  uniform_: (x) => x.uniform_(),
  setAt: (x) => x.setAt(0, 5),
  "a view": (x) => x.at(0).zero_(),
  "detach and add_": (x) => x.detach().add_(1),
  "data and add_": (x) => x.data.add_(1),
  unsqueeze_: (x) => x.unsqueeze_(0),
  squeeze_: (x) => x.squeeze_(),
  t_: (x) => x.t_(),
  apply_: (x) => x.apply_((value) => value + 1),
  relu_: (x) => torch.nn.functional.relu_(x),
  out: (x) => torch.add(torch.ones(3), torch.ones(3), { out: x }),
  "out of several": (x) => torch.max(torch.ones(3, 2), 1, { out: [x, torch.ones(3, { dtype: torch.long })] }),
  "add_ of what requires a gradient": (x) => x.add_(torch.ones(3, { requiresGrad: true })),
};

for (const [name, change] of Object.entries(changes)) {
  test(`${name}: changes a tensor of inference mode inside of it, and nowhere else`, () => {
    const x = inferred();
    const message = /Inplace update to inference tensor outside InferenceMode is not allowed/;
    assert.throws(() => change(x), message);
    assert.throws(() => torch.noGrad(() => change(x)), message);
    assert.deepEqual(x.tolist(), [1, 1, 1]);
    assert.deepEqual(x.shape, [3]);
    torch.inferenceMode(() => change(x));
  });
}

test("what shares memory with a tensor of inference mode is one, a copy is none", () => {
  const x = inferred();
  for (const shared of [x.detach(), x.data, x.at(0), x.view(3, 1), x.unsqueeze(0), x.expand(2, 3)]) {
    assert.equal(shared.isInference(), true);
  }
  for (const copy of [x.clone(), x.add(1), x.contiguous().mul(2)]) assert.equal(copy.isInference(), false);
});

test("normal tensors and their views stay normal in inference mode, what is computed there does not", () => {
  const x = torch.ones(3);
  torch.inferenceMode(() => {
    for (const same of [
      x.view(3, 1),
      x.at("0:2"),
      x.detach(),
      x.contiguous(),
      x.data,
      x.to(torch.float32),
      x.add_(1),
    ]) {
      assert.equal(same.isInference(), false);
    }
    for (const made of [x.add(1), x.clone(), torch.zeros(2), x.sum(), x.max(0).values, torch.cat([x, x])]) {
      assert.equal(made.isInference(), true);
    }
  });
  assert.equal(x.isInference(), false);
  assert.equal(x._version, 1);
});

test("a view of a graph's tensor that was made in inference mode cannot be changed outside", () => {
  const x = torch.ones(3, { requiresGrad: true }).mul(1);
  const view = torch.inferenceMode(() => x.view(3));
  assert.throws(
    () => view.add_(1),
    /A view was created in inferenceMode mode and is being modified inplace in normal mode/,
  );
});

test("tensors of inference mode have no version, no gradient, and are not saved", () => {
  const x = inferred();
  assert.throws(() => x._version, /Inference tensors do not track version counter/);
  for (const ask of [() => x.requiresGrad_(), () => torch.noGrad(() => x.requiresGrad_())]) {
    assert.throws(ask, /Setting requires_grad=True on inference tensor outside InferenceMode is not allowed/);
  }
  assert.equal(x.requiresGrad_(false).requiresGrad, false);
  assert.throws(() => new torch.nn.Parameter(x), /inference tensor/);
  const w = torch.ones(3, { requiresGrad: true });
  assert.throws(() => w.mul(x), /Inference tensors cannot be saved for backward/);
  w.add(x).sum().backward();
  w.mul(x.clone()).sum().backward();
  assert.deepEqual(w.grad?.tolist(), [2, 2, 2]);
  w.grad = inferred();
  assert.throws(() => w.mul(2).sum().backward(), /Inplace update to inference tensor/);
});

test("a gradient of inference mode may start a pass", () => {
  const w = torch.ones(3, { requiresGrad: true });
  w.mul(2).backward(inferred());
  assert.deepEqual(w.grad?.tolist(), [2, 2, 2]);
});
