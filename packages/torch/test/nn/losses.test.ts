/** Losses give PyTorch's results and gradients, as functions and as modules. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

/** Numbers from 0 to 1. */
const u = of([
  [0.1, 0.9, 0.3, 0.5],
  [0.2, 0.7, 0, 0.4],
  [0.8, 0.15, 1, 0.65],
]);

conform("nn/losses", [
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3])),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), { reduction: "sum" }),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), { reduction: "none" }),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), of([1, 2, 3, 0.5])),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), of([1, 2, 3, 0.5]), { reduction: "none" }),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), of([1, 2, 3, 0.5]), { labelSmoothing: 0.2 }),
  ({ m }) => F.crossEntropy(m, ints([1, -100, 3]), of([1, 2, 3, 0.5]), { labelSmoothing: 0.2, reduction: "sum" }),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), { labelSmoothing: 0.1 }),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), { labelSmoothing: 0.1, reduction: "none" }),
  ({ m }) => F.crossEntropy(m, ints([1, -100, 3])),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), { ignoreIndex: 0 }),
  ({ m }) => F.crossEntropy(m, ints([1, 0, 3]), { ignoreIndex: 0, reduction: "none", labelSmoothing: 0.3 }),
  ({ x }) => F.crossEntropy(x.transpose(0, 1).at(0), ints([1, 2])),
  ({ x }) =>
    F.crossEntropy(
      x,
      ints([
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]),
    ),
  ({ x }) =>
    F.crossEntropy(
      x,
      ints([
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]),
      { reduction: "none" },
    ),
  ({ x }) =>
    F.crossEntropy(
      x,
      ints([
        [1, 0, 2, 2],
        [0, -100, 1, 2],
      ]),
      of([1, 2, 3]),
      { labelSmoothing: 0.1 },
    ),
  ({ x }) =>
    F.crossEntropy(
      x,
      ints([
        [1, 0, 2, 2],
        [0, -100, 1, 2],
      ]),
      of([1, 2, 3]),
      { reduction: "sum" },
    ),
  ({ x }) =>
    F.crossEntropy(
      x.view(2, 3, 2, 2),
      ints([
        [
          [1, 0],
          [2, 2],
        ],
        [
          [0, 1],
          [1, 2],
        ],
      ]),
      { reduction: "none" },
    ),
  ({ x }) =>
    F.crossEntropy(
      x.view(2, 3, 2, 2),
      ints([
        [
          [1, 0],
          [2, 2],
        ],
        [
          [0, 1],
          [1, 2],
        ],
      ]),
      of([1, 2, 3]),
    ),
  ({ v }) => F.crossEntropy(v, ints(2)),
  ({ v }) => F.crossEntropy(v, ints(2), { reduction: "none", labelSmoothing: 0.1 }),
  ({ m, y }) => F.crossEntropy(m, y.softmax(1)),
  ({ m, y }) => F.crossEntropy(m, y.softmax(1), of([1, 2, 3, 0.5]), { reduction: "none" }),
  ({ m, y }) => F.crossEntropy(m, y.softmax(1), { reduction: "sum", labelSmoothing: 0.1 }),
  ({ x }) => F.crossEntropy(x, x.softmax(1), of([1, 2, 3])),
  ({ v }) => F.crossEntropy(v, v.softmax(0)),
  ({ m }) => F.nllLoss(m, ints([1, 0, 3])),
  ({ m }) => F.nllLoss(m, ints([1, 0, 3]), of([1, 2, 3, 0.5]), { ignoreIndex: 0 }),
  ({ m }) => F.nllLoss(m, ints([1, 0, 3]), of([1, 2, 3, 0.5]), { reduction: "sum" }),
  ({ m }) => F.nllLoss(m, ints([1, 0, 3]), { reduction: "none" }),
  ({ x }) =>
    F.nllLoss(
      x,
      ints([
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]),
    ),
  ({ x }) =>
    F.nllLoss(
      x.transpose(1, 2),
      ints([
        [1, 0, 2],
        [0, 1, 1],
      ]),
      { reduction: "sum" },
    ),
  ({ v }) => F.nllLoss(v, ints(2)),
  ({ m, y }) => F.mseLoss(m, y),
  ({ m, y }) => F.mseLoss(m, y, { reduction: "sum" }),
  ({ m, y }) => F.mseLoss(m, y, { reduction: "none" }),
  ({ m, v }) => F.mseLoss(m, v),
  ({ m, y }) => F.l1Loss(m.mul(1.1), y),
  ({ m, y }) => F.l1Loss(m.mul(1.1), y, { reduction: "sum" }),
  ({ m, y }) => F.l1Loss(m.mul(1.1), y, { reduction: "none" }),
  ({ m, y }) => F.smoothL1Loss(m.mul(1.3), y),
  ({ m, y }) => F.smoothL1Loss(m.mul(1.3), y, { reduction: "none", beta: 0.5 }),
  ({ m, y }) => F.smoothL1Loss(m.mul(1.3), y, { reduction: "sum", beta: 0 }).mul(1),
  ({ m, y }) => F.huberLoss(m.mul(1.3), y),
  ({ m, y }) => F.huberLoss(m.mul(1.3), y, { reduction: "none", delta: 0.5 }),
  ({ m, y }) => F.huberLoss(m.mul(1.3), y, { reduction: "sum", delta: 2 }),
  ({ m }) => F.softMarginLoss(m, m.detach().sign()),
  ({ m }) => F.softMarginLoss(m, m.detach().sign().neg(), { reduction: "none" }),
  ({ m, y }) => F.binaryCrossEntropy(m.sigmoid(), y.sigmoid()),
  ({ m }) => F.binaryCrossEntropy(m.sigmoid(), u, of([1, 2, 3, 0.5]), { reduction: "sum" }),
  ({ m, y }) => F.binaryCrossEntropy(m.sigmoid(), y.sigmoid(), { reduction: "none" }),
  ({ m }) => F.binaryCrossEntropy(m.gt(0).double(), m.gt(-1).double()),
  ({ m, y }) => F.binaryCrossEntropyWithLogits(m, y.sigmoid()),
  ({ m, y }) => F.binaryCrossEntropyWithLogits(m, y.sigmoid(), of([1, 2, 3, 0.5]), { reduction: "none" }),
  ({ m, y }) => F.binaryCrossEntropyWithLogits(m, y.sigmoid(), { posWeight: of([1, 2, 3, 0.5]) }),
  ({ m }) =>
    F.binaryCrossEntropyWithLogits(m, u, of([[1], [2], [3]]), { posWeight: of([1, 2, 3, 0.5]), reduction: "sum" }),
  ({ m, y }) => F.klDiv(m.logSoftmax(1), y.softmax(1)),
  ({ m, y }) => F.klDiv(m.logSoftmax(1), y.softmax(1), { reduction: "batchmean" }),
  ({ m, y }) => F.klDiv(m.logSoftmax(1), y.softmax(1), { reduction: "none" }),
  ({ m, y }) => F.klDiv(m.logSoftmax(1), y.logSoftmax(1), { reduction: "sum", logTarget: true }),
  ({ m }) => F.klDiv(m, u, { reduction: "sum" }),
  ({ m }) => F.poissonNllLoss(m, u),
  ({ m }) => F.poissonNllLoss(m.abs(), u, { logInput: false, full: true, reduction: "sum" }),
  ({ m, y }) => F.gaussianNllLoss(m, y, u),
  ({ m, y }) => F.gaussianNllLoss(m, y, y.exp(), { full: true, reduction: "none" }),
  ({ m, y }) => F.gaussianNllLoss(m, y, of([1, 2, 3]), { eps: 2, reduction: "sum" }),
  ({ m }) => F.hingeEmbeddingLoss(m, m.detach().mul(3).sin().sign()),
  ({ m }) => F.hingeEmbeddingLoss(m, m.detach().mul(3).sin().sign(), 2, { reduction: "none" }),
  ({ m, x }) => F.cosineEmbeddingLoss(m, x.at(1), of([1, -1, -1])),
  ({ m, x }) => F.cosineEmbeddingLoss(m, x.at(1), of([1, -1, 1]), 0.2, { reduction: "none" }),
  ({ v, m }) => F.cosineEmbeddingLoss(v, m.at(0), of(1), { reduction: "sum" }),
  ({ m, x }) => F.marginRankingLoss(m, x.at(1), m.detach().mul(3).sin().sign(), 0.5),
  ({ m }) => F.multiMarginLoss(m, ints([1, 0, 3])),
  ({ m }) => F.multiMarginLoss(m, ints([1, 0, 3]), 2, 0.7, of([1, 2, 3, 0.5]), { reduction: "none" }),
  ({ v }) => F.multiMarginLoss(v, ints(2), { reduction: "sum" }),
  ({ m }) =>
    F.multilabelMarginLoss(
      m,
      ints([
        [3, 0, -1, 1],
        [1, -1, 0, 2],
        [-1, 0, 0, 0],
      ]),
    ),
  ({ m }) =>
    F.multilabelMarginLoss(
      m,
      ints([
        [3, 0, -1, 1],
        [1, -1, 0, 2],
        [2, 0, 3, -1],
      ]),
      { reduction: "none" },
    ),
  ({ m, y }) => F.multilabelSoftMarginLoss(m, y.sigmoid()),
  ({ m, y }) => F.multilabelSoftMarginLoss(m, y.sigmoid(), of([1, 2, 3, 0.5]), { reduction: "none" }),
  ({ m, x }) => F.tripletMarginLoss(m, x.at(0), x.at(1)),
  ({ m, x }) => F.tripletMarginLoss(m, x.at(0), x.at(1), 2, 1, { swap: true, reduction: "none" }),
  ({ m, x }) => F.tripletMarginWithDistanceLoss(m, x.at(0), x.at(1), { margin: 3, swap: true }),
  ({ m, x }) => F.pairwiseDistance(m, x.at(0)),
  ({ m, v }) => F.pairwiseDistance(m, v, 1, { keepdim: true }),
  ({ m, x }) => F.cosineSimilarity(m, x.at(0)),
  ({ m, x }) => F.cosineSimilarity(m, x.at(0), 0),
  ({ m }) => F.normalize(m),
  ({ m }) => F.normalize(m, 1, 0),
  ({ m }) => new nn.CrossEntropyLoss()(m, ints([1, 0, 3])),
  ({ m }) => new nn.CrossEntropyLoss(of([1, 2, 3, 0.5]), { labelSmoothing: 0.1, reduction: "sum" })(m, ints([1, 0, 3])),
  ({ m }) => new nn.NLLLoss({ weight: of([1, 2, 3, 0.5]), ignoreIndex: 3 })(m, ints([1, 0, 3])),
  ({ m, y }) => new nn.MSELoss({ reduction: "sum" })(m, y),
  ({ m, y }) => new nn.L1Loss()(m.mul(1.1), y),
  ({ m, y }) => new nn.SmoothL1Loss({ beta: 0.3 })(m.mul(1.3), y),
  ({ m, y }) => new nn.HuberLoss({ delta: 0.3 })(m.mul(1.3), y),
  ({ m, y }) => new nn.BCELoss()(m.sigmoid(), y.sigmoid()),
  ({ m, y }) => new nn.BCEWithLogitsLoss({ posWeight: of([1, 2, 3, 0.5]) })(m, y.sigmoid()),
  ({ m, y }) => new nn.KLDivLoss({ reduction: "batchmean" })(m.logSoftmax(1), y.softmax(1)),
  ({ m }) => new nn.PoissonNLLLoss({ full: true })(m, u),
  ({ m, y }) => new nn.GaussianNLLLoss()(m, y, y.exp()),
  ({ m }) => new nn.HingeEmbeddingLoss(0.5)(m, m.detach().mul(3).sin().sign()),
  ({ m, x }) => new nn.CosineEmbeddingLoss(0.1)(m, x.at(1), of([1, -1, -1])),
  ({ m, x }) => new nn.MarginRankingLoss(0.1)(m, x.at(1), m.detach().mul(3).sin().sign()),
  ({ m }) => new nn.MultiMarginLoss(2)(m, ints([1, 0, 3])),
  ({ m }) =>
    new nn.MultiLabelMarginLoss()(
      m,
      ints([
        [3, 0, -1, 1],
        [1, -1, 0, 2],
        [-1, 0, 0, 0],
      ]),
    ),
  ({ m, y }) => new nn.MultiLabelSoftMarginLoss()(m, y.sigmoid()),
  ({ m, x }) => new nn.TripletMarginLoss(1, 1)(m, x.at(0), x.at(1)),
  ({ m, x }) => new nn.TripletMarginWithDistanceLoss({ margin: 3 })(m, x.at(0), x.at(1)),
  ({ m, x }) => new nn.PairwiseDistance(1)(m, x.at(0)),
  ({ m, x }) => new nn.CosineSimilarity(0)(m, x.at(0)),
  ({ m }) => new nn.SoftMarginLoss()(m, m.detach().sign()),
]);

