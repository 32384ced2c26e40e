"""Run with the folder that holds the sample of FashionMNIST: python3 convolutional.py packages/vision/assets"""
import torch
from fashion import data_set
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(0)
train_loader = DataLoader(data_set("train"), batch_size=64, shuffle=True)
test_loader = DataLoader(data_set("t10k"), batch_size=64)

model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(32 * 7 * 7, 10),
)
print(model)
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

model.train()
for batch, (images, labels) in enumerate(train_loader):
    loss = loss_fn(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if batch % 20 == 0:
        print(f"batch {batch:3}  loss {loss.item():.3f}")

model.eval()
correct = 0
with torch.no_grad():
    for images, labels in test_loader:
        correct += (model(images).argmax(1) == labels).sum().item()
print(f"{100 * correct / len(test_loader.dataset):.1f}% of the test images are told right")
