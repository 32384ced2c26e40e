/** Data sets and data loaders: ready-made and of one's own, transforms, batches. */

import { datasets, transforms } from "@flambeau/vision";
import torch from "flambeau";

const { DataLoader, Dataset } = torch.utils.data;
const { ToTensor, Lambda } = transforms;

torch.manualSeed(0);

// A ready-made data set (here a sample of it; `new datasets.FashionMNIST("data", { download: true, … })` fetches the whole)
const trainingData = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform: new ToTensor() });
const testData = new datasets.FashionMNIST(datasets.sampleRoot, { train: false, transform: new ToTensor() });
console.log(trainingData.length, testData.length);

const [image, label] = trainingData.at(0);
console.log(image.shape, label, trainingData.classes[label]);

// A transform of the labels
const oneHot = new datasets.FashionMNIST(datasets.sampleRoot, {
  train: true,
  transform: new ToTensor(),
  targetTransform: new Lambda((y: number) =>
    torch.zeros(10, { dtype: torch.float }).scatter_(0, torch.tensor(y, { dtype: torch.long }), 1),
  ),
});
console.log(oneHot.at(0)[1]);

// A data set of one's own
class Squares extends Dataset<[number, number]> {
  override get length(): number {
    return 10;
  }

  override at(index: number): [number, number] {
    return [index, index * index];
  }
}
for (const [numbers, squares] of new DataLoader(new Squares(), 4)) console.log(numbers, squares);

// Batches in random order
const trainLoader = new DataLoader(trainingData, 64, { shuffle: true });
const [features, labels] = trainLoader[Symbol.iterator]().next().value as [torch.Tensor, torch.Tensor];
console.log(`Feature batch shape: [${features.size()}]`);
console.log(`Labels batch shape: [${labels.size()}]`);
console.log(features.at(0).squeeze().shape, labels);