const logits = torch.tensor([
  [0.5, -1, 2, 0.25],
  [1.5, 0, -0.5, 1],
  [0.1, 0.2, 0.3, 0.4],
]);

test("class indices may be whole numbers of any floating dtype", () => {
  const labels = [1, 0, 3];
  const expected = F.crossEntropy(logits, torch.tensor(labels, { dtype: torch.long })).item();
  assert.equal(F.crossEntropy(logits, torch.tensor(labels)).item(), expected);
  assert.equal(F.crossEntropy(logits, torch.tensor(labels, { dtype: torch.float64 })).item(), expected);
  assert.equal(F.crossEntropy(logits, torch.tensor(labels, { dtype: torch.uint8 })).item(), expected);
  assert.equal(
    F.crossEntropy(logits, torch.tensor([1, -100, 3])).item(),
    F.crossEntropy(logits, torch.tensor([1n, -100n, 3n])).item(),
  );
  assert.throws(() => F.crossEntropy(logits, torch.tensor([1, 0.5, 3])), {
    name: "TypeError",
    message: /whole numbers/,
  });
  assert.throws(() => F.nllLoss(logits, torch.tensor([1, NaN, 3])), { name: "TypeError", message: /whole numbers/ });
  assert.throws(
    () => F.crossEntropy(logits, torch.tensor(labels, { dtype: torch.int32 })),
    /expected scalar type Long but found Int/,
  );
});

