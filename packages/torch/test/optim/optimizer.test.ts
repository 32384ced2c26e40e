/** What all optimizers have in common: groups, errors, closures, hooks, dictionaries, and any kind of parameter. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim, type Tensor } from "../../src/index.js";

const leaf = (...values: number[]): Tensor => torch.tensor(values, { requiresGrad: true });

function withGrad(values: number[], grad: number[]): Tensor {
  const param = leaf(...values);
  param.grad = torch.tensor(grad);
  return param;
}

type Name = Exclude<keyof typeof optim, "Optimizer">;

/** Calls with arguments that the types refuse. */
const make = (name: Name, ...args: unknown[]): optim.Optimizer =>
  new (optim[name] as unknown as new (...args: unknown[]) => optim.Optimizer)(...args);

test("wrong constructions throw with PyTorch's words", () => {
  const p = leaf(1);
  const cases: [() => unknown, RegExp][] = [
    [() => make("SGD", []), /optimizer got an empty parameter list/],
    [() => make("SGD", p), /should be an iterable of Tensors or dicts, but got/],
    [() => make("SGD", undefined), /should be an iterable/],
    [() => make("SGD", new nn.Linear(1, 1)), /should be an iterable/],
    [() => make("SGD", new Array(2 ** 32 - 1)), /optimizer can only optimize Tensors/],
    [() => make("SGD", [1]), /optimizer can only optimize Tensors, but one of the params is int/],
    [() => make("SGD", [p.mul(2)]), /can't optimize a non-leaf Tensor/],
    [() => make("SGD", [p, p]), /some parameters appear more than once/],
    [() => make("SGD", [{ params: [p] }, { params: [p] }]), /some parameters appear in more than one parameter group/],
    [() => make("SGD", [{ params: 3 }]), /should be an iterable/],
    [() => make("SGD", [[Object.create(null), p]]), /the name of a parameter must be a string/],
    [() => make("SGD", [p], -1), /Invalid learning rate: -1/],
    [() => make("SGD", [p], NaN), /Invalid learning rate: NaN/],
    [() => make("SGD", [p], { momentum: -0.5 }), /Invalid momentum value: -0.5/],
    [() => make("SGD", [p], { weightDecay: -0.1 }), /Invalid weight_decay value: -0.1/],
    [() => make("SGD", [p], { nesterov: true }), /Nesterov momentum requires a momentum and zero dampening/],
    [() => make("SGD", [p], { nesterov: true, momentum: 0.9, dampening: 0.1 }), /zero dampening/],
    [() => make("SGD", [p], { fused: true, differentiable: true }), /`fused`.*`differentiable`/],
    [() => make("SGD", [p], { fused: true, foreach: true }), /`fused` and `foreach` cannot be `True` together/],
    [() => make("SGD", [p], { learningRate: 0.1 }), /unexpected option 'learningRate'/],
    [() => make("SGD", [p], "0.1"), /'lr' must be float/],
    [() => make("SGD", [p], 0.1, 0, 0, 0, true), /\{ nesterov: true \}/],
    [() => make("Adam", [p], { lr: -1 }), /Invalid learning rate: -1/],
    [() => make("Adam", [p], { eps: -1 }), /Invalid epsilon value: -1/],
    [() => make("Adam", [p], { betas: [1, 0.9] }), /Invalid beta parameter at index 0: 1/],
    [() => make("Adam", [p], { betas: [0.9, -1] }), /Invalid beta parameter at index 1: -1/],
    [() => make("Adam", [p], { betas: [0.9] }), /'betas' must be/],
    [() => make("Adam", [p], { weightDecay: -1 }), /Invalid weight_decay value: -1/],
    [() => make("AdamW", [p], { decoupledWeightDecay: false }), /unexpected option 'decoupledWeightDecay'/],
    [() => make("Adadelta", [p], { rho: 1.5 }), /Invalid rho value: 1.5/],
    [() => make("Adadelta", [p], { eps: -1 }), /Invalid epsilon value: -1/],
    [() => make("Adagrad", [p], { lrDecay: -0.5 }), /Invalid lr_decay value: -0.5/],
    [() => make("Adagrad", [p], { initialAccumulatorValue: -1 }), /Invalid initial_accumulator_value value: -1/],
    [() => make("Adamax", [p], { betas: [0.9, 1] }), /Invalid beta parameter at index 1: 1/],
    [() => make("ASGD", [p], { weightDecay: -1 }), /Invalid weight_decay value: -1/],
    [() => make("NAdam", [p], { momentumDecay: -1 }), /Invalid momentum_decay value: -1/],
    [() => make("RAdam", [p], { lr: -1 }), /Invalid learning rate: -1/],
    [() => make("RMSprop", [p], { alpha: -1 }), /Invalid alpha value: -1/],
    [() => make("RMSprop", [p], { momentum: -1 }), /Invalid momentum value: -1/],
    [() => make("Rprop", [p], { etas: [0.5, 0.9] }), /Invalid eta values: 0.5, 0.9/],
    [() => make("Adafactor", [p], { beta2Decay: 1 }), /beta2_decay should be <= 0 but is: 1/],
    [() => make("Adafactor", [p], { eps: [-1, 1] }), /epsilon1 should be >= 0 but is: -1/],
    [() => make("Adafactor", [p], { eps: 1 }), /'eps' must be tuple of None or float, and float/],
    [() => make("Adafactor", [p], { d: 0.5 }), /Clipping threshold d should be >= 1 but is: 0.5/],
    [() => make("Muon", [p]), /Muon only supports 2D parameters .* with size: torch.Size\(\[1\]\)/],
    [() => make("Muon", [leaf(1)], { momentum: -1 }), /momentum should be >= 0 but is: -1/],
    [() => make("Muon", [leaf(1)], { adjustLrFn: "mine" }), /'adjustLrFn' must be one of/],
    [() => make("SparseAdam", [p], { lr: 0 }), /Invalid learning rate: 0/],
    [() => make("SparseAdam", [p], { eps: 0 }), /Invalid epsilon value: 0/],
    [() => make("SGD", [["a", p], leaf(2)]), /Some param names are missing/],
    [() => make("SGD", [{ params: [p], tags: new Array(2 ** 32 - 1) }], 0.1), /'tags' must not be a list with gaps/],
  ];
  for (const [construct, message] of cases) assert.throws(construct, message);
});

test("the text of optimizers without a recorded case, and of one with a schedule", () => {
  const texts: [optim.Optimizer, string][] = [
    [
      new optim.LBFGS([leaf(1)]),
      "history_size: 100, line_search_fn: None, lr: 1, max_eval: 25, max_iter: 20, tolerance_change: 1e-09, " +
        "tolerance_grad: 1e-07",
    ],
    [new optim.SparseAdam([leaf(1)]), "betas: (0.9, 0.999), eps: 1e-08, lr: 0.001, maximize: False"],
    [
      new optim.Adafactor([leaf(1)]),
      "beta2_decay: -0.8, d: 1.0, eps: (None, 0.001), foreach: None, lr: 0.01, maximize: False, weight_decay: 0.0",
    ],
    [
      new optim.Muon([torch.ones(1, 1, { requiresGrad: true })]),
      "adjust_lr_fn: None, eps: 1e-07, lr: 0.001, momentum: 0.95, nesterov: True, " +
        "ns_coefficients: (3.4445, -4.775, 2.0315), ns_steps: 5, weight_decay: 0.1",
    ],
    [
      new optim.lrScheduler.OneCycleLR(new optim.SGD([leaf(1)], { momentum: 0.9 }), 0.1, 10).optimizer,
      "base_momentum: 0.85, dampening: 0, differentiable: False, foreach: None, fused: None, initial_lr: 0.004, " +
        "lr: 0.0040000000000000036, max_lr: 0.1, max_momentum: 0.95, maximize: False, min_lr: 4e-07, " +
        "momentum: 0.95, nesterov: False, weight_decay: 0",
    ],
  ];
  for (const [optimizer, options] of texts) {
    const [head, group, ...lines] = String(optimizer).split("\n");
    assert.deepEqual([head, group, lines.pop()], [`${optimizer.constructor.name} (`, "Parameter Group 0", ")"]);
    assert.ok(lines.every((line) => line.startsWith("    ")));
    assert.equal(lines.map((line) => line.trim()).join(", "), options);
  }
});

test("SparseAdam refuses dense gradients, and changes nothing", () => {
  const p = withGrad([1], [1]);
  const optimizer = new optim.SparseAdam([p]);
  assert.throws(() => optimizer.step(), /SparseAdam does not support dense gradients, please consider Adam instead/);
  assert.deepEqual([p.tolist(), optimizer.state.size], [[1], 0]);
  p.grad = null;
  optimizer.step();
});

test("Muon refuses to iterate too often, and parameters that came later and are no matrices", () => {
  const p = torch.ones(2, 2, { requiresGrad: true });
  p.grad = torch.ones(2, 2);
  const optimizer = new optim.Muon([p], { nsSteps: 100 });
  assert.throws(() => optimizer.step(), /Number of steps must be less than 100/);
  assert.throws(() => new optim.Muon([p], { nsCoefficients: [1, 2] }).step(), /exactly 3 values/);
  const other = new optim.Muon([p]);
  other.addParamGroup({ params: leaf(1) });
  assert.throws(() => other.step(), /Muon only supports 2D parameters/);
  assert.deepEqual(p.tolist(), torch.ones(2, 2).tolist());
});

test("Adafactor's factors are checked by their own sizes", () => {
  const p = torch.ones(2, 3, { requiresGrad: true });
  p.grad = torch.ones(2, 3);
  const optimizer = new optim.Adafactor([p]);
  optimizer.step();
  const state = optimizer.state.get(p) as Record<string, Tensor>;
  assert.deepEqual(
    [state.rowVar?.shape, state.colVar?.shape],
    [
      [2, 1],
      [1, 3],
    ],
  );
  state.rowVar = torch.ones(2, 3);
  assert.throws(() => optimizer.step(), /state 'row_var' of parameter 0, of size \[2, 3\].* does not fit/);
});

test("what is a TypeError, and what is not", () => {
  assert.throws(() => make("SGD", leaf(1)), TypeError);
  assert.throws(() => make("SGD", ["weights"]), TypeError);
  assert.throws(() => make("Adam", [leaf(1)], { amsGrad: true }), TypeError);
  assert.throws(
    () => make("SGD", []),
    (error: Error) => !(error instanceof TypeError),
  );
});

test("defaults are PyTorch's", () => {
  const p = [leaf(1)];
  const adam = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, amsgrad: false, maximize: false, capturable: false };
  const execution = { foreach: null, differentiable: false, fused: null };
  assert.deepEqual(new optim.SGD(p).defaults, {
    ...{ lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false },
    ...execution,
  });
  assert.deepEqual(new optim.Adam(p).defaults, { ...adam, ...execution, weightDecay: 0, decoupledWeightDecay: false });
  assert.deepEqual(new optim.AdamW(p).defaults, {
    ...adam,
    ...execution,
    weightDecay: 0.01,
    decoupledWeightDecay: true,
  });
  assert.ok(new optim.AdamW(p) instanceof optim.Adam);
});

