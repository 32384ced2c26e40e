"""The program of examples/timeSequence.ts: python3 time_sequence.py"""
import torch
from torch import nn

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)
LENGTH, PERIOD, WAVES, HIDDEN = 120, 10, 12, 16


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, HIDDEN, batch_first=True)
        self.linear = nn.Linear(HIDDEN, 1)

    def forward(self, waves, future=0):
        hidden, state = self.lstm(waves.unsqueeze(-1))
        outputs = [self.linear(hidden)]
        for _ in range(future):
            hidden, state = self.lstm(outputs[-1][:, -1:], state)
            outputs.append(self.linear(hidden))
        return torch.cat(outputs, 1).squeeze(-1)


def exponential(value):
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{mantissa}e{int(exponent):+d}"


begin = torch.randint(-4 * PERIOD, 4 * PERIOD, (WAVES, 1))
data = ((torch.arange(LENGTH) + begin) / PERIOD).sin()
inputs, targets = data[3:, :-1], data[3:, 1:]
test_inputs, test_targets = data[:3, :-1], data[:3, 1:]
model = Sequence()
loss_fn = nn.MSELoss()
optimizer = torch.optim.LBFGS(model.parameters(), lr=0.8, max_iter=10)


def closure():
    optimizer.zero_grad()
    loss = loss_fn(model(inputs), targets)
    loss.backward()
    return loss


for step in range(6):
    loss = optimizer.step(closure)
    with torch.no_grad():
        test_loss = loss_fn(model(test_inputs), test_targets)
    print(f"step {step}  loss: {exponential(loss.item())}  test loss: {exponential(test_loss.item())}")

with torch.no_grad():
    predicted = model(test_inputs[:1, :80], 40)[0, 79:]
truth = test_targets[0, 79:]
numbers = lambda row: "  ".join(f"{value:.2f}" for value in row.tolist()[::6])
print(f"predicted: {numbers(predicted)}")
print(f"truth:     {numbers(truth)}")
