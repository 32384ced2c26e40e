/** A program that loads a data set which it defines itself, as one must not do with workers. */
import torch from "../../../src/index.js";

const { DataLoader, Dataset, shareable } = torch.utils.data;

class Own extends Dataset<number> {
  readonly length = 2;

  at(index: number): number {
    return index;
  }
}

shareable(import.meta.url, { Own });

for (const batch of new DataLoader(new Own(), 1, { numWorkers: 1 })) console.log(batch.tolist());