test("arguments in their places, and named from any place on", () => {
  const [group] = new optim.SGD([leaf(1)], 0.5, 0.9, { weightDecay: 0.1, nesterov: true }).paramGroups;
  assert.deepEqual([group?.lr, group?.momentum, group?.weightDecay, group?.nesterov], [0.5, 0.9, 0.1, true]);
  const [adam] = new optim.Adam([leaf(1)], 0.5, [0.1, 0.2], { eps: 1 }).paramGroups;
  assert.deepEqual([adam?.lr, adam?.betas, adam?.eps], [0.5, [0.1, 0.2], 1]);
});

test("parameters come from any iterable", () => {
  const model = new nn.Linear(2, 1);
  for (const params of [model.parameters(), [...model.parameters()], new Set(model.parameters())]) {
    assert.equal(new optim.SGD(params).paramGroups[0]?.params.length, 2);
  }
  const group = new optim.SGD([{ params: model.weight }]).paramGroups[0];
  assert.equal(group?.params[0], model.weight);
});

test("named parameters keep their names in the group and the state dict", () => {
  const model = new nn.Linear(2, 1);
  const optimizer = new optim.SGD(model.namedParameters(), { lr: 0.1 });
  assert.deepEqual(optimizer.stateDict().param_groups[0]?.param_names, ["weight", "bias"]);
  assert.match(optimizer.toString(), /param_names: \['weight', 'bias'\]/);
  assert.throws(() => optimizer.addParamGroup({ params: [leaf(1)] }), /with\/without names/);
});

