/** `torch.func.vmap`: functions of one entry on batches. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const { vmap, grad, vjp, functionalCall } = torch.func;

function close(actual: Tensor, expected: Tensor, shown = ""): void {
  assert.deepEqual(actual.shape, expected.shape, shown);
  assert.ok(torch.allclose(actual, expected, { rtol: 1e-4, atol: 1e-5 }), `${shown} ${actual} instead of ${expected}`);
}

/** What a loop over the first dim of all arguments gives. */
function loop(f: (...entry: Tensor[]) => Tensor, ...tensors: Tensor[]): Tensor {
  const count = (tensors[0] as Tensor).length;
  return torch.stack(Array.from({ length: count }, (_, i) => f(...tensors.map((tensor) => tensor.select(0, i)))));
}

function equalsLoop(f: (...entry: Tensor[]) => Tensor, ...tensors: Tensor[]): void {
  close(vmap(f)(...tensors), loop(f, ...tensors), String(f));
}

describe("dims", () => {
  const x = torch.arange(24).float().view(2, 3, 4);

  test("inDims: of each argument, null where all entries get the same, negative ones, trees", () => {
    close(vmap((a: Tensor) => a.sum(0), 1)(x), x.sum(0));
    close(vmap((a: Tensor) => a.sum(0), -1)(x), x.sum(0).t());
    const w = torch.arange(12).float().view(4, 3);
    close(vmap((a: Tensor, b: Tensor) => b.mm(a), [0, null])(x, w), torch.matmul(w, x));
    const sum = (t: { a: Tensor; list: readonly Tensor[] }) => t.a.add(t.list[0] as Tensor);
    close(vmap(sum, [{ a: 0, list: [null] }])({ a: x, list: [x.select(0, 0)] }), x.add(x.select(0, 0)));
    close(vmap(sum, { inDims: [{ a: 0, list: 0 }] })({ a: x, list: [x] }), x.mul(2));
  });

  test("outDims: where outputs have the dim, of each of several outputs", () => {
    assert.deepEqual(vmap((a: Tensor) => a, 0, 2)(x).shape, [3, 4, 2]);
    assert.deepEqual(vmap((a: Tensor) => a, 0, -2)(x).shape, [3, 2, 4]);
    const [a, { b }] = vmap((t: Tensor) => [t, { b: t.sum() }] as const, 0, [1, 0])(x);
    assert.deepEqual([a.shape, b.shape], [[3, 2, 4], [2]]);
    close(a.movedim(1, 0), x);
    const constant = vmap((_: Tensor) => torch.ones(2))(x);
    close(constant, torch.ones(2, 2));
    close(vmap((_: Tensor) => torch.ones(2), 0, null)(x), torch.ones(2));
  });

  test("the function sees an entry", () => {
    vmap((a: Tensor) => {
      assert.deepEqual(a.shape, [3, 4]);
      assert.equal(a.dim(), 2);
      assert.equal(a.numel(), 12);
      assert.equal(a.dtype, torch.float32);
      assert.equal(a.device, "cpu");
      assert.match(String(a), /^BatchedTensor\(lvl=1, bdim=0, value=/);
      return a;
    })(x);
  });

  test("batches in batches", () => {
    close(vmap(vmap((a: Tensor, b: Tensor) => a.mul(b)))(x, x), x.square());
    close(vmap(vmap(vmap((a: Tensor) => a.sin())))(x), x.sin());
    const outer = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(b).sum())(x.select(0, 0)))(x.select(0, 1));
    close(outer, x.select(0, 1).mm(x.select(0, 0).t()));
    close(
      vmap(vmap(torch.dot, [null, 0]), [0, null])(x.select(0, 0), x.select(0, 1)),
      x.select(0, 0).mm(x.select(0, 1).t()),
    );
  });

  test("a batch of no entries", () => {
    assert.deepEqual(vmap((a: Tensor) => a.sin().sum(0))(torch.ones(0, 3, 4)).shape, [0, 4]);
    assert.deepEqual(vmap((a: Tensor) => torch.cdist(a, a))(torch.ones(0, 3, 4)).shape, [0, 3, 3]);
    assert.deepEqual(vmap((a: Tensor) => F.mseLoss(a, a))(torch.ones(0, 3, 4)).shape, [0]);
    const places = torch.zeros(2, 2, { dtype: torch.int64 });
    assert.deepEqual(vmap((a: Tensor) => torch.take(a, places))(torch.ones(0, 3, 4)).shape, [0, 2, 2]);
    assert.deepEqual(vmap((a: Tensor) => torch.bucketize(torch.ones(2, 3), a))(torch.ones(0, 4)).shape, [0, 2, 3]);
    assert.deepEqual(vmap((a: Tensor) => torch.searchsorted(a, a))(torch.ones(0, 4)).shape, [0, 4]);
    assert.throws(
      () => vmap((a: Tensor) => torch.histc(a, 3))(torch.ones(0, 3, 4)),
      /does not support vmap over dims of size 0/,
    );
  });

  test("chunkSize computes so many entries at once", () => {
    const seen: number[] = [];
    const f = (a: Tensor) => {
      seen.push(Number(/value=tensor\(\[\[/.test(String(a))));
      return [a.sum(), a.mul(2)] as const;
    };
    const data = torch.arange(14).float().view(7, 2);
    const [sums, twice] = vmap(f, 0, [0, 1], { chunkSize: 3 })(data);
    assert.equal(seen.length, 3);
    close(sums, data.sum(1));
    close(twice, data.mul(2).t());
    assert.throws(() => vmap(f, { chunkSize: 0 })(data), /chunk_size should be null or greater than 0/);
  });
});

describe("what cannot be done, in PyTorch's words", () => {
  const x = torch.ones(2, 3);
  const cases: readonly (readonly [name: string, run: () => unknown, expected: RegExp | object])[] = [
    ["no inputs", () => vmap(() => x)(), /got no inputs/],
    [
      "nothing mapped",
      () => vmap((a: Tensor) => a, null as never)(x),
      /at least one input must be mapped|inDims has no dim/,
    ],
    [
      "sizes",
      () => vmap(torch.add as never)(x as never, torch.ones(3) as never),
      {
        name: "RangeError",
        message: /Expected all tensors to have the same size in the mapped dimension, got sizes \[2, 3\]/,
      },
    ],
    [
      "range",
      () => vmap((a: Tensor) => a, 2)(x),
      { name: "RangeError", message: /dimensionality 2 so expected in_dim to satisfy -2 <= in_dim < 2/ },
    ],
    [
      "structure",
      () => vmap((a: Tensor, _b: Tensor) => a, [0])(x, x),
      /inDims is not compatible with the structure of `inputs`/,
    ],
    [
      "kind of dim",
      () => vmap((a: Tensor) => a, ["0" as never])(x),
      /in_dim must be either an integer dimension or null/,
    ],
    ["no tensor", () => vmap((a: Tensor, _n: number) => a)(x, 3), /We cannot vmap over non-Tensor arguments/],
    ["outputs", () => vmap((a: Tensor) => [a, 3])(x), /must only return Tensors, got type/],
    [
      "outDims",
      () => vmap((a: Tensor) => a, 0, [0, 0])(x),
      /outDims is not compatible with the structure of `outputs`/,
    ],
    ["null outDims", () => vmap((a: Tensor) => a, 0, null)(x), /can not return a BatchedTensor when out_dim is null/],
    [
      "item",
      () => vmap((a: Tensor) => torch.tensor(a.sum().item()))(x),
      /It looks like you're calling \.item\(\) on a Tensor/,
    ],
    [
      "condition",
      () => vmap((a: Tensor) => (Number(a.sum()) > 0 ? a : a.neg()))(x),
      /It looks like you're calling \.item\(\)/,
    ],
    [
      "nonzero",
      () => vmap((a: Tensor) => a.nonzero())(x),
      /do not support batching operators that can output dynamic shape/,
    ],
    ["maskedSelect", () => vmap((a: Tensor) => a.maskedSelect(a.gt(0)))(x), /dynamic shape/],
    ["mask", () => vmap((a: Tensor) => a.at(a.gt(0)))(x), /dynamic shape/],
    ["out", () => vmap((a: Tensor) => torch.add(a, a, { out: torch.empty(3) }))(x), /out=\) is not possible/],
    [
      "in place",
      () => vmap((a: Tensor) => torch.zeros(3).add_(a))(x),
      /vmap: add_\(self, \*extra_args\) is not possible because there exists a Tensor `other` in extra_args that has more elements than `self`/,
    ],
    ["copy", () => vmap((a: Tensor) => torch.zeros(3).copy_(a))(x), /copy_\(self, \*extra_args\) is not possible/],
    [
      "random",
      () => vmap((a: Tensor) => a.add(torch.rand(3)))(x),
      /called random operation while in randomness error mode/,
    ],
    ["dropout", () => vmap((a: Tensor) => F.dropout(a))(x), /randomness error mode/],
    ["randomness", () => vmap((a: Tensor) => a, { randomness: "none" as never })(x), { name: "TypeError" }],
    ["no function", () => vmap(3 as never), { name: "TypeError" }],
    ["option", () => vmap((a: Tensor) => a, { chunks: 2 } as never), /unexpected option 'chunks'/],
  ];
  for (const [name, run, expected] of cases) test(name, () => assert.throws(run, expected));
});

describe("changes in place", () => {
  test("of batched tensors, also by views", () => {
    const x = torch.arange(6).float().view(2, 3);
    equalsLoop((a) => {
      const y = a.clone();
      y.add_(1).mul_(a).select(0, 0).fill_(7);
      y.narrow(0, 1, 2).copy_(a.select(0, 0));
      return y.sin_();
    }, x);
    const target = x.clone();
    vmap((a: Tensor) => a.zero_())(target);
    close(target, torch.zeros(2, 3));
    close(vmap((a: Tensor) => a.clone().unsqueeze_(0).transpose_(0, 1))(x), x.unsqueeze(2));
  });

  test("what is made like a batched tensor is batched", () => {
    const x = torch.arange(6).float().view(2, 3);
    equalsLoop((a) => a.newZeros([3, 3]).add_(a), x);
    equalsLoop((a) => torch.zerosLike(a).add_(a), x);
    equalsLoop((a) => a.newFull([2], 3).mul_(a.sum()), x);
  });
});

describe("random numbers", () => {
  test("the same for all entries", () => {
    torch.manualSeed(0);
    const same = vmap((a: Tensor) => a.add(torch.randn(3)), { randomness: "same" })(torch.zeros(4, 3));
    for (let i = 1; i < 4; i++) close(same.select(0, i), same.select(0, 0));
    torch.manualSeed(0);
    close(same.select(0, 0), torch.randn(3));
    const noise = vmap((a: Tensor) => a.clone().uniform_(), { randomness: "same" })(torch.zeros(4, 3));
    close(noise.select(0, 3), noise.select(0, 0));
    const chunks = vmap((a: Tensor) => a.add(torch.rand(3)), { randomness: "same", chunkSize: 2 })(torch.zeros(4, 3));
    close(chunks.select(0, 3), chunks.select(0, 0));
    assert.throws(
      () => vmap((a: Tensor) => torch.bernoulli(a), { randomness: "same" })(torch.ones(2, 3).div(2)),
      /does not currently support same randomness with batched tensor input/,
    );
  });

  test("different for each entry, as one draw for the whole batch", () => {
    const draws: readonly ((a: Tensor) => Tensor)[] = [
      (a) => a.add(torch.rand(3)),
      (a) => torch.randLike(a),
      (a) => a.clone().normal_(),
      (a) => torch.bernoulli(a.add(0.5)),
      (a) => torch.normal(a, 1),
      (a) => F.dropout(a.add(1), 0.5),
      (a) => torch.multinomial(a.add(1), 2).float(),
      (a) => torch.randperm(50).float().add(a.sum()),
    ];
    for (const draw of draws) {
      torch.manualSeed(1);
      const drawn = vmap(draw, { randomness: "different" })(torch.zeros(8, 3));
      const rows = new Set(Array.from({ length: 8 }, (_, i) => String(drawn.select(0, i).tolist())));
      assert.ok(rows.size > 1, String(draw));
    }
    torch.manualSeed(0);
    const drawn = vmap((a: Tensor) => a.add(torch.rand(3)), { randomness: "different" })(torch.zeros(4, 3));
    torch.manualSeed(0);
    close(drawn, torch.rand(4, 3));
    assert.throws(
      () => vmap((a: Tensor) => torch.zeros(3).uniform_().add(a), { randomness: "different" })(torch.zeros(2, 3)),
      /Cannot ask for different inplace randomness on an unbatched tensor/,
    );
  });
});

describe("promotion is that of an entry", () => {
  test("a batch of numbers does not widen tensors that have dims", () => {
    const numbers = torch.ones(2, { dtype: torch.float64 });
    assert.equal(vmap((a: Tensor, b: Tensor) => a.mul(b))(torch.ones(2, 3), numbers).dtype, torch.float32);
    assert.equal(vmap((a: Tensor, b: Tensor) => a.mul(b))(torch.ones(2), numbers).dtype, torch.float64);
    const number = torch.tensor(1, { dtype: torch.float64 });
    assert.equal(vmap((a: Tensor) => a.add(number))(torch.ones(2)).dtype, torch.float64);
    assert.equal(vmap((a: Tensor) => a.add(number))(torch.ones(2, 3)).dtype, torch.float32);
  });
});

describe("networks", () => {
  const images = torch.randn(4, 2, 3, 8, 8, { generator: new torch.Generator().manualSeed(0) });
  const models: Record<string, () => nn.Module> = {
    convolution: () => new nn.Sequential(new nn.Conv2d(3, 4, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2)),
    norms: () => new nn.Sequential(new nn.BatchNorm2d(3), new nn.GroupNorm(3, 3), new nn.LayerNorm([8, 8])).eval(),
    pools: () =>
      new nn.Sequential(new nn.AvgPool2d(2), new nn.AdaptiveAvgPool2d(2), new nn.Flatten(), new nn.Linear(12, 5)),
    transposed: () =>
      new nn.Sequential(new nn.ConvTranspose2d(3, 6, 2, 2, { groups: 3 }), new nn.Upsample({ scaleFactor: 0.5 })),
  };
  for (const [name, make] of Object.entries(models)) {
    test(name, () => {
      torch.manualSeed(0);
      const model = make() as nn.Module & ((x: Tensor) => Tensor);
      torch.noGrad(() => equalsLoop((x) => model(x), images));
      equalsLoop((x) => model(x), images);
    });
  }

  test("sequences: embeddings, attention, recurrent layers, losses", () => {
    torch.manualSeed(0);
    const ids = torch.randint(0, 10, [4, 6]);
    const embedding = new nn.Embedding(10, 8);
    const layer = new nn.TransformerEncoderLayer(8, 2, 16, { batchFirst: true }).eval() as nn.Module &
      ((x: Tensor) => Tensor);
    const lstm = new nn.LSTM(8, 5, { batchFirst: true });
    equalsLoop((x) => embedding(x), ids);
    equalsLoop((x) => layer(embedding(x).unsqueeze(0)), ids);
    equalsLoop((x) => lstm(embedding(x).unsqueeze(0))[0], ids);
    const targets = torch.randint(0, 8, [4, 6]);
    equalsLoop((x, t) => F.crossEntropy(embedding(x), t), ids, targets);
    equalsLoop((x, t) => F.crossEntropy(embedding(x), t, { reduction: "none", labelSmoothing: 0.1 }), ids, targets);
    equalsLoop((x) => F.scaledDotProductAttention(x, x, x, { isCausal: true }), torch.randn(4, 2, 5, 8));
  });

  test("gradients of every entry, of the parameters of a network", () => {
    torch.manualSeed(0);
    const model = new nn.Sequential(
      new nn.Conv2d(3, 4, 3),
      new nn.GroupNorm(2, 4),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(36, 5),
      new nn.LayerNorm(5),
    );
    const weights = Object.fromEntries([...model.namedParameters()].map(([key, p]) => [key, p.detach()]));
    const targets = torch.tensor([0, 1, 2, 3], { dtype: torch.long });
    const loss = (w: typeof weights, x: Tensor, t: Tensor) =>
      F.crossEntropy(functionalCall(model, w, [x.unsqueeze(0)]), t.unsqueeze(0));
    const samples = images.select(1, 0);
    const each = vmap(grad(loss), [null, 0, 0])(weights, samples, targets);
    for (let i = 0; i < 4; i++) {
      model.zeroGrad();
      F.crossEntropy(model(samples.narrow(0, i, 1)), targets.narrow(0, i, 1)).backward();
      for (const [key, p] of model.namedParameters()) close(each[key]?.select(0, i) as Tensor, p.grad as Tensor, key);
    }
  });

  test("several networks at once", () => {
    torch.manualSeed(0);
    const models = Array.from(
      { length: 3 },
      () => new nn.Sequential(new nn.Linear(4, 8), new nn.Tanh(), new nn.Linear(8, 2)),
    );
    const [first] = models as [nn.Sequential];
    const keys = [...first.namedParameters()].map(([key]) => key);
    const all = Object.fromEntries(
      keys.map((key) => [key, torch.stack(models.map((m) => new Map(m.namedParameters()).get(key) as Tensor))]),
    );
    const x = torch.randn(5, 4);
    const outputs = vmap((w: typeof all, data: Tensor) => functionalCall(first, w, [data]) as Tensor, [0, null])(
      all,
      x,
    );
    models.forEach((m, i) => close(outputs.select(0, i), m(x) as Tensor));
  });
});

describe("together with gradients", () => {
  const x = torch.tensor([
    [0.1, 0.2],
    [0.3, 0.4],
    [0.5, 0.6],
  ]);

  test("of a batch, in a batch, and in both", () => {
    close(vmap(grad((a: Tensor) => a.sin().sum()))(x), x.cos());
    close(grad((a: Tensor) => vmap((b: Tensor) => b.sin().sum())(a).sum())(x), x.cos());
    close(vmap(grad(grad((a: Tensor) => a.pow(3))))(x.select(1, 0)), x.select(1, 0).mul(6));
    const leaf = x.clone().requiresGrad_();
    vmap((a: Tensor) => a.sin().sum())(leaf)
      .sum()
      .backward();
    close(leaf.grad as Tensor, x.cos());
    const w = torch.tensor([1, 2], { requiresGrad: true });
    vmap((a: Tensor) => a.mul(w).sum())(x)
      .sum()
      .backward();
    close(w.grad as Tensor, x.sum(0));
  });

  test("the gradient of an input that all entries share is one for each entry", () => {
    const w = torch.tensor([1, 2]);
    close(
      vmap(
        grad((v: Tensor, a: Tensor) => v.mul(a).sum()),
        [null, 0],
      )(w, x),
      x,
    );
  });

  test("a batch of gradients goes through a graph at once", () => {
    const [y, pull] = vjp((a: Tensor) => a.sin(), torch.tensor([0.5, 0.6]));
    close(vmap(pull)(torch.eye(2))[0] as Tensor, torch.diag(torch.tensor([0.5, 0.6]).cos()));
    assert.deepEqual(y.shape, [2]);
    let calls = 0;
    const leaf = torch.tensor([1, 2], { requiresGrad: true });
    const square = leaf.pow(2);
    square.registerHook((g) => {
      calls++;
      assert.deepEqual(g.shape, [2]);
      return g.mul(10);
    });
    const [rows] = torch.autograd.grad(square, leaf, torch.eye(2), { isGradsBatched: true });
    close(
      rows as Tensor,
      torch.tensor([
        [20, 0],
        [0, 40],
      ]),
    );
    assert.equal(calls, 1);
  });
});

test("an operation without a rule is computed entry by entry", () => {
  equalsLoop((a) => torch.cdist(a, a), torch.randn(3, 4, 2));
});
