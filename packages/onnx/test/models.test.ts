/**
 * Whole networks in ONNX Runtime, with batches of other sizes: those of the examples, and twenty of `@flambeau/vision`; all of
 * these with FLAMBEAU_ONNX_MODELS=all, which takes minutes.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import * as onnx from "@flambeau/onnx";
import { models } from "@flambeau/vision";
import torch, { nn, type Tensor } from "flambeau";
import { noRuntime, RunningModel } from "./support/runtime.js";

const folder = mkdtempSync(join(tmpdir(), "flambeau-onnx-models-"));
after(() => rmSync(folder, { recursive: true }));

type Program = nn.Module | ((...inputs: never[]) => unknown);

/** The tensors in a result, in order. */
function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof torch.Tensor) return [value];
  if (typeof value !== "object" || value === null) return [];
  return (Symbol.iterator in value ? [...(value as Iterable<unknown>)] : Object.values(value)).flatMap(tensorsIn);
}

/** Exports with an open batch, and compares results for batches of several sizes. */
async function compare(
  program: Program,
  makeInputs: (batch: number) => Tensor[],
  dim = 0,
  places: readonly number[] = [],
  tolerance = 1e-4,
): Promise<void> {
  const inputs = makeInputs(2);
  const names = inputs.map((_, i) => `x${i}`);
  const dynamicAxes = Object.fromEntries(names.map((name) => [name, { [dim]: "batch" }]));
  const path = join(folder, "model.onnx");
  onnx.export(program, inputs, path, { inputNames: names, dynamicAxes });
  const model = await RunningModel.open(path);
  if (program instanceof nn.Module) program.eval();
  const call = program as unknown as (...inputs: Tensor[]) => unknown;
  for (const batch of [2, 1, 5]) {
    const given = makeInputs(batch);
    const expected = torch.noGrad(() => tensorsIn(call(...given)));
    const results = await model.run(...given);
    assert.equal(results.length, expected.length);
    for (const [i, wanted] of expected.entries()) {
      if (places.length > 0 && !places.includes(i)) continue;
      const atol = tolerance * Math.max(1, wanted.abs().max().item() as number);
      torch.testing.assertClose(results[i] as Tensor, wanted, { rtol: 1e-3, atol });
    }
  }
  await model.close();
}

const randn = (...shape: number[]) => torch.randn(shape);
const images = (batch: number) => [torch.rand(batch, 1, 28, 28)];

class CharacterModel extends nn.Module {
  token = new nn.Embedding(30, 16);
  position = new nn.Embedding(64, 16);
  encoder = new nn.TransformerEncoder(
    new nn.TransformerEncoderLayer(16, 4, { dimFeedforward: 32, dropout: 0, batchFirst: true, normFirst: true }),
    2,
  );
  head = new nn.Linear(16, 30);

  override forward(tokens: Tensor): Tensor {
    const length = tokens.size(1);
    const x = this.token(tokens).add(this.position(torch.arange(length)));
    return this.head(this.encoder(x, { mask: nn.Transformer.generateSquareSubsequentMask(length) }));
  }
}

class LanguageModel extends nn.Module {
  embedding = new nn.Embedding(40, 16);
  lstm = new nn.LSTM(16, 24, { numLayers: 2 });
  decoder = new nn.Linear(24, 40);

  override forward(tokens: Tensor): unknown {
    const [output, next] = this.lstm(this.embedding(tokens));
    return [this.decoder(output), next];
  }
}

class Sequence extends nn.Module {
  lstm = new nn.LSTM(1, 16, { batchFirst: true });
  linear = new nn.Linear(16, 1);

  override forward(waves: Tensor): Tensor {
    let [hidden, state] = this.lstm(waves.unsqueeze(-1));
    const outputs = [this.linear(hidden)];
    for (let i = 0; i < 3; i++) {
      [hidden, state] = this.lstm((outputs.at(-1) as Tensor).at(":", "-1:"), state);
      outputs.push(this.linear(hidden));
    }
    return torch.cat(outputs, 1).squeeze(-1);
  }
}

class Autoencoder extends nn.Module {
  encoder = new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 32), new nn.ReLU());
  mean = new nn.Linear(32, 4);
  logVariance = new nn.Linear(32, 4);
  decoder = new nn.Sequential(new nn.Linear(4, 32), new nn.ReLU(), new nn.Linear(32, 784), new nn.Sigmoid());

  override forward(x: Tensor): Tensor[] {
    const hidden = this.encoder(x);
    const mean = this.mean(hidden);
    const logVariance = this.logVariance(hidden);
    const point = mean.add(torch.randnLike(mean).mul(logVariance.mul(0.5).exp()));
    return [this.decoder(point), mean, logVariance];
  }
}

class Block extends nn.Module {
  conv1 = new nn.Conv2d(4, 8, 3, { stride: 2, padding: 1, bias: false });
  bn1 = new nn.BatchNorm2d(8);
  conv2 = new nn.Conv2d(8, 8, 3, { padding: 1, bias: false });
  bn2 = new nn.BatchNorm2d(8);
  relu = new nn.ReLU({ inplace: true });
  shortcut = new nn.Sequential(new nn.Conv2d(4, 8, 1, { stride: 2, bias: false }), new nn.BatchNorm2d(8));

  override forward(x: Tensor): Tensor {
    const y = this.relu(this.bn1(this.conv1(x)));
    return this.relu(this.bn2(this.conv2(y)).add(this.shortcut(x)));
  }
}

class ActorCritic extends nn.Module {
  shared = new nn.Linear(4, 64);
  actor = new nn.Linear(64, 2);
  critic = new nn.Linear(64, 1);
  override forward(state: Tensor): Tensor[] {
    const hidden = this.shared(state).relu();
    return [this.actor(hidden), this.critic(hidden).squeeze(-1)];
  }
}