test("groups have options of their own, and take the others from the defaults", () => {
  const [a, b, c] = [withGrad([1], [1]), withGrad([1], [1]), withGrad([1], [1])];
  const optimizer = new optim.SGD([{ params: [a] }, { params: b, lr: 0.5 }], { lr: 0.25 });
  optimizer.addParamGroup({ params: new Set([c]), lr: 1, maximize: true });
  optimizer.step();
  assert.deepEqual([a.item(), b.item(), c.item()], [0.75, 0.5, 2]);
  (optimizer.paramGroups[0] as { lr: number }).lr = 0.5;
  optimizer.step();
  assert.equal(a.item(), 0.25);
});

test("a group that is refused leaves the optimizer as it was", () => {
  const [a, b] = [leaf(1), leaf(2)];
  const optimizer = new optim.SGD([a], { lr: 0.1 });
  for (const params of [
    [b, a],
    [b, b],
    [b, b.mul(1)],
    [b, 3 as unknown as Tensor],
  ]) {
    assert.throws(() => optimizer.addParamGroup({ params }));
    assert.equal(optimizer.paramGroups.length, 1);
  }
  assert.throws(() => optimizer.addParamGroup([b] as unknown as { params: Tensor[] }), TypeError);
});

test("options of the wrong kind are refused before anything is changed", () => {
  const p = withGrad([1], [1]);
  const tensor = torch.tensor(0.1);
  const momentum = { momentum: tensor };
  assert.throws(() => make("SGD", [{ params: [p], ...momentum }]), /option 'momentum' must be int, not Tensor/);
  const optimizer = new optim.Adam([{ params: [p] }, { params: [withGrad([2], [1])] }]);
  const last = optimizer.paramGroups[1] as { lr: number; betas: unknown; eps: unknown };
  for (const wrong of [
    { lr: null },
    { lr: "1" },
    { betas: tensor },
    { betas: [0.9] },
    { betas: [0.9, tensor] },
    { eps: {} },
  ]) {
    const { lr, betas, eps } = last;
    Object.assign(last, wrong);
    assert.throws(() => optimizer.step(), { name: "TypeError", message: /^step\(\): option '\w+' must be/ });
    Object.assign(last, { lr, betas, eps });
  }
  assert.equal(p.item(), 1);
  optimizer.step();
});

