/** The DCGAN of PyTorch's tutorial for images of 3×64², half as wide: a step of both networks at batch 32. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";

const [latent, width, batch] = [100, 32, 32];

function makeGenerator(): nn.Sequential {
  const up = (from: number, to: number) => [
    new nn.ConvTranspose2d(from, to, 4, { stride: 2, padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.ReLU({ inplace: true }),
  ];
  return new nn.Sequential(
    new nn.ConvTranspose2d(latent, 8 * width, 4, { bias: false }),
    new nn.BatchNorm2d(8 * width),
    new nn.ReLU({ inplace: true }),
    ...up(8 * width, 4 * width),
    ...up(4 * width, 2 * width),
    ...up(2 * width, width),
    new nn.ConvTranspose2d(width, 3, 4, { stride: 2, padding: 1, bias: false }),
    new nn.Tanh(),
  );
}

function makeDiscriminator(): nn.Sequential {
  const down = (from: number, to: number) => [
    new nn.Conv2d(from, to, 4, { stride: 2, padding: 1, bias: false }),
    new nn.BatchNorm2d(to),
    new nn.LeakyReLU(0.2, { inplace: true }),
  ];
  return new nn.Sequential(
    new nn.Conv2d(3, width, 4, { stride: 2, padding: 1, bias: false }),
    new nn.LeakyReLU(0.2, { inplace: true }),
    ...down(width, 2 * width),
    ...down(2 * width, 4 * width),
    ...down(4 * width, 8 * width),
    new nn.Conv2d(8 * width, 1, 4, { bias: false }),
    new nn.Sigmoid(),
  );
}

function initialize(module: nn.Module): void {
  if (module instanceof nn.Conv2d || module instanceof nn.ConvTranspose2d) nn.init.normal_(module.weight, 0, 0.02);
  if (module instanceof nn.BatchNorm2d) {
    nn.init.normal_(module.weight as Tensor, 1, 0.02);
    nn.init.zeros_(module.bias as Tensor);
  }
}

export const gan = program({
  name: `DCGAN on images of 3×64², a step of ${batch}`,
  flambeau: () => {
    const [generator, discriminator] = [makeGenerator(), makeDiscriminator()];
    generator.apply(initialize);
    discriminator.apply(initialize);
    const lossFn = new nn.BCELoss();
    const options = { lr: 2e-4, betas: [0.5, 0.999] } as const;
    const optimizerD = new optim.Adam(discriminator.parameters(), options);
    const optimizerG = new optim.Adam(generator.parameters(), options);
    const images = torch.randn(batch, 3, 64, 64);
    const [real, fake] = [torch.ones(batch), torch.zeros(batch)];
    return () => {
      discriminator.zeroGrad();
      const lossReal = lossFn(discriminator(images).view(-1), real);
      lossReal.backward();
      const made = generator(torch.randn(batch, latent, 1, 1));
      const lossFake = lossFn(discriminator(made.detach()).view(-1), fake);
      lossFake.backward();
      optimizerD.step();
      generator.zeroGrad();
      const lossG = lossFn(discriminator(made).view(-1), real);
      lossG.backward();
      optimizerG.step();
      return lossReal.item() + lossFake.item() + lossG.item();
    };
  },
  pytorch: {
    setup: `
from torch import nn
def up(before, to):
    return [nn.ConvTranspose2d(before, to, 4, 2, 1, bias=False), nn.BatchNorm2d(to), nn.ReLU(True)]
def down(before, to):
    return [nn.Conv2d(before, to, 4, 2, 1, bias=False), nn.BatchNorm2d(to), nn.LeakyReLU(0.2, True)]
generator = nn.Sequential(
    nn.ConvTranspose2d(${latent}, ${8 * width}, 4, bias=False), nn.BatchNorm2d(${8 * width}), nn.ReLU(True),
    *up(${8 * width}, ${4 * width}), *up(${4 * width}, ${2 * width}), *up(${2 * width}, ${width}),
    nn.ConvTranspose2d(${width}, 3, 4, 2, 1, bias=False), nn.Tanh())
discriminator = nn.Sequential(
    nn.Conv2d(3, ${width}, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, True),
    *down(${width}, ${2 * width}), *down(${2 * width}, ${4 * width}), *down(${4 * width}, ${8 * width}),
    nn.Conv2d(${8 * width}, 1, 4, bias=False), nn.Sigmoid())
def initialize(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
    if isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)
        nn.init.zeros_(module.bias)
generator.apply(initialize)
discriminator.apply(initialize)
loss_fn = nn.BCELoss()
optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizer_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
images = torch.randn(${batch}, 3, 64, 64)
real, fake = torch.ones(${batch}), torch.zeros(${batch})`,
    run: `
discriminator.zero_grad()
loss_real = loss_fn(discriminator(images).view(-1), real)
loss_real.backward()
made = generator(torch.randn(${batch}, ${latent}, 1, 1))
loss_fake = loss_fn(discriminator(made.detach()).view(-1), fake)
loss_fake.backward()
optimizer_d.step()
generator.zero_grad()
loss_g = loss_fn(discriminator(made).view(-1), real)
loss_g.backward()
optimizer_g.step()
loss_real.item() + loss_fake.item() + loss_g.item()`,
  },
});
