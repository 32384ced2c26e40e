/** One cycle: a convolutional network trained in two epochs, whose rate rises and falls once while its momentum falls and rises. */
import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim, type Tensor } from "flambeau";

const { DataLoader } = torch.utils.data;

torch.manualSeed(0);
const epochs = 2;
const transform = new transforms.ToTensor();
const trainingData = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform });
const testData = new datasets.FashionMNIST(datasets.sampleRoot, { train: false, transform });
const trainLoader = new DataLoader(trainingData, 64, { shuffle: true });
const testLoader = new DataLoader(testData, 250);

function block(inputs: number, outputs: number): nn.Module[] {
  const convolution = new nn.Conv2d(inputs, outputs, 3, { stride: 2, padding: 1, bias: false });
  return [convolution, new nn.BatchNorm2d(outputs), new nn.ReLU()];
}

const model = new nn.Sequential(...block(1, 16), ...block(16, 32), new nn.Flatten(), new nn.Linear(32 * 7 * 7, 10));
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 1e-4 });
const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 0.02, { epochs, stepsPerEpoch: trainLoader.length });

for (let epoch = 0; epoch < epochs; epoch++) {
  console.log(`Epoch ${epoch + 1}`);
  model.train();
  let batch = 0;
  for (const [inputs, labels] of trainLoader) {
    const loss = lossFn(model(inputs), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    if (batch++ % 8 === 0) {
      const [{ lr, momentum }] = optimizer.paramGroups as [optim.ParamGroup<optim.SGDOptions>];
      const numbers = `rate: ${lr.toFixed(4)}  momentum: ${momentum.toFixed(4)}`;
      console.log(`loss: ${loss.item().toFixed(2)}  ${numbers}`);
    }
    scheduler.step();
  }
  model.eval();
  let right = 0;
  let count = 0;
  torch.noGrad(() => {
    for (const [inputs, labels] of testLoader) {
      right += (model(inputs) as Tensor).argmax(1).eq(labels).sum().item();
      count += labels.length;
    }
  });
  console.log(`Accuracy: ${((100 * right) / count).toFixed(1)}%`);
}
