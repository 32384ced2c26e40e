/** Whatever a program holds stays as it is, however it got hold of it: memory that goes back is filled with NaN here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tensor as tensorParam } from "../../src/arguments/params.js";
import { releasingTemporaries } from "../../src/autograd/temporaries.js";
import { isTracing } from "../../src/core/storage.js";
import torch, { nn, type Tensor } from "../../src/index.js";
import { op } from "../../src/ops/define.js";
import { DispatchMode, type OperationCall } from "../../src/ops/dispatch.js";
import { releasedCount } from "../support/poison.js";

const x = torch.arange(6, { dtype: torch.float32 }).view(2, 3);
const doubled = [
  [0, 2, 4],
  [6, 8, 10],
];

/** Keeps something of its input, which a layer of the library made. */
class Keeper<T> extends nn.Module {
  kept: T | undefined;

  constructor(readonly keep: (input: Tensor) => T) {
    super();
  }

  override forward(input: Tensor): Tensor {
    this.kept = this.keep(input);
    return input.add(1);
  }
}

/** Doubles, in a layer of the library. */
function doubling(): nn.Linear {
  const layer = new nn.Linear(3, 3, { bias: false });
  layer.weight.data = torch.eye(3).mul(2);
  return layer;
}

const ways: Record<string, (input: Tensor) => () => unknown> = {
  "the tensor": (input) => () => input.tolist(),
  "a detached one": (input) => (input = input.detach()) && (() => input.tolist()),
  "its data": (input) => (input = input.data) && (() => input.tolist()),
  "a view": (input) => (input = input.t()) && (() => input.t().tolist()),
  "an alias in an array": (input) => {
    const array = input.detach().asTypedArray();
    return () => torch.fromTypedArray(array, [2, 3]).tolist();
  },
};

for (const [name, hold] of Object.entries(ways)) {
  for (const [mode, run] of Object.entries({
    noGrad: torch.noGrad,
    inferenceMode: torch.inferenceMode,
    enableGrad: torch.enableGrad,
  })) {
    test(`${name} of what a module of the program was given, in ${mode}`, () => {
      const keeper = new Keeper(hold);
      const model = new nn.Sequential(
        new nn.Sequential(doubling(), new nn.Identity()),
        keeper,
        doubling(),
        new nn.ReLU(),
      );
      const output = run(() => model(x));
      assert.deepEqual(keeper.kept?.(), doubled);
      assert.deepEqual(output.tolist(), x.mul(2).add(1).mul(2).tolist());
    });
  }
}

test("without anybody who looks on, results of layers are given back", () => {
  const model = new nn.Sequential(doubling(), new nn.ReLU(), doubling());
  const before = releasedCount();
  const output = torch.noGrad(() => model(x));
  assert.equal(releasedCount() - before, 2);
  assert.deepEqual(output.tolist(), x.mul(4).tolist());
});

test("results go back in a class of the program that was said to keep nothing, but not in one derived from it", () => {
  class Twice extends nn.Module {
    first = doubling();
    second = doubling();

    override forward(input: Tensor): unknown {
      return { out: this.second(this.first(input)) };
    }
  }
  class Seeing extends Twice {
    seen: Tensor | undefined;

    override forward(input: Tensor): unknown {
      this.seen = this.first(input);
      return this.second(this.seen);
    }
  }
  torch.memory.keepsNothing({ Twice, other: 3, Seeing: undefined });
  const [twice, seeing] = [new Twice(), new Seeing()];
  const before = releasedCount();
  const { out } = torch.noGrad(() => twice(x)) as { out: Tensor };
  assert.equal(releasedCount() - before, 1);
  assert.deepEqual(out.tolist(), x.mul(4).tolist());
  torch.noGrad(() => seeing(x));
  assert.deepEqual(seeing.seen?.tolist(), doubled);
});

test("what hooks of modules saw", () => {
  const seen: Tensor[] = [];
  const [first, second] = [doubling(), doubling()];
  first.registerForwardHook((_, __, output) => void seen.push(output));
  second.registerForwardPreHook((_, [input]) => void seen.push(input.detach()));
  torch.noGrad(() => new nn.Sequential(first, new nn.Identity(), second, new nn.ReLU())(x));
  for (const one of seen) assert.deepEqual(one.tolist(), doubled);
  assert.equal(seen.length, 2);
});

