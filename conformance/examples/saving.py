"""The program of examples/saving.ts: python3 saving.py"""
import os
import tempfile

import torch
from torch import nn

folder = tempfile.mkdtemp()
path = os.path.join(folder, "model.pth")
checkpoint = os.path.join(folder, "checkpoint.pt")


class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(3, 4)
        self.output = nn.Linear(4, 1)

    def forward(self, x):
        return self.output(torch.relu(self.hidden(x)))


torch.manual_seed(0)
x = torch.rand(16, 3)
y = x.sum(1, keepdim=True)
loss_fn = nn.MSELoss()


def train_step(model, optimizer):
    loss = loss_fn(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


# The weights of a model
model = NeuralNetwork()
torch.save(model.state_dict(), path)
print("Saved PyTorch Model State to model.pth\n")

state = torch.load(path)
for name, tensor in state.items():
    print(f"{name}: {list(tensor.size())}")
again = NeuralNetwork()
print(again.load_state_dict(state))
again.eval()
print("The same predictions:", torch.equal(model(x), again(x)), "\n")

# All that training consists of
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for step in range(5):
    loss = train_step(model, optimizer)
torch.save({"step": 5, "model": model.state_dict(), "optimizer": optimizer.state_dict(), "loss": loss}, checkpoint)
print(f"Saved after step 5, loss {loss:.4f}")
for step in range(5, 8):
    print(f"step {step}: {train_step(model, optimizer):.4f}")

saved = torch.load(checkpoint)
model = NeuralNetwork()
optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
model.load_state_dict(saved["model"])
optimizer.load_state_dict(saved["optimizer"])
print(f"\nLoaded, at step {saved['step']} with a rate of {optimizer.param_groups[0]['lr']}")
for step in range(saved["step"], 8):
    print(f"step {step}: {train_step(model, optimizer):.4f}")

# Part of a model
body = {name: tensor for name, tensor in torch.load(path).items() if name.startswith("hidden")}
print("\n", NeuralNetwork().load_state_dict(body, strict=False), sep="")
