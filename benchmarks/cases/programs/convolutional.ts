/** The convolutional network of PyTorch's MNIST example: a short epoch of 10 batches from the files. */
import { datasets, transforms } from "@flambeau/vision";
import torch, { F, nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";

class Net extends nn.Module {
  conv1 = new nn.Conv2d(1, 32, 3);
  conv2 = new nn.Conv2d(32, 64, 3);
  dropout1 = new nn.Dropout(0.25);
  dropout2 = new nn.Dropout(0.5);
  fc1 = new nn.Linear(9216, 128);
  fc2 = new nn.Linear(128, 10);

  override forward(images: Tensor): Tensor {
    const x = F.maxPool2d(F.relu(this.conv2(F.relu(this.conv1(images)))), 2);
    const hidden = F.relu(this.fc1(this.dropout1(x).flatten(1)));
    return F.logSoftmax(this.fc2(this.dropout2(hidden)), 1);
  }
}

export const convolutional = program({
  name: "MNIST's network, 10 batches of 64 from the files",
  images: true,
  flambeau: ({ data }) => {
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.1307], [0.3081])]);
    const images = new datasets.FashionMNIST(data, { train: true, transform });
    const some = new torch.utils.data.Subset(images, [...Array(640).keys()]);
    const loader = new torch.utils.data.DataLoader(some, 64, { shuffle: true });
    const model = new Net();
    const optimizer = new optim.Adadelta(model.parameters(), { lr: 1 });
    return () => {
      let total = 0;
      for (const [inputs, labels] of loader) {
        optimizer.zeroGrad();
        const loss = F.nllLoss(model(inputs), labels);
        loss.backward();
        optimizer.step();
        total += loss.item();
      }
      return total;
    };
  },
  pytorch: {
    setup: `
from torch import nn
from torch.nn import functional as F
from torchvision import datasets, transforms
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)
    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(images)))), 2)
        hidden = F.relu(self.fc1(self.dropout1(x).flatten(1)))
        return F.log_softmax(self.fc2(self.dropout2(hidden)), 1)
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.1307], [0.3081])])
images = datasets.FashionMNIST(data_folder, train=True, transform=transform)
loader = torch.utils.data.DataLoader(torch.utils.data.Subset(images, range(640)), batch_size=64, shuffle=True)
model = Net()
optimizer = torch.optim.Adadelta(model.parameters(), lr=1)`,
    run: `
total = 0
for inputs, labels in loader:
    optimizer.zero_grad()
    loss = F.nll_loss(model(inputs), labels)
    loss.backward()
    optimizer.step()
    total += loss.item()
total`,
  },
});
