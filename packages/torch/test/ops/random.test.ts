/** Random tensors hold PyTorch's numbers for the same seed; wrong parameters throw and draw nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("random", [
  () => torch.rand(2, 3),
  () => torch.rand([17], { dtype: torch.float64 }),
  () => torch.rand([]),
  () => torch.randn(5),
  () => torch.randn(4, 5),
  () => torch.randn(2, 3, { dtype: torch.float64 }),
  () => torch.randint(10, [5]),
  () => torch.randint(-3, 5, [2, 3], { dtype: torch.int32 }),
  () => torch.randperm(10),
  () => torch.randperm(5, { dtype: torch.float32 }),
  ({ m }) => torch.randLike(m.detach().t()),
  ({ m }) => torch.randnLike(m.detach(), { dtype: torch.float32 }),
  ({ m }) => torch.randintLike(m.detach(), 5, 9),
  ({ m }) => torch.normal(m.detach(), m.detach().abs()),
  ({ v }) => torch.normal(v.detach(), 2),
  ({ v }) => torch.normal(1.5, v.detach().abs()),
  () => torch.normal(1, 2, [3]),
  () =>
    torch.bernoulli(
      of([
        [0.1, 0.5],
        [0.9, 1],
      ]),
    ),
  () => torch.bernoulli(torch.zeros(2, 3), 0.5),
  () => torch.multinomial(of([1, 2, 3]), 2),
  () =>
    torch.multinomial(
      of([
        [1, 0, 3],
        [0, 1, 0],
      ]),
      4,
      { replacement: true },
    ),
  () =>
    torch.poisson(
      of([
        [0.5, 3],
        [10, 30],
      ]),
    ),
  () => torch.zeros(3).uniform_(-1, 1),
  () => torch.zeros(2, 3).t().uniform_(),
  () => torch.zeros(20).normal_(1, 0.5),
  () => torch.zeros(6).narrow(0, 1, 3).normal_(),
  () => torch.zeros(4).random_(),
  () => ints([0, 0, 0]).random_(100),
  () => torch.zeros(3).random_(-5, 5),
  () => torch.zeros(5).bernoulli_(0.3),
  () => torch.zeros(2, 2).bernoulli_(of([0.2, 0.8])),
  () => torch.zeros(3).exponential_(2),
  () => torch.zeros(3).geometric_(0.4),
  () => torch.zeros(3).cauchy_(1, 2),
  () => torch.zeros(3).logNormal_(0.5, 0.25),
]);

test("a generator of one's own leaves the default one alone", () => {
  torch.manualSeed(1);
  const expected = torch.rand(3).tolist();
  torch.manualSeed(1);
  const generator = new torch.Generator().manualSeed(1);
  assert.deepEqual(torch.rand(3, { generator }).tolist(), expected);
  assert.deepEqual(
    torch
      .zeros(3)
      .uniform_({ generator: generator.manualSeed(1) })
      .tolist(),
    expected,
  );
  assert.deepEqual(torch.rand(3).tolist(), expected);
});

test("states can be kept, put back, and forked", () => {
  torch.manualSeed(5);
  const state = torch.getRngState();
  assert.equal(state.dtype, torch.uint8);
  assert.deepEqual([...state.shape], [5056]);
  const first = torch.randn(3).tolist();
  const again = torch.random.forkRng(() => {
    torch.setRngState(state);
    return torch.randn(3).tolist();
  });
  assert.deepEqual(again, first);
  const after = torch.rand(1).item();
  torch.setRngState(state);
  {
    using _ = torch.random.forkRng();
    torch.rand(10);
  }
  assert.deepEqual(torch.randn(3).tolist(), first);
  assert.equal(torch.rand(1).item(), after);
  assert.equal(torch.initialSeed(), 5);
  assert.equal(torch.seed(), torch.initialSeed());
  assert.throws(() => torch.setRngState(torch.zeros(5056)), /must be a torch.ByteTensor/);
});

test("out takes the numbers, and decides the dtype", () => {
  const [a, b] = [torch.zeros(0, { dtype: torch.float64 }), torch.zeros(5, { dtype: torch.int64 })];
  torch.manualSeed(0);
  const expected = torch.rand(5, { dtype: torch.float64 }).tolist();
  torch.manualSeed(0);
  assert.equal(torch.rand(5, { out: a }), a);
  assert.deepEqual(a.tolist(), expected);
  torch.randperm(5, { out: b });
  assert.deepEqual((b.tolist() as number[]).sort(), [0, 1, 2, 3, 4]);
  assert.throws(() => torch.rand(5, { out: a, dtype: torch.float32 }), /does not match dtype of out parameter/);
});

test("numbers that were overwritten have no gradient", () => {
  const x = torch.ones(3).requiresGrad_();
  const y = x.mul(2);
  y.normal_();
  y.sum().backward();
  assert.deepEqual(x.grad?.tolist(), [0, 0, 0]);
  assert.throws(() => x.uniform_(), /leaf Variable that requires grad/);
});

test("means, variances and ranges of many numbers", () => {
  const generator = new torch.Generator().manualSeed(7);
  const many = () => torch.zeros(100_000, { dtype: torch.float64 });
  const near = (x: torch.Tensor, mean: number, std: number) => {
    assert.ok(Math.abs(x.mean().item() - mean) < 0.02 * Math.max(1, std), `mean ${x.mean().item()}, expected ${mean}`);
    assert.ok(Math.abs(x.std().item() - std) < 0.02 * std, `deviation ${x.std().item()}, expected ${std}`);
  };
  near(many().uniform_(1, 3, { generator }), 2, 2 / Math.sqrt(12));
  near(many().normal_(1, 3, { generator }), 1, 3);
  near(many().exponential_(0.5, { generator }), 2, 2);
  near(many().geometric_(0.25, { generator }), 4, Math.sqrt(12));
  near(many().bernoulli_(0.3, { generator }), 0.3, Math.sqrt(0.21));
  near(torch.poisson(many().fill_(4), { generator }), 4, 2);
  const whole = torch.randint(-5, 6, [10_000], { generator });
  assert.deepEqual([whole.amin().item(), whole.amax().item()], [-5, 5]);
});

test("wrong parameters throw and draw nothing", () => {
  const x = torch.zeros(4);
  torch.manualSeed(9);
  const before = torch.getRngState().tolist();
  assert.throws(() => x.uniform_(2, 1), /uniform_ expects to return a \[from, to\) range/);
  assert.throws(() => x.uniform_(-Infinity, 0), /from is out of bounds for float/);
  assert.throws(() => x.normal_(0, -1), /normal expects std >= 0.0, but found std -1/);
  assert.throws(() => x.random_(3, 3), /'from' to be less than 'to'/);
  assert.throws(() => x.random_(2n ** 200n), /Overflow when unpacking long/);
  assert.throws(() => ints([0]).to(torch.uint8).random_(300), /to - 1 is out of bounds for unsigned char/);
  const half = x.half();
  for (const draw of [
    () => half.random_(2n ** 53n),
    () => half.random_(65506),
    () => half.at("4:").random_(-3, 70000),
    () => torch.randintLike(half, 2 ** 53),
    () => torch.randint(2 ** 20, [2], { dtype: torch.float16 }),
  ]) {
    assert.throws(draw, /to - 1 is out of bounds for c10::Half/);
  }
  assert.throws(() => half.random_(-65505, 0), /from is out of bounds for c10::Half/);
  assert.throws(() => x.bernoulli_(1.5), /p to be in \[0, 1\]/);
  assert.throws(() => x.bernoulli_(torch.ones(3)), Error);
  assert.throws(() => x.exponential_(0), /lambda > 0.0/);
  assert.throws(() => x.geometric_(1), /p to be in \(0, 1\)/);
  assert.throws(() => x.cauchy_(0, 0), /sigma > 0.0/);
  assert.throws(() => x.logNormal_(0, 0), /std > 0.0/);
  assert.throws(() => ints([1]).uniform_(), /"check_uniform_bounds" not implemented for 'Long'/);
  assert.throws(() => torch.ones(1).expand(3).normal_(), /more than one element of the written-to tensor/);
  assert.throws(() => torch.rand(2, { dtype: torch.int64 }), /not implemented for 'Long'/);
  assert.throws(() => torch.rand(-1), RangeError);
  assert.throws(() => torch.randint(3, 3, [2]), RangeError);
  assert.throws(() => torch.randperm(-1), /n must be non-negative/);
  assert.throws(() => torch.randperm(200, { dtype: torch.int8 }), /too large/);
  assert.throws(() => torch.normal(0, -1, [2]), /std >= 0.0/);
  assert.throws(() => torch.normal(x, of([1, -1, 1, 1])), /all elements of std >= 0.0/);
  assert.throws(() => torch.multinomial(of([1, 2]), 3), /without replacement/);
  assert.throws(() => torch.multinomial(of([1, -2]), 1), Error);
  assert.throws(() => torch.poisson(of([-1])), /invalid Poisson rate/);
  // @ts-expect-error a size is required
  assert.throws(() => torch.randint(3), TypeError);
  assert.deepEqual(torch.getRngState().tolist(), before);
});