test("what a hook replaced an output with", () => {
  const replacement = torch.ones(2, 3);
  const layer = doubling();
  layer.registerForwardHook(() => replacement);
  torch.noGrad(() => new nn.Sequential(layer, new nn.ReLU())(x));
  assert.deepEqual(replacement.tolist(), torch.ones(2, 3).tolist());
});

test("what a forward kept that the program gave to a layer of the library", () => {
  const layer = doubling();
  const kept: Tensor[] = [];
  layer.forward = (input) => {
    kept.push(input.mul(2));
    return kept[0] as Tensor;
  };
  torch.noGrad(() => new nn.Sequential(layer, new nn.ReLU())(x));
  assert.deepEqual(kept[0]?.tolist(), doubled);
});

test("what a subclass of a layer kept", () => {
  const kept: Tensor[] = [];
  class Noted extends nn.Linear {
    override forward(input: Tensor): Tensor {
      const output = super.forward(input);
      kept.push(output);
      return output;
    }
  }
  const layer = new Noted(3, 3, { bias: false });
  layer.weight.data = torch.eye(3).mul(2);
  torch.noGrad(() => new nn.Sequential(layer, new nn.ReLU())(x));
  assert.deepEqual(kept[0]?.tolist(), doubled);
});

test("what a mode saw", () => {
  const seen: Tensor[] = [];
  class Keeping extends DispatchMode {
    override operation(call: OperationCall) {
      const result = call.run();
      if (result instanceof torch.Tensor) seen.push(result);
      return result;
    }
  }
  const model = new nn.Sequential(doubling(), new nn.ReLU());
  new Keeping().run(() => torch.noGrad(() => model(x)));
  for (const one of seen)
    assert.ok(!one.to(torch.float64).isnan().any().item(), "a tensor that was seen was given back");
  assert.equal(seen.length, 2);
});

test("what a custom function saved and kept", () => {
  let kept: Tensor | undefined;
  class Square extends torch.autograd.Function {
    static override forward(context: torch.autograd.FunctionContext, input: Tensor): Tensor {
      context.saveForBackward(input);
      kept = input.mul(1);
      return input.mul(input);
    }
    static override backward(context: torch.autograd.FunctionContext, grad: Tensor): Tensor {
      const [input] = context.savedTensors as [Tensor];
      return grad.mul(input).mul(2);
    }
  }
  class Squaring extends nn.Module {
    override forward(input: Tensor): Tensor {
      return Square.apply(input) as Tensor;
    }
  }
  const leaf = x.clone().requiresGrad_();
  const output = new nn.Sequential(doubling(), new nn.Identity(), new Squaring(), doubling())(leaf);
  output.sum().backward();
  assert.deepEqual(kept?.tolist(), doubled);
  assert.deepEqual(leaf.grad?.tolist(), x.mul(16).tolist());
});

test("what the graph saved", () => {
  const leaf = x.clone().requiresGrad_();
  const model = new nn.Sequential(doubling(), new nn.Tanh(), doubling(), new nn.Softplus(), doubling(), new nn.GELU());
  model(leaf).sum().backward();
  const plain = x.clone().requiresGrad_();
  let value: Tensor = plain;
  for (const layer of model) value = layer(value);
  value.sum().backward();
  assert.deepEqual(leaf.grad?.tolist(), plain.grad?.tolist());
});

/** A model whose layers keep five results for the backward pass, and what it makes of `x`. */
function saving(): { model: nn.Sequential; output: Tensor; leaf: Tensor } {
  const model = new nn.Sequential(doubling(), new nn.Tanh(), doubling(), new nn.GELU(), doubling(), new nn.Softplus());
  const leaf = x.clone().requiresGrad_();
  return { model, output: model(leaf), leaf };
}

/** How much goes back while a function runs. */
function releasedBy(run: () => unknown): number {
  const before = releasedCount();
  run();
  return releasedCount() - before;
}

test("what the graph saved of a model goes back with the backward pass, and not before", () => {
  const { output } = saving();
  const total = output.sum();
  const retaining = [1, 2].map(() => releasedBy(() => total.backward(undefined, { retainGraph: true })));
  assert.equal(
    releasedBy(() => total.backward()),
    (retaining[1] as number) + 4,
  );
});

