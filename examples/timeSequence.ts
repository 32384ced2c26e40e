/** Predicting a time sequence: a recurrent network that continues sine waves, trained with LBFGS in float64. */
import torch, { nn, optim, type Tensor } from "flambeau";

torch.manualSeed(0);
torch.setDefaultDtype(torch.float64);

const length = 120;
const period = 10;
const waves = 12;
const hiddenSize = 16;

class Sequence extends nn.Module {
  lstm = new nn.LSTM(1, hiddenSize, { batchFirst: true });
  linear = new nn.Linear(hiddenSize, 1);

  /** The next number after each of a wave, and then as many more as wanted, each from the one before. */
  override forward(waves: Tensor, future = 0): Tensor {
    let [hidden, state] = this.lstm(waves.unsqueeze(-1));
    const outputs = [this.linear(hidden)];
    for (let i = 0; i < future; i++) {
      [hidden, state] = this.lstm((outputs.at(-1) as Tensor).at(":", "-1:"), state);
      outputs.push(this.linear(hidden));
    }
    return torch.cat(outputs, 1).squeeze(-1);
  }
}

/** Sine waves that begin at random places, one in each row. */
const begin = torch.randint(-4 * period, 4 * period, [waves, 1]);
const data = torch.arange(length).add(begin).div(period).sin();
const [inputs, targets] = [data.at("3:", ":-1"), data.at("3:", "1:")];
const [testInputs, testTargets] = [data.at(":3", ":-1"), data.at(":3", "1:")];

const model = new Sequence();
const lossFn = new nn.MSELoss();
const optimizer = new optim.LBFGS(model.parameters(), { lr: 0.8, maxIter: 10 });

function exponential(value: number): string {
  return value.toExponential(2);
}

for (let step = 0; step < 6; step++) {
  const loss = optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = lossFn(model(inputs), targets);
    loss.backward();
    return loss;
  });
  const testLoss = torch.noGrad(() => lossFn(model(testInputs), testTargets));
  console.log(`step ${step}  loss: ${exponential(loss.item())}  test loss: ${exponential(testLoss.item())}`);
}

/** Every sixth number of a row. */
function numbers(row: Tensor): string {
  const values = row.at("::6").tolist() as number[];
  return values.map((value) => value.toFixed(2)).join("  ");
}

const predicted = torch.noGrad(() => model(testInputs.at(":1", ":80"), 40));
console.log(`predicted: ${numbers(predicted.at(0, "79:"))}`);
console.log(`truth:     ${numbers(testTargets.at(0, "79:"))}`);
