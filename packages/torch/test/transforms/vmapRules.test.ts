/** What `vmap` computes for all entries at once, and what it refuses, where the recorded calls do not look. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { F, nn, optim, type Tensor } from "../../src/index.js";

const { float64, complex128, int64 } = torch;
const { vmap, vjp, grad } = torch.func;
const random = (...shape: number[]) => torch.randn(shape, { dtype: float64 });

/** Runs a function and gives the warnings that came. */
async function warningsOf(run: () => void): Promise<string[]> {
  const seen: string[] = [];
  // Those of what ran before come now.
  await new Promise((resolve) => setImmediate(resolve));
  const listen = (warning: Error) => seen.push(warning.message);
  process.on("warning", listen);
  run();
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  return seen.filter((message) => message.includes("batching rule"));
}

const symmetric = (x: Tensor) => x.add(x.mT);
const labels = torch.tensor([1, 2, 1, 3], { dtype: int64 });

const programs: Readonly<Record<string, [(x: Tensor) => Tensor, Tensor]>> = {
  qr: [(x) => torch.linalg.qr(x).R, random(3, 4, 4)],
  svd: [(x) => torch.linalg.svd(x, { fullMatrices: false }).S, random(3, 4, 2)],
  svdvals: [(x) => torch.linalg.svdvals(x), random(3, 4, 2)],
  eigh: [(x) => torch.linalg.eigh(symmetric(x)).eigenvalues, random(3, 4, 4)],
  pinv: [(x) => torch.linalg.pinv(x), random(3, 4, 2)],
  matrixExp: [(x) => torch.linalg.matrixExp(x), random(3, 2, 2)],
  solve: [(x) => torch.linalg.solve(x, torch.ones(2, 4, 1, { dtype: float64 })), random(3, 4, 4)],
  lstsq: [(x) => torch.linalg.lstsq(x, torch.ones(4, 1, { dtype: float64 })).solution, random(3, 4, 2)],
  fft: [(x) => torch.fft.fft(x).abs(), random(3, 5)],
  irfft: [(x) => torch.fft.irfft(torch.complex(x, x)), random(3, 5)],
  stft: [(x) => torch.stft(x, 4, { returnComplex: true }).abs(), random(3, 12)],
  cdist: [(x) => torch.cdist(x, x.mul(2)), random(3, 4, 2)],
  "cdist of many": [(x) => torch.cdist(x, x.mul(2).add(1)), random(3, 30, 2)],
  pdist: [(x) => F.pdist(x), random(3, 4, 2)],
  put: [(x) => x.put(torch.tensor([0, -1], { dtype: int64 }), x.narrow(0, 0, 2)), random(3, 5)],
  maskedScatter: [(x) => x.maskedScatter(x.gt(0), x.exp()), random(3, 5)],
  cross: [(x) => torch.cross(x, x.flip([-1]), { dim: -1 }), random(3, 4, 3)],
  blockDiag: [(x) => torch.blockDiag(x, x.select(0, 0)), random(3, 4, 2)],
  ctcLoss: [(x) => F.ctcLoss(x.logSoftmax(2), labels, [5, 5], [1, 3]), random(3, 5, 2, 4)],
  fractionalMaxPool: [
    (x) => F.fractionalMaxPool2d(x, 2, 3, { _randomSamples: torch.full([1, 2, 2], 0.3, { dtype: float64 }) }),
    random(3, 2, 6, 6),
  ],
};

