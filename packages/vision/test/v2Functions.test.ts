/** Functions of `transforms.v2.functional` that have other names or results in `transforms.functional`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "flambeau";
import { Image, io, transforms, tvTensors } from "../src/index.js";

const { v2, functional } = transforms;
const F = v2.functional;

const image = torch
  .arange(3 * 8 * 10)
  .mul(7)
  .remainder(256)
  .to(torch.uint8)
  .view(3, 8, 10);
const boxes = new tvTensors.BoundingBoxes(
  [
    [1, 1, 4, 5],
    [0, 0, 10.5, 4],
    [2, 2, 2.5, 8],
    [0, 0, 10, 8],
    [-1, 0, 3, 3],
  ],
  { format: "XYXY", canvasSize: [8, 10] },
);

test("crops in several places are of the kind of what they are from", () => {
  for (const given of [image, new tvTensors.Image(image), new tvTensors.Video(image.unsqueeze(0))]) {
    const [five, ten] = [F.fiveCrop(given, [4, 5]), F.tenCrop(given, [4, 5], { verticalFlip: true })];
    assert.deepEqual([five.length, ten.length], [5, 10]);
    const plain = functional.tenCrop(given, [4, 5], { verticalFlip: true });
    ten.forEach((part, i) => {
      assert.equal(part.constructor, given.constructor);
      assert.ok(part.equal(plain[i] as torch.Tensor));
    });
    five.forEach((part, i) => {
      assert.ok(part.equal(plain[i] as torch.Tensor));
    });
  }
  const sample = new v2.FiveCrop([4, 5])(new tvTensors.Image(image)) as unknown as unknown[];
  assert.ok(sample.every((part) => part instanceof tvTensors.Image));
  assert.equal(F.fiveCrop(Image.new("L", [5, 5]), 3)[4].width, 3);
  for (const other of [boxes, new tvTensors.Mask(image)])
    for (const crop of [F.fiveCrop, F.tenCrop]) assert.throws(() => crop(other, 2), TypeError);
});

test("boxes that are valid are kept, and told", () => {
  const expected = [true, false, false, true, false];
  const [kept, isValid] = F.sanitizeBoundingBoxes(boxes);
  assert.ok(kept instanceof tvTensors.BoundingBoxes);
  assert.deepEqual(isValid.tolist(), expected);
  assert.deepEqual(kept.tolist(), [
    [1, 1, 4, 5],
    [0, 0, 10, 8],
  ]);
  const plain = F.toPureTensor<torch.Tensor>(boxes);
  const [same, also] = F.sanitizeBoundingBoxes(plain, { format: "XYXY", canvasSize: [8, 10] });
  assert.ok(!(same instanceof tvTensors.BoundingBoxes) && same.equal(kept) && also.equal(isValid));
  assert.deepEqual(F.sanitizeBoundingBoxes(boxes, { minSize: 5 })[1].tolist(), [false, false, false, true, false]);
  assert.deepEqual(F.sanitizeBoundingBoxes(boxes, { minArea: 12.5 })[1].tolist(), [false, false, false, true, false]);
  assert.throws(() => F.sanitizeBoundingBoxes(plain), /format and canvas_size cannot be None/);
  assert.throws(() => F.sanitizeBoundingBoxes(boxes, { format: "XYXY" }), /must not be passed/);
});

test("dtypes, greys and sizes have their older names", () => {
  assert.deepEqual(F.getImageSize(new tvTensors.Image(image)), [10, 8]);
  assert.equal(F.getImageNumChannels(image), 3);
  const converted = F.convertImageDtype(new tvTensors.Image(image));
  assert.ok(converted instanceof tvTensors.Image && converted.equal(image.div(255)));
  assert.equal(F.convertImageDtype(image, { dtype: torch.int16 }).dtype, torch.int16);
  assert.ok(F.toGrayscale(image, 3).equal(functional.rgbToGrayscale(image, 3)));
  const picture = Image.fromArray(image.permute(1, 2, 0));
  assert.equal(F.toGrayscale(picture).mode, "L");
  assert.ok(F.toTensor(picture).equal(image.div(255)));
});

test("JPEG loses what a file of its quality loses", () => {
  const expected = (quality: number) => io.decodeJpeg(io.encodeJpeg(image, { quality }));
  assert.ok(F.jpeg(image, 20).equal(expected(20)));
  const video = F.jpeg(new tvTensors.Video(torch.stack([image, image.flip(0)])), 50);
  assert.ok(video instanceof tvTensors.Video && video.select(0, 0).equal(expected(50)));
  const picture = F.jpeg(Image.fromArray(image.permute(1, 2, 0)), 90);
  assert.ok(functional.pilToTensor(picture).equal(expected(90)));
  assert.deepEqual(F.jpeg(image.narrow(1, 0, 0), 50).shape, [3, 0, 10]);
  assert.ok(F.jpeg(boxes, 50) === boxes);
  assert.throws(() => F.jpeg(image.float(), 50), TypeError);
  torch.manualSeed(0);
  const drawn = torch.randint(30, 76, [1]).item();
  torch.manualSeed(0);
  assert.ok((new v2.JPEG([30, 75])(image) as torch.Tensor).equal(expected(drawn)));
  assert.equal(String(new v2.JPEG(75)), "JPEG(quality=[75, 75])");
  for (const quality of [0, 101, [50, 20], [1, 2, 3]])
    assert.throws(() => new v2.JPEG(quality), /quality must be an integer from 1 to 100/);
  assert.throws(() => new v2.JPEG("high" as never), TypeError);
});
