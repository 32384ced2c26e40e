/** Models that are exported and loaded again: the same outputs, the same weights, and they can be trained further. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as onnx from "@flambeau/onnx";
import torch, { F, nn, optim, type Tensor } from "flambeau";

class Residual extends nn.Module {
  conv = new nn.Conv2d(4, 4, 3, { padding: 1, bias: false });
  bn = new nn.BatchNorm2d(4);
  override forward(x: Tensor): Tensor {
    return F.relu(x.add(this.bn(this.conv(x))));
  }
}

/** Layers of most kinds in a row. */
const convolutional = () =>
  new nn.Sequential(
    new nn.Conv2d(1, 4, 3, 2, { padding: 1 }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new Residual(),
    new nn.MaxPool2d(2),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Dropout(),
    new nn.Linear(4, 3),
  );

class Recurrent extends nn.Module {
  embedding = new nn.Embedding(10, 6);
  lstm = new nn.LSTM(6, 5, 2, { batchFirst: true, bidirectional: true });
  gru = new nn.GRU(10, 4, { batchFirst: true });
  out = new nn.Linear(4, 3);
  override forward(x: Tensor): Tensor {
    const [first] = this.lstm(this.embedding(x));
    const [second] = this.gru(first);
    return this.out(second.mean(1));
  }
}

const attentive = () =>
  new nn.Sequential(
    new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, 16, { batchFirst: true, dropout: 0.1 }), 2),
    new nn.LayerNorm(8),
    new nn.GELU(),
  );

const scaled = () =>
  new nn.Sequential(
    new nn.Upsample({ scaleFactor: 2, mode: "bilinear" }),
    new nn.GroupNorm(2, 4),
    new nn.SiLU(),
    new nn.ConvTranspose2d(4, 2, 2, 2),
  );

const cases: readonly [name: string, make: () => nn.Module, input: (batch: number) => Tensor][] = [
  ["an image classifier", convolutional, (n) => torch.randn(n, 1, 12, 12)],
  ["embeddings and recurrent layers", () => new Recurrent(), (n) => torch.randint(0, 10, [n, 7])],
  ["a transformer", attentive, (n) => torch.randn(n, 5, 8)],
  ["resampling", scaled, (n) => torch.randn(n, 4, 3, 5)],
];

/** A model as a file and back. */
function again(model: nn.Module, x: Tensor): onnx.OnnxModule {
  return onnx.load(onnx.export(model, x, undefined, { inputNames: ["x"], dynamicAxes: { x: { 0: "batch" } } }));
}

for (const [name, make, input] of cases) {
  test(`${name} computes the same when it is loaded, also for other batches`, () => {
    torch.manualSeed(1);
    const model = make().eval();
    const loaded = again(model, input(2));
    for (const batch of [1, 2, 5]) {
      const x = input(batch);
      assert.ok(loaded(x).allclose(model(x) as Tensor, 1e-4, 1e-5), `batch ${batch}`);
    }
  });

  test(`${name} goes on learning`, () => {
    torch.manualSeed(2);
    const loaded = again(make(), input(2)).train();
    assert.ok(loaded.parameters().length > 0);
    const before = loaded.parameters().map((parameter) => parameter.detach().clone());
    const x = input(8);
    const target = torch.randnLike(loaded(x).detach());
    const optimizer = new optim.Adam(loaded.parameters(), 0.01);
    const losses = Array.from({ length: 25 }, () => {
      optimizer.zeroGrad();
      const loss = F.mseLoss(loaded(x), target);
      loss.backward();
      optimizer.step();
      return loss.item();
    });
    assert.ok(Math.min(...losses.slice(-5)) < 0.97 * (losses[0] as number), `${losses}`);
    for (const [i, parameter] of loaded.parameters().entries())
      assert.ok(!parameter.equal(before[i] as Tensor), `${i}`);
  });
}

test("the state dict is the one that was exported, where nothing was folded", () => {
  const model = new nn.Sequential({ hidden: new nn.Linear(4, 8), out: new nn.Linear(8, 3) });
  const loaded = again(model, torch.randn(1, 4));
  const [expected, actual] = [model.stateDict(), loaded.stateDict()] as Record<string, Tensor>[];
  assert.deepEqual(Object.keys(actual as object).sort(), Object.keys(expected as object).sort());
  const other = new nn.Sequential({ hidden: new nn.Linear(4, 8), out: new nn.Linear(8, 3) });
  other.loadStateDict(actual as Record<string, Tensor>);
  const x = torch.randn(3, 4);
  assert.ok(other(x).equal(model(x)));
  loaded.loadStateDict(other.stateDict());
});

test("constants of a program that was exported are not trained", () => {
  const model = new nn.Sequential({ conv: new nn.Conv2d(1, 2, 3), pool: new nn.AdaptiveAvgPool2d(4) });
  const loaded = again(model, torch.randn(1, 1, 9, 9));
  assert.deepEqual(
    loaded.namedParameters().map(([name]) => name),
    ["conv.weight", "conv.bias"],
  );
  const x = torch.randn(2, 1, 9, 9);
  assert.ok(loaded(x).allclose(model(x), 1e-4, 1e-6));
});
