/** A convolutional network that tells pieces of clothing apart, after one pass over a small sample. */

import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim } from "flambeau";

const { DataLoader } = torch.utils.data;

torch.manualSeed(0);

const transform = new transforms.ToTensor();
const trainingData = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform });
const testData = new datasets.FashionMNIST(datasets.sampleRoot, { train: false, transform });
const trainLoader = new DataLoader(trainingData, 64, { shuffle: true });
const testLoader = new DataLoader(testData, 64);

const model = new nn.Sequential(
  new nn.Conv2d(1, 16, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Conv2d(16, 32, 3, { padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d(2),
  new nn.Flatten(),
  new nn.Linear(32 * 7 * 7, 10),
);
console.log(String(model));
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9 });

model.train();
let batch = 0;
for (const [images, labels] of trainLoader) {
  const loss = lossFn(model(images), labels);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  if (batch % 20 === 0) console.log(`batch ${String(batch).padStart(3)}  loss ${loss.item().toFixed(3)}`);
  batch++;
}

model.eval();
const correct = torch.noGrad(() => {
  let count = 0;
  for (const [images, labels] of testLoader) count += model(images).argmax(1).eq(labels).sum().item();
  return count;
});
console.log(`${((100 * correct) / testData.length).toFixed(1)}% of the test images are told right`);
