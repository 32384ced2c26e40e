/** LBFGS against PyTorch: losses, iterations, evaluations and parameters; what it refuses, and its state. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import torch, { optim, type Tensor } from "../../src/index.js";

interface Recorded {
  readonly function: "valley" | "waves";
  readonly dtype: "float64" | "float32";
  readonly options: optim.LBFGSOptions;
  /** The loss, iterations and evaluations after each step. */
  readonly steps: readonly (readonly [number, number, number])[];
  readonly params: readonly unknown[];
}

const file = new URL("../../../test/optim/lbfgs.json", import.meta.url);
const golden = JSON.parse(readFileSync(file, "utf8")) as readonly Recorded[];

const functions: Record<Recorded["function"], (params: readonly Tensor[]) => Tensor> = {
  valley: ([p]) => {
    const [x, y] = [(p as Tensor).at(0), (p as Tensor).at(1)];
    return x
      .sub(1)
      .pow(2)
      .add(y.sub(x.pow(2)).pow(2).mul(100));
  },
  waves: (params) => {
    const [a, b] = params as [Tensor, Tensor];
    return a.cos().sum().add(a.sum().sub(b).pow(2).mean()).add(b.pow(4).sum().mul(0.1));
  },
};

function start({ function: name, dtype }: Pick<Recorded, "function" | "dtype">): Tensor[] {
  const options = { dtype: torch[dtype], requiresGrad: true };
  if (name === "valley") return [torch.tensor([-1.5, 2], options)];
  const b = [
    [1, -0.5],
    [0.25, 2],
  ];
  return [torch.tensor([0.5, -1, 2], options), torch.tensor(b, options)];
}

function closureFor(optimizer: optim.Optimizer, params: readonly Tensor[], name: Recorded["function"]): () => Tensor {
  return () => {
    optimizer.zeroGrad();
    const loss = functions[name](params);
    loss.backward();
    return loss;
  };
}

const historyOf = (optimizer: optim.LBFGS, params: readonly Tensor[]) =>
  optimizer.state.get(params[0] as Tensor) as Record<string, unknown>;

for (const recorded of golden) {
  const { function: name, dtype, options, steps } = recorded;
  test(`LBFGS ${name} ${dtype} ${JSON.stringify(options)}`, () => {
    const params = start(recorded);
    const optimizer = new optim.LBFGS(params, options);
    const closure = closureFor(optimizer, params, name);
    // When it is near the minimum, where it goes in float32 depends on the roundings of sums.
    const [near, count] = dtype === "float64" ? [1e-9, true] : [1e-4, false];
    for (const [loss, iterations, evaluations] of steps) {
      const got = optimizer.step(closure).item();
      assert.ok(Math.abs(got - loss) <= near * Math.max(1, Math.abs(loss)), `${got}, PyTorch has ${loss}`);
      const { nIter, funcEvals } = historyOf(optimizer, params);
      if (count) assert.deepEqual([nIter, funcEvals], [iterations, evaluations]);
    }
    params.forEach((param, i) => {
      const wanted = torch.tensor(recorded.params[i] as number[], { dtype: torch[dtype] });
      const tolerance = { rtol: 10 * near, atol: 10 * near };
      assert.ok(param.detach().allclose(wanted, tolerance), `${param}\n${wanted}`);
    });
  });
}

test("LBFGS goes on from its state dict, also one whose numbers are tensors, as PyTorch has them", () => {
  const make = () => {
    const params = start({ function: "valley", dtype: "float64" });
    return { params, optimizer: new optim.LBFGS(params, { lr: 0.002, maxIter: 5 }) };
  };
  const [a, b] = [make(), make()];
  for (let i = 0; i < 3; i++) a.optimizer.step(closureFor(a.optimizer, a.params, "valley"));
  torch.noGrad(() => b.params[0]?.copy_(a.params[0] as Tensor));
  const dict = a.optimizer.stateDict();
  const state = dict.state.get(0) as Record<string, unknown>;
  assert.deepEqual(Object.keys(state).sort(), [
    ...["H_diag", "al", "d", "func_evals", "n_iter", "old_dirs", "old_stps", "prev_flat_grad", "prev_loss", "ro", "t"],
  ]);
  assert.equal((state.ro as Tensor[]).length, (state.old_dirs as Tensor[]).length);
  Object.assign(state, { t: torch.tensor(state.t as number, { dtype: torch.float64 }) });
  b.optimizer.loadStateDict(dict);
  for (const { optimizer, params } of [a, b]) optimizer.step(closureFor(optimizer, params, "valley"));
  assert.deepEqual(b.params[0]?.tolist(), a.params[0]?.tolist());
  assert.notEqual((historyOf(b.optimizer, b.params).oldDirs as Tensor[])[0], (state.old_dirs as Tensor[])[0]);
});

test("what LBFGS refuses", () => {
  const make = (...args: unknown[]): optim.LBFGS => Reflect.construct(optim.LBFGS, args);
  const p = () => torch.ones(1, { requiresGrad: true });
  assert.throws(() => make([{ params: [p()] }, { params: [p()] }]), /LBFGS doesn't support per-parameter options/);
  assert.throws(() => make([p()], -1), /Invalid learning rate: -1/);
  assert.throws(() => make([p()], { lineSearchFn: "weak" }), /must be one of "strong_wolfe"/);
  assert.throws(() => make([p()]).step(), { name: "TypeError", message: /missing 1 required argument: 'closure'/ });
  assert.throws(() => make([p()]).step(async () => 1), /not an async function/);
  assert.throws(() => make([p()]).step(() => undefined), /the closure must return the loss, not undefined/);
  const [param, optimizer] = [p(), new optim.Adam([p()])];
  (optimizer.paramGroups[0]?.params[0] as Tensor).grad = torch.ones(1);
  optimizer.step();
  const other = make([param]);
  other.loadStateDict({ ...other.stateDict(), state: optimizer.stateDict().state });
  assert.throws(() => other.step(() => param.sum()), /is not that of LBFGS; it was loaded from another optimizer/);
});

test("LBFGS stays where it is if the gradient is 0, and calls hooks once a step", () => {
  const p = torch.zeros(2, { requiresGrad: true });
  const optimizer = new optim.LBFGS([p], { lineSearchFn: "strong_wolfe" });
  let hooks = 0;
  optimizer.registerStepPostHook(() => void hooks++);
  const loss = optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = p.pow(2).sum();
    loss.backward();
    return loss;
  });
  assert.deepEqual([loss.item(), p.tolist(), hooks], [0, [0, 0], 1]);
  assert.equal(historyOf(optimizer, [p]).nIter, 0);
});
