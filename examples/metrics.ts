/**
 * Trains the network of the quickstart on the sample of FashionMNIST, and measures how well it does: a collection of
 * metrics follows the training, a summary tells all about the test data, and a picture shows what is taken for what.
 *
 *     node examples/dist/metrics.js confusion.png
 */
import {
  ClassificationSummary,
  MeanMetric,
  MetricCollection,
  MetricTracker,
  MulticlassAccuracy,
  MulticlassF1Score,
  MulticlassPrecision,
  MulticlassRecall,
} from "@flambeau/metrics";
import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim, type Tensor } from "flambeau";

const { DataLoader } = torch.utils.data;
const picture = process.argv[2];
const epochs = 3;

torch.manualSeed(0);
const transform = new transforms.ToTensor();
const open = (train: boolean) => new datasets.FashionMNIST(datasets.sampleRoot, { train, transform });
const trainLoader = new DataLoader(open(true), 64, { shuffle: true });
const testLoader = new DataLoader(open(false), 250);
const { classes } = datasets.FashionMNIST;

const model = new nn.Sequential(
  new nn.Flatten(),
  new nn.Linear(28 * 28, 512),
  new nn.ReLU(),
  new nn.Linear(512, 512),
  new nn.ReLU(),
  new nn.Linear(512, 10),
);
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });

// Precision, recall and F1-score come from the same counts, which the collection makes once for each batch.
const metrics = new MetricCollection<Tensor>(
  {
    accuracy: new MulticlassAccuracy(10, { average: "micro" }),
    precision: new MulticlassPrecision(10),
    recall: new MulticlassRecall(10),
    f1: new MulticlassF1Score(10),
  },
  { prefix: "train_" },
);
const tracker = new MetricTracker(metrics);
const meanLoss = new MeanMetric();

for (let epoch = 1; epoch <= epochs; epoch++) {
  tracker.increment();
  meanLoss.reset();
  for (const [images, labels] of trainLoader) {
    const logits = model(images);
    const loss = lossFn(logits, labels);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    tracker.update(logits.detach(), labels);
    meanLoss.update(loss.detach(), images.length);
  }
  const values = Object.entries(tracker.compute() as Record<string, Tensor>);
  const texts = values.map(([name, value]) => `${name} ${value.item().toFixed(4)}`);
  console.log(`Epoch ${epoch}: loss ${meanLoss.compute().item().toFixed(4)}, ${texts.join(", ")}`);
}
const [best, steps] = tracker.bestMetric({ returnStep: true });
console.log(`Best: f1 ${best.train_f1.toFixed(4)} in epoch ${steps.train_f1 + 1}\n`);

const summary = new ClassificationSummary(10, { classNames: classes });
model.eval();
torch.noGrad(() => {
  for (const [images, labels] of testLoader) {
    const logits = model(images);
    summary.update(logits, labels, lossFn(logits, labels));
  }
});
console.log(`${summary.compute()}`);

if (picture !== undefined) {
  const [figure] = summary.plot();
  figure?.setSizeInches(8, 8);
  figure?.savefig(picture);
  console.log(`\nThe confusion matrix is in ${picture}.`);
}
