/** The arguments of `nn.utils`: in their places or by name, and what is unknown is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as torch from "../../src/index.js";
import { nn, type Tensor } from "../../src/index.js";

const { parametrizations, parametrize, prune } = nn.utils;

function layer(): nn.Linear {
  const made = new nn.Linear(3, 2);
  torch.noGrad(() =>
    made.weight.copy_(
      torch.tensor([
        [1, -2, 3],
        [6, 5, -4],
      ]),
    ),
  );
  return made;
}

const maskOf = (module: nn.Module) => (module as unknown as { weightMask: Tensor }).weightMask.tolist();
const scores = torch.tensor([
  [9, 8, 7],
  [1, 2, 3],
]);
const firstGone = [
  [0, 0, 0],
  [1, 1, 1],
];
const lastGone = [
  [1, 1, 1],
  [0, 0, 0],
];

test("pruning functions take their arguments in place or by name", () => {
  const importanceScores = scores;
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", 1, 2, 0)), firstGone);
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", 1, 2, { dim: 0 })), firstGone);
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", 1, { n: 2, dim: 0 })), firstGone);
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", { amount: 1, n: 2, dim: 0 })), firstGone);
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", 1, 2, 0, scores)), lastGone);
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", 1, 2, 0, { importanceScores })), lastGone);
  assert.deepEqual(maskOf(prune.lnStructured(layer(), "weight", 1, { n: 2, dim: 0, importanceScores })), lastGone);
  assert.deepEqual(maskOf(prune.l1Unstructured(layer(), "weight", { amount: 3 })), [
    [0, 0, 0],
    [1, 1, 1],
  ]);
  assert.deepEqual(maskOf(prune.l1Unstructured(layer(), "weight", 3, { importanceScores })), [
    [1, 1, 1],
    [0, 0, 0],
  ]);
  const mask = torch.tensor([
    [1, 0, 1],
    [0, 1, 0],
  ]);
  assert.deepEqual(maskOf(prune.customFromMask(layer(), "weight", mask)), mask.tolist());
  assert.deepEqual(maskOf(prune.customFromMask(layer(), "weight", { mask })), mask.tolist());
  for (const pruned of [
    prune.randomStructured(layer(), "weight", 1, { dim: 0 }),
    prune.randomStructured(layer(), "weight", { amount: 1, dim: 0 }),
    prune.randomUnstructured(layer(), "weight", { amount: 3 }),
  ]) {
    assert.equal(
      (maskOf(pruned) as number[][]).flat().reduce((a, b) => a + b),
      3,
    );
  }
});

test("globalUnstructured has its scores in the third place", () => {
  const pruned = (...rest: unknown[]) => {
    const model = layer();
    const places = [[model, "weight"]];
    const given = rest.map((one) => (one === scores ? [[places[0], scores]] : one));
    (prune.globalUnstructured as (...args: unknown[]) => void)(places, prune.L1Unstructured, ...given);
    return maskOf(model);
  };
  assert.deepEqual(pruned(scores, { amount: 2 }), [
    [1, 1, 1],
    [0, 0, 1],
  ]);
  assert.deepEqual(pruned(null, { amount: 2 }), [
    [0, 0, 1],
    [1, 1, 1],
  ]);
  assert.deepEqual(pruned({ amount: 2 }), [
    [0, 0, 1],
    [1, 1, 1],
  ]);
  const model = layer();
  const byName = new Map([[[model, "weight"] as const, scores]]);
  prune.globalUnstructured([[model, "weight"]], prune.L1Unstructured, { amount: 2, importanceScores: byName });
  assert.deepEqual(maskOf(model), [
    [1, 1, 1],
    [0, 0, 1],
  ]);
  assert.throws(() => pruned({ amount: 2, zzz: 1 }), /globalUnstructured\(\) got an unexpected option 'zzz'/);
  assert.throws(() => pruned(), { name: "TypeError", message: /Invalid type for amount/ });
});

test("parametrizations take their arguments by name", () => {
  const spectral = parametrizations.spectralNorm(layer(), { nPowerIterations: 2, eps: 1e-6, dim: 1 });
  const [first] = (spectral as unknown as { parametrizations: nn.ModuleDict<nn.ModuleList> }).parametrizations.at(
    "weight",
  );
  const { nPowerIterations, eps, dim } = first as unknown as Record<string, number>;
  assert.deepEqual([nPowerIterations, eps, dim], [2, 1e-6, 1]);
  const normed = parametrizations.weightNorm(layer(), { dim: 1 });
  assert.deepEqual(normed.getParameter("parametrizations.weight.original0").shape, [1, 3]);
  assert.deepEqual(
    parametrizations.weightNorm(layer(), "weight", 0).getParameter("parametrizations.weight.original0").shape,
    [2, 1],
  );
});

const unknown: [name: string, call: (options: never) => unknown][] = [
  ["identity", (options) => (prune.identity as (...args: unknown[]) => unknown)(layer(), "weight", options)],
  ["randomUnstructured", (options) => prune.randomUnstructured(layer(), "weight", options)],
  ["l1Unstructured", (options) => prune.l1Unstructured(layer(), "weight", 1, options)],
  ["randomStructured", (options) => prune.randomStructured(layer(), "weight", 1, options)],
  ["lnStructured", (options) => prune.lnStructured(layer(), "weight", 1, options)],
  ["customFromMask", (options) => prune.customFromMask(layer(), "weight", options)],
  ["spectralNorm", (options) => parametrizations.spectralNorm(layer(), options)],
  ["weightNorm", (options) => parametrizations.weightNorm(layer(), options)],
  [
    "registerParametrization",
    (options) => parametrize.registerParametrization(layer(), "weight", new nn.Identity(), options),
  ],
  [
    "removeParametrizations",
    (options) => parametrize.removeParametrizations(parametrizations.weightNorm(layer()), "weight", options),
  ],
  ["functionalCall", (options) => torch.func.functionalCall(layer(), {}, [torch.ones(3)], options)],
  ["clipGradNorm_", (options) => nn.utils.clipGradNorm_(layer().parameters(), 1, options)],
  ["clipGradValue_", (options) => nn.utils.clipGradValue_(layer().parameters(), 1, options)],
  ["getTotalNorm", (options) => nn.utils.getTotalNorm([torch.ones(2)], 2, options)],
];

for (const [name, call] of unknown) {
  test(`${name} refuses an option that it does not know`, () => {
    assert.throws(() => call({ zzz: 1 } as never), {
      name: "TypeError",
      message: new RegExp(`^${name}\\(\\) got an unexpected option 'zzz'`),
    });
  });
}

test("pruning functions say what is missing, and change nothing", () => {
  const module = layer();
  const call = prune.lnStructured as (...args: unknown[]) => unknown;
  assert.throws(() => call(module, "weight", 1, { n: 2 }), /lnStructured\(\) missing 1 required argument: 'dim'/);
  assert.throws(() => call(module, "weight"), /lnStructured\(\) missing 1 required argument: 'amount'/);
  assert.deepEqual(Object.keys(module.stateDict()), ["weight", "bias"]);
});

test("functions that clip gradients accept foreach", () => {
  const weight = new nn.Parameter(torch.ones(2));
  for (const foreach of [true, false, null]) {
    weight.grad = torch.tensor([3, -4]);
    assert.equal(nn.utils.getTotalNorm([weight.grad], { foreach }).item(), 5);
    assert.equal(nn.utils.clipGradNorm_(weight, 10, { foreach }).item(), 5);
    nn.utils.clipGradValue_(weight, 2, { foreach });
    assert.deepEqual(weight.grad.tolist(), [2, -2]);
    nn.utils.clipGradsWithNorm_(weight, 1, torch.tensor(2), { foreach });
    assert.deepEqual(weight.grad.round({ decimals: 3 }).tolist(), [1, -1]);
  }
  assert.throws(() => nn.utils.clipGradNorm_(weight, 1, { foreach: 1 as never }), /'foreach' must be bool/);
});

const orthogonal: [map: "matrix_exp" | "cayley", sizes: [number, number]][] = [
  ["matrix_exp", [3, 3]],
  ["cayley", [3, 3]],
  ["matrix_exp", [2, 4]],
  ["cayley", [2, 4]],
  ["matrix_exp", [4, 2]],
  ["cayley", [4, 2]],
];

for (const [orthogonalMap, [outputs, inputs]] of orthogonal) {
  test(`orthogonal by ${orthogonalMap} of ${outputs}x${inputs} without trivialization`, () => {
    const module = new nn.Linear(inputs, outputs);
    const before = module.weight.detach().clone();
    parametrizations.orthogonal(module, { orthogonalMap, useTrivialization: false });
    assert.ok(torch.equal(module.getParameter("parametrizations.weight.original"), before));
    const { weight } = module;
    const product = outputs <= inputs ? weight.matmul(weight.t()) : weight.t().matmul(weight);
    assert.ok(product.allclose(torch.eye(Math.min(outputs, inputs)), { atol: 1e-6 }));
    assert.throws(() => {
      module.weight = torch.zeros(outputs, inputs) as nn.Parameter;
    }, /It is not possible to assign to the matrix exponential or the Cayley parametrizations/);
  });
}

test("orthogonal by the matrix exponential gives PyTorch's numbers", () => {
  torch.manualSeed(0);
  const module = parametrizations.orthogonal(new nn.Linear(3, 3), { useTrivialization: false });
  const expected = [
    [0.9125664234161377, 0.40032899379730225, -0.08342181146144867],
    [-0.3952605128288269, 0.8112139701843262, -0.4309301972389221],
    [-0.10484091937541962, 0.42622578144073486, 0.8985210061073303],
  ];
  assert.ok(module.weight.allclose(torch.tensor(expected), { atol: 1e-6 }));
});

class Doubled extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.mul(2);
  }

  rightInverse(_value: Tensor): Tensor {
    throw Object.assign(new Error("no way back"), { name: "NotImplementedError" });
  }
}

test("a parametrization may say that it has no inverse", () => {
  const module = layer();
  const { weight } = module;
  const before = weight.tolist() as number[][];
  parametrize.registerParametrization(module, "weight", new Doubled());
  assert.deepEqual(
    module.weight.tolist(),
    before.map((row) => row.map((x) => x * 2)),
  );
  parametrize.registerParametrization(module, "weight", new Doubled());
  assert.deepEqual(
    module.weight.tolist(),
    before.map((row) => row.map((x) => x * 4)),
  );
  assert.throws(() => {
    module.weight = weight;
  }, /no way back/);
  class Broken extends Doubled {
    override rightInverse(_value: Tensor): Tensor {
      throw new Error("broken");
    }
  }
  assert.throws(() => parametrize.registerParametrization(layer(), "weight", new Broken()), /broken/);
});