test("a step calls the closure with recording on, and returns what it returned", () => {
  const p = leaf(3);
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  const closure = () => {
    optimizer.zeroGrad();
    assert.ok(torch.isGradEnabled());
    const loss = p.pow(2).sum();
    loss.backward();
    return loss;
  };
  const loss = torch.noGrad(() => optimizer.step(closure));
  assert.equal(loss.item(), 9);
  assert.equal(p.item(), 0);
  assert.equal(optimizer.step(), undefined);
  const misused = optimizer.step as (closure: unknown) => unknown;
  assert.throws(() => misused.call(optimizer, p), /'closure' must be a function, not Tensor/);
});

test("a step refuses a closure that is not done when it returns, before anything is changed", () => {
  const p = withGrad([1], [1]);
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  let hooks = 0;
  optimizer.registerStepPreHook(() => {
    hooks++;
  });
  const step = (closure: () => unknown) => optimizer.step(closure);
  assert.throws(() => step(async () => p.sum()), {
    name: "TypeError",
    message: /^step\(\) takes a function .* not an async function; await outside and call step/,
  });
  assert.equal(hooks, 0);
  assert.throws(() => step(() => Promise.resolve(1)), /^Error: step\(\): the function returned a promise/);
  assert.deepEqual(p.tolist(), [1]);
});

test("a step is not recorded, and counts as a change of the parameter", () => {
  for (const name of ["SGD", "Adam", "AdamW"] as const) {
    const p = leaf(1);
    const optimizer = make(name, [p]);
    const loss = p.mul(p).sum();
    loss.backward({ retainGraph: true });
    optimizer.step();
    assert.ok(p.isLeaf && p.requiresGrad);
    assert.throws(() => loss.backward(), /modified by an inplace operation/);
  }
});

test("zeroGrad takes gradients away, or sets them to zeros where they are", () => {
  const [a, b] = [withGrad([1], [5]), leaf(2)];
  const optimizer = new optim.SGD([a, b]);
  const grad = a.grad;
  optimizer.zeroGrad({ setToNone: false });
  assert.equal(a.grad, grad);
  assert.equal(grad?.item(), 0);
  assert.equal(b.grad, null);
  optimizer.zeroGrad();
  assert.equal(a.grad, null);
  const misused = optimizer.zeroGrad as (...args: unknown[]) => void;
  assert.throws(() => misused.call(optimizer, false), /\{ setToNone: false \}/);
  assert.throws(() => misused.call(optimizer, { set_to_none: true }), /unexpected option 'set_to_none'/);
});

test("zeroGrad takes a gradient that is part of a graph out of it", () => {
  const p = leaf(2);
  p.pow(3).sum().backward({ createGraph: true });
  assert.notEqual(p.grad?.gradFn, null);
  new optim.SGD([p]).zeroGrad({ setToNone: false });
  assert.equal(p.grad?.requiresGrad, false);
  assert.equal(p.grad?.item(), 0);
});

test("hooks run around the step, until they are removed", () => {
  const p = withGrad([1], [1]);
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  const calls: string[] = [];
  const before = optimizer.registerStepPreHook((who) => {
    assert.equal(who, optimizer);
    calls.push(`before ${p.item()}`);
  });
  const after = optimizer.registerStepPostHook((_, args) => calls.push(`after ${p.item()} ${args.length}`));
  optimizer.step(() => 0);
  before.remove();
  optimizer.step();
  after[Symbol.dispose]();
  optimizer.step();
  assert.deepEqual(calls, ["before 1", "after 0.5 1", "after 0 0"]);
  optimizer.registerStepPreHook(() => [() => "another closure"]);
  assert.equal(
    optimizer.step(() => "closure"),
    "another closure",
  );
});

test("hooks of all optimizers run outside those of one", () => {
  const calls: string[] = [];
  const { registerOptimizerStepPreHook, registerOptimizerStepPostHook } = optim.optimizer;
  const handles = [
    registerOptimizerStepPreHook((who) => calls.push(`all before ${who.constructor.name}`)),
    registerOptimizerStepPostHook((who) => calls.push(`all after ${who.constructor.name}`)),
  ];
  const [sgd, adam] = [new optim.SGD([withGrad([1], [1])], { lr: 1 }), new optim.Adam([withGrad([1], [1])])];
  sgd.registerStepPreHook(() => calls.push("before"));
  sgd.registerStepPostHook(() => calls.push("after"));
  sgd.step();
  adam.step();
  for (const handle of handles) handle.remove();
  sgd.step();
  assert.deepEqual(calls, [
    ...["all before SGD", "before", "after", "all after SGD"],
    ...["all before Adam", "all after Adam", "before", "after"],
  ]);
});

