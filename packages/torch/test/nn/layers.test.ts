/** Linear layers, dropout, embeddings and the like give PyTorch's results and gradients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("nn/layers", [
  ({ x, m, v }) => F.linear(x, m, v.at("0:3")),
  ({ x, m }) => F.linear(x, m),
  ({ m, y, v }) => F.linear(m, y, v.at("1:")),
  ({ m, y }) => F.linear(m, y),
  ({ v, m }) => F.linear(v, m, m.at(":", 0)),
  ({ v, m }) => F.linear(v, m),
  ({ x, m }) => F.linear(x.transpose(1, 2).transpose(1, 2), m.t().t()),
  ({ m, x }) => F.linear(m.t(), x.at(0).t().at(":", ":").reshape(4, 3)),
  ({ x, m }) => F.linear(x.transpose(0, 1), m, of(2)),
  ({ e, m }) => F.linear(e, m.t()),
  ({ m, v }) => F.linear(m, v),
  ({ m, y, x }) =>
    F.bilinear(m, y, x.at(0).view(1, 3, 4).expand(4, 3, 4).transpose(0, 1).transpose(1, 2).reshape(3, 4, 4)).mul(1),
  ({ m, y, x, v }) => F.bilinear(m, y.at(":", "0:3"), x.transpose(1, 2), v.at("0:2")).mul(1),
  ({ m }) => then(torch.manualSeed(3), F.dropout(m)),
  ({ m }) => then(torch.manualSeed(3), F.dropout(m, 0.2)),
  ({ m }) => then(torch.manualSeed(3), F.dropout(m.t(), 0.2)),
  ({ m }) => F.dropout(m, 0.2, { training: false }).mul(1),
  ({ m }) => F.dropout(m, 1),
  ({ y }) => then(torch.manualSeed(3), F.dropout(y.mul(1), 0.4, { inplace: true })),
  ({ m }) => then(torch.manualSeed(3), F.alphaDropout(m, 0.3, { training: true })),
  ({ x }) => then(torch.manualSeed(3), F.featureAlphaDropout(x, 0.3, { training: true })),
  ({ x }) => then(torch.manualSeed(3), F.dropout1d(x)),
  ({ m }) => then(torch.manualSeed(3), F.dropout1d(m, 0.6)).mul(1),
  ({ x }) => then(torch.manualSeed(3), F.dropout2d(x.view(2, 3, 2, 2), 0.3)),
  ({ x }) => then(torch.manualSeed(3), F.dropout3d(x.view(2, 3, 2, 2, 1), 0.3)),
  ({ m }) => then(torch.manualSeed(3), new nn.Dropout(0.3)(m)),
  ({ x }) => then(torch.manualSeed(3), new nn.Dropout2d(0.3)(x.view(2, 3, 2, 2))),
  ({ m }) => then(torch.manualSeed(3), new nn.AlphaDropout(0.3)(m)),
  ({ m }) =>
    F.embedding(
      ints([
        [0, 2],
        [2, 1],
      ]),
      m,
    ),
  ({ y }) => F.embedding(ints([0, 2, 2]), y.detach(), { maxNorm: 2 }),
  () =>
    F.oneHot(
      ints([
        [0, 2],
        [3, 1],
      ]),
    ),
  () => F.oneHot(ints([0, 2]), 5),
  ({ x }) => new nn.Flatten()(x),
  ({ x }) => new nn.Flatten(0, 1)(x),
  ({ m }) => new nn.Unflatten(1, [2, -1])(m),
  ({ m }) => new nn.Identity(3)(m.mul(1)),
  ({ m }) => then(torch.manualSeed(7), new nn.Linear(4, 3, { dtype: torch.float64 })(m)),
  ({ m }) => then(torch.manualSeed(7), new nn.Linear(4, 3, { dtype: torch.float64, bias: false })(m)),
  ({ m, y }) => then(torch.manualSeed(7), new nn.Bilinear(4, 4, 2, { dtype: torch.float64 })(m, y)).mul(1),
  () => then(torch.manualSeed(7), new nn.Embedding(5, 3, 1).weight.detach()),
  () => then(torch.manualSeed(7), new nn.Embedding(5, 4).weight.detach()),
  () => then(torch.manualSeed(7), nn.init.xavierUniform_(torch.empty(3, 4, { dtype: torch.float64 }), 2)),
  () => then(torch.manualSeed(7), nn.init.xavierNormal_(torch.empty(3, 4, 2, { dtype: torch.float64 }))),
  () => then(torch.manualSeed(7), nn.init.kaimingUniform_(torch.empty(3, 4), 1.5, { mode: "fan_out" })),
  () =>
    then(
      torch.manualSeed(7),
      nn.init.kaimingNormal_(torch.empty(3, 4, 5, { dtype: torch.float64 }), { nonlinearity: "relu" }),
    ),
  () => then(torch.manualSeed(7), nn.init.truncNormal_(torch.empty(3, 4, { dtype: torch.float64 }), 0.5, 2)),
  () => then(torch.manualSeed(7), nn.init.orthogonal_(torch.empty(3, 5, { dtype: torch.float64 }), 2)),
  () => then(torch.manualSeed(7), nn.init.orthogonal_(torch.empty(6, 2, 2, { dtype: torch.float64 }))),
  () => then(torch.manualSeed(7), nn.init.sparse_(torch.empty(10, 3, { dtype: torch.float64 }), 0.25)),
  () => then(torch.manualSeed(7), nn.init.uniform_(torch.empty(3), -2, 2)),
  () => then(torch.manualSeed(7), nn.init.normal_(torch.empty(20), 1, 0.5)),
  () => nn.init.eye_(torch.empty(3, 4)),
  () => nn.init.dirac_(torch.empty(4, 3, 3)),
  () => nn.init.dirac_(torch.empty(4, 1, 3, 2), 2),
  () => nn.init.constant_(torch.empty(2), 0.3),
  () => nn.init.ones_(torch.empty(2)),
  () => nn.init.zeros_(torch.empty(2)),
]);

/** The second, after the first. */
function then<T>(_: unknown, second: T): T {
  return second;
}

