/** Every model against torchvision: the keys and shapes of its state; weights, scores and gradients of one of each family. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { models } from "@flambeau/vision";
import torch, { type nn, type Tensor } from "flambeau";
import { golden } from "../support/golden.js";

type Checksum = readonly [sum: number, absoluteSum: number];
type Output = readonly [name: string, shape: readonly number[], first: readonly number[], checksum: Checksum];

interface Run {
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly kind: "" | "grads" | "single";
  readonly weights: readonly Checksum[];
  readonly train: readonly Output[];
  readonly grads?: readonly (Checksum | null)[];
  readonly eval: readonly Output[];
}

interface Golden {
  readonly states: Readonly<Record<string, readonly [keys: string, text: string]>>;
  readonly runs: Readonly<Record<string, Run>>;
}

const { states, runs } = golden<Golden>("models");
const segmentation = models.listModels(models.segmentation);

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Transformers and their like, of a size that is quickly computed. */
const small: Readonly<Record<string, () => nn.Module>> = {
  ConvNeXt: () => {
    const { CNBlockConfig } = models.convnext;
    return new models.ConvNeXt([new CNBlockConfig(16, 32, 2), new CNBlockConfig(32, null, 2)], 0.5, { numClasses: 5 });
  },
  MaxVit: () => new models.MaxVit([56, 56], 16, 7, [16, 32], [1, 2], 8, 0.3, { numClasses: 5 }),
  SwinTransformer: () => new models.SwinTransformer([4, 4], 12, [2, 2], [2, 4], [7, 7], { numClasses: 5 }),
  SwinTransformerV2: () => {
    const { SwinTransformerBlockV2: block, PatchMergingV2: downsampleLayer } = models.swinTransformer;
    const options = { numClasses: 5, block, downsampleLayer };
    return new models.SwinTransformer([4, 4], 12, [2, 2], [2, 4], [8, 8], options);
  },
  VisionTransformer: () =>
    new models.VisionTransformer(64, 16, 2, 4, 32, 64, { numClasses: 5, representationSize: 16 }),
};

/** A model with options under torchvision's names, and a backbone of random weights. */
function build(name: string, given: Readonly<Record<string, unknown>>): nn.Module {
  const make = small[name];
  if (make !== undefined) return make();
  const options = Object.fromEntries(Object.entries(given).map(([key, value]) => [camelCase(key), value]));
  return models.getModel(name, segmentation.includes(name) ? { ...options, weightsBackbone: null } : options);
}

function checksum(tensor: Tensor): Checksum {
  const values = tensor.detach().double();
  return [values.sum().item(), values.abs().sum().item()];
}

/** Sums agree as far as rounding lets them: by the size of what is added. A gradient that cancels out is near zero. */
function assertChecksum(actual: Checksum, expected: Checksum, tolerance: number, what: string): void {
  actual.forEach((value, i) => {
    const allowed = tolerance * Math.max(expected[1], 1e-4);
    assert.ok(Math.abs(value - (expected[i] as number)) <= allowed, `${what}: ${actual} instead of ${expected}`);
  });
}

function tensorsOf(result: unknown): [name: string, tensor: Tensor][] {
  if (result instanceof torch.Tensor) return [["out", result]];
  const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.entries(result as Record<string, Tensor>).map(([name, tensor]) => [snakeCase(name), tensor]);
}

function assertOutputs(result: unknown, expected: readonly Output[], tolerance: number, what: string): void {
  const actual = tensorsOf(result);
  assert.deepEqual(
    actual.map(([name, tensor]) => [name, tensor.shape]),
    expected.map(([name, shape]) => [name, shape]),
  );
  expected.forEach(([name, , first, sums], i) => {
    const tensor = (actual[i] as [string, Tensor])[1];
    assertChecksum(checksum(tensor), sums, tolerance, `${what} ${name}`);
    const scale = Math.max(...first.map(Math.abs));
    const values = tensor.detach().flatten().at(`:${first.length}`).tolist() as number[];
    first.forEach((value, j) => {
      const close = Math.abs((values[j] as number) - value) <= tolerance * scale;
      assert.ok(close, `${what} ${name}[${j}]: ${values[j]} instead of ${value}`);
    });
  });
}

test("all models have the keys and shapes, and the printed form of torchvision's", () => {
  assert.deepEqual([...models.listModels(models), ...segmentation].sort(), Object.keys(states).sort());
  for (const [name, [keys, text]] of Object.entries(states)) {
    const hasAux = segmentation.includes(name) && !name.startsWith("lraspp");
    const model = torch.device("meta", () => build(name, hasAux ? { aux_loss: true } : {}));
    const lines = Object.entries(model.stateDict()).map(([key, { shape }]) => `${key}:${shape.join(",")}\n`);
    assert.equal(sha256(lines.join("")), keys, name);
    assert.equal(sha256(String(model)), text, `the printed form of ${name}`);
  }
});

for (const [name, run] of Object.entries(runs)) {
  test(`${name} begins, computes and learns as torchvision's`, () => {
    torch.manualSeed(0);
    const model = build(name, { num_classes: 5, ...run.options });
    const weights = Object.entries(model.stateDict()).filter(([, { dtype }]) => dtype.isFloatingPoint);
    weights.forEach(([key, value], i) => {
      assertChecksum(checksum(value), run.weights[i] as Checksum, 1e-9, key);
    });
    const [dtype, tolerance] = run.kind === "single" ? [torch.float32, 1e-4] : [torch.float64, 1e-8];
    model.to(dtype);
    const x = torch.rand([...run.shape], { dtype });
    torch.manualSeed(1);
    const result = model.train()(x);
    assertOutputs(result, run.train, tolerance, "train");
    if (run.grads !== undefined) {
      const scores = tensorsOf(result).map(([, tensor]) => tensor.sum());
      scores.reduce((sum, score) => sum.add(score)).backward();
      model.namedParameters().forEach(([key, { grad }], i) => {
        const expected = run.grads?.[i] ?? null;
        assert.equal(grad === null, expected === null, key);
        if (grad !== null && expected !== null)
          assertChecksum(checksum(grad), expected, 1e-7, `the gradient of ${key}`);
      });
    }
    model.eval();
    torch.noGrad(() => assertOutputs(model(x), run.eval, tolerance, "eval"));
  });
}
