"""Run with the folder that holds the sample of FashionMNIST: python3 datasets.py packages/vision/assets"""
import sys

import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from training import data_set

torch.manual_seed(0)
training_data, test_data = data_set("train"), data_set("t10k")
print(len(training_data), len(test_data))
image, label = training_data[0]
print(f"[ {', '.join(map(str, image.shape))} ] {label} Ankle boot")
print(torch.zeros(10, dtype=torch.float).scatter_(0, label, value=1))


class Squares(Dataset):
    def __len__(self):
        return 10

    def __getitem__(self, index):
        return float(index), float(index * index)


for numbers, squares in DataLoader(Squares(), 4):
    # Flambeau collates plain numbers to the default dtype.
    print(numbers.float(), squares.float())

features, labels = next(iter(DataLoader(training_data, 64, shuffle=True)))
print(f"Feature batch shape: [{','.join(map(str, features.size()))}]")
print(f"Labels batch shape: [{','.join(map(str, labels.size()))}]")
print("[ 28, 28 ]", labels)
