/**
 * Saving and loading: the weights of a model, and all that is needed to go on with training. PyTorch reads the files, and
 * its files are read here.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import torch, { nn, optim } from "flambeau";

const folder = mkdtempSync(join(tmpdir(), "flambeau-"));
const path = join(folder, "model.pth");
const checkpoint = join(folder, "checkpoint.pt");

class NeuralNetwork extends nn.Module {
  hidden = new nn.Linear(3, 4);
  output = new nn.Linear(4, 1);

  override forward(x: torch.Tensor): torch.Tensor {
    return this.output(this.hidden(x).relu());
  }
}

torch.manualSeed(0);
const x = torch.rand(16, 3);
const y = x.sum(1, { keepdim: true });
const lossFn = new nn.MSELoss();

function trainStep(model: NeuralNetwork, optimizer: optim.Optimizer): number {
  const loss = lossFn(model(x), y);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss.item();
}

// The weights of a model
let model = new NeuralNetwork();
torch.save(model.stateDict(), path);
console.log("Saved PyTorch Model State to model.pth\n");

const state = torch.load<nn.StateDict>(path);
for (const [name, tensor] of Object.entries(state)) console.log(`${name}: [${tensor.shape.join(", ")}]`);
const again = new NeuralNetwork();
console.log(again.loadStateDict(state));
again.eval();
console.log("The same predictions:", torch.equal(model(x), again(x)) ? "True" : "False", "\n");

// All that training consists of
let optimizer = new optim.Adam(model.parameters(), { lr: 0.05 });
let loss = 0;
for (let step = 0; step < 5; step++) loss = trainStep(model, optimizer);
torch.save({ step: 5, model: model.stateDict(), optimizer: optimizer.stateDict(), loss }, checkpoint);
console.log(`Saved after step 5, loss ${loss.toFixed(4)}`);
for (let step = 5; step < 8; step++) console.log(`step ${step}: ${trainStep(model, optimizer).toFixed(4)}`);

const saved = torch.load(checkpoint);
model = new NeuralNetwork();
optimizer = new optim.Adam(model.parameters(), { lr: 0.5 });
model.loadStateDict(saved.model);
optimizer.loadStateDict(saved.optimizer);
console.log(`\nLoaded, at step ${saved.step} with a rate of ${optimizer.paramGroups[0]?.lr}`);
for (let { step } = saved; step < 8; step++) console.log(`step ${step}: ${trainStep(model, optimizer).toFixed(4)}`);

// Part of a model
const body = Object.fromEntries(Object.entries(torch.load(path)).filter(([name]) => name.startsWith("hidden")));
console.log(`\n${new NeuralNetwork().loadStateDict(body as nn.StateDict, { strict: false })}`);
rmSync(folder, { recursive: true });
