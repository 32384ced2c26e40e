/** Transforms against what torchvision's gave under a seed, and their printed forms, recorded by golden/makeRandom.py. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "flambeau";
import { transforms } from "../src/index.js";
import { golden } from "./support/golden.js";
import { compare, type Recorded, valueOf } from "./support/goldenImages.js";

interface Result {
  readonly input: string;
  readonly seed: number;
  readonly result: unknown;
  /** What the generator gives afterwards. */
  readonly next: number;
}

interface Case {
  readonly name: string;
  readonly args: unknown[];
  readonly options: Record<string, unknown>;
  readonly text: string;
  readonly results: Result[];
}

interface Golden {
  readonly inputs: Record<string, Recorded>;
  readonly cases: Case[];
  readonly texts: Record<string, string>;
}

const { inputs, cases, texts } = golden<Golden>("random");

type AnyTransform = (input: unknown) => unknown;
type AnyClass = new (...args: unknown[]) => AnyTransform;

for (const { name, args, options, text, results } of cases) {
  test(`${text} draws and gives what torchvision's does`, () => {
    const make = transforms[name as "RandomCrop"] as unknown as AnyClass;
    const transform = new make(...args.map(valueOf), ...(Object.keys(options).length > 0 ? [options] : []));
    assert.equal(String(transform), text);
    for (const { input, seed, result, next } of results) {
      const given = valueOf(inputs[input]);
      torch.manualSeed(seed);
      const got = transform(given);
      const label = `of ${input} under seed ${seed}`;
      // The last bit of a place decides which pixel is the nearest, and in perspective what is inside.
      const isNearest =
        name.endsWith("Perspective") || (/Rotation|Affine|Aug|Elastic/.test(name) && !input.startsWith("pil"));
      compare(got, result, isNearest, label);
      assert.equal(torch.rand(1).item(), next, `${label}: another number of draws`);
    }
  });
}

test("transforms of transforms print as torchvision's do", () => {
  const parts = () => [new transforms.RandomRotation(5), new transforms.Grayscale()] as const;
  const { Compose, RandomApply, RandomChoice, RandomOrder } = transforms;
  const compose = new Compose([
    new transforms.Resize(8),
    new transforms.RandomHorizontalFlip(),
    new transforms.ToTensor(),
  ]);
  assert.equal(String(compose), texts.compose);
  assert.equal(String(new RandomApply(parts(), 0.25)), texts.apply);
  assert.equal(String(new RandomChoice(parts())), texts.choice);
  assert.equal(String(new RandomChoice(parts(), [0.5, 0.5])), texts.choiceOf);
  assert.equal(String(new RandomOrder(parts())), texts.order);
  assert.equal(String(new transforms.Lambda((x: Tensor) => x)), texts.lambda);
  assert.equal(String(new transforms.ConvertImageDtype(torch.uint8)), texts.dtype);
  assert.equal(String(new transforms.ToPILImage({ mode: "RGB" })), texts.pil);
  const matrix = torch.tensor([
    [0.5, 0.1],
    [0, 1],
  ]);
  assert.equal(String(new transforms.LinearTransformation(matrix, torch.tensor([1, 0.3]))), texts.linear);
});