test("wrong targets and weights", () => {
  const cases: [() => unknown, string, RegExp][] = [
    [
      () => F.crossEntropy(logits, torch.tensor([1n, 2n])),
      "Error",
      /Expected input batch_size \(3\) to match target batch_size \(2\)\./,
    ],
    [() => F.crossEntropy(logits, torch.tensor([1n, 2n, 4n])), "RangeError", /Target 4 is out of bounds\./],
    [() => F.crossEntropy(logits, torch.tensor([1n, -1n, 2n])), "RangeError", /Target -1 is out of bounds\./],
    [
      () => F.nllLoss(logits, torch.tensor([1n, 2n, 3n]), torch.ones(3)),
      "Error",
      /weight tensor should be defined either for all 4 classes or no classes but got weight tensor of shape: \[3\]/,
    ],
    [
      () => F.crossEntropy(logits, torch.ones(3, 3)),
      "Error",
      /0D or 1D target tensor expected, multi-target not supported/,
    ],
    [
      () => F.crossEntropy(logits, torch.ones(3, 4, { dtype: torch.long })),
      "TypeError",
      /Expected floating point type for target with class probabilities, got Long/,
    ],
    [
      () => F.crossEntropy(logits, torch.ones(3, 4), { ignoreIndex: 1 }),
      "Error",
      /ignore_index is not supported for floating point target/,
    ],
    [
      () => F.crossEntropy(logits, torch.zeros(3), { labelSmoothing: 1.5 }),
      "RangeError",
      /label_smoothing must be between 0\.0 and 1\.0\. Got: 1\.5/,
    ],
    [
      () => F.crossEntropy(logits.long(), torch.zeros(3)),
      "TypeError",
      /"log_softmax_lastdim_kernel_impl" not implemented for 'Long'/,
    ],
    [() => F.crossEntropy(logits.view(3, 2, 2), torch.zeros(3)), "Error", /Expected target size \[3, 2\], got \[3\]/],
    [
      () => F.nllLoss(logits.double(), torch.zeros(3), torch.ones(4)),
      "TypeError",
      /expected scalar type Double but found Float/,
    ],
    [() => F.nllLoss(torch.tensor(1), torch.tensor(0)), "Error", /Expected 1 or more dimensions \(got 0\)/],
    [
      () => F.mseLoss(logits, torch.ones(3, 5)),
      "Error",
      /The size of tensor a \(4\) must match the size of tensor b \(5\)/,
    ],
    [() => F.binaryCrossEntropy(logits, logits), "Error", /all elements of input should be between 0 and 1/],
    [() => F.binaryCrossEntropy(logits.sigmoid(), logits.long()), "TypeError", /Found dtype Long but expected Float/],
    [
      () => F.binaryCrossEntropyWithLogits(logits, logits.at(0)),
      "Error",
      /Target size \(torch\.Size\(\[4\]\)\) must be the same as input size \(torch\.Size\(\[3, 4\]\)\)/,
    ],
    [
      () => F.binaryCrossEntropyWithLogits(logits, logits.long()),
      "Error",
      /result type Float can't be cast to the desired output type Long/,
    ],
    [() => F.mseLoss(logits.long(), logits.long()), "TypeError", /"mse_cpu" not implemented for 'Long'/],
    [
      () => F.mseLoss(logits, logits, { reduction: "avg" as "mean" }),
      "TypeError",
      /^avg is not a valid value for reduction; it must be one of "none", "mean", "sum"/,
    ],
    [() => F.gaussianNllLoss(logits, logits, logits), "RangeError", /var has negative entry\/entries/],
  ];
  for (const [call, name, message] of cases) assert.throws(call, { name, message });
});

