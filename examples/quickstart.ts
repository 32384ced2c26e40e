/**
 * Trains a network of three linear layers to tell pieces of clothing apart (FashionMNIST), and shows how well
 * it does: after each epoch, and in the end by class and as a page with figures.
 *
 *     npm start -- --epochs 5 --batch-size 64 --lr 1e-3
 */
import { availableParallelism } from "node:os";
import { ClassificationSummary } from "@flambeau/metrics";
import torch, { nn, optim } from "flambeau";
import { openFashionMNIST } from "./support/fashionMnist.js";
import { offerToOpen } from "./support/openPage.js";
import { readOptions } from "./support/options.js";
import { Progress } from "./support/progress.js";
import { type History, writeReport } from "./support/report.js";

const { DataLoader } = torch.utils.data;

const options = readOptions();
if (options.threads !== undefined) useThreads(options.threads);
if (options.seed !== undefined) torch.manualSeed(options.seed);

const { trainingData, testData } = openFashionMNIST(options.data);
const trainLoader = new DataLoader(trainingData, options.batchSize, { shuffle: true });
const testLoader = new DataLoader(testData, options.batchSize);

/** More threads than cores would wait for each other. */
function useThreads(wanted: number): void {
  const cores = availableParallelism();
  if (wanted > cores) console.warn(`There are ${cores} cores: computing with as many threads instead of ${wanted}.`);
  torch.setNumThreads(Math.min(wanted, cores));
}

class NeuralNetwork extends nn.Module {
  flatten = new nn.Flatten();
  linearReluStack = new nn.Sequential(
    new nn.Linear(28 * 28, 512),
    new nn.ReLU(),
    new nn.Linear(512, 512),
    new nn.ReLU(),
    new nn.Linear(512, 10),
  );

  override forward(x: torch.Tensor): torch.Tensor {
    return this.linearReluStack(this.flatten(x));
  }
}

const count = trainingData.length.toLocaleString("en");
console.log(`Learns to tell ten kinds of clothing apart, from ${count} pictures of FashionMNIST, with this network:\n`);
const model = new NeuralNetwork();
console.log(model);

const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: options.lr });

/** With --resume: all of this training, so that the next run goes on where this one ends, or is ended by Ctrl-C. */
const checkpointer = options.resume
  ? new torch.utils.Checkpointer(
      options.checkpoints,
      { model, optimizer, trainLoader },
      { signals: ["SIGTERM", "SIGINT"], everySeconds: 60 },
    )
  : undefined;
const start = { epoch: 1, batch: 0 };
let { epoch, batch } = checkpointer?.restore(start) ?? start;
if (epoch > 1 || batch > 0)
  console.log(`\nGoes on with epoch ${epoch} after ${batch} batches, from ${checkpointer?.latest}\n`);

const history: History = { losses: [], accuracies: [] };
const samplesSeen = () => (epoch - 1) * trainingData.length + batch * options.batchSize;

/** Ends the program where nothing more can be learnt. */
function checkLoss(loss: number, progress?: Progress): void {
  if (Number.isFinite(loss)) return;
  progress?.end();
  console.error(`The loss is ${loss}: the steps were too large. Try a smaller learning rate than --lr ${options.lr}.`);
  process.exit(1);
}

function trainLoop(): void {
  const size = trainLoader.dataset.length;
  const progress = new Progress(size);
  model.train();
  for (const [inputs, labels] of trainLoader) {
    const loss = lossFn(model(inputs), labels);

    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();

    if (batch % 20 === 0) history.losses.push([samplesSeen(), loss.item()]);
    if (batch % 100 === 0) {
      checkLoss(loss.item(), progress);
      progress.report(loss.item(), batch * options.batchSize + inputs.length);
    }
    batch++;
    checkpointer?.step({ epoch, batch });
  }
  batch = 0;
  progress.end();
}

/** How well the network does on the test data: the metrics, and what it made of each picture. */
function testLoop() {
  model.eval();
  const summary = new ClassificationSummary(testData.classes.length, { classNames: testData.classes });
  const all: torch.Tensor[] = [];
  torch.noGrad(() => {
    for (const [inputs, labels] of testLoader) {
      const logits = model(inputs);
      summary.update(logits, labels, lossFn(logits, labels));
      all.push(logits);
    }
  });
  const result = summary.compute();
  const { accuracy, loss = Number.NaN } = result;
  checkLoss(loss);
  console.log(`Test Error: \n Accuracy: ${(100 * accuracy).toFixed(1)}%, Avg loss: ${loss.toFixed(6)} \n`);
  return { result, logits: torch.cat(all) };
}

let tested: ReturnType<typeof testLoop> | undefined;
for (; epoch <= options.epochs; epoch++) {
  console.log(`Epoch ${epoch}\n-------------------------------`);
  const began = performance.now();
  trainLoop();
  const seconds = (performance.now() - began) / 1000;
  console.log(`Time: ${seconds.toFixed(1)} s`);
  tested = testLoop();
  history.accuracies.push([epoch * trainingData.length, tested.result.accuracy]);
  checkpointer?.save({ epoch: epoch + 1, batch: 0 });
}
checkpointer?.close();
console.log("Done!\n");
if (tested !== undefined) {
  console.log(`${tested.result}\n`);
  const page = writeReport(options.report, {
    title: "Ten kinds of clothing, told apart",
    classes: testData.classes,
    images: testData.data,
    labels: testData.targets,
    history,
    ...tested,
  });
  console.log(`Figures of it, with the worst mistakes: ${page}`);
  await offerToOpen(page);
}
console.log(`
What next?
  npm start -- --lr 0.1    larger steps: 82% after one epoch
  npm start -- --resume    with checkpoints, from which the next run goes on
  npm start -- --help      the other options
  examples/                this program, quickstart.ts, and others
  docs/first-network.md    a network of your own, line by line`);