test("hooks around the state dict see it, and may put another in its place", () => {
  const p = withGrad([1], [1]);
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  const calls: string[] = [];
  optimizer.registerStateDictPreHook((who) => {
    assert.equal(who, optimizer);
    calls.push("second");
  });
  optimizer.registerStateDictPreHook(() => void calls.push("first"), { prepend: true });
  const renamed = optimizer.registerStateDictPostHook((_, dict) => ({ ...dict, param_groups: [] }));
  assert.deepEqual(optimizer.stateDict().param_groups, []);
  assert.deepEqual(calls, ["first", "second"]);
  renamed.remove();
  const dict = optimizer.stateDict();
  optimizer.registerLoadStateDictPreHook((_, given) => {
    const [group] = given.param_groups;
    return { ...given, param_groups: [{ ...group, lr: 0.25 } as never] };
  });
  optimizer.registerLoadStateDictPostHook((who) => calls.push(`lr ${who.paramGroups[0]?.lr}`));
  optimizer.loadStateDict(dict);
  assert.equal(calls.at(-1), "lr 0.25");
  assert.equal(dict.param_groups[0]?.lr, 0.5);
  const misused = optimizer.registerStateDictPreHook as (...args: unknown[]) => unknown;
  assert.throws(() => misused.call(optimizer, () => {}, { first: true }), /unexpected option 'first'/);
});

test("gradients flow through differentiable steps", () => {
  const lossAfter = (name: Name, options: object) => (start: Tensor) => {
    const p = start.clone();
    const optimizer = make(name, [p], { lr: 0.1, differentiable: true, ...options });
    for (const factor of [0.7, 1.1]) {
      p.grad = start.pow(3).mul(factor);
      optimizer.step();
    }
    return p.pow(2);
  };
  const start = torch.tensor([0.5, -1.25, 2], { dtype: torch.float64, requiresGrad: true });
  const weightDecay = 0.1;
  torch.autograd.gradcheck(lossAfter("SGD", { weightDecay }), [start]);
  torch.autograd.gradcheck(lossAfter("Adam", { weightDecay }), [start]);
  torch.autograd.gradcheck(lossAfter("AdamW", { amsgrad: true }), [start]);
  torch.autograd.gradcheck(lossAfter("Adadelta", { weightDecay, eps: 0.1 }), [start]);
  torch.autograd.gradcheck(lossAfter("Adagrad", { weightDecay, eps: 0.1 }), [start]);
  torch.autograd.gradcheck(lossAfter("Adamax", { weightDecay }), [start]);
  torch.autograd.gradcheck(lossAfter("ASGD", { weightDecay, t0: 0 }), [start]);
  torch.autograd.gradcheck(lossAfter("NAdam", { weightDecay }), [start]);
  torch.autograd.gradcheck(lossAfter("RAdam", { weightDecay, betas: [0.9, 0.8] }), [start]);
  torch.autograd.gradcheck(lossAfter("RMSprop", { weightDecay, momentum: 0.9, centered: true, eps: 0.1 }), [start]);
});

const layouts: Record<string, (values: Tensor) => Tensor> = {
  transposed: (values) => values.t().contiguous().t(),
  "with gaps": (values) => torch.zeros(4, 6).at(":", "::2").copy_(values),
  "behind an offset": (values) => torch.cat([torch.zeros(1, 3), values]).at("1:"),
};

for (const [layout, lay] of Object.entries(layouts)) {
  test(`parameters in memory ${layout} move as contiguous ones do`, () => {
    const values = torch.arange(12).reshape(4, 3).div(7);
    const grad = torch.arange(12, { dtype: torch.float32 }).reshape(3, 4).t().sub(5);
    const options = { SGD: { momentum: 0.9, nesterov: true }, Adam: { amsgrad: true }, AdamW: { maximize: true } };
    for (const name of ["SGD", "Adam", "AdamW"] as const) {
      const [plain, laid] = [values.clone(), lay(values).detach()].map((p) => p.requiresGrad_()) as [Tensor, Tensor];
      const stride = laid.stride();
      const optimizers = [plain, laid].map((p) => make(name, [p], { lr: 0.1, ...options[name] }));
      for (let step = 0; step < 3; step++) {
        plain.grad = grad.mul(step + 1).contiguous();
        laid.grad = grad.mul(step + 1);
        for (const optimizer of optimizers) optimizer.step();
      }
      assert.ok(plain.equal(laid), name);
      assert.deepEqual(laid.stride(), stride);
    }
  });
}

test("a state that was loaded in another memory layout is used as it is meant", () => {
  const values = torch.arange(6, { dtype: torch.float32 }).reshape(2, 3);
  const [a, b] = [values.clone().requiresGrad_(), values.clone().requiresGrad_()];
  const make = (p: Tensor) => new optim.SGD([p], { lr: 0.1, momentum: 0.5 });
  const [first, second] = [make(a), make(b)];
  a.grad = torch.arange(6, { dtype: torch.float32 }).reshape(3, 2).t();
  b.grad = a.grad.clone();
  first.step();
  second.step();
  const dict = first.stateDict();
  const buffer = dict.state.get(0)?.momentum_buffer as Tensor;
  first.loadStateDict({ ...dict, state: { 0: { momentum_buffer: buffer.t().contiguous().t() } } });
  first.step();
  second.step();
  assert.ok(a.equal(b));
});

