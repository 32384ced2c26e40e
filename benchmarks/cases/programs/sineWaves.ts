/** PyTorch's example of a time series: LSTM cells that learn sine waves in float64 with LBFGS, one step from the start. */
import torch, { nn, optim, type Tensor } from "flambeau";
import { program } from "../../case.js";

const [waves, length, hidden, iterations] = [32, 200, 51, 4];

class Sequence extends nn.Module {
  lstm1 = new nn.LSTMCell(1, hidden, { dtype: torch.float64 });
  lstm2 = new nn.LSTMCell(hidden, hidden, { dtype: torch.float64 });
  linear = new nn.Linear(hidden, 1, { dtype: torch.float64 });

  override forward(input: Tensor): Tensor {
    const zeros = () => torch.zeros(input.size(0), hidden, { dtype: torch.float64 });
    let [h1, c1, h2, c2] = [zeros(), zeros(), zeros(), zeros()];
    const outputs: Tensor[] = [];
    for (const now of input.split(1, 1)) {
      [h1, c1] = this.lstm1(now, [h1, c1]);
      [h2, c2] = this.lstm2(h1, [h2, c2]);
      outputs.push(this.linear(h2));
    }
    return torch.cat(outputs, 1);
  }
}

export const sineWaves = program({
  name: `LBFGS on a series of ${length}, ${iterations} iterations`,
  flambeau: () => {
    const begin = torch.randint(-80, 80, [waves, 1]);
    const data = torch
      .arange(length + 1)
      .add(begin)
      .to(torch.float64)
      .div(20)
      .sin();
    const [inputs, targets] = [data.narrow(1, 0, length), data.narrow(1, 1, length)];
    const lossFn = new nn.MSELoss();
    return () => {
      // Each run begins anew: near its goal the optimizer would have less to do.
      torch.manualSeed(0);
      const model = new Sequence();
      const optimizer = new optim.LBFGS(model.parameters(), { lr: 0.8, maxIter: iterations });
      const loss = optimizer.step(() => {
        optimizer.zeroGrad();
        const loss = lossFn(model(inputs), targets);
        loss.backward();
        return loss;
      });
      return loss;
    };
  },
  pytorch: {
    setup: `
from torch import nn
class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, ${hidden}, dtype=torch.float64)
        self.lstm2 = nn.LSTMCell(${hidden}, ${hidden}, dtype=torch.float64)
        self.linear = nn.Linear(${hidden}, 1, dtype=torch.float64)
    def forward(self, input):
        h1, c1, h2, c2 = (torch.zeros(input.size(0), ${hidden}, dtype=torch.float64) for _ in range(4))
        outputs = []
        for now in input.split(1, dim=1):
            h1, c1 = self.lstm1(now, (h1, c1))
            h2, c2 = self.lstm2(h1, (h2, c2))
            outputs.append(self.linear(h2))
        return torch.cat(outputs, dim=1)
begin = torch.randint(-80, 80, (${waves}, 1))
data = ((torch.arange(${length + 1}) + begin).to(torch.float64) / 20).sin()
inputs, targets = data[:, :-1], data[:, 1:]
loss_fn = nn.MSELoss()
def train():
    torch.manual_seed(0)
    model = Sequence()
    optimizer = torch.optim.LBFGS(model.parameters(), lr=0.8, max_iter=${iterations})
    def closure():
        optimizer.zero_grad()
        loss = loss_fn(model(inputs), targets)
        loss.backward()
        return loss
    return optimizer.step(closure)`,
    run: "train()",
  },
});