describe("at once", () => {
  for (const [name, [program, x]] of Object.entries(programs)) {
    test(name, async () => {
      const gradient = grad((y: Tensor) => program(y).mul(2).sum());
      let results: Tensor[] = [];
      const warnings = await warningsOf(() => {
        results = [vmap(program)(x), vmap(gradient)(x)];
      });
      assert.deepEqual(warnings, []);
      for (const [i, run] of [program, gradient].entries()) {
        const looped = torch.stack([...x].map((entry) => run(entry)));
        torch.testing.assertClose(results[i], looped, { rtol: 1e-7, atol: 1e-9 });
      }
      // The other way round: one gradient of what was computed for all entries.
      const batched = vmap(program);
      const [, pull] = vjp((y: Tensor) => batched(y), x);
      const whole = pull(torch.full(results[0]?.shape ?? [], 2, { dtype: float64 })) as unknown as Tensor[];
      torch.testing.assertClose(whole[0], results[1], { rtol: 1e-7, atol: 1e-9 });
    });
  }

  test("labels of each entry, beside the same log-probabilities", () => {
    const x = random(5, 2, 4).logSoftmax(2);
    const targets = torch.tensor([[[1, 2]], [[3, 1]]], { dtype: int64 }).expand([2, 2, 2]);
    const loss = (t: Tensor, y: Tensor) => F.ctcLoss(y, t, [5, 5], [2, 2]);
    const own = (t: Tensor) => grad((y: Tensor) => loss(t, y))(x);
    torch.testing.assertClose(vmap(own)(targets), torch.stack([...targets].map(own)));
    const [, pull] = vjp((y: Tensor) => vmap((t: Tensor) => loss(t, y))(targets).sum(), x);
    const [together] = pull(torch.ones([], { dtype: float64 })) as unknown as Tensor[];
    torch.testing.assertClose(together, vmap(own)(targets).sum(0));
  });

  test("sequences and boundaries of each entry", () => {
    const sorted = random(3, 6).sort(1).values;
    const values = random(3, 2, 2);
    const found = vmap((s: Tensor, x: Tensor) => torch.searchsorted(s, x))(sorted, values);
    const binned = vmap((s: Tensor, x: Tensor) => torch.bucketize(x, s, { right: true }))(sorted, values);
    const known = vmap((s: Tensor, x: Tensor) => torch.isin(x, s))(sorted, sorted);
    for (let i = 0; i < 3; i++) {
      const [s, x] = [sorted.at(i), values.at(i)];
      assert.ok(torch.equal(found.at(i), torch.searchsorted(s, x)));
      assert.ok(torch.equal(binned.at(i), torch.bucketize(x, s, { right: true })));
      assert.ok(known.at(i).all().item());
    }
  });

  test("a place that an entry does not have is none of the next one", () => {
    const put = (x: Tensor) => x.put(torch.tensor([3], { dtype: int64 }), x.narrow(0, 0, 1));
    assert.throws(() => vmap(put)(random(2, 3)), RangeError);
    const scattered = (x: Tensor) => x.maskedScatter(torch.ones(3).gt(0), x.narrow(0, 0, 2));
    assert.throws(() => vmap(scattered)(random(2, 3)), Error);
    assert.throws(() => vmap((x: Tensor) => x.put(torch.ones(1), x))(random(2, 1)), TypeError);
  });

  test("complex matrices of the parts of each entry", () => {
    const z = torch.randn([3, 2, 2], { dtype: complex128 });
    torch.testing.assertClose(vmap((x: Tensor) => torch.viewAsReal(x).sum(-1))(z), torch.viewAsReal(z).sum(-1));
    torch.testing.assertClose(vmap((x: Tensor) => x.conj().abs().mul(x.sgn()))(z), z.conj().abs().mul(z.sgn()));
    assert.throws(
      () => vmap((x: Tensor) => torch.viewAsComplex(x))(random(2)),
      /Input tensor must have one or more dimensions/,
    );
  });
});

test("results that hold nothing", () => {
  const x = random(3, 4, 2);
  const { Q, R } = torch.linalg.qr(x, { mode: "r" });
  const [q, r] = vmap((y: Tensor) => [...torch.linalg.qr(y, { mode: "r" })])(x) as [Tensor, Tensor];
  assert.deepEqual([Q.shape, q.shape], [[0], [3, 0]]);
  torch.testing.assertClose(r, R);
  const b = random(3, 4, 1);
  const found = vmap((y: Tensor, z: Tensor) => [...torch.linalg.lstsq(y, z, { driver: "gels" })])(x, b) as Tensor[];
  assert.deepEqual(
    found.map(({ shape }) => shape),
    [
      [3, 2, 1],
      [3, 1],
      [3, 0],
      [3, 0],
    ],
  );
});