test("a state that does not fit its parameter is an error, not a step", () => {
  for (const name of ["SGD", "Adam", "AdamW"] as const) {
    const p = withGrad([1, 2], [1, 1]);
    const optimizer = make(name, [p], { lr: 0.1, ...(name === "SGD" ? { momentum: 0.9 } : {}) });
    optimizer.step();
    const before = p.tolist();
    const { state, param_groups } = optimizer.stateDict();
    const short = Object.fromEntries(Object.keys(state.get(0) ?? {}).map((key) => [key, torch.zeros(1)]));
    optimizer.loadStateDict({ state: { 0: short }, param_groups });
    assert.throws(() => optimizer.step(), /of size \[1\] and torch.float32, does not fit the parameter/);
    assert.deepEqual(p.tolist(), before);
    optimizer.loadStateDict({ state, param_groups });
    p.data = p.data.double();
    p.grad = torch.ones(2, { dtype: torch.float64 });
    assert.throws(() => optimizer.step(), /does not fit/);
  }
});

test("a step that one parameter cannot take changes none, nor any state", () => {
  const spoil: [what: string, change: (p: Tensor, state: Record<string, unknown>) => void, message: RegExp][] = [
    [
      "a shape",
      (_, state) => Object.assign(state, all(state, torch.zeros(3))),
      /state '\w+' of parameter 1, of size \[3\]/,
    ],
    [
      "a dtype",
      (_, state) => Object.assign(state, all(state, torch.zeros(2).double())),
      /state '\w+' of parameter 1, of .*float64/,
    ],
    [
      "an expanded state",
      (_, state) => Object.assign(state, all(state, torch.zeros(1).expand(2))),
      /single memory location/,
    ],
    ["no tensor", (_, state) => Object.assign(state, all(state, 5)), /the state of parameter 1 lacks the tensor '\w+'/],
    [
      "the parameter's dtype",
      (p) => Object.assign(p, { data: p.data.double() }),
      /the gradient of parameter 1, .*float64/,
    ],
    ["an expanded parameter", (p) => Object.assign(p, { data: torch.ones(1).expand(2) }), /single memory location/],
    ["lost memory", (p) => Object.assign(p, { data: detachedTensor() }), /was detached or resized/],
    [
      "lost memory of a state",
      (_, state) => Object.assign(state, all(state, detachedTensor())),
      /was detached or resized/,
    ],
  ];
  for (const [name, options] of [
    ["SGD", { momentum: 0.9 }],
    ["Adam", { amsgrad: true }],
    ["AdamW", {}],
    ["NAdam", {}],
    ["RMSprop", { momentum: 0.9, centered: true }],
    ["Rprop", {}],
  ] as const) {
    for (const [what, change, message] of spoil) {
      const [a, b] = [withGrad([1, 2], [1, 1]), withGrad([3, 4], [1, 1])];
      const optimizer = make(name, [{ params: [a] }, { params: [b] }], { lr: 0.1, ...options });
      optimizer.step();
      change(b, optimizer.state.get(b) as Record<string, unknown>);
      const before = [a.tolist(), ...Object.values(optimizer.state.get(a) ?? {}).map(String)];
      assert.throws(() => optimizer.step(), message, `${name}: ${what}`);
      assert.deepEqual([a.tolist(), ...Object.values(optimizer.state.get(a) ?? {}).map(String)], before, what);
    }
  }
});

test("a differentiable step that one parameter cannot take changes none", () => {
  for (const name of ["SGD", "Adam"] as const) {
    const a = withGrad([1], [1]).clone();
    a.grad = torch.ones(1);
    const leaf = withGrad([1], [1]);
    const optimizer = make(name, [a, leaf], { differentiable: true });
    assert.throws(() => optimizer.step(), /a leaf Variable that requires grad is being used in an in-place operation/);
    assert.deepEqual([a.tolist(), optimizer.state.size], [[1], 0]);
  }
});

const counts = ["step", "muProduct"];

/** The tensors of a state but its counts, each replaced by a value. */
function all(state: Record<string, unknown>, value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.keys(state).map((key) => [key, counts.includes(key) ? state[key] : value]));
}

/** A tensor of two elements whose memory is gone. */
function detachedTensor(): Tensor {
  const array = new Float32Array(2);
  const tensor = torch.fromTypedArray(array);
  structuredClone(array, { transfer: [array.buffer] });
  return tensor;
}

test("amsgrad can be switched on, and other optimizers' states are refused", () => {
  const p = withGrad([1], [1]);
  const adam = new optim.Adam([p]);
  adam.step();
  (adam.paramGroups[0] as { amsgrad: boolean }).amsgrad = true;
  adam.step();
  assert.ok(adam.state.get(p)?.maxExpAvgSq);
  adam.loadStateDict({ ...adam.stateDict(), state: { 0: { momentum_buffer: torch.zeros(1) } } });
  assert.throws(() => adam.step(), /loaded from another optimizer/);
});