class Recurrent extends nn.Module {
  embedding = new nn.Embedding(100, 8);
  transformer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 32, batchFirst: true });
  recurrent = new nn.LSTM(8, 16, { batchFirst: true });
  override forward(words: Tensor): Tensor {
    return this.recurrent(this.transformer(this.embedding(words)))[0];
  }
}

/** The networks of the examples, some of them smaller. */
const ofExamples: Record<string, [Program, (batch: number) => Tensor[], dim?: number, places?: readonly number[]]> = {
  "quickstart, network, saving, training, metrics": [
    new nn.Sequential(
      new nn.Flatten(),
      new nn.Linear(784, 512),
      new nn.ReLU(),
      new nn.Linear(512, 512),
      new nn.ReLU(),
      new nn.Linear(512, 10),
    ),
    images,
  ],
  "convolutional, customDataset": [
    new nn.Sequential(
      new nn.Conv2d(1, 16, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Conv2d(16, 32, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(32 * 7 * 7, 10),
    ),
    images,
  ],
  oneCycle: [
    new nn.Sequential(
      new nn.Conv2d(1, 16, 3, { stride: 2, padding: 1, bias: false }),
      new nn.BatchNorm2d(16),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(16 * 14 * 14, 10),
    ),
    images,
  ],
  residual: [
    new nn.Sequential(new nn.Conv2d(1, 4, 3), new Block(), new nn.AdaptiveAvgPool2d(1), new nn.Flatten(1)),
    images,
  ],
  "dcgan, generator": [
    new nn.Sequential(
      new nn.ConvTranspose2d(16, 32, 7, { bias: false }),
      new nn.BatchNorm2d(32),
      new nn.ReLU({ inplace: true }),
      new nn.ConvTranspose2d(32, 1, 4, { stride: 2, padding: 1, bias: false }),
      new nn.Tanh(),
    ),
    (batch) => [randn(batch, 16, 1, 1)],
  ],
  "dcgan, discriminator": [
    new nn.Sequential(
      new nn.Conv2d(1, 32, 4, { stride: 2, padding: 1, bias: false }),
      new nn.LeakyReLU(0.2, { inplace: true }),
      new nn.Conv2d(32, 1, 14, { bias: false }),
      new nn.Flatten(0),
      new nn.Sigmoid(),
    ),
    images,
  ],
  // What is drawn at random is not compared.
  autoencoder: [new Autoencoder(), images, 0, [1, 2]],
  characters: [new CharacterModel(), (batch) => [torch.randint(30, [batch, 12])]],
  languageModel: [new LanguageModel(), (batch) => [torch.randint(40, [7, batch])], 1],
  timeSequence: [new Sequence(), (batch) => [randn(batch, 9)]],
  actorCritic: [new ActorCritic(), (batch) => [randn(batch, 4)]],
  reinforce: [
    new nn.Sequential(new nn.Linear(4, 32), new nn.ReLU(), new nn.Linear(32, 2)),
    (batch) => [randn(batch, 4)],
  ],
  functions: [new nn.Sequential(new nn.Linear(4, 3), new nn.Tanh(), new nn.Linear(3, 2)), (batch) => [randn(batch, 4)]],
  layers: [
    new nn.Sequential(
      new nn.ReflectionPad2d(3),
      new nn.Conv2d(4, 8, 3, { padding: 1 }),
      new nn.BatchNorm2d(8),
      new nn.GELU(),
      new nn.MaxPool2d(2),
      new nn.Dropout2d(0.5),
      new nn.Upsample({ scaleFactor: 2, mode: "nearest" }),
      new nn.PixelShuffle(2),
      new nn.ConvTranspose2d(2, 2, 2, 2),
    ),
    (batch) => [randn(batch, 4, 8, 8)],
  ],
  "layers, recurrent and transformer": [new Recurrent(), (batch) => [torch.randint(100, [batch, 5])]],
};

describe("networks of the examples", { skip: noRuntime }, () => {
  for (const [name, given] of Object.entries(ofExamples)) {
    test(name, () => {
      torch.manualSeed(0);
      return compare(...given);
    });
  }
});

type Builder = (options?: object) => nn.Module;

const families = { ...models, ...models.segmentation } as unknown as Record<string, Builder>;
const twenty = [
  ...["resnet18", "resnet50", "densenet121", "googlenet", "squeezenet1_0", "squeezenet1_1"],
  ...["mobilenetV2", "mobilenetV3Small", "mobilenetV3Large", "efficientnetB0", "efficientnetB1"],
  ...["shufflenetV2X0_5", "shufflenetV2X1_0", "mnasnet0_5", "mnasnet1_0", "regnetX400mf", "regnetY400mf"],
  ...["convnextTiny", "swinT", "lrasppMobilenetV3Large"],
];

/** Names of all functions that build a network. */
function builders(): string[] {
  const isBuilder = (name: string) =>
    /^(?!get|list|create|register)[a-z]/.test(name) && typeof families[name] === "function";
  return Object.keys(families).filter(isBuilder);
}

/** How large an image has to be at least. */
function sizeFor(name: string): number {
  if (/^(vit|swin|maxvit)/.test(name)) return 224;
  return name.startsWith("inception") ? 75 : 64;
}

describe("networks of @flambeau/vision", { skip: noRuntime }, () => {
  for (const name of process.env.FLAMBEAU_ONNX_MODELS === "all" ? builders() : twenty) {
    test(name, () => {
      torch.manualSeed(0);
      const size = sizeFor(name);
      const options = name in models.segmentation ? { weightsBackbone: null } : {};
      const model = (families[name] as Builder)(options);
      return compare(model, (batch) => [torch.rand(batch, 3, size, size)]);
    });
  }
});
