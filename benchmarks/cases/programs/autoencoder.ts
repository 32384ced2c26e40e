/** The variational autoencoder of PyTorch's examples: 20 batches of 128 images from the files. */
import { datasets, transforms } from "@flambeau/vision";
import torch, { F, nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";

const images = 2560;

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
  name: `variational autoencoder, ${images / 128} batches of 128 from the files`,
  images: true,
  flambeau: ({ data }) => {
    const all = new datasets.FashionMNIST(data, { train: true, transform: new transforms.ToTensor() });
    const some = new torch.utils.data.Subset(all, [...Array(images).keys()]);
    const loader = new torch.utils.data.DataLoader(some, 128, { shuffle: true });
    const model = new VAE();
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    return () => {
      let total = 0;
      for (const [inputs] of loader) {
        const x = inputs.view(-1, 784);
        optimizer.zeroGrad();
        const loss = lossOf(x, model(x));
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
loader = torch.utils.data.DataLoader(torch.utils.data.Subset(everything, range(${images})), batch_size=128, shuffle=True)
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)`,
    run: `
total = 0
for inputs, _ in loader:
    x = inputs.view(-1, 784)
    optimizer.zero_grad()
    loss = loss_of(x, *model(x))
    loss.backward()
    optimizer.step()
    total += loss.item()
total`,
  },
});
