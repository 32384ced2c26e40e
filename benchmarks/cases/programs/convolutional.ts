/** The convolutional network of PyTorch's MNIST example: a short epoch of 10 batches from the files. */
import { datasets, transforms } from "@flambeau/vision";
import { F, nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";
import { firstOf, pythonFirstOf, pythonTraining, trainOver } from "./training.js";

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
    const loader = firstOf(images, 640, 64);
    const model = new Net();
    const optimizer = new optim.Adadelta(model.parameters(), { lr: 1 });
    return () => trainOver(loader, optimizer, ([inputs, labels]) => F.nllLoss(model(inputs), labels));
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
loader = ${pythonFirstOf("images", 640, 64)}
model = Net()
optimizer = torch.optim.Adadelta(model.parameters(), lr=1)`,
    run: pythonTraining("for inputs, labels in loader:", "loss = F.nll_loss(model(inputs), labels)"),
  },
});