test("gains", () => {
  assert.equal(nn.init.calculateGain("linear"), 1);
  assert.equal(nn.init.calculateGain("tanh"), 5 / 3);
  assert.equal(nn.init.calculateGain("relu"), Math.SQRT2);
  assert.equal(nn.init.calculateGain("leaky_relu", 0.2), Math.sqrt(2 / 1.04));
  assert.equal(nn.init.calculateGain("selu"), 0.75);
  assert.throws(() => nn.init.calculateGain("foo" as "relu"), /Unsupported nonlinearity foo/);
  assert.throws(
    () => nn.init.xavierUniform_(torch.empty(3)),
    /Fan in and fan out can not be computed for tensor with fewer than 2 dimensions/,
  );
});

test("initializers change parameters without being recorded", () => {
  const layer = new nn.Linear(3, 2);
  assert.equal(nn.init.ones_(layer.weight), layer.weight);
  assert.ok(layer.weight.isLeaf && layer.weight.requiresGrad);
  const generator = new torch.Generator().manualSeed(1);
  const first = nn.init.normal_(torch.empty(4), { generator }).tolist();
  assert.deepEqual(nn.init.normal_(torch.empty(4), { generator: generator.manualSeed(1) }).tolist(), first);
});

test("linear: wrong shapes and dtypes", () => {
  const x = torch.ones(3, 4);
  assert.throws(() => F.linear(x, torch.ones(2, 3)), /mat1 and mat2 shapes cannot be multiplied \(3x4 and 3x2\)/);
  assert.throws(
    () => F.linear(x.view(3, 2, 2), torch.ones(2, 4)),
    /mat1 and mat2 shapes cannot be multiplied \(6x2 and 4x2\)/,
  );
  assert.throws(() => new nn.Linear(3, 2)(x.at(0)), /mat1 and mat2 shapes cannot be multiplied \(1x4 and 3x2\)/);
  assert.throws(
    () => F.linear(x, torch.ones(2, 4), torch.ones(3)),
    /The expanded size of the tensor \(2\) must match the existing size \(3\)/,
  );
  assert.throws(
    () => F.linear(x, torch.ones(2, 4).double()),
    /mat1 and mat2 must have the same dtype, but got Float and Double/,
  );
  assert.throws(
    () => F.linear(torch.tensor(1), torch.ones(2, 4)),
    /both arguments to matmul need to be at least 1D, but they are 0D and 2D/,
  );
  assert.throws(() => new nn.Linear(3, -2), RangeError);
  // @ts-expect-error a switch has a name
  assert.throws(() => new nn.Linear(3, 2, false), /'bias' is a named option; write Linear\(3, 2, \{ bias: false \}\)/);
});

