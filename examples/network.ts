/** Building a neural network, and using it. */
import torch, { nn } from "flambeau";

torch.manualSeed(0);

const device = torch.cuda.isAvailable() ? "cuda" : torch.backends.mps.isAvailable() ? "mps" : "cpu";
console.log(`Using ${device} device`);

class NeuralNetwork extends nn.Module {
  flatten = new nn.Flatten();
  linearReluStack = new nn.Sequential(
    new nn.Linear(28 * 28, 512),
    new nn.ReLU(),
    new nn.Linear(512, 512),
    new nn.ReLU(),
    new nn.Linear(512, 10),
  );

  override forward(x: torch.Tensor): torch.Tensor {
    const flat = this.flatten(x);
    return this.linearReluStack(flat);
  }
}

const model = new NeuralNetwork().to(device);
console.log(model);

for (const [name, param] of model.namedParameters()) {
  console.log(`Layer: ${name} | Size: [${param.size()}] | Values : ${param.at(":2")} \n`);
}

const x = torch.rand(1, 28, 28, { device: device });
const logits = model(x);
const predictedProbabilities = new nn.Softmax(1)(logits);
const prediction = predictedProbabilities.argmax(1);
console.log(predictedProbabilities);
console.log(`Predicted class: ${prediction}`);
