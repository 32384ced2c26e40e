"""PyTorch's side of the benchmarks: reads a case's name and a number of rounds from each line, and answers with
the seconds of every round.

    python3 worker.py THREADS DATA_FOLDER
"""
import sys
import time

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import ToTensor

torch.set_num_threads(int(sys.argv[1]))
data_folder = sys.argv[2]


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))


def quickstart(batches):
    model = NeuralNetwork()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)

    def run():
        for inputs, labels in batches():
            loss = loss_fn(model(inputs), labels)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()

    return run


def epoch():
    data = datasets.FashionMNIST(root=data_folder, train=True, download=False, transform=ToTensor())
    loader = DataLoader(data, batch_size=64, shuffle=True)
    return quickstart(lambda: loader)


def step():
    batch = (torch.rand(64, 1, 28, 28), torch.randint(0, 10, (64,)))
    return quickstart(lambda: [batch])


def matmul(m, k, n):
    a, b = torch.rand(m, k), torch.rand(k, n)
    return lambda: a @ b


def linear(m, k, n):
    a, w = torch.rand(m, k), torch.rand(n, k)
    return lambda: a @ w.t()


def weight_gradient(m, k, n):
    g, a = torch.rand(m, n), torch.rand(m, k)
    return lambda: g.t() @ a


def small_add():
    a, b = torch.rand(4), torch.rand(4)

    def run():
        for _ in range(1000):
            a + b

    return run


def small_backward():
    a, b = torch.rand(4, requires_grad=True), torch.rand(4, requires_grad=True)

    def run():
        for _ in range(1000):
            (a * b).sum().backward()

    return run


cases = {
    "training epoch": epoch,
    "training step": step,
    "1000 times a + b": small_add,
    "1000 times (a * b).sum().backward()": small_backward,
    "x @ w.T, 64x784x512": lambda: linear(64, 784, 512),
    "x @ w.T, 64x512x512": lambda: linear(64, 512, 512),
    "x @ w.T, 64x512x10": lambda: linear(64, 512, 10),
    "g @ w, 64x512x512": lambda: matmul(64, 512, 512),
    "g.T @ x, 64x784x512": lambda: weight_gradient(64, 784, 512),
    "g.T @ x, 64x512x512": lambda: weight_gradient(64, 512, 512),
    "g.T @ x, 64x512x10": lambda: weight_gradient(64, 512, 10),
}
ready = {}
for line in sys.stdin:
    rounds, name = line.rstrip("\n").split(" ", 1)
    run = ready.setdefault(name, None) or cases[name]()
    ready[name] = run
    seconds = []
    for _ in range(int(rounds)):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    print(" ".join(map(str, seconds)), flush=True)
