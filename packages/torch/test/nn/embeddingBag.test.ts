/** Bags of embeddings in what recorded calls of PyTorch 1.13 do not show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";

const long = (...values: number[]) => torch.tensor(values.map(BigInt));
const weight = () => torch.randn(6, 3, { dtype: torch.float64, requiresGrad: true });

test("first and second derivatives in all modes, also of weights for each index", () => {
  const [places, offsets] = [long(3, 1, 1, 5, 0), long(0, 2, 2)];
  for (const mode of ["sum", "mean", "max"] as const) {
    const run = (w: torch.Tensor) => F.embeddingBag(places, w, offsets, { mode, paddingIdx: 5 });
    assert.ok(torch.autograd.gradcheck(run, [weight()]), mode);
    assert.ok(torch.autograd.gradgradcheck(run, [weight()]), mode);
  }
  const factors = torch.randn(5, { dtype: torch.float64, requiresGrad: true });
  const scaled = (w: torch.Tensor, perSampleWeights: torch.Tensor) =>
    F.embeddingBag(places, w, offsets, { mode: "sum", perSampleWeights });
  assert.ok(torch.autograd.gradcheck(scaled, [weight(), factors]));
});

test("of equal numbers the first gets the gradient, and NaN is the greatest", () => {
  const table = torch.tensor(
    [
      [1, 2],
      [1, Number.NaN],
      [0, 5],
    ],
    { requiresGrad: true },
  );
  const result = F.embeddingBag(long(0, 1, 2), table, long(0), { mode: "max" });
  assert.deepEqual(result.tolist(), [[1, Number.NaN]]);
  result.sum().backward();
  assert.deepEqual(table.grad?.tolist(), [
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
});

test("what is behind the last offset is in no bag", () => {
  const table = torch.arange(6, { dtype: torch.float32 }).view(6, 1);
  const run = (offsets: torch.Tensor) =>
    F.embeddingBag(long(1, 2, 3, 4), table, offsets, { mode: "sum", includeLastOffset: true }).tolist();
  assert.deepEqual(run(long(0, 1, 3)), [[1], [5]]);
  assert.deepEqual(run(long(0)), []);
});

test("gradients divided by how often a row occurs", () => {
  const table = torch.zeros(3, 1, { requiresGrad: true });
  F.embeddingBag(long(0, 1, 1, 1), table, long(0, 2), { mode: "sum", scaleGradByFreq: true })
    .sum()
    .backward();
  assert.deepEqual(table.grad?.tolist(), [[1], [1], [0]]);
});

test("bags run on the device meta", () => {
  const bag = new nn.EmbeddingBag(6, 3, { device: "meta", mode: "max", paddingIdx: 0 });
  assert.deepEqual(bag(long(1, 2, 3).to("meta"), long(0, 1).to("meta")).shape, [2, 3]);
});

test("pretrained tables", () => {
  const bag = nn.EmbeddingBag.fromPretrained(
    torch.tensor([
      [1, 2],
      [3, 4],
    ]),
    { mode: "sum" },
  );
  assert.deepEqual(bag(torch.tensor([[0n, 1n]])).tolist(), [[4, 6]]);
  assert.equal(bag.weight.requiresGrad, false);
  assert.equal(String(bag), "EmbeddingBag(2, 2, mode='sum')");
});

test("wrong arguments are refused in PyTorch's words", () => {
  const [places, w] = [long(3, 1, 1, 5), weight()];
  const throws = (body: () => unknown, message: RegExp) => assert.throws(body, message);
  throws(() => F.embeddingBag(places, w), /^Error: offsets has to be a 1D Tensor but got None/);
  throws(() => F.embeddingBag(places.view(2, 2), w, long(0)), /^Error: if input is 2D, then offsets has to be None/);
  throws(() => F.embeddingBag(places, w, long(1)), /^Error: offsets\[0\] has to be 0, .* However, got 1/);
  throws(() => F.embeddingBag(places, w, long(0, 5)), /^Error: offsets\[-1\] can not be greater than input's length 4/);
  throws(() => F.embeddingBag(long(6), w, long(0)), /^RangeError: index out of range in self/);
  throws(
    () => F.embeddingBag(places, w, long(0), { perSampleWeights: w.at(0) }),
    /then it must have the same shape as the input \(\[4\]\)/,
  );
  const factors = torch.ones(4, { dtype: torch.float64 });
  throws(
    () => F.embeddingBag(places, w, long(0), { perSampleWeights: factors }),
    /only supported for mode='sum' \(got mode='mean'\)/,
  );
  throws(
    () => F.embeddingBag(places, w, long(0), { paddingIdx: 6 }),
    /^RangeError: padding_idx must be within the number of embeddings/,
  );
});

test("gradients are dense: sparse ones are refused by name, and switching them off is no error", () => {
  const dense = /gradients are dense here, so there is no sparse: true/;
  assert.throws(() => new nn.Embedding(3, 2, { sparse: true }), dense);
  assert.throws(() => new nn.EmbeddingBag(3, 2, { sparse: true }), dense);
  assert.throws(() => F.embedding(long(0), weight(), { sparse: true }), dense);
  assert.throws(() => F.embeddingBag(long(0), weight(), long(0), { sparse: true }), dense);
  assert.deepEqual(new nn.Embedding(3, 2, { sparse: false })(long(0)).shape, [1, 2]);
});
