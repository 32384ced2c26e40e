/** What training programs have in common, stated for either side: an epoch, and the first images of a data set. */
import torch, { type Dataset, type optim, type Tensor } from "flambeau";

/** Takes a step for each batch, and gives the sum of the losses. */
export function trainOver<B>(batches: Iterable<B>, optimizer: optim.Optimizer, lossOf: (batch: B) => Tensor): number {
  let total = 0;
  for (const batch of batches) {
    optimizer.zeroGrad();
    const loss = lossOf(batch);
    loss.backward();
    optimizer.step();
    total += loss.item();
  }
  return total;
}

/** The same in Python: a loop such as `for inputs, labels in loader:`, and the statements in it that compute `loss`. */
export function pythonTraining(loop: string, ...statements: readonly string[]): string {
  const body = ["optimizer.zero_grad()", ...statements, "loss.backward()", "optimizer.step()", "total += loss.item()"];
  return ["total = 0", loop, ...body.map((line) => `    ${line}`), "total"].join("\n");
}

/** Batches of the first images and labels, in an order that is drawn. */
export function firstOf(all: Dataset<[Tensor, number]>, count: number, batchSize: number): Iterable<[Tensor, Tensor]> {
  const some = new torch.utils.data.Subset(all, [...Array(count).keys()]);
  return new torch.utils.data.DataLoader(some, batchSize, { shuffle: true });
}

/** The same in Python. */
export function pythonFirstOf(all: string, count: number, batchSize: number): string {
  const some = `torch.utils.data.Subset(${all}, range(${count}))`;
  return `torch.utils.data.DataLoader(${some}, batch_size=${batchSize}, shuffle=True)`;
}
