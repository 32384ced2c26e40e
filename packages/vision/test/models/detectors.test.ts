/** Every detector against torchvision's: printed form, keys, first weights, losses with their gradients, detections, in float64. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { models } from "@flambeau/vision";
import torch, { type nn, type Tensor } from "flambeau";
import { golden } from "../support/golden.js";
import { compare, decode } from "../support/recorded.js";

interface RecordedDetector {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly masks: boolean;
  readonly keypoints: boolean;
  /** How many of the images are used. */
  readonly count: number;
  /** The SHA-256 of what is printed. */
  readonly printed: string;
  /** The first element and the mean of each tensor. */
  readonly state: Readonly<Record<string, readonly [first: number, mean: number]>>;
  readonly losses: Readonly<Record<string, number>>;
  readonly norms: Readonly<Record<string, number>>;
  readonly found: readonly Readonly<Record<string, unknown>>[];
}

const float64 = { dtype: torch.float64 };

function images({ count }: RecordedDetector): Tensor[] {
  torch.manualSeed(5);
  return [torch.rand(3, 60, 80, float64), torch.rand(3, 64, 50, float64)].slice(0, count);
}

function targets({ masks, keypoints, count }: RecordedDetector): models.detection.Target[] {
  const known = [
    {
      size: [60, 80],
      corners: [
        [5, 6, 40, 50],
        [20, 10, 70, 55],
      ],
      classes: [1n, 2n],
    },
    { size: [64, 50], corners: [[3, 30, 45, 61]], classes: [3n] },
  ];
  return known.slice(0, count).map(({ size, corners, classes }) => {
    const boxes = torch.tensor(corners, float64);
    const target: Record<string, Tensor> = { boxes, labels: torch.tensor(classes) };
    if (masks) {
      target.masks = torch.zeros([classes.length, ...size], { dtype: torch.uint8 });
      for (const [i, [x1, y1, x2, y2]] of (corners as [number, number, number, number][]).entries())
        target.masks.setAt([i, `${y1}:${y2}`, `${Math.floor((x1 + x2) / 2)}:${x2}`], 1);
    }
    if (keypoints) {
      const steps = torch.linspace(0, 1, 5).view(1, -1, 1);
      const corner = boxes.at(":", null, ":2");
      const places = corner.add(boxes.at(":", null, "2:").sub(corner).mul(steps));
      const visible = torch.tensor([1, 1, 0, 2, 1]).expand(classes.length, 5).unsqueeze(2);
      target.keypoints = torch.cat([places, visible], 2).float();
    }
    return target as unknown as models.detection.Target;
  });
}

function close(actual: number, expected: number, what: string, tolerance = 1e-8): void {
  const difference = Math.abs(actual - expected);
  assert.ok(difference <= tolerance * Math.max(1e-3, Math.abs(expected)), `${what}: ${actual} instead of ${expected}`);
}

function checkState(model: nn.Module, { state }: RecordedDetector): void {
  const actual = model.stateDict();
  assert.deepEqual(Object.keys(actual), Object.keys(state));
  for (const [key, [first, mean]] of Object.entries(state)) {
    const tensor = (actual[key] as Tensor).double();
    close(tensor.flatten().at(0).item(), first, `the first element of ${key}`, 1e-5);
    close(tensor.mean().item(), mean, `the mean of ${key}`, 1e-4);
  }
}

function checkTraining(model: models.detection.GeneralizedRCNN, recorded: RecordedDetector): void {
  torch.manualSeed(1);
  const losses = model(images(recorded), targets(recorded)) as models.detection.Losses;
  assert.deepEqual(Object.keys(losses), Object.keys(recorded.losses));
  // torchvision rounds the loss of objectness to float32, as its labels are.
  for (const [name, loss] of Object.entries(losses)) close(loss.item(), recorded.losses[name] as number, name, 2e-7);
  torch.stack(Object.values(losses)).sum().backward();
  const gradients = new Map(model.namedParameters().map(([name, { grad }]) => [name, grad]));
  for (const [name, norm] of Object.entries(recorded.norms))
    close((gradients.get(name) as Tensor).norm().item(), norm, `the gradient of ${name}`, 1e-6);
}

function checkDetections(model: models.detection.GeneralizedRCNN, recorded: RecordedDetector): void {
  const found = torch.noGrad(() => model.eval()(images(recorded))) as models.detection.Detection[];
  assert.equal(found.length, recorded.found.length);
  for (const [i, expected] of recorded.found.entries()) {
    const own = found[i] as models.detection.Detection;
    const { count, ...tensors } = expected;
    assert.equal(own.boxes.shape[0], count, "how many detections there are");
    const first = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, (value as Tensor).at(":4")]));
    if (first.masks !== undefined) first.masks = first.masks.sum([1, 2, 3]);
    const decoded = Object.fromEntries(Object.keys(first).map((key) => [key, decode(tensors[key])]));
    compare(`image ${i}`, first, decoded, { rtol: 1e-4, atol: 1e-4 });
  }
}

for (const recorded of golden<RecordedDetector[]>("detection/detectors")) {
  test(`${recorded.name} is torchvision's`, () => {
    torch.manualSeed(0);
    const options = { weightsBackbone: null, numClasses: 4, ...recorded.options };
    const model = models.getModel(recorded.name, options) as models.detection.GeneralizedRCNN;
    assert.equal(createHash("sha256").update(String(model)).digest("hex"), recorded.printed, String(model));
    checkState(model, recorded);
    model.double();
    checkTraining(model, recorded);
    checkDetections(model, recorded);
  });
}
