/** Connectionist temporal classification against all alignments, and what recorded calls do not show of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, nn } from "../../src/index.js";

/** The negative log-likelihood by trying every way through the times: repeats are merged, then blanks dropped. */
function byAllWays(logProbs: number[][], target: readonly number[]): number {
  const classes = logProbs[0]?.length ?? 0;
  let likelihood = 0;
  const visit = (t: number, path: number[], sum: number): void => {
    if (t < logProbs.length) {
      for (let c = 0; c < classes; c++) visit(t + 1, [...path, c], sum + (logProbs[t]?.[c] as number));
      return;
    }
    const labels = path.filter((label, i) => label !== path[i - 1] && label !== 0);
    if (`${labels}` === `${target}`) likelihood += Math.exp(sum);
  };
  visit(0, [], 0);
  return -Math.log(likelihood);
}

test("the loss sums over all alignments", () => {
  torch.manualSeed(1);
  const logProbs = torch.randn([6, 4, 3], { dtype: torch.float64 }).logSoftmax(2);
  const targets = [[1, 2, 1], [1, 1], [2], []];
  const labels = torch.tensor(targets.flat(), { dtype: torch.long });
  const losses = F.ctcLoss(logProbs, labels, [6, 5, 6, 4], [3, 2, 1, 0], { reduction: "none" });
  const rows = logProbs.transpose(0, 1).tolist() as number[][][];
  const expected = targets.map((target, b) => byAllWays((rows[b] as number[][]).slice(0, [6, 5, 6, 4][b]), target));
  assert.ok(losses.allclose(torch.tensor(expected, { dtype: torch.float64 }), 1e-10));
});

test("the gradient of logits", () => {
  const logits = torch.randn([5, 2, 4], { dtype: torch.float64, requiresGrad: true });
  const labels = torch.tensor([1, 3, 3, 2], { dtype: torch.long });
  for (const reduction of ["mean", "sum", "none"] as const) {
    const loss = (x: torch.Tensor) => F.ctcLoss(x.logSoftmax(2), labels.view(2, 2), [5, 4], [2, 2], { reduction });
    assert.ok(torch.autograd.gradcheck(loss, [logits]), reduction);
  }
});

test("labels from plain numbers, and labels that are no classes", () => {
  const logProbs = torch.zeros(4, 1, 3).logSoftmax(2);
  const loss = new nn.CTCLoss()(logProbs, torch.tensor([[1, 2]]), [4], [2]);
  assert.ok(loss.equal(F.ctcLoss(logProbs, torch.tensor([[1n, 2n]]), torch.tensor([4n]), torch.tensor([2n]))));
  for (const label of [3, -1]) {
    assert.throws(
      () => F.ctcLoss(logProbs, torch.tensor([[1, label]]), [4], [2]),
      /^RangeError: Target -?\d is out of bounds/,
    );
  }
});

test("messages say what does not fit", () => {
  const logProbs = torch.zeros(4, 2, 3);
  const labels = torch.ones([2, 2], { dtype: torch.long });
  assert.throws(() => F.ctcLoss(logProbs, labels, [4], [2, 2]), /input_lengths must be of size batch_size/);
  assert.throws(() => F.ctcLoss(logProbs, labels, [4, 4], [2]), /target_lengths must be of size batch_size/);
  assert.throws(
    () => F.ctcLoss(logProbs, labels, [4, 5], [2, 2]),
    /Expected input_lengths to have value at most 4, but got value 5/,
  );
  assert.throws(
    () => F.ctcLoss(logProbs, labels, [4, 4], [2, 3]),
    /Expected tensor to have size at least 3 at dimension 1, but got size 2/,
  );
  assert.throws(() => F.ctcLoss(logProbs, labels, [4, 4], [2, 2], 3), /blank must be in label range/);
  assert.throws(() => F.ctcLoss(logProbs.long(), labels, [4, 4], [2, 2]), /"ctc_loss_cpu" not implemented for 'Long'/);
});

test("adaptive softmax gives log-probabilities whose largest it predicts", () => {
  torch.manualSeed(2);
  const layer = new nn.AdaptiveLogSoftmaxWithLoss(8, 12, [4, 7], 2);
  const x = torch.randn(5, 8);
  const logProb = layer.logProb(x);
  assert.ok(logProb.exp().sum(1).allclose(torch.ones(5)));
  assert.ok(layer.predict(x).equal(logProb.argmax(1)));
  const target = torch.tensor([0, 5, 11, 3, 8], { dtype: torch.long });
  const { output, loss } = layer(x, target);
  assert.ok(output.allclose(logProb.gather(1, target.unsqueeze(1)).squeeze(1)));
  assert.ok(loss.allclose(output.mean().neg()));
  const [first] = layer(x, target);
  assert.ok(first.equal(output));
  assert.throws(
    () => layer(x, target.add(1)),
    /Target values should be in \[0, 11\], but values in range \[1, 12\] were found/,
  );
  const call = layer as unknown as (...args: unknown[]) => unknown;
  for (const wrong of [undefined, null, 3]) {
    assert.throws(() => call(x, wrong), /AdaptiveLogSoftmaxWithLoss\(\): argument 'target' must be Tensor/);
    assert.throws(() => call(wrong, target), /AdaptiveLogSoftmaxWithLoss\(\): argument 'input' must be Tensor/);
  }
});
