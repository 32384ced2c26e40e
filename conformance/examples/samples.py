"""Run with the folder that holds the sample of FashionMNIST: python3 samples.py packages/vision/assets"""
import torch
from fashion import data_set
from torch.utils.data import DataLoader

torch.manual_seed(0)
names = ["T-Shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle Boot"]
data = data_set("train")
for _ in range(9):
    index = torch.randint(len(data), size=(1,)).item()
    print(index, names[int(data[index][1])])
features, labels = next(iter(DataLoader(data, batch_size=64, shuffle=True)))
print(f"[ {', '.join(map(str, features[0].squeeze().shape))} ] {labels[0]!r} {names[labels[0].item()]}")
