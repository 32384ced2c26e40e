/** A small residual network with batch normalisation, trained for two passes over a third of a small sample. */

import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim } from "flambeau";

const { DataLoader, Subset } = torch.utils.data;

/** Two convolutions, whose result is added to what they were given. */
class Block extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  relu = new nn.ReLU({ inplace: true });
  shortcut: nn.Module = new nn.Identity();

  constructor(inChannels: number, channels: number, stride: number) {
    super();
    this.conv1 = new nn.Conv2d(inChannels, channels, 3, { stride, padding: 1, bias: false });
    this.bn1 = new nn.BatchNorm2d(channels);
    this.conv2 = new nn.Conv2d(channels, channels, 3, { padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(channels);
    if (stride !== 1 || inChannels !== channels) {
      this.shortcut = new nn.Sequential(
        new nn.Conv2d(inChannels, channels, 1, { stride, bias: false }),
        new nn.BatchNorm2d(channels),
      );
    }
  }

  override forward(x: torch.Tensor): torch.Tensor {
    const y = this.relu(this.bn1(this.conv1(x)));
    return this.relu(this.bn2(this.conv2(y)).add(this.shortcut(x)));
  }
}

class ResidualNetwork extends nn.Module {
  stem = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(16),
    new nn.ReLU({ inplace: true }),
  );
  blocks = new nn.Sequential(new Block(16, 16, 1), new Block(16, 32, 2), new Block(32, 64, 2));
  pool = new nn.AdaptiveAvgPool2d(1);
  classifier = new nn.Linear(64, 10);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.classifier(this.pool(this.blocks(this.stem(x))).flatten(1));
  }
}

torch.manualSeed(0);

const transform = new transforms.ToTensor();
const sample = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform });
const testData = new datasets.FashionMNIST(datasets.sampleRoot, { train: false, transform });
const trainLoader = new DataLoader(new Subset(sample, [...Array(2048).keys()]), 64, { shuffle: true });
const testLoader = new DataLoader(testData, 100);

const model = new ResidualNetwork();
console.log(`${model.parameters().reduce((count, param) => count + param.numel(), 0)} parameters`);
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.AdamW(model.parameters(), { lr: 2e-3 });

for (let epoch = 1; epoch <= 2; epoch++) {
  model.train();
  let total = 0;
  for (const [images, labels] of trainLoader) {
    const loss = lossFn(model(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    total += loss.item();
  }
  console.log(`epoch ${epoch}  loss ${(total / trainLoader.length).toFixed(3)}`);
}

model.eval();
const correct = torch.noGrad(() => {
  let count = 0;
  for (const [images, labels] of testLoader) count += model(images).argmax(1).eq(labels).sum().item();
  return count;
});
console.log(`${((100 * correct) / testData.length).toFixed(1)}% of the test images are told right`);
