/** Two convolutional networks that learn from each other: one makes images, the other tells them from real ones. */

import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim } from "flambeau";

const { DataLoader } = torch.utils.data;
const latent = 32;

function initialize(module: nn.Module): void {
  if (module instanceof nn.Conv2d || module instanceof nn.ConvTranspose2d) nn.init.normal_(module.weight, 0, 0.02);
  if (module instanceof nn.BatchNorm2d) {
    nn.init.normal_(module.weight as torch.Tensor, 1, 0.02);
    nn.init.zeros_(module.bias as torch.Tensor);
  }
}

torch.manualSeed(0);
const transform = new transforms.ToTensor();
const data = new datasets.FashionMNIST(datasets.sampleRoot, { train: true, transform });
const loader = new DataLoader(data, 64, { shuffle: true, dropLast: true });

const generator = new nn.Sequential(
  new nn.ConvTranspose2d(latent, 64, 7, { bias: false }),
  new nn.BatchNorm2d(64),
  new nn.ReLU({ inplace: true }),
  new nn.ConvTranspose2d(64, 32, 4, { stride: 2, padding: 1, bias: false }),
  new nn.BatchNorm2d(32),
  new nn.ReLU({ inplace: true }),
  new nn.ConvTranspose2d(32, 1, 4, { stride: 2, padding: 1, bias: false }),
  new nn.Tanh(),
);
const discriminator = new nn.Sequential(
  new nn.Conv2d(1, 32, 4, { stride: 2, padding: 1, bias: false }),
  new nn.LeakyReLU(0.2, { inplace: true }),
  new nn.Conv2d(32, 64, 4, { stride: 2, padding: 1, bias: false }),
  new nn.BatchNorm2d(64),
  new nn.LeakyReLU(0.2, { inplace: true }),
  new nn.Conv2d(64, 1, 7, { bias: false }),
  new nn.Flatten(0),
  new nn.Sigmoid(),
);
generator.apply(initialize);
discriminator.apply(initialize);
const lossFn = new nn.BCELoss();
const options = { lr: 2e-4, betas: [0.5, 0.999] } as const;
const optimizerD = new optim.Adam(discriminator.parameters(), options);
const optimizerG = new optim.Adam(generator.parameters(), options);

let batch = 0;
for (const [images] of loader) {
  if (batch > 60) break;
  const real = torch.ones(images.length);
  const fake = torch.zeros(images.length);
  const made = generator(torch.randn(images.length, latent, 1, 1));

  // The discriminator learns to tell them apart.
  optimizerD.zeroGrad();
  const lossD = lossFn(discriminator(images.mul(2).sub(1)), real).add(lossFn(discriminator(made.detach()), fake));
  lossD.backward();
  optimizerD.step();

  // The generator learns to be taken for real.
  optimizerG.zeroGrad();
  const lossG = lossFn(discriminator(made), real);
  lossG.backward();
  optimizerG.step();

  if (batch % 20 === 0) {
    const [d, g] = [lossD, lossG].map((loss) => loss.item().toFixed(3));
    console.log(`batch ${String(batch).padStart(2)}  discriminator ${d}  generator ${g}`);
  }
  batch++;
}
