/** Every model against torchvision: the keys and shapes of its state; weights, scores and gradients of one of each family. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { models } from "@flambeau/vision";
import torch, { type nn, type Tensor } from "flambeau";

type Checksum = readonly [sum: number, absoluteSum: number];
type Output = readonly [name: string, shape: readonly number[], first: readonly number[], checksum: Checksum];

interface Run {
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly text: string;
  readonly weights: readonly Checksum[];
  readonly train: readonly Output[];
  readonly grads?: readonly (Checksum | null)[];
  readonly eval: readonly Output[];
}

interface Golden {
  readonly states: Readonly<Record<string, string>>;
  readonly runs: Readonly<Record<string, Run>>;
}

const file = new URL("../../../test/golden/models.json.gz", import.meta.url);
const golden = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Golden;
const segmentation = models.listModels(models.segmentation);

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const camelCase = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** A model with options under torchvision's names, and a backbone of random weights. */
function build(name: string, given: Readonly<Record<string, unknown>>): nn.Module {
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
    const allowed = tolerance * Math.max(expected[1], 1e-6);
    assert.ok(Math.abs(value - (expected[i] as number)) <= allowed, `${what}: ${actual} instead of ${expected}`);
  });
}

function tensorsOf(result: unknown): [name: string, tensor: Tensor][] {
  if (result instanceof torch.Tensor) return [["out", result]];
  const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.entries(result as Record<string, Tensor>).map(([name, tensor]) => [snakeCase(name), tensor]);
}

function assertOutputs(result: unknown, expected: readonly Output[], what: string): void {
  const actual = tensorsOf(result);
  assert.deepEqual(
    actual.map(([name, tensor]) => [name, tensor.shape]),
    expected.map(([name, shape]) => [name, shape]),
  );
  expected.forEach(([name, , first, sums], i) => {
    const tensor = (actual[i] as [string, Tensor])[1];
    assertChecksum(checksum(tensor), sums, 1e-6, `${what} ${name}`);
    const scale = Math.max(...first.map(Math.abs));
    const values = tensor.detach().flatten().at(`:${first.length}`).tolist() as number[];
    first.forEach((value, j) => {
      const close = Math.abs((values[j] as number) - value) <= 1e-6 * scale;
      assert.ok(close, `${what} ${name}[${j}]: ${values[j]} instead of ${value}`);
    });
  });
}

test("all models have the keys and shapes of torchvision's", () => {
  assert.deepEqual([...models.listModels(models), ...segmentation].sort(), Object.keys(golden.states).sort());
  for (const [name, digest] of Object.entries(golden.states)) {
    const hasAux = segmentation.includes(name) && !name.startsWith("lraspp");
    const model = torch.device("meta", () => build(name, hasAux ? { aux_loss: true } : {}));
    const lines = Object.entries(model.stateDict()).map(([key, { shape }]) => `${key}:${shape.join(",")}\n`);
    assert.equal(sha256(lines.join("")), digest, name);
  }
});

for (const [name, run] of Object.entries(golden.runs)) {
  test(`${name} begins, computes and learns as torchvision's`, () => {
    torch.manualSeed(0);
    const model = build(name, { num_classes: 5, ...run.options });
    assert.equal(sha256(String(model)), run.text, `the printed form of ${name}`);
    const weights = Object.entries(model.stateDict()).filter(([, { dtype }]) => dtype.isFloatingPoint);
    weights.forEach(([key, value], i) => {
      assertChecksum(checksum(value), run.weights[i] as Checksum, 1e-6, key);
    });
    model.double();
    const x = torch.rand([...run.shape], { dtype: torch.float64 });
    torch.manualSeed(1);
    const result = model.train()(x);
    assertOutputs(result, run.train, "train");
    if (run.grads !== undefined) {
      const scores = tensorsOf(result).map(([, tensor]) => tensor.sum());
      scores.reduce((sum, score) => sum.add(score)).backward();
      model.namedParameters().forEach(([key, { grad }], i) => {
        const expected = run.grads?.[i] ?? null;
        assert.equal(grad === null, expected === null, key);
        if (grad !== null && expected !== null)
          assertChecksum(checksum(grad), expected, 1e-5, `the gradient of ${key}`);
      });
    }
    model.eval();
    torch.noGrad(() => assertOutputs(model(x), run.eval, "eval"));
  });
}