describe("memory beneath", () => {
  const unreadable = /vmap: It looks like you're calling .*(save|saveFile)\(\) on a Tensor/;

  test("is not saved", () => {
    const x = random(2, 3);
    const save = (run: (x: Tensor) => unknown) => () =>
      vmap((entry: Tensor) => {
        run(entry);
        return entry;
      })(x);
    assert.throws(
      save((entry) => torch.save({ entries: [entry] })),
      unreadable,
    );
    assert.throws(
      save((entry) => torch.safetensors.save({ entry })),
      unreadable,
    );
    assert.throws(
      save((entry) => torch.numpy.save("/nowhere/x.npy", entry)),
      unreadable,
    );
    assert.throws(
      save((entry) => torch.numpy.savez("/nowhere/x.npz", { entry })),
      /vmap: .*savez\(\)/,
    );
    const transformed = /inside of a function being transformed by a functorch transform/;
    assert.throws(
      save((entry) => entry.clone().resize_(2)),
      transformed,
    );
    assert.throws(
      save((entry) => Object.assign(torch.ones(3), { data: entry })),
      transformed,
    );
    assert.throws(
      save((entry) => Object.assign(entry.clone(), { data: torch.ones(3) })),
      transformed,
    );
  });

  test("is none of an optimizer's kernel, whose rule takes its place", () => {
    const x = random(2, 3);
    for (const name of ["SGD", "Adam", "Adagrad", "RMSprop"] as const) {
      const advance = (start: Tensor) => {
        const w = start.detach().clone();
        const optimizer = new optim[name]([w], { lr: 0.1 });
        w.grad = start.detach().cos();
        optimizer.step();
        return w;
      };
      torch.testing.assertClose(vmap(advance)(x), torch.stack([...x].map(advance)));
    }
    const shared = new nn.Parameter(torch.ones(3, { dtype: float64 }));
    const wrong = (entry: Tensor) => {
      shared.grad = entry;
      new optim.SGD([shared], { lr: 0.1 }).step();
      return entry;
    };
    assert.throws(() => vmap(wrong)(x), /not being vmapped over/);
    assert.ok(shared.eq(1).all().item());
  });

  test("functions that return nothing", () => {
    assert.throws(() => vmap((() => undefined) as never)(random(2)), /must only return Tensors, got type/);
  });
});

test("functionalize", () => {
  const f = torch.func.functionalize((x: Tensor) => x.clone().add_(1), { remove: "mutations_and_views" });
  assert.ok(f(torch.ones(2)).eq(2).all().item());
  assert.throws(() => torch.func.functionalize(1 as never), TypeError);
  assert.throws(() => torch.func.functionalize(f, { remove: "views" as never }), /remove/);
});

