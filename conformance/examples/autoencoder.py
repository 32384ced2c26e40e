"""Run with the folder that holds the sample of FashionMNIST: python3 autoencoder.py packages/vision/assets"""
import torch
from fashion import data_set
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader


class VariationalAutoencoder(nn.Module):
    def __init__(self, latent):
        super().__init__()
        self.encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU())
        self.mean = nn.Linear(256, latent)
        self.log_variance = nn.Linear(256, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid())

    def forward(self, images):
        hidden = self.encoder(images)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        # A random point near the mean, written so that gradients reach the mean and the variance.
        point = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        return self.decoder(point), mean, log_variance


def divergence(mean, log_variance):
    return -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()


torch.manual_seed(0)
loader = DataLoader(data_set("train"), batch_size=64, shuffle=True)
model = VariationalAutoencoder(16)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(3):
    rebuilt, diverged = 0, 0
    for images, _ in loader:
        outputs, mean, log_variance = model(images)
        reconstruction = F.binary_cross_entropy(outputs, images.flatten(1), reduction="sum")
        kl = divergence(mean, log_variance)
        optimizer.zero_grad()
        (reconstruction + kl).backward()
        optimizer.step()
        rebuilt += reconstruction.item()
        diverged += kl.item()
    count = len(loader.dataset)
    print(f"epoch {epoch + 1}  reconstruction {rebuilt / count:.2f}  divergence {diverged / count:.2f}")
with torch.no_grad():
    images = model.decoder(torch.randn(100, 16))
print(f"new images: mean {images.mean().item():.3f}, deviation {images.std().item():.3f}")