test("what the graph saved is there for a pass over the backward pass", () => {
  const { output, leaf } = saving();
  const [first] = torch.autograd.grad(output.sum(), leaf, undefined, { createGraph: true }) as [Tensor];
  const [second] = torch.autograd.grad(first.pow(2).sum(), leaf) as [Tensor];
  const twin = x.clone().requiresGrad_();
  let value: Tensor = twin;
  for (const layer of saving().model) value = layer(value);
  const [expected] = torch.autograd.grad(value.sum(), twin, undefined, { createGraph: true }) as [Tensor];
  const [secondExpected] = torch.autograd.grad(expected.pow(2).sum(), twin) as [Tensor];
  assert.deepEqual(first.tolist(), expected.tolist());
  assert.deepEqual(second.tolist(), secondExpected.tolist());
});

test("what the graph saved and the program saw is there after the backward pass", () => {
  const keeper = new Keeper((input: Tensor) => input);
  const hooked = new nn.Tanh();
  const seen: Tensor[] = [];
  hooked.registerForwardHook((_, __, output) => void seen.push(output));
  const leaf = x.clone().requiresGrad_();
  const output = new nn.Sequential(doubling(), keeper, new nn.Tanh(), doubling(), hooked, doubling())(leaf);
  output.pow(2).sum().backward();
  assert.deepEqual(keeper.kept?.tolist(), doubled);
  assert.deepEqual(seen[0]?.tolist(), x.mul(2).add(1).tanh().mul(2).tanh().tolist());
  assert.deepEqual(output.tolist(), x.mul(2).add(1).tanh().mul(2).tanh().mul(2).tolist());
});

test("a gradient that is what was saved", () => {
  const odd = op({
    name: "odd",
    params: { input: tensorParam },
    variants: "function",
    forward: ({ input }) => input.mul(2),
    saves: ["result"],
    derivative: { input: (_, { result }) => result },
  });
  const leaf = x.clone().requiresGrad_();
  const output = releasingTemporaries(() => odd(leaf).tanh(), undefined);
  output.sum().backward();
  assert.deepEqual(leaf.grad?.tolist(), doubled);
});

test("a gradient that is retained on the way", () => {
  const keeper = new Keeper((input: Tensor) => {
    input.retainGrad();
    return input;
  });
  const leaf = x.clone().requiresGrad_();
  new nn.Sequential(doubling(), keeper, doubling())(leaf).sum().backward();
  assert.deepEqual(keeper.kept?.grad?.tolist(), torch.full([2, 3], 2).tolist());
});

test("a tensor given as out, which had to grow", () => {
  const out = torch.empty(0);
  const returned = torch.diff(x, { out });
  assert.equal(returned, out);
  assert.deepEqual(out.tolist(), [
    [1, 1],
    [1, 1],
  ]);
});

test("what functions of the program made while an operation called them", () => {
  const kept: Tensor[] = [];
  const keep = (tensor: Tensor): Tensor => {
    kept.push(tensor);
    return tensor;
  };
  torch.zeros(2).apply_((value) =>
    keep(torch.full([2], value + 2))
      .at(0)
      .item(),
  );
  const loss = new nn.TripletMarginWithDistanceLoss({ distanceFunction: (a, b) => keep(a.sub(b).abs().sum(1)) });
  torch.noGrad(() => loss(x, x.add(1), x.add(2)));
  assert.deepEqual(
    kept.map((one) => one.tolist()),
    [
      [2, 2],
      [2, 2],
      [3, 3],
      [6, 6],
    ],
  );
});

test("a tensor that became part of a module or was resized meanwhile", () => {
  const module = new nn.Module();
  const grown = torch.ones(1);
  releasingTemporaries(() => {
    module.registerBuffer("mean", x.mul(2));
    Object.assign(module, { other: x.mul(2) });
    grown.resize_(100).fill_(3);
  }, undefined);
  const { mean, other } = module as unknown as Record<"mean" | "other", Tensor>;
  assert.deepEqual(mean.tolist(), doubled);
  assert.deepEqual(other.tolist(), doubled);
  assert.equal(grown.sum().item(), 300);
});

test("a call that throws ends its trace", () => {
  assert.throws(() => torch.cov(torch.ones(2, 2, 2)));
  assert.throws(() => new nn.Sequential(doubling(), doubling())(torch.ones(5)));
  assert.throws(() => torch.diff(x, { out: torch.empty(1, { dtype: torch.int64 }) }));
  assert.equal(isTracing(), false);
});