describe("counts, rows and masks at once", () => {
  const { float32 } = torch;
  const counted = torch.tensor(
    [
      [0, 0.1, 0.2, 0.3, 0.7, 0.9, 1, 1.1, -0.1],
      [1, 1, 1, 0, 0, 0, 0.5, 0.4999999, 0.1],
      [2, 2, 2, 2, 2, 2, 2, 2, 2],
    ],
    { dtype: float32 },
  );
  const whole = torch.tensor([
    [0n, 3n, 3n],
    [2n, 1n, 0n],
    [0n, 0n, 0n],
  ]);
  const edges = torch.tensor([
    [0, 0.5, 1],
    [-1, 0, 2],
    [0, 1, 2],
  ]);
  const [weights, rows] = [random(3, 4, 2), random(3, 2, 2)];
  const mask = torch.tensor([true, false, true, false]);
  const masks = torch.tensor([
    [true, false, true, false],
    [false, false, false, false],
    [true, true, true, true],
  ]);
  const embedded = (options: object) => (weight: Tensor, indices: Tensor) =>
    grad((w: Tensor) => F.embedding(indices, w, options).pow(2).sum())(weight);
  const putByMask = (x: Tensor, by: Tensor, value: number) => {
    const y = x.clone();
    y.setAt(by, value);
    return y;
  };

  const cases: Readonly<Record<string, [(...xs: Tensor[]) => Tensor, ...Tensor[]]>> = {
    bincount: [(x) => torch.bincount(x as Tensor, { minlength: 5 }), whole],
    "bincount with weights": [(x, w) => torch.bincount(x as Tensor, w, 4), whole, random(3, 3)],
    "bincount of weights": [(w) => torch.bincount(whole.at(0), w, 4), random(3, 3)],
    "bincount of bytes": [(x) => torch.bincount((x as Tensor).to(torch.uint8), { minlength: 300 }), whole],
    histc: [(x) => torch.histc(x as Tensor, 10, 0, 1), counted],
    "histc in the range of each": [(x) => torch.histc(x as Tensor, 4), counted],
    "histc of float64": [(x) => torch.histc((x as Tensor).double().view(3, 3), 7, -1, 0.9), counted],
    histogram: [(x) => torch.histogram(x as Tensor, 5, { range: [0, 1] }).hist, counted],
    "histogram in the range of each": [(x) => torch.histogram(x as Tensor, 5).binEdges, counted],
    "histogram between edges": [(x, e) => torch.histogram(x as Tensor, e as Tensor).hist, counted, edges],
    "histogram of weights": [
      (w) => torch.histogram(counted.at(0), 5, { range: [0, 1], weight: w as Tensor, density: true }).hist,
      torch.rand(3, 9),
    ],
    "embedding with a row of padding": [embedded({ paddingIdx: 0 }) as never, weights, whole],
    "embedding scaled by what each entry has": [embedded({ scaleGradByFreq: true }) as never, weights, whole],
    "embedding of indices alone": [(i) => embedded({ scaleGradByFreq: true })(weights.at(0), i as Tensor), whole],
    "a number where one mask shows": [(x) => putByMask(x as Tensor, mask, 7), weights],
    "a number where each mask shows": [(x, m) => putByMask(x as Tensor, m as Tensor, 7), weights, masks],
    "values where one mask shows": [(x, v) => (x as Tensor).indexPut([mask], v as Tensor), weights, rows],
    "values added where one mask shows": [
      (x, v) => (x as Tensor).indexPut([mask], v as Tensor, { accumulate: true }),
      weights,
      rows,
    ],
    "a value of each where each mask shows": [
      (x, m, v) => (x as Tensor).indexPut([m as Tensor], v as Tensor),
      weights,
      masks,
      random(3),
    ],
    "the gradient of values": [
      (v) => grad((values: Tensor) => weights.at(0).indexPut([mask], values).pow(3).sum())(v as Tensor),
      rows,
    ],
    "the gradient beside masks": [
      (x, m) =>
        grad((y: Tensor) =>
          y
            .indexPut([m as Tensor], 5)
            .pow(3)
            .sum(),
        )(x as Tensor),
      weights,
      masks,
    ],
  };
  for (const [name, [program, ...tensors]] of Object.entries(cases)) {
    test(name, async () => {
      let together: Tensor | undefined;
      const warnings = await warningsOf(() => {
        together = vmap(program)(...tensors) as Tensor;
      });
      assert.deepEqual(warnings, []);
      const looped = torch.stack([0, 1, 2].map((i) => program(...tensors.map((x) => x.at(i)))));
      assert.equal(together?.dtype, looped.dtype);
      assert.ok(together?.equal(looped), `${together} instead of ${looped}`);
    });
  }

  test("an embedding of all entries has the gradient of their sum", () => {
    for (const options of [{ scaleGradByFreq: true }, { paddingIdx: 1 }]) {
      const once = (w: Tensor, i: Tensor) => F.embedding(i, w, options).pow(2).sum();
      const batch = grad((w: Tensor) => vmap((i: Tensor) => once(w, i))(whole).sum())(weights.at(0));
      const looped = [0, 1, 2].map((i) => grad((w: Tensor) => once(w, whole.at(i)))(weights.at(0)));
      assert.ok(torch.allclose(batch, torch.stack(looped).sum(0)));
    }
  });

  test("counts of several lengths are refused", () => {
    assert.throws(
      () =>
        vmap((x: Tensor) => torch.bincount(x))(
          torch.tensor([
            [0n, 1n],
            [1n, 2n],
          ]),
        ),
      /dynamic shape/,
    );
  });
});
