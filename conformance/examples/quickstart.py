"""Records two epochs of the quickstart with seed 0, for examples/test/quickstart.test.ts.

    python3 quickstart.py packages/vision/assets 16 FOLDER 64 > quickstart.json

The arguments are folders that hold FashionMNIST, each with the size of its batches; the first is the sample that ships
with the library.
"""

import gzip
import json
import pathlib
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def read(folder, name, header):
    path = pathlib.Path(folder) / "FashionMNIST/raw" / name
    data = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    return torch.frombuffer(bytearray(data[header:]), dtype=torch.uint8)


def data_set(folder, part):
    images = read(folder, f"{part}-images-idx3-ubyte", 16).view(-1, 1, 28, 28).float() / 255
    return TensorDataset(images, read(folder, f"{part}-labels-idx1-ubyte", 8).long())


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


def run(folder, batch_size):
    torch.manual_seed(0)
    train_loader = DataLoader(data_set(folder, "train"), batch_size=batch_size, shuffle=True)
    test_loader = DataLoader(data_set(folder, "t10k"), batch_size=batch_size)
    model = NeuralNetwork()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    epochs = []
    for _ in range(2):
        model.train()
        losses = []
        for batch, (inputs, labels) in enumerate(train_loader):
            loss = loss_fn(model(inputs), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if batch % 100 == 0:
                losses.append(loss.item())
        model.eval()
        total, correct = 0, 0
        with torch.no_grad():
            for inputs, labels in test_loader:
                logits = model(inputs)
                total += loss_fn(logits, labels).item()
                correct += (logits.argmax(1) == labels).float().sum().item()
        accuracy = 100 * correct / len(test_loader.dataset)
        epochs.append({"losses": losses, "accuracy": accuracy, "averageLoss": total / len(test_loader)})
    return {"batchSize": batch_size, "epochs": epochs}


runs = [run(folder, int(size)) for folder, size in zip(sys.argv[1::2], sys.argv[2::2])]
print(json.dumps(dict(zip(("sample", "full"), runs)), indent=1))
