/** Lazy modules and states: tensors that have no sizes take those of what is loaded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as torch from "../../src/index.js";
import { nn, type Tensor } from "../../src/index.js";

type Case = [makeLazy: () => nn.Module, make: () => nn.Module, sizes: number[]];

const full = { affine: true, trackRunningStats: true };
const cases: Case[] = [
  [() => new nn.LazyLinear(2), () => new nn.Linear(3, 2), [4, 3]],
  [() => new nn.LazyLinear(2, { bias: false }), () => new nn.Linear(3, 2, { bias: false }), [4, 3]],
  [() => new nn.LazyConv1d(4, 3), () => new nn.Conv1d(2, 4, 3), [1, 2, 5]],
  [() => new nn.LazyConv2d(4, 3, { groups: 2 }), () => new nn.Conv2d(6, 4, 3, { groups: 2 }), [1, 6, 5, 5]],
  [() => new nn.LazyConv3d(4, 2), () => new nn.Conv3d(2, 4, 2), [1, 2, 3, 3, 3]],
  [() => new nn.LazyConvTranspose1d(4, 3), () => new nn.ConvTranspose1d(2, 4, 3), [1, 2, 5]],
  [
    () => new nn.LazyConvTranspose2d(4, 3, { groups: 2 }),
    () => new nn.ConvTranspose2d(6, 4, 3, { groups: 2 }),
    [1, 6, 5, 5],
  ],
  [() => new nn.LazyConvTranspose3d(4, 2), () => new nn.ConvTranspose3d(2, 4, 2), [1, 2, 3, 3, 3]],
  [() => new nn.LazyBatchNorm1d(), () => new nn.BatchNorm1d(3), [4, 3]],
  [() => new nn.LazyBatchNorm2d(), () => new nn.BatchNorm2d(3), [2, 3, 4, 4]],
  [() => new nn.LazyBatchNorm3d({ affine: false }), () => new nn.BatchNorm3d(3, { affine: false }), [2, 3, 2, 2, 2]],
  [() => new nn.LazyInstanceNorm1d(), () => new nn.InstanceNorm1d(3, full), [2, 3, 4]],
  [() => new nn.LazyInstanceNorm2d(), () => new nn.InstanceNorm2d(3, full), [2, 3, 4, 4]],
  [() => new nn.LazyInstanceNorm3d(), () => new nn.InstanceNorm3d(3, full), [2, 3, 2, 2, 2]],
];

/** A module whose state differs from what a module begins with. */
function trained(module: nn.Module): nn.Module {
  torch.noGrad(() => {
    for (const tensor of Object.values(module.stateDict())) if (tensor.isFloatingPoint()) tensor.uniform_(0.5, 1);
  });
  return module;
}

const run = (module: nn.Module, x: Tensor): Tensor => module(x);
const shapesOf = (state: Record<string, Tensor>) => Object.entries(state).map(([key, { shape }]) => [key, [...shape]]);

for (const [makeLazy, make, sizes] of cases) {
  const name = String(makeLazy());
  test(`${name} takes a state with sizes`, () => {
    for (const assign of [false, true]) {
      for (const lazy of [makeLazy(), torch.deepcopy(makeLazy())]) {
        const module = trained(make()).eval();
        const parameters = lazy.parameters();
        assert.equal(String(lazy.loadStateDict(module.stateDict(), { assign })), "<All keys matched successfully>");
        assert.equal(String(lazy), name);
        assert.deepEqual(shapesOf(lazy.stateDict()), shapesOf(module.stateDict()));
        if (!assign)
          assert.deepEqual(
            lazy.parameters().map((p, i) => p === parameters[i]),
            parameters.map(() => true),
          );
        const x = torch.rand(sizes);
        assert.ok(torch.equal(run(lazy.eval(), x), run(module, x)));
        assert.equal(String(lazy), String(module));
      }
    }
  });

  test(`${name} and the state of one without sizes`, () => {
    const lazy = makeLazy();
    lazy.loadStateDict(makeLazy().stateDict());
    const module = make();
    const before = trained(module).stateDict();
    const kept = Object.fromEntries(Object.entries(before).map(([key, value]) => [key, value.clone()]));
    for (const keepVars of [false, true]) {
      assert.throws(
        () => module.loadStateDict(makeLazy().stateDict({ keepVars })),
        /Can't access the shape of an uninitialized parameter or buffer/,
      );
    }
    for (const [key, value] of Object.entries(kept)) assert.ok(torch.equal(before[key] as Tensor, value), key);
    const x = torch.rand(sizes);
    run(lazy, x);
    assert.equal(String(lazy), String(module));
    module.loadStateDict(lazy.stateDict());
    module.loadStateDict(lazy.stateDict({ keepVars: true }));
    assert.ok(torch.equal(run(lazy.eval(), x), run(module.eval(), x)));
  });
}

test("lazy modules within others", () => {
  const lazy = new nn.Sequential(new nn.LazyConv1d(2, 2), new nn.LazyBatchNorm1d(), new nn.LazyLinear(5));
  const model = trained(new nn.Sequential(new nn.Conv1d(3, 2, 2), new nn.BatchNorm1d(2), new nn.Linear(4, 5))).eval();
  lazy.loadStateDict(model.stateDict());
  const x = torch.rand(2, 3, 5);
  assert.ok(torch.equal(run(lazy.eval(), x), run(model, x)));
  assert.equal(String(lazy), String(model));
});

test("a state that has some of the tensors only", () => {
  const weight = torch.ones(2, 3);
  const strict = new nn.LazyLinear(2);
  assert.throws(() => strict.loadStateDict({ weight }), /Missing key\(s\) in state_dict: "bias"/);
  assert.deepEqual(strict(torch.ones(1, 4)).shape, [1, 2]);
  assert.equal(String(strict), "Linear(in_features=4, out_features=2, bias=True)");

  const lazy = new nn.LazyLinear(2);
  assert.deepEqual([...lazy.loadStateDict({ weight }, { strict: false })], [["bias"], []]);
  const result = lazy(torch.ones(1, 3));
  assert.ok(torch.equal(lazy.weight, weight));
  assert.ok(torch.equal(result.squeeze(0), lazy.bias?.add(3) as Tensor));
});

test("what is loaded decides the sizes; an input that does not fit is refused", () => {
  const lazy = new nn.LazyLinear(2);
  lazy.loadStateDict(new nn.Linear(3, 4).stateDict());
  assert.throws(() => lazy(torch.ones(1, 5)), /mat1 and mat2 shapes cannot be multiplied \(1x5 and 3x4\)/);
  assert.deepEqual(lazy(torch.ones(1, 3)).shape, [1, 4]);
  const conv = new nn.LazyConv2d(4, 3);
  conv.loadStateDict(new nn.Conv2d(2, 4, 3).stateDict());
  assert.throws(() => conv(torch.ones(1, 5, 4, 4)), /to have 2 channels, but got 5 channels/);
});

test("the parameters keep their dtype", () => {
  const lazy = new nn.LazyLinear(2);
  lazy.loadStateDict(new nn.Linear(3, 2, { dtype: torch.float64 }).stateDict());
  assert.equal(lazy.weight.dtype, torch.float32);
});
