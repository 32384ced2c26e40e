/** ResNet 20 for colour images of 32×32, as for CIFAR-10: two steps of training at batch 64. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";
import { pythonTraining, trainOver } from "./training.js";

class Block extends nn.Module {
  readonly body: nn.Sequential;
  readonly shortcut: nn.Module;
  readonly relu = new nn.ReLU();

  constructor(from: number, to: number, stride: number) {
    super();
    this.body = new nn.Sequential(
      new nn.Conv2d(from, to, 3, { stride, padding: 1, bias: false }),
      new nn.BatchNorm2d(to),
      new nn.ReLU(),
      new nn.Conv2d(to, to, 3, { padding: 1, bias: false }),
      new nn.BatchNorm2d(to),
    );
    this.shortcut =
      stride === 1
        ? new nn.Identity()
        : new nn.Sequential(new nn.Conv2d(from, to, 1, { stride, bias: false }), new nn.BatchNorm2d(to));
  }

  override forward(x: Tensor): Tensor {
    return this.relu(this.body(x).add(this.shortcut(x)));
  }
}

function residualNetwork(): nn.Sequential {
  const stage = (from: number, to: number, stride: number) => [
    new Block(from, to, stride),
    new Block(to, to, 1),
    new Block(to, to, 1),
  ];
  return new nn.Sequential(
    new nn.Conv2d(3, 16, 3, { padding: 1, bias: false }),
    new nn.BatchNorm2d(16),
    new nn.ReLU(),
    ...stage(16, 16, 1),
    ...stage(16, 32, 2),
    ...stage(32, 64, 2),
    new nn.AdaptiveAvgPool2d(1),
    new nn.Flatten(),
    new nn.Linear(64, 10),
  );
}

export const residual = program({
  name: "ResNet 20 on images of 3×32², 2 steps of 64",
  flambeau: () => {
    const model = residualNetwork();
    const lossFn = new nn.CrossEntropyLoss();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 1e-4 });
    const images = torch.randn(128, 3, 32, 32);
    const labels = torch.randint(0, 10, [128]);
    const loader = new torch.utils.data.DataLoader(new torch.utils.data.TensorDataset(images, labels), 64);
    return () => trainOver(loader, optimizer, ([inputs, targets]) => lossFn(model(inputs), targets));
  },
  pytorch: {
    setup: `
from torch import nn, optim
class Block(nn.Module):
    def __init__(self, before, to, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, to, 3, stride=stride, padding=1, bias=False), nn.BatchNorm2d(to), nn.ReLU(),
            nn.Conv2d(to, to, 3, padding=1, bias=False), nn.BatchNorm2d(to))
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(before, to, 1, stride=stride, bias=False), nn.BatchNorm2d(to))
        self.relu = nn.ReLU()
    def forward(self, x):
        return self.relu(self.body(x) + self.shortcut(x))
def stage(before, to, stride):
    return [Block(before, to, stride), Block(to, to, 1), Block(to, to, 1)]
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
    *stage(16, 16, 1), *stage(16, 32, 2), *stage(32, 64, 2),
    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
loss_fn = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
images, labels = torch.randn(128, 3, 32, 32), torch.randint(0, 10, (128,))
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), 64)`,
    run: pythonTraining("for inputs, targets in loader:", "loss = loss_fn(model(inputs), targets)"),
  },
});
