/**
 * Trains a network of three linear layers to tell pieces of clothing apart (FashionMNIST), and shows how well
 * it does after each epoch.
 *
 *     npm start -- --epochs 5 --batch-size 64 --lr 1e-3
 */
import torch, { nn, optim } from "flambeau";
import { openFashionMNIST } from "./support/fashionMnist.js";
import { readOptions } from "./support/options.js";
import { Progress } from "./support/progress.js";

const { DataLoader } = torch.utils.data;

const options = readOptions();
if (options.threads !== undefined) torch.setNumThreads(options.threads);
if (options.seed !== undefined) torch.manualSeed(options.seed);

const { trainingData, testData } = openFashionMNIST(options.data);
const trainLoader = new DataLoader(trainingData, options.batchSize, { shuffle: true });
const testLoader = new DataLoader(testData, options.batchSize);

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

const model = new NeuralNetwork();
console.log(model);

const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: options.lr });

function trainLoop(): void {
  const size = trainLoader.dataset.length;
  const progress = new Progress(size);
  model.train();
  let batch = 0;
  for (const [inputs, labels] of trainLoader) {
    const loss = lossFn(model(inputs), labels);

    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();

    if (batch % 100 === 0) progress.report(loss.item(), batch * options.batchSize + inputs.length);
    batch++;
  }
  progress.end();
}

function testLoop(): void {
  model.eval();
  let totalLoss = 0;
  let correct = 0;
  torch.noGrad(() => {
    for (const [inputs, labels] of testLoader) {
      const logits = model(inputs);
      totalLoss += lossFn(logits, labels).item();
      correct += logits.argmax(1).eq(labels).type(torch.float).sum().item();
    }
  });
  const accuracy = (100 * correct) / testLoader.dataset.length;
  const averageLoss = totalLoss / testLoader.length;
  console.log(`Test Error: \n Accuracy: ${accuracy.toFixed(1)}%, Avg loss: ${averageLoss.toFixed(6)} \n`);
}

for (let epoch = 1; epoch <= options.epochs; epoch++) {
  console.log(`Epoch ${epoch}\n-------------------------------`);
  trainLoop();
  testLoop();
}
console.log("Done!");
