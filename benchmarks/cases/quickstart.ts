/** The quickstart of PyTorch's tutorial: loading, training and evaluation on FashionMNIST, and one step alone. */
import { datasets, transforms } from "@flambeau/vision";
import torch, { nn, optim, type Tensor } from "flambeau";
import { type Case, program, type Setting } from "../case.js";
import type { TensorFlow, TfTensor } from "../tensorflow.js";

class NeuralNetwork extends nn.Module {
  flatten = new nn.Flatten();
  linearReluStack = new nn.Sequential(
    new nn.Linear(28 * 28, 512),
    new nn.ReLU(),
    new nn.Linear(512, 512),
    new nn.ReLU(),
    new nn.Linear(512, 10),
  );

  override forward(x: Tensor): Tensor {
    return this.linearReluStack(this.flatten(x));
  }
}

const pythonNetwork = `
from torch import nn
class NeuralNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    def forward(self, x):
        return self.linear_relu_stack(self.flatten(x))
model = NeuralNetwork()
loss_fn = nn.CrossEntropyLoss()`;

const optimizers = {
  SGD: {
    flambeau: (model: nn.Module) => new optim.SGD(model.parameters(), { lr: 1e-3 }),
    pytorch: "torch.optim.SGD(model.parameters(), lr=1e-3)",
    tensorflow: (tf: TensorFlow) => tf.train.sgd(1e-3),
  },
  Adam: {
    flambeau: (model: nn.Module) => new optim.Adam(model.parameters(), { lr: 1e-3 }),
    pytorch: "torch.optim.Adam(model.parameters(), lr=1e-3)",
    tensorflow: (tf: TensorFlow) => tf.train.adam(1e-3),
  },
};

const pythonStep = `
loss = loss_fn(model(inputs), labels)
loss.backward()
optimizer.step()
optimizer.zero_grad()`;

function trainer(optimizerName: keyof typeof optimizers): (inputs: Tensor, labels: Tensor) => Tensor {
  const model = new NeuralNetwork();
  const lossFn = new nn.CrossEntropyLoss();
  const optimizer = optimizers[optimizerName].flambeau(model);
  return (inputs, labels) => {
    const loss = lossFn(model(inputs), labels);
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  };
}

/** The same step in TensorFlow.js, which has labels as rows of zeros and a one. */
function tensorflowStep(tf: TensorFlow, batch: number, optimizerName: keyof typeof optimizers): () => void {
  const layers = [
    [784, 512],
    [512, 512],
    [512, 10],
  ].map(([from, to]) => ({
    weight: tf.variable(tf.randomUniform([from as number, to as number], -0.04, 0.04)),
    bias: tf.variable(tf.zeros([to as number])),
  }));
  const inputs = tf.randomUniform([batch, 28, 28, 1]);
  const labels = tf.oneHot(tf.randomUniform([batch], 0, 10, "int32"), 10);
  const optimizer = optimizers[optimizerName].tensorflow(tf);
  const loss = () => {
    let x: TfTensor = tf.reshape(inputs, [batch, 784]);
    layers.forEach(({ weight, bias }, i) => {
      x = tf.add(tf.matMul(x, weight), bias);
      if (i < 2) x = tf.relu(x);
    });
    return tf.losses.softmaxCrossEntropy(labels, x);
  };
  return () => tf.tidy(() => void optimizer.minimize(loss));
}

export function step(batch: number, optimizer: keyof typeof optimizers): Case {
  return {
    name: `training step, batch ${batch}, ${optimizer}`,
    goals: batch === 64 && optimizer === "SGD" ? ["step", "tensorflow"] : [],
    flambeau: () => {
      const train = trainer(optimizer);
      const inputs = torch.rand(batch, 1, 28, 28);
      const labels = torch.randint(0, 10, [batch]);
      return () => train(inputs, labels);
    },
    pytorch: {
      setup: `${pythonNetwork}
optimizer = ${optimizers[optimizer].pytorch}
inputs, labels = torch.rand(${batch}, 1, 28, 28), torch.randint(0, 10, (${batch},))`,
      run: `${pythonStep}\nloss`,
    },
    tensorflow: (tf) => tensorflowStep(tf, batch, optimizer),
  };
}

function loader({ data }: Setting, train: boolean): Iterable<[Tensor, Tensor]> {
  const dataset = new datasets.FashionMNIST(data, { train, transform: new transforms.ToTensor() });
  return new torch.utils.data.DataLoader(dataset, 64, { shuffle: train }) as Iterable<[Tensor, Tensor]>;
}

function pythonLoader(train: "True" | "False"): string {
  return `
from torchvision import datasets
from torchvision.transforms import ToTensor
data = datasets.FashionMNIST(root=data_folder, train=${train}, transform=ToTensor())
loader = torch.utils.data.DataLoader(data, batch_size=64, shuffle=${train})`;
}

const trainingEpoch = program({
  name: "training epoch with loading",
  goals: ["epoch"],
  images: true,
  flambeau: (setting) => {
    const batches = loader(setting, true);
    const train = trainer("SGD");
    return () => {
      let loss: Tensor | undefined;
      for (const [inputs, labels] of batches) loss = train(inputs, labels);
      return loss;
    };
  },
  pytorch: {
    setup: `${pythonLoader("True")}\n${pythonNetwork}\noptimizer = ${optimizers.SGD.pytorch}`,
    run: `for inputs, labels in loader:${pythonStep.replaceAll("\n", "\n    ")}\nloss`,
  },
});

const loading: Case = {
  name: "loading alone",
  images: true,
  flambeau: (setting) => {
    const batches = loader(setting, true);
    return () => {
      for (const _ of batches);
    };
  },
  pytorch: { setup: pythonLoader("True"), run: "for inputs, labels in loader: pass" },
};

const evaluation: Case = {
  name: "evaluation epoch with loading",
  images: true,
  flambeau: (setting) => {
    const batches = loader(setting, false);
    const model = new NeuralNetwork();
    const lossFn = new nn.CrossEntropyLoss();
    model.eval();
    return () => {
      let loss = 0;
      let correct = 0;
      torch.noGrad(() => {
        for (const [inputs, labels] of batches) {
          const logits = model(inputs);
          loss += lossFn(logits, labels).item();
          correct += logits.argmax(1).eq(labels).type(torch.float).sum().item();
        }
      });
      return loss + correct;
    };
  },
  pytorch: {
    setup: `${pythonLoader("False")}\n${pythonNetwork}\nmodel.eval()`,
    run: `
loss, correct = 0, 0
with torch.no_grad():
    for inputs, labels in loader:
        logits = model(inputs)
        loss += loss_fn(logits, labels).item()
        correct += (logits.argmax(1) == labels).type(torch.float).sum().item()
loss + correct`,
  },
};

export const quickstart: readonly Case[] = [
  trainingEpoch,
  loading,
  evaluation,
  ...[1, 64, 512].flatMap((batch) => [step(batch, "SGD"), step(batch, "Adam")]),
];
