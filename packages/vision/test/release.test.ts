/** Memory between transforms goes back at once, but none that a program may still have. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import torch, { type Tensor } from "flambeau";
import { datasets, Image, transforms as T } from "../src/index.js";
import type { AnyImage } from "../src/transforms/functional/image.js";

const image = () => Image.fromArray(torch.randint(0, 256, [60, 80, 3]).to(torch.uint8));

/** Asserts that the memory of an image is there. */
function isThere(value: AnyImage): void {
  const pixels = value instanceof Image ? value.pixels : (value as Tensor);
  assert.ok(Number.isFinite(pixels.sum().item()));
}

const usual = () =>
  [new T.Resize(40), new T.RandomHorizontalFlip({ p: 1 }), new T.ColorJitter(0.4, 0.4, 0.4, 0.1)] as const;

test("what a program gives and gets stays", () => {
  const given = image();
  const before = given.pixels.clone();
  const all = new T.Compose([...usual(), new T.ToTensor(), new T.Normalize([0.5], [0.5])]);
  const first = all(given);
  const copy = first.clone();
  for (let i = 0; i < 20; i++) all(image());
  assert.ok(torch.equal(first, copy));
  assert.ok(torch.equal(given.pixels, before));
  for (const one of usual()) {
    const result = new T.Compose([one])(given);
    isThere(result as Image);
    isThere(given);
  }
  // Some give back what they were given.
  const same = new T.Compose([
    new T.RandomHorizontalFlip({ p: 0 }),
    new T.RandomVerticalFlip({ p: 0 }),
    new T.CenterCrop(20),
  ]);
  isThere(same(given));
  isThere(given);
});

test("what functions, hooks of one's own and subclasses have seen stays", () => {
  const seen: Image[] = [];
  const note = (img: Image) => {
    seen.push(img);
    return img;
  };
  class Noting extends T.RandomHorizontalFlip {
    override forward(img: AnyImage): AnyImage {
      return note(super.forward(img) as Image);
    }
  }
  const changed = new T.CenterCrop(20);
  const crop = changed.forward;
  changed.forward = (img: AnyImage) => note(crop.call(changed, img) as Image);
  const all = new T.Compose([
    new T.Resize(50),
    note,
    new T.Resize(40),
    new Noting(),
    new T.Lambda(note),
    changed,
    new T.Resize(30),
  ]);
  for (let i = 0; i < 5; i++) isThere(all(image()) as Image);
  assert.equal(seen.length, 20);
  for (const one of seen) isThere(one);
});

test("data sets", () => {
  const root = mkdtempSync(join(tmpdir(), "flambeau-release-"));
  try {
    mkdirSync(join(root, "a"));
    for (let i = 0; i < 6; i++) image().save(join(root, "a", `${i}.png`));
    const transform = new T.Compose([...usual(), new T.ToTensor()]);
    const kept = Array.from({ length: 6 }, image);
    const own = new datasets.ImageFolder(root, {
      transform,
      loader: (path: string) => kept[Number(path.at(-5))] as Image,
    });
    const plain = new datasets.ImageFolder(root, { transform: new T.ToTensor() });
    const unchanged = new datasets.DatasetFolder(root, (path: string) => kept[Number(path.at(-5))] as Image, ["png"], {
      transform: new T.Compose([new T.CenterCrop([60, 80])]),
    });
    for (const dataset of [own, plain]) {
      for (let epoch = 0; epoch < 3; epoch++) {
        const batches = [...new torch.utils.data.DataLoader(dataset, { batchSize: 4 })] as unknown as [
          Tensor,
          Tensor,
        ][];
        assert.deepEqual(
          batches.map(([images]) => images.shape[0]),
          [4, 2],
        );
        for (const [images] of batches) isThere(images);
      }
    }
    for (const place of [0, 5]) isThere(unchanged.at(place)[0] as Image);
    for (const one of kept) isThere(one);
    const [first] = plain.at(2);
    const [batch] = plain.getBatch([2]) as unknown as [Tensor];
    assert.ok(torch.equal(batch.at(0), first as Tensor));
  } finally {
    rmSync(root, { recursive: true });
  }
});
