/** A variational autoencoder: puts images in a space of 16 dims, and makes new ones from random points in it. */

import { datasets, transforms } from "@flambeau/vision";
import torch, { F, nn, optim } from "flambeau";

const { DataLoader } = torch.utils.data;

class VariationalAutoencoder extends nn.Module {
  encoder = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 256), new nn.ReLU());
  mean: nn.Linear;
  logVariance: nn.Linear;
  decoder: nn.Sequential;

  constructor(latent: number) {
    super();
    this.mean = new nn.Linear(256, latent);
    this.logVariance = new nn.Linear(256, latent);
    this.decoder = new nn.Sequential(
      new nn.Linear(latent, 256),
      new nn.ReLU(),
      new nn.Linear(256, 784),
      new nn.Sigmoid(),
    );
  }

  override forward(images: torch.Tensor): [output: torch.Tensor, mean: torch.Tensor, logVariance: torch.Tensor] {
    const hidden = this.encoder(images);
    const mean = this.mean(hidden);
    const logVariance = this.logVariance(hidden);
    // A random point near the mean, written so that gradients reach the mean and the variance.
    const point = mean.add(torch.randnLike(mean).mul(logVariance.mul(0.5).exp()));
    return [this.decoder(point), mean, logVariance];
  }
}

/** How far the points are from a normal distribution. */
function divergence(mean: torch.Tensor, logVariance: torch.Tensor): torch.Tensor {
  return logVariance.add(1).sub(mean.square()).sub(logVariance.exp()).sum().mul(-0.5);
}

torch.manualSeed(0);
const transform = new transforms.ToTensor();
const data = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform });
const loader = new DataLoader(data, 64, { shuffle: true });
const model = new VariationalAutoencoder(16);
const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });

for (let epoch = 1; epoch <= 3; epoch++) {
  let rebuilt = 0;
  let diverged = 0;
  for (const [images] of loader) {
    const [outputs, mean, logVariance] = model(images);
    const reconstruction = F.binaryCrossEntropy(outputs, images.flatten(1), { reduction: "sum" });
    const kl = divergence(mean, logVariance);
    optimizer.zeroGrad();
    reconstruction.add(kl).backward();
    optimizer.step();
    rebuilt += reconstruction.item();
    diverged += kl.item();
  }
  const perImage = (sum: number) => (sum / data.length).toFixed(2);
  console.log(`epoch ${epoch}  reconstruction ${perImage(rebuilt)}  divergence ${perImage(diverged)}`);
}

const images = torch.noGrad(() => model.decoder(torch.randn(100, 16)));
console.log(`new images: mean ${images.mean().item().toFixed(3)}, deviation ${images.std().item().toFixed(3)}`);
