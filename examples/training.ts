/** Optimising the parameters of a network: train and test loops, and metrics of how well it does. */

import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim } from "flambeau";

const { DataLoader } = torch.utils.data;

torch.manualSeed(0);

const transform = new transforms.ToTensor();
const trainingData = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform });
const testData = new datasets.FashionMNIST(datasets.sampleRoot, { train: false, transform });

// Hyperparameters
const epochs = 2;
const batchSize = 64;
const learningRate = 1e-1;

const trainLoader = new DataLoader(trainingData, batchSize, { shuffle: true });
const testLoader = new DataLoader(testData, batchSize);

const model = new nn.Sequential(
  new nn.Flatten(),
  new nn.Linear(28 * 28, 512),
  new nn.ReLU(),
  new nn.Linear(512, 512),
  new nn.ReLU(),
  new nn.Linear(512, 10),
);
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: learningRate });

function trainLoop(): void {
  const size = trainLoader.dataset.length;
  model.train();
  let batch = 0;
  for (const [inputs, labels] of trainLoader) {
    const loss = lossFn(model(inputs), labels);

    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();

    if (batch % 50 === 0) console.log(`loss: ${loss.item().toFixed(2)}  [${(batch + 1) * batchSize}/${size}]`);
    batch++;
  }
}

function testLoop(): void {
  model.eval();
  const size = testLoader.dataset.length;
  let totalLoss = 0;
  let allPredictions = torch.tensor([], { dtype: torch.long });
  let allLabels = torch.tensor([], { dtype: torch.long });
  torch.noGrad(() => {
    for (const [inputs, labels] of testLoader) {
      const logits = model(inputs);
      totalLoss += lossFn(logits, labels).item();
      allPredictions = torch.cat([allPredictions, logits.argmax(1)]);
      allLabels = torch.cat([allLabels, labels]);
    }
  });
  const accuracy = allPredictions.eq(allLabels).type(torch.float).sum().item() / size;

  const numClasses = torch.unique(allLabels).numel();
  const support = torch.zeros(numClasses);
  const precision = torch.zeros(numClasses);
  const recall = torch.zeros(numClasses);
  const f1 = torch.zeros(numClasses);
  const fnr = torch.zeros(numClasses);
  const specificity = torch.zeros(numClasses);
  const fpr = torch.zeros(numClasses);
  const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : 0);
  for (let c = 0; c < numClasses; c++) {
    const count = (predicted: torch.Tensor, actual: torch.Tensor) => predicted.bitwiseAnd(actual).sum().item();
    const truePositive = count(allPredictions.eq(c), allLabels.eq(c));
    const falsePositive = count(allPredictions.eq(c), allLabels.ne(c));
    const falseNegative = count(allPredictions.ne(c), allLabels.eq(c));
    const trueNegative = count(allPredictions.ne(c), allLabels.ne(c));
    const p = ratio(truePositive, truePositive + falsePositive);
    const r = ratio(truePositive, truePositive + falseNegative);
    support.setAt(c, truePositive + falseNegative);
    precision.setAt(c, p);
    recall.setAt(c, r);
    f1.setAt(c, ratio(2 * p * r, p + r));
    fnr.setAt(c, ratio(falseNegative, falseNegative + truePositive));
    specificity.setAt(c, ratio(trueNegative, trueNegative + falsePositive));
    fpr.setAt(c, ratio(falsePositive, falsePositive + trueNegative));
  }
  const weighted = (metric: torch.Tensor) => metric.mul(support).sum().item() / size;

  console.log(`Accuracy: ${(100 * accuracy).toFixed(1)}%, Avg loss: ${(totalLoss / testLoader.length).toFixed(2)}`);
  console.log(
    `Precision: ${weighted(precision).toFixed(2)}, Recall: ${weighted(recall).toFixed(2)}, F1-Score: ${weighted(f1).toFixed(2)}`,
  );
  console.log(
    `FNR: ${weighted(fnr).toFixed(2)}, Specificity: ${weighted(specificity).toFixed(2)}, FPR: ${weighted(fpr).toFixed(2)}`,
  );
}

for (let epoch = 1; epoch <= epochs; epoch++) {
  console.log(`Epoch ${epoch}`);
  trainLoop();
  testLoop();
}
console.log("Done!");
