/** The graph: accumulation, freeing, hooks, modes, in-place changes, and what the user may keep. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

function leaf(...values: number[]): Tensor {
  return torch.tensor(values, { requiresGrad: true });
}

function gradOf(tensor: Tensor): unknown {
  return tensor.grad?.tolist();
}

test("gradients add up over several backward passes", () => {
  const x = leaf(1, 2);
  x.mul(3).sum().backward();
  x.mul(4).sum().backward();
  assert.deepEqual(gradOf(x), [7, 7]);
});

test("a tensor that is used twice gets both gradients", () => {
  const x = leaf(3);
  const y = x.mul(2);
  y.mul(y).add(y).sum().backward();
  assert.deepEqual(gradOf(x), [26]);
});

test("gradients of different leaves never share memory", () => {
  const a = leaf(1, 2);
  const b = leaf(3, 4);
  a.add(b).sum().backward();
  a.grad?.zero_();
  assert.deepEqual(gradOf(b), [1, 1]);
  const g = torch.tensor([1, 1]);
  const c = leaf(1, 2);
  c.clone().backward(g);
  g.zero_();
  assert.deepEqual(gradOf(c), [1, 1]);
});

test("a second backward throws, unless the graph was retained", () => {
  const x = leaf(2);
  const y = x.pow(2).sum();
  y.backward({ retainGraph: true });
  y.backward();
  assert.deepEqual(gradOf(x), [8]);
  assert.throws(() => y.backward(), /Trying to backward through the graph a second time/);
});

test("only a single element needs no gradient to start from", () => {
  const x = leaf(1, 2);
  assert.throws(() => x.mul(2).backward(), /grad can be implicitly created only for scalar outputs/);
  assert.throws(() => x.mul(2).backward(torch.ones(3)), /Mismatch in shape/);
  assert.throws(() => torch.ones(1).backward(), /does not require grad and does not have a grad_fn/);
  x.mul(2).backward(torch.tensor([1, 10]));
  assert.deepEqual(gradOf(x), [2, 20]);
});

test("createGraph gives derivatives of derivatives", () => {
  const x = leaf(2);
  const [first] = torch.autograd.grad(x.pow(4), x, { createGraph: true });
  const [second] = torch.autograd.grad(first as Tensor, x, { createGraph: true });
  const [third] = torch.autograd.grad(second as Tensor, x);
  assert.deepEqual(
    [first, second, third].map((t) => t?.tolist()),
    [[32], [48], [48]],
  );
  assert.equal(x.grad, null);
});

test("grad refuses an input that was not used", () => {
  const x = leaf(1);
  const unused = leaf(1);
  assert.throws(() => torch.autograd.grad(x.mul(2), unused), /appears to not have been used in the graph/);
  assert.deepEqual(torch.autograd.grad(x.mul(2), [unused], { allowUnused: true }), [null]);
});

test("backward towards chosen inputs leaves other leaves alone", () => {
  const a = leaf(1);
  const b = leaf(2);
  a.mul(b)
    .sum()
    .backward({ inputs: [a] });
  assert.deepEqual(gradOf(a), [2]);
  assert.equal(b.grad, null);
});

test("backward towards chosen inputs adds to the gradient in place, once for each", () => {
  const x = leaf(1, 1);
  x.mul(2)
    .sum()
    .backward({ inputs: [x, x] });
  const first = x.grad;
  x.mul(2)
    .sum()
    .backward({ inputs: [x] });
  assert.equal(x.grad, first);
  assert.deepEqual(gradOf(x), [4, 4]);
});

test("backward towards a tensor that is no leaf keeps its gradient, as retainGrad does", () => {
  const x = leaf(1, 1);
  const y = x.mul(2);
  y.sum().backward({ inputs: [y], retainGraph: true });
  assert.equal(y.retainsGrad, true);
  y.sum().backward({ inputs: [y] });
  assert.deepEqual(y.grad?.tolist(), [2, 2]);
  assert.equal(x.grad, null);
});

test("a gradient has memory of its own, also where it is part of a graph", () => {
  for (const createGraph of [false, true]) {
    const [x, z, given] = [leaf(1, 1), leaf(1, 1), torch.ones(2)];
    const sum = x.add(z);
    sum.retainGrad();
    sum.backward(given, { createGraph });
    for (const tensor of [x, z, sum]) torch.noGrad(() => tensor.grad?.mul_(3));
    assert.deepEqual([x, z, sum].map(gradOf), new Array(3).fill([3, 3]));
    assert.deepEqual(given.tolist(), [1, 1]);
  }
});

test("what a hook has kept outlives the gradient, also of a tensor that once was a leaf", () => {
  const x = torch.ones(4096).requiresGrad_();
  x.mul(1).sum().backward();
  x.requiresGrad = false;
  x.add_(torch.ones(4096).requiresGrad_());
  x.retainGrad();
  const kept: Tensor[] = [];
  x.registerHook((grad) => void kept.push(grad));
  x.mul(5).sum().backward();
  x.grad = null;
  for (let i = 0; i < 20; i++) torch.zeros(4096);
  assert.equal(kept[0]?.sum().item(), 5 * 4096);
});

test("changing a saved tensor makes backward throw", () => {
  const x = leaf(1, 2);
  const y = x.mul(2);
  const z = y.mul(y);
  y.add_(1);
  assert.throws(
    () => z.sum().backward(),
    /one of the variables needed for gradient computation has been modified by an inplace operation: \[torch\.FloatTensor \[2\]\].*version 1; expected version 0/s,
  );
});

test("a leaf that requires a gradient cannot be changed in place while recording", () => {
  const x = leaf(1, 2);
  assert.throws(() => x.add_(1), /a leaf Variable that requires grad is being used in an in-place operation/);
  assert.throws(
    () => x.at(0).add_(1),
    /a view of a leaf Variable that requires grad is being used in an in-place operation/,
  );
  torch.noGrad(() => x.add_(1));
  assert.deepEqual(x.tolist(), [2, 3]);
  assert.equal(x.isLeaf, true);
});

test("changing a view in place changes the history of its base", () => {
  const w = leaf(5);
  const base = torch.zeros(3);
  const view = base.at(1);
  view.copy_(w.at(0));
  assert.equal(base.requiresGrad, true);
  assert.equal(base.gradFn?.name(), "CopySlices");
  base
    .mul(torch.tensor([1, 10, 100]))
    .sum()
    .backward();
  assert.deepEqual(gradOf(w), [10]);
});

test("other views see a change of the base", () => {
  const x = leaf(1, 2, 3, 4);
  const y = x.clone();
  const other = y.view(2, 2);
  y.at("1:3").mul_(10);
  assert.equal(other.gradFn?.name(), "AsStridedBackward0");
  other
    .mul(
      torch.tensor([
        [1, 2],
        [3, 4],
      ]),
    )
    .sum()
    .backward();
  assert.deepEqual(gradOf(x), [1, 20, 30, 4]);
});

test("a view made without recording cannot be changed while recording", () => {
  const x = leaf(1, 2).mul(1);
  const view = torch.noGrad(() => x.view(2, 1));
  assert.throws(
    () => view.add_(1),
    /A view was created in noGrad mode and is being modified inplace with grad mode enabled/,
  );
});

test("one of several views cannot be changed in place", () => {
  const x = leaf(1, 2).mul(1);
  const [first] = x.unbind() as [Tensor];
  assert.throws(() => first.add_(1), /output of a function that returns multiple views/);
});

test("hooks on tensors run in order, and replace the gradient", () => {
  const x = leaf(1);
  const y = x.mul(2);
  const seen: unknown[] = [];
  y.registerHook((g) => {
    seen.push(g.tolist());
    return g.mul(10);
  });
  const handle = y.registerHook((g) => {
    seen.push(g.tolist());
  });
  y.sum().backward({ retainGraph: true });
  assert.deepEqual(seen, [[1], [10]]);
  assert.deepEqual(gradOf(x), [20]);
  handle.remove();
  y.sum().backward();
  assert.deepEqual(seen, [[1], [10], [1]]);
});

test("a hook on a leaf changes what is accumulated", () => {
  const x = leaf(1);
  x.registerHook((g) => g.neg());
  x.mul(3).sum().backward();
  assert.deepEqual(gradOf(x), [-3]);
});

test("a gradient that a hook keeps stays as it was", () => {
  const x = torch.ones(1000).requiresGrad_();
  const kept: Tensor[] = [];
  const y = x.mul(2);
  y.registerHook((g) => {
    kept.push(g);
  });
  y.mul(3).sum().backward();
  for (let i = 0; i < 20; i++) torch.randn(1000).mul(2);
  assert.deepEqual(kept[0]?.tolist(), new Array(1000).fill(3));
});

test("after an in-place change retainGrad keeps the later gradient, and hooks stay with the earlier value", () => {
  const x = torch.tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  const seen: unknown[] = [];
  y.registerHook((grad) => void seen.push(["before", grad.tolist()]));
  y.retainGrad();
  y.mul_(10);
  y.registerHook((grad) => void seen.push(["after", grad.tolist()]));
  y.mul(3).sum().backward();
  assert.deepEqual(y.grad?.tolist(), [3, 3]);
  assert.deepEqual(seen, [
    ["after", [3, 3]],
    ["before", [30, 30]],
  ]);
  assert.deepEqual(x.grad?.tolist(), [60, 60]);
});

test("retainGrad of a base whose view was changed in place", () => {
  const x = torch.tensor([1, 2], { requiresGrad: true });
  const y = x.mul(2);
  y.retainGrad();
  y.at(0).mul_(10);
  y.mul(3).sum().backward();
  assert.deepEqual(y.grad?.tolist(), [3, 3]);
  assert.deepEqual(x.grad?.tolist(), [60, 6]);
});

test("retainGrad keeps the gradient of a tensor that is no leaf", () => {
  const x = torch.ones(1000).requiresGrad_();
  const y = x.mul(2);
  assert.equal(y.retainsGrad, false);
  y.retainGrad();
  y.mul(3).sum().backward();
  for (let i = 0; i < 20; i++) torch.randn(1000).mul(2);
  assert.deepEqual(y.grad?.tolist(), new Array(1000).fill(3));
  assert.deepEqual(gradOf(x), new Array(1000).fill(6));
});

test("retainGrad adds up over several passes, each time in a new tensor", () => {
  const y = leaf(1, 1).mul(2);
  y.retainGrad();
  y.sum().backward({ retainGraph: true });
  const first = y.grad;
  y.sum().backward();
  assert.deepEqual(first?.tolist(), [1, 1]);
  assert.deepEqual(y.grad?.tolist(), [2, 2]);
});

test("gradients stay right when memory is handed on within the pass", () => {
  const x = torch.ones(64, 64).requiresGrad_();
  const w = torch.ones(64, 64).mul(0.5).requiresGrad_();
  let y = x;
  for (let i = 0; i < 6; i++) y = y.mul(w).add(x).reshape(64, 64).t().contiguous().view(4096).view(64, 64);
  y.sum().backward();
  const again = torch.ones(64, 64, { dtype: torch.float64 }).requiresGrad_();
  const wAgain = torch.full([64, 64], 0.5, { dtype: torch.float64 }).requiresGrad_();
  let z = again;
  for (let i = 0; i < 6; i++) z = z.mul(wAgain).add(again).t();
  const [gx, gw] = torch.autograd.grad(z.sum(), [again, wAgain], { createGraph: true }) as [Tensor, Tensor];
  assert.ok(torch.allclose((x.grad as Tensor).double(), gx));
  assert.ok(torch.allclose((w.grad as Tensor).double(), gw));
});

test("the graph can be looked at", () => {
  const x = leaf(1);
  const y = x.mul(2).add(x);
  assert.equal(y.gradFn?.name(), "AddBackward0");
  const names = y.gradFn?.nextFunctions.map(([node]) => node?.name());
  assert.deepEqual(names, ["MulBackward0", "AccumulateGrad"]);
  assert.equal(x.gradFn, null);
  assert.equal(x.isLeaf, true);
  assert.equal(y.isLeaf, false);
  assert.equal(y.detach().isLeaf, true);
});

test("detach shares memory, and no gradient flows through it", () => {
  const x = leaf(1, 2);
  const y = x.detach();
  torch.noGrad(() => x.mul_(2));
  assert.deepEqual(y.tolist(), [2, 4]);
  assert.equal(y.requiresGrad, false);
});

test("modes hold for the extent of a function, and are restored when it throws", () => {
  const x = leaf(1);
  assert.equal(torch.noGrad(() => x.mul(2)).requiresGrad, false);
  assert.equal(torch.noGrad(() => torch.enableGrad(() => x.mul(2))).requiresGrad, true);
  assert.throws(
    () =>
      torch.noGrad(() => {
        throw new Error("inside");
      }),
    /inside/,
  );
  assert.equal(torch.isGradEnabled(), true);
  {
    using _ = torch.noGrad();
    assert.equal(torch.isGradEnabled(), false);
  }
  assert.equal(torch.isGradEnabled(), true);
});

test("a function whose work is not done when it returns is refused, and the mode does not leak", async () => {
  const setGradEnabled = (body: () => unknown) => torch.setGradEnabled(true, body);
  const { noGrad, enableGrad, inferenceMode } = torch;
  const calls = { noGrad, enableGrad, inferenceMode, setGradEnabled };
  let ran = false;
  const bodies: readonly (readonly [() => unknown, string])[] = [
    [async () => (ran = true), "an async function"],
    [
      function* () {
        ran = true;
        yield 1;
      },
      "a generator function",
    ],
  ];
  for (const [name, call] of Object.entries(calls)) {
    for (const [body, kind] of bodies) {
      const message = new RegExp(`^${name}\\(\\) takes a function .*, not ${kind}; await outside`);
      assert.throws(() => call(body), { name: "TypeError", message });
    }
    assert.throws(() => call((() => Promise.reject(new Error("unheard"))) as () => unknown), /returned a promise/);
  }
  assert.equal(ran, false);
  assert.equal(torch.isGradEnabled(), true);
  await Promise.resolve();
  assert.equal(torch.isGradEnabled(), true);
});

test("tensors of inference mode stay out of every graph", () => {
  const x = leaf(1);
  const y = torch.inferenceMode(() => x.mul(2));
  assert.equal(y.isInference(), true);
  assert.equal(y.requiresGrad, false);
  assert.throws(() => x.mul(y), /Inference tensors cannot be saved for backward/);
});

test("a chain of 100,000 operations has a gradient", () => {
  const x = leaf(1);
  let y = x;
  for (let i = 0; i < 100_000; i++) y = y.add(1);
  y.sum().backward();
  assert.deepEqual(gradOf(x), [1]);
});

test("gradients arrive in the dtype of their input", () => {
  const x = leaf(1, 2);
  const d = torch.tensor([3, 4], { dtype: torch.float64, requiresGrad: true });
  x.mul(d).sum().backward();
  assert.equal(x.grad?.dtype, torch.float32);
  assert.equal(d.grad?.dtype, torch.float64);
  assert.deepEqual(gradOf(x), [3, 4]);
});

test("only floating tensors require a gradient", () => {
  assert.throws(() => torch.tensor([1n], { requiresGrad: true }), /only Tensors of floating point/);
  const y = leaf(1).mul(2);
  assert.throws(() => y.requiresGrad_(false), /you can only change requires_grad flags of leaf variables/);
});

test("results in tensors that exist already are not recorded", () => {
  const x = leaf(1);
  assert.throws(() => torch.mul(x, 2, { out: torch.empty(1) }), /don't support automatic differentiation/);
  torch.noGrad(() => torch.mul(x, 2, { out: torch.empty(1) }));
});

class Cube extends torch.autograd.Function {
  static override forward(ctx: torch.autograd.FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).mul(x);
  }

  static override backward(ctx: torch.autograd.FunctionContext, grad: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return grad.mul(x.mul(x)).mul(3);
  }
}

test("a custom function has its own gradient", () => {
  const x = leaf(2);
  const y = Cube.apply(x);
  assert.equal(y.gradFn?.name(), "CubeBackward");
  y.sum().backward();
  assert.deepEqual(gradOf(x), [12]);
  const d = torch.randn(3, { dtype: torch.float64, requiresGrad: true });
  torch.autograd.gradcheck((t) => Cube.apply(t), d);
  torch.autograd.gradgradcheck((t) => Cube.apply(t), d);
  assert.throws(() => y.sum().backward(), /a second time/);
});

test("a custom function that returns too many gradients is told so", () => {
  class Wrong extends torch.autograd.Function {
    static override forward(_: torch.autograd.FunctionContext, x: Tensor): Tensor {
      return x.clone();
    }
    static override backward(_: torch.autograd.FunctionContext, grad: Tensor): Tensor[] {
      return [grad, grad];
    }
  }
  assert.throws(
    () => Wrong.apply(leaf(1)).sum().backward(),
    /WrongBackward returned an incorrect number of gradients \(expected 1, got 2\)/,
  );
});

test("a hook may walk the same graph while it is being walked", () => {
  const x = leaf(1, 2);
  const y = x.mul(3);
  const total = y.mul(y).sum();
  const inner: unknown[] = [];
  y.registerHook(() => {
    if (inner.length > 0) return;
    inner.push(null);
    inner[0] = torch.autograd.grad(total, x, { retainGraph: true })[0]?.tolist();
  });
  total.backward({ retainGraph: true });
  assert.deepEqual(
    [inner[0], gradOf(x)],
    [
      [18, 36],
      [18, 36],
    ],
  );
});

test("a pass that a hook breaks off leaves the graph as it was", () => {
  const x = leaf(1, 2);
  const y = x.mul(3);
  const handle = y.registerHook(() => {
    throw new Error("no further");
  });
  const total = y.sum();
  assert.throws(() => total.backward({ retainGraph: true }), /no further/);
  handle.remove();
  total.backward();
  assert.deepEqual(gradOf(x), [3, 3]);
});

test("the memory of a gradient that nobody saw is used again, and that of a gradient in a user's hands is not", () => {
  const weight = torch.ones(10_000, { requiresGrad: true });
  const optimizer = new torch.optim.SGD([weight], 0.1);
  const recycledByDropping = (look: () => void): number => {
    weight.mul(2).sum().backward();
    look();
    const before = torch.memory.stats().recycled;
    optimizer.zeroGrad();
    return torch.memory.stats().recycled - before;
  };
  let kept: Tensor | null = null;
  const unseen = recycledByDropping(() => optimizer.step());
  const seen = recycledByDropping(() => {
    kept = weight.grad;
  });
  assert.deepEqual([unseen >= weight.nbytes, seen], [true, 0]);
  const others = Array.from({ length: 20 }, () => torch.zeros(10_000));
  assert.equal((kept as Tensor | null)?.eq(2).all().item(), 1);
  assert.equal(others.length, 20);
});

test("a gradient seen by a hook, or replaced while it is in use, keeps its memory", () => {
  const weight = torch.ones(10_000, { requiresGrad: true });
  let seen: Tensor | undefined;
  weight.registerHook((grad) => {
    seen = grad;
  });
  weight.mul(2).sum().backward();
  weight.grad = null;
  torch.zeros(10_000);
  assert.equal(seen?.eq(2).all().item(), 1);
});

test("gradcheck finds a wrong gradient", () => {
  class Wrong extends torch.autograd.Function {
    static override forward(_: torch.autograd.FunctionContext, x: Tensor): Tensor {
      return x.mul(2);
    }
    static override backward(_: torch.autograd.FunctionContext, grad: Tensor): Tensor {
      return grad;
    }
  }
  const x = torch.randn(2, { dtype: torch.float64, requiresGrad: true });
  assert.throws(() => torch.autograd.gradcheck((t) => Wrong.apply(t), x), /Jacobian mismatch/);
  assert.equal(
    torch.autograd.gradcheck((t) => Wrong.apply(t), x, { raiseException: false }),
    false,
  );
});
