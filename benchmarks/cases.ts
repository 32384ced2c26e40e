/** The work that is measured, our side of it; worker.py has PyTorch's under the same names. */

import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim, type Tensor } from "flambeau";

class NeuralNetwork extends nn.Module {
  flatten = new nn.Flatten();
  linearReluStack = new nn.Sequential(
    new nn.Linear(28 * 28, 512),
    new nn.ReLU(),
    new nn.Linear(512, 512),
    new nn.ReLU(),
    new nn.Linear(512, 10),
  );

  override forward(x: Tensor): Tensor {
    return this.linearReluStack(this.flatten(x));
  }
}

type Batches = Iterable<readonly [Tensor, Tensor]>;

function quickstart(batches: Batches): () => void {
  const model = new NeuralNetwork();
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = new optim.SGD(model.parameters(), { lr: 1e-3 });
  return () => {
    for (const [inputs, labels] of batches) {
      const loss = lossFn(model(inputs), labels);
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
    }
  };
}

function epoch(dataFolder: string): () => void {
  const data = new datasets.FashionMNIST(dataFolder, { train: true, transform: new transforms.ToTensor() });
  return quickstart(new torch.utils.data.DataLoader(data, 64, { shuffle: true }) as Batches);
}

function step(): () => void {
  return quickstart([[torch.rand(64, 1, 28, 28), torch.randint(0, 10, [64])]]);
}

function matmul(m: number, k: number, n: number): () => void {
  const a = torch.rand(m, k);
  const b = torch.rand(k, n);
  return () => a.matmul(b);
}

function linear(m: number, k: number, n: number): () => void {
  const a = torch.rand(m, k);
  const w = torch.rand(n, k);
  return () => a.matmul(w.t());
}

function weightGradient(m: number, k: number, n: number): () => void {
  const g = torch.rand(m, n);
  const a = torch.rand(m, k);
  return () => g.t().matmul(a);
}

function smallAdd(): () => void {
  const a = torch.rand(4);
  const b = torch.rand(4);
  return () => {
    for (let i = 0; i < 1000; i++) a.add(b);
  };
}

function smallBackward(): () => void {
  const a = torch.rand(4).requiresGrad_();
  const b = torch.rand(4).requiresGrad_();
  return () => {
    for (let i = 0; i < 1000; i++) a.mul(b).sum().backward();
  };
}

/** A case: what prepares it, and how many runs make up a round of it. */
export interface Case {
  readonly prepare: (dataFolder: string) => () => void;
  readonly runs: number;
}

export const cases: Readonly<Record<string, Case>> = {
  "training epoch": { prepare: epoch, runs: 1 },
  "training step": { prepare: step, runs: 200 },
  "1000 times a + b": { prepare: smallAdd, runs: 20 },
  "1000 times (a * b).sum().backward()": { prepare: smallBackward, runs: 10 },
  "x @ w.T, 64x784x512": { prepare: () => linear(64, 784, 512), runs: 200 },
  "x @ w.T, 64x512x512": { prepare: () => linear(64, 512, 512), runs: 200 },
  "x @ w.T, 64x512x10": { prepare: () => linear(64, 512, 10), runs: 1000 },
  "g @ w, 64x512x512": { prepare: () => matmul(64, 512, 512), runs: 200 },
  "g.T @ x, 64x784x512": { prepare: () => weightGradient(64, 784, 512), runs: 200 },
  "g.T @ x, 64x512x512": { prepare: () => weightGradient(64, 512, 512), runs: 200 },
  "g.T @ x, 64x512x10": { prepare: () => weightGradient(64, 512, 10), runs: 1000 },
};
