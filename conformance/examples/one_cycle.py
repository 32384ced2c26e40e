"""Run with the folder that holds the sample of FashionMNIST: python3 one_cycle.py packages/vision/assets"""
import torch
from fashion import data_set
from torch import nn
from torch.utils.data import DataLoader

EPOCHS = 2


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]


torch.manual_seed(0)
train_loader = DataLoader(data_set("train"), batch_size=64, shuffle=True)
test_loader = DataLoader(data_set("t10k"), batch_size=250)
model = nn.Sequential(*block(1, 16), *block(16, 32), nn.Flatten(), nn.Linear(32 * 7 * 7, 10))
loss_fn = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.02, epochs=EPOCHS, steps_per_epoch=len(train_loader))
for epoch in range(EPOCHS):
    print(f"Epoch {epoch + 1}")
    model.train()
    for batch, (inputs, labels) in enumerate(train_loader):
        loss = loss_fn(model(inputs), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if batch % 8 == 0:
            group = optimizer.param_groups[0]
            print(f"loss: {loss.item():.2f}  rate: {group['lr']:.4f}  momentum: {group['momentum']:.4f}")
        scheduler.step()
    model.eval()
    right, count = 0, 0
    with torch.no_grad():
        for inputs, labels in test_loader:
            right += (model(inputs).argmax(1) == labels).sum().item()
            count += len(labels)
    print(f"Accuracy: {100 * right / count:.1f}%")
