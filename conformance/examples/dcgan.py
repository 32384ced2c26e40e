"""Run with the folder that holds the sample of FashionMNIST: python3 dcgan.py packages/vision/assets"""
import torch
from fashion import data_set
from torch import nn
from torch.utils.data import DataLoader

latent = 32


def initialize(module):
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
    if isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)
        nn.init.zeros_(module.bias)


torch.manual_seed(0)
loader = DataLoader(data_set("train"), batch_size=64, shuffle=True, drop_last=True)
generator = nn.Sequential(
    nn.ConvTranspose2d(latent, 64, 7, bias=False),
    nn.BatchNorm2d(64),
    nn.ReLU(True),
    nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1, bias=False),
    nn.BatchNorm2d(32),
    nn.ReLU(True),
    nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1, bias=False),
    nn.Tanh(),
)
discriminator = nn.Sequential(
    nn.Conv2d(1, 32, 4, stride=2, padding=1, bias=False),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(32, 64, 4, stride=2, padding=1, bias=False),
    nn.BatchNorm2d(64),
    nn.LeakyReLU(0.2, inplace=True),
    nn.Conv2d(64, 1, 7, bias=False),
    nn.Flatten(0),
    nn.Sigmoid(),
)
generator.apply(initialize)
discriminator.apply(initialize)
loss_fn = nn.BCELoss()
optimizer_d = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
optimizer_g = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))

for batch, (images, _) in enumerate(loader):
    if batch > 60:
        break
    real, fake = torch.ones(len(images)), torch.zeros(len(images))
    made = generator(torch.randn(len(images), latent, 1, 1))

    # The discriminator learns to tell them apart.
    optimizer_d.zero_grad()
    loss_d = loss_fn(discriminator(images * 2 - 1), real) + loss_fn(discriminator(made.detach()), fake)
    loss_d.backward()
    optimizer_d.step()

    # The generator learns to be taken for real.
    optimizer_g.zero_grad()
    loss_g = loss_fn(discriminator(made), real)
    loss_g.backward()
    optimizer_g.step()
    if batch % 20 == 0:
        print(f"batch {batch:2}  discriminator {loss_d.item():.3f}  generator {loss_g.item():.3f}")