test("linear of nothing", () => {
  assert.deepEqual([...F.linear(torch.ones(0, 4), torch.ones(2, 4)).shape], [0, 2]);
  assert.deepEqual(F.linear(torch.ones(2, 0), torch.ones(3, 0), torch.tensor([1, 2, 3])).tolist(), [
    [1, 2, 3],
    [1, 2, 3],
  ]);
  assert.deepEqual([...new nn.Linear(0, 3).weight.shape], [3, 0]);
});

test("a lazy layer takes its size from the first input", () => {
  torch.manualSeed(7);
  const lazy = new nn.LazyLinear(3);
  const [weight] = [...lazy.parameters()];
  assert.equal(String(lazy), "LazyLinear(in_features=0, out_features=3, bias=True)");
  const result = lazy(torch.ones(2, 4));
  torch.manualSeed(7);
  assert.deepEqual(result.tolist(), new nn.Linear(4, 3)(torch.ones(2, 4)).tolist());
  assert.equal(String(lazy), "Linear(in_features=4, out_features=3, bias=True)");
  assert.equal(lazy.weight, weight);
  result.sum().backward();
  assert.deepEqual(weight?.grad?.tolist(), torch.full([3, 4], 2).tolist());
});

test("dropout: range and evaluation", () => {
  assert.throws(() => new nn.Dropout(1.5), {
    name: "RangeError",
    message: /dropout probability has to be between 0 and 1, but got 1.5/,
  });
  const x = torch.ones(4);
  const layer = new nn.Dropout(0.5).eval();
  assert.equal(layer(x), x);
  assert.throws(() => F.dropout1d(x), /Expected 2D or 3D input, but received a 1D input/);
});

test("embedding: rows without a gradient, and gradients divided by how often a row occurs", () => {
  const indices = torch.tensor([0n, 2n, 2n]);
  const gradOf = (options: { paddingIdx?: number; scaleGradByFreq?: boolean }) => {
    const table = torch.ones(3, 1, { requiresGrad: true });
    F.embedding(indices, table, options)
      .mul(torch.tensor([[1], [2], [4]]))
      .sum()
      .backward();
    return table.grad?.reshape(-1).tolist();
  };
  assert.deepEqual(gradOf({}), [1, 0, 6]);
  assert.deepEqual(gradOf({ paddingIdx: 2 }), [1, 0, 0]);
  assert.deepEqual(gradOf({ paddingIdx: -3, scaleGradByFreq: true }), [0, 0, 3]);
});

test("embedding: wrong indices", () => {
  const table = new nn.Embedding(3, 2);
  assert.throws(() => table(torch.tensor([1])), { name: "TypeError", message: /\{ dtype: torch\.long \}/ });
  assert.throws(() => table(torch.tensor([3n])), { name: "RangeError", message: /index out of range in self/ });
  assert.throws(() => new nn.Embedding(3, 2, 3), /Padding_idx must be within num_embeddings/);
  assert.deepEqual(new nn.Embedding(3, 2, -1).weight.at(2).tolist(), [0, 0]);
  assert.equal(String(new nn.Embedding(3, 4, 0, 1)), "Embedding(3, 4, padding_idx=0, max_norm=1.0)");
  const pretrained = nn.Embedding.fromPretrained(
    torch.tensor([
      [1, 2],
      [3, 4],
    ]),
  );
  assert.equal(pretrained.weight.requiresGrad, false);
  assert.deepEqual(pretrained(torch.tensor([1n])).tolist(), [[3, 4]]);
});
