/** The variational autoencoder of PyTorch's examples: 20 batches of 128 images from the files. */
import { datasets, transforms } from "@flambeau/vision";
import torch, { F, nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";
import { firstOf, pythonFirstOf, pythonTraining, trainOver } from "./training.js";

const [images, batch] = [2560, 128];

class VAE extends nn.Module {
  fc1 = new nn.Linear(784, 400);
  fc21 = new nn.Linear(400, 20);
  fc22 = new nn.Linear(400, 20);
  fc3 = new nn.Linear(20, 400);
  fc4 = new nn.Linear(400, 784);

  override forward(x: Tensor): [output: Tensor, mean: Tensor, logVariance: Tensor] {
    const hidden = F.relu(this.fc1(x));
    const [mean, logVariance] = [this.fc21(hidden), this.fc22(hidden)];
    const deviation = logVariance.mul(0.5).exp();
    const point = mean.add(torch.randnLike(deviation).mul(deviation));
    return [torch.sigmoid(this.fc4(F.relu(this.fc3(point)))), mean, logVariance];
  }
}

function lossOf(x: Tensor, [output, mean, logVariance]: [Tensor, Tensor, Tensor]): Tensor {
  const reconstruction = F.binaryCrossEntropy(output, x, { reduction: "sum" });
  const divergence = logVariance.add(1).sub(mean.pow(2)).sub(logVariance.exp()).sum().mul(-0.5);
  return reconstruction.add(divergence);
}

export const autoencoder = program({
  name: `variational autoencoder, ${images / batch} batches of ${batch} from the files`,
  images: true,
  flambeau: ({ data }) => {
    const all = new datasets.FashionMNIST(data, { train: true, transform: new transforms.ToTensor() });
    const loader = firstOf(all, images, batch);
    const model = new VAE();
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    return () =>
      trainOver(loader, optimizer, ([inputs]) => {
        const x = inputs.view(-1, 784);
        return lossOf(x, model(x));
      });
  },
  pytorch: {
    setup: `
from torch import nn
from torch.nn import functional as F
from torchvision import datasets, transforms
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 400)
        self.fc4 = nn.Linear(400, 784)
    def forward(self, x):
        hidden = F.relu(self.fc1(x))
        mean, log_variance = self.fc21(hidden), self.fc22(hidden)
        deviation = torch.exp(0.5 * log_variance)
        point = mean + torch.randn_like(deviation) * deviation
        return torch.sigmoid(self.fc4(F.relu(self.fc3(point)))), mean, log_variance
def loss_of(x, output, mean, log_variance):
    reconstruction = F.binary_cross_entropy(output, x, reduction="sum")
    return reconstruction - 0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
everything = datasets.FashionMNIST(data_folder, train=True, transform=transforms.ToTensor())
loader = ${pythonFirstOf("everything", images, batch)}
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)`,
    run: pythonTraining("for inputs, _ in loader:", "x = inputs.view(-1, 784)", "loss = loss_of(x, *model(x))"),
  },
});