test("losses of nothing", () => {
  const none = torch.zeros(0, 4);
  assert.ok(Number.isNaN(F.crossEntropy(none, torch.zeros(0)).item()));
  assert.equal(F.crossEntropy(none, torch.zeros(0), { reduction: "sum" }).item(), 0);
  assert.ok(Number.isNaN(F.crossEntropy(logits, torch.tensor([-100, -100, -100])).item()));
  assert.ok(Number.isNaN(F.mseLoss(none, none).item()));
});

test("weights of the elements, as later versions of PyTorch have them", () => {
  const [x, y, w] = [torch.tensor([1, 2, 4]), torch.tensor([0, 0, 0]), torch.tensor([1, 3, 1])];
  assert.equal(F.mseLoss(x, y, { weight: w }).item(), Math.fround((1 + 12 + 16) / 5));
  assert.equal(F.l1Loss(x, y, { weight: w, reduction: "sum" }).item(), 11);
  assert.equal(F.huberLoss(x, y, { weight: w }).item(), Math.fround((0.5 + 4.5 + 3.5) / 3));
  assert.throws(() => F.mseLoss(x, y, { weight: torch.ones(2) }), /Weights and input must have the same size\./);
});

test("margin losses of one sample: scores [C] with a target [] or [1]", () => {
  const x = torch.tensor([0.5, -1, 2, 0.25]);
  const weight = torch.tensor([0.5, 1, 2, 3]);
  for (const target of [ints(0), ints([0])]) {
    const options = { reduction: "none" } as const;
    const loss = F.multiMarginLoss(x, target, options);
    assert.deepEqual([loss.shape, loss.flatten().tolist()], [target.shape, [0.8125]]);
    assert.equal(F.multiMarginLoss(x, target, 2).item(), 1.703125);
    assert.equal(F.multiMarginLoss(x, target, 1, 1, weight).item(), 0.40625);
    assert.equal(F.multiMarginLoss(x, target, 2, 1, weight, { reduction: "sum" }).item(), 0.8515625);
    const leaf = x.clone().requiresGrad_();
    F.multiMarginLoss(leaf, target, 1, 1, weight).backward();
    assert.deepEqual(leaf.grad?.tolist(), [-0.25, 0, 0.125, 0.125]);
    assert.equal(new nn.MultiMarginLoss({ weight })(x, target).item(), 0.40625);
  }
  const one = F.multiMarginLoss(x.unsqueeze(0), ints(0), { reduction: "none" });
  assert.deepEqual([one.shape, one.item()], [[], 0.8125]);
  assert.equal(F.multiMarginLoss(torch.tensor(1), ints(0)).item(), 0);
  assert.equal(F.multilabelMarginLoss(torch.tensor(1), ints(0)).item(), 0);
  assert.equal(F.multilabelMarginLoss(torch.tensor(1), ints([-1])).item(), 0);
  const labels = ints([2, 0, -1, 1]);
  const [single, batch] = [x, x.unsqueeze(0)].map((scores, i) =>
    F.multilabelMarginLoss(scores, i ? labels.unsqueeze(0) : labels, { reduction: "none" }),
  );
  assert.deepEqual([single?.shape, single?.item(), batch?.shape, batch?.tolist()], [[], 0.1875, [1], [0.1875]]);
});