test("a dictionary that does not fit changes nothing", () => {
  const p = withGrad([1], [1]);
  const optimizer = new optim.SGD([p], { lr: 0.5, momentum: 0.9 });
  optimizer.step();
  const before = JSON.stringify(optimizer.stateDict());
  const good = optimizer.stateDict();
  const [group] = good.param_groups as [(typeof good.param_groups)[0]];
  const cases: [unknown, RegExp][] = [
    [{ state: {}, param_groups: [] }, /different number of parameter groups/],
    [{ state: {}, param_groups: [group, group] }, /different number of parameter groups/],
    [{ state: {}, param_groups: [{ ...group, params: [0, 1] }] }, /doesn't match the size of optimizer's group/],
    [{ state: { 0: null }, param_groups: [{ ...group, lr: 9 }] }, /./],
    [{ param_groups: [group] }, /expected the state dict of an optimizer/],
    [undefined, /expected the state dict of an optimizer/],
    [{ state: {}, param_groups: [{ lr: 9 }] }, /./],
    [{ state: {}, param_groups: [{ ...group, tags: new Array(2 ** 32 - 1) }] }, /must not be a list with gaps/],
    [{ state: {}, param_groups: [{ ...group, lr: null }] }, /option 'lr' must be float, not null/],
  ];
  for (const [dict, message] of cases) {
    assert.throws(() => optimizer.loadStateDict(dict as optim.LoadableStateDict), message);
    assert.equal(JSON.stringify(optimizer.stateDict()), before);
  }
});

test("loading copies the state, in the dtype of the parameter", () => {
  const p = withGrad([1], [1]);
  const optimizer = new optim.Adam([p], { lr: 0.5 });
  optimizer.step();
  const dict = optimizer.stateDict();
  const double = torch.tensor([1], { dtype: torch.float64, requiresGrad: true });
  const other = new optim.Adam([double]);
  other.loadStateDict(dict);
  const state = other.state.get(double) as Record<string, Tensor>;
  assert.equal(state.expAvg?.dtype, torch.float64);
  assert.equal(state.step?.dtype, torch.float32);
  assert.notEqual(state.step, dict.state.get(0)?.step);
  assert.equal(other.paramGroups[0]?.lr, 0.5);
});

test("a state dict has its states in a map, as Python's files give them, and may have them in an object", () => {
  const p = withGrad([1, 2], [1, 1]);
  const optimizer = make("SGD", [p], { lr: 0.1, momentum: 0.9 });
  optimizer.step();
  const { state, param_groups } = optimizer.stateDict();
  assert.deepEqual([...state.keys()], [0]);
  const other = make("SGD", [p], { lr: 0.1, momentum: 0.9 });
  other.loadStateDict({ state: { 0: state.get(0) } as never, param_groups });
  assert.deepEqual(String(other.stateDict().state.get(0)?.momentum_buffer), String(state.get(0)?.momentum_buffer));
});

test("loading keeps the groups' objects and drops what only they had", () => {
  const optimizer = new optim.SGD([leaf(1)], { lr: 0.5 });
  const dict = optimizer.stateDict();
  const group = optimizer.paramGroups[0] as object as Record<string, unknown>;
  group.initialLr = 3;
  optimizer.loadStateDict(dict);
  assert.equal(optimizer.paramGroups[0], group);
  assert.ok(!("initialLr" in group));
  // A file of an older version lacks options that came later.
  optimizer.loadStateDict({ state: {}, param_groups: [{ lr: 0.25, params: [0] }] });
  assert.deepEqual([group.lr, group.momentum, group.maximize], [0.25, 0, false]);
});

test("an AdamW stays one when it loads what Adam kept", () => {
  const optimizer = new optim.AdamW([leaf(1)]);
  optimizer.loadStateDict(new optim.Adam([leaf(1)]).stateDict());
  assert.equal(optimizer.paramGroups[0]?.decoupledWeightDecay, true);
});

test("a count of steps that is a plain number, as in old files, goes on", () => {
  const [a, b] = [withGrad([1], [1]), withGrad([1], [1])];
  const [first, second] = [new optim.Adam([a]), new optim.Adam([b])];
  first.step();
  second.step();
  const dict = first.stateDict();
  first.loadStateDict({ ...dict, state: { 0: { ...dict.state.get(0), step: 1 } } });
  first.step();
  second.step();
  assert.ok(a.equal(b));
});

test("an option that a state dict lacks is the default", () => {
  const p = withGrad([1], [1]);
  const optimizer = make("Adam", [p]);
  const [group] = optimizer.stateDict().param_groups;
  optimizer.loadStateDict({ state: {}, param_groups: [{ ...group, betas: undefined } as never] });
  optimizer.step();
  assert.deepEqual(optimizer.paramGroups[0]?.betas, [0.9, 0.999]);
});

test("lists among the options may contain lists, and themselves", () => {
  const tags: unknown[] = ["a", new Array(2 ** 32 - 1)];
  tags.push(tags);
  const p = withGrad([1], [1]);
  assert.match(String(make("SGD", [{ params: [p], tags: [1, tags] }], 0.1)), /tags: \(1, array of "a", arrays\)/);
});

test("Adam throws where the state of a parameter lacks a tensor", () => {
  for (const differentiable of [false, true]) {
    const leaf = withGrad([1], [1]);
    const p = differentiable ? leaf.clone() : leaf;
    p.grad = torch.ones(1);
    const optimizer = make("Adam", [p], { differentiable });
    optimizer.step();
    const state = optimizer.state.get(p) as Record<string, unknown>;
    state.expAvg = 3;
    assert.throws(() => optimizer.step(), /the state of parameter 0 lacks the tensor 'exp_avg'/);
  }
});

test("an optimizer of the user's own", () => {
  class SignDescent extends optim.Optimizer<{ lr: number }> {
    protected override update(group: optim.ParamGroup<{ lr: number }>): void {
      for (const param of group.params) if (param.grad) param.sub_(param.grad.sign(), { alpha: group.lr });
    }
  }
  const p = withGrad([1, 2], [-3, 5]);
  const optimizer = new SignDescent([p], { lr: 0.5 });
  optimizer.step();
  assert.deepEqual(p.tolist(), [1.5, 1.5]);
  assert.equal(String(optimizer), "SignDescent (\nParameter Group 0\n    lr: 0.5\n)");
  class Unfinished extends optim.Optimizer {}
  assert.throws(() => new Unfinished([p], {}).step(), /needs the method `update`/);
});

test("options of any kind have a text", () => {
  const textless = Object.assign(() => {}, { toString: 5 });
  const odd = {
    names: ["a", textless, Object.create(null)],
    pair: [textless, 2],
    one: textless,
    tensor: torch.ones(1),
  };
  const optimizer = new optim.SGD([{ params: [withGrad([1], [1])], ...odd }], { lr: 1 });
  const lines = String(optimizer)
    .split("\n")
    .map((line) => line.trim());
  assert.ok(lines.includes("names: ['a', function, Object]"));
  assert.ok(lines.includes("pair: (function, 2)"));
  assert.ok(lines.includes("one: function"));
  assert.ok(lines.includes("tensor: tensor([1.])"));
});

test("an optimizer of the user's own may keep numbers", () => {
  class Counting extends optim.Optimizer<{ lr: number }> {
    protected override update({ params }: optim.ParamGroup<{ lr: number }>): void {
      for (const param of params) this.state.set(param, { calls: Number(this.state.get(param)?.calls ?? 0) + 1 });
    }
  }
  const [p, q] = [leaf(1), leaf(1)];
  const first = new Counting([p], { lr: 1 });
  first.step();
  const second = new Counting([q], { lr: 1 });
  second.loadStateDict(first.stateDict());
  second.step();
  assert.equal(second.state.get(q)?.calls, 2);
});

test("parameters without elements, and steps without any gradient", () => {
  for (const name of ["SGD", "Adam", "AdamW"] as const) {
    const empty = torch.zeros(0, 3, { requiresGrad: true });
    const optimizer = make(name, [empty, leaf(1)]);
    optimizer.step();
    assert.equal(optimizer.state.size, 0);
    empty.grad = torch.zeros(0, 3);
    optimizer.step();
    assert.deepEqual(empty.shape, [0, 3]);
  }
});

for (const [name, options] of [
  ["SGD", { momentum: 0.9 }],
  ["Adam", { amsgrad: true }],
  ["AdamW", {}],
  ["Adadelta", {}],
  ["Adagrad", {}],
  ["Adamax", {}],
  ["ASGD", { t0: 0 }],
  ["NAdam", {}],
  ["RAdam", {}],
  ["RMSprop", { momentum: 0.9, centered: true }],
  ["Rprop", {}],
] as const) {
  test(`steps of ${name} take no memory beside the state`, () => {
    const param = torch.ones(1024, 1024).requiresGrad_();
    param.grad = torch.ones(1024, 1024);
    const optimizer = make(name, [param], options);
    optimizer.step();
    torch.memory.resetPeakMemoryStats();
    const before = torch.memory.stats().peak;
    for (let i = 0; i < 20; i++) optimizer.step();
    const taken = torch.memory.stats().peak - before;
    assert.ok(taken < param.nbytes / 4, `${taken} bytes for a parameter of ${param.nbytes}`);
  });
}

test("the copies that parameters with gaps need do not pile up", () => {
  const param = torch.ones(256, 512).t().requiresGrad_();
  param.grad = torch.ones(512, 256);
  const optimizer = new optim.SGD([param], { momentum: 0.9 });
  torch.memory.resetPeakMemoryStats();
  for (let i = 0; i < 2500; i++) optimizer.step();
  assert.ok(torch.memory.stats().peak < 2 ** 30, `${torch.memory.stats().peak} bytes at the peak`);
});