test("margin losses refuse what is neither a sample nor a batch", () => {
  const scores = /Expected non-empty vector or matrix with optional 0-dim batch size, but got: \[/;
  for (const shape of [[2, 3, 4], [3, 0], [0]]) {
    assert.throws(() => F.multiMarginLoss(torch.zeros(shape), ints(0)), scores);
    assert.throws(() => F.multilabelMarginLoss(torch.zeros(shape), torch.zeros(shape, { dtype: torch.long })), scores);
  }
  assert.throws(() => F.multiMarginLoss(torch.zeros(4), ints([[0]])), /inconsistent target size, got: \[1, 1\]/);
  assert.throws(() => F.multiMarginLoss(torch.zeros(4), ints([0, 1])), /inconsistent target size, got: \[2\]/);
  assert.throws(() => F.multilabelMarginLoss(torch.zeros(4), ints([[0, 1, 2, 3]])), /inconsistent size \[1, 4\]/);
  assert.throws(
    () => F.multiMarginLoss(torch.zeros(4), ints(0), 1, 1, torch.ones(4, { dtype: torch.float64 })),
    /expected scalar type Float but found Double/,
  );
  assert.throws(() => F.softMarginLoss(torch.zeros(4), torch.ones(1, 4)), /output with shape \[4\] doesn't match/);
});

test("distances and angles of whole numbers", () => {
  const [a, b] = [
    ints([
      [1, 2],
      [3, 4],
    ]),
    ints([
      [1, 0],
      [0, 0],
    ]),
  ];
  const exact: [number, number[]][] = [
    [2, [2, 5]],
    [1, [2, 7]],
    [0, [1, 2]],
    [Infinity, [2, 4]],
  ];
  for (const [p, expected] of exact) assert.deepEqual(F.pairwiseDistance(a, b, p, 0).tolist(), expected);
  assert.deepEqual(F.pairwiseDistance(a, b, 1).tolist(), [2.000001907348633, 7.000001907348633]);
  assert.deepEqual(F.pairwiseDistance(a.to(torch.uint8), b, { keepdim: true, eps: 0 }).tolist(), [[2], [5]]);
  for (const dtype of [torch.float32, torch.float64]) {
    const cosine = F.cosineSimilarity(a, b.to(dtype));
    assert.equal(cosine.dtype, dtype);
    assert.ok(Math.abs(cosine.at(0).item() - 1 / Math.sqrt(5)) < 1e-6);
  }
  assert.throws(() => F.cosineSimilarity(a, b), /expected common dtype to be floating point, yet common dtype is Long/);
});

test("losses refuse one sample with a list of one class, and divergences of whole numbers", () => {
  const mismatch = /size mismatch \(got input: \[4\], target: \[1\]\)/;
  assert.throws(() => F.crossEntropy(torch.zeros(4), ints([0])), mismatch);
  assert.throws(() => F.nllLoss(torch.zeros(4), ints([0])), mismatch);
  assert.equal(F.nllLoss(torch.tensor([2]), ints([0])).item(), -2);
  const integral = { name: "TypeError", message: "kl_div: Integral inputs not supported." };
  assert.throws(() => F.klDiv(ints([1]), torch.ones(1), { reduction: "sum" }), integral);
  assert.throws(() => F.klDiv(torch.ones(1), ints([1]), { reduction: "sum", logTarget: true }), integral);
});
