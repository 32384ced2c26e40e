/** `transforms.v2` on images, masks, boxes and videos. What is expected of boxes follows from torchvision's definitions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "flambeau";
import { type Image, transforms, tvTensors } from "../src/index.js";

const { v2 } = transforms;
const F = v2.functional;

torch.manualSeed(8);
const bytes = torch.randint(0, 256, [3, 20, 30], { dtype: torch.uint8 });
const image = new tvTensors.Image(bytes);
const picture = transforms.functional.toPilImage(bytes);
const mask = new tvTensors.Mask(torch.randint(0, 2, [2, 20, 30]).to(torch.bool));
const corners = [
  [2, 3, 10, 12],
  [0, 5, 30, 20],
];
const boxes = new tvTensors.BoundingBoxes(corners, { format: "XYXY", canvasSize: [20, 30] });

const formats = ["XYXY", "XYWH", "CXCYWH"] as const;

/** The boxes, changed in each of the formats, as corners. */
function inFormats(change: (boxes: tvTensors.BoundingBoxes) => tvTensors.BoundingBoxes): tvTensors.BoundingBoxes {
  const [first, ...others] = formats.map((newFormat) => {
    const given = F.convertBoundingBoxFormat(boxes, { newFormat });
    const changed = change(given);
    assert.equal(changed.format, newFormat);
    return F.convertBoundingBoxFormat(changed, { newFormat: "XYXY" });
  }) as [tvTensors.BoundingBoxes, ...tvTensors.BoundingBoxes[]];
  for (const other of others) {
    assert.ok(other.sub(first).abs().max().item() < 1e-4);
    assert.deepEqual(other.canvasSize, first.canvasSize);
  }
  return first;
}

function near(got: Tensor, wanted: number[][], limit = 1e-4): void {
  const difference = got.sub(torch.tensor(wanted)).abs().max().item();
  assert.ok(difference <= limit, `${got} is not ${JSON.stringify(wanted)}`);
}

test("tvTensors are tensors that know what they are, and print it", () => {
  assert.ok(image instanceof torch.Tensor && image instanceof tvTensors.TVTensor);
  assert.equal(image.add(1) instanceof tvTensors.Image, false);
  assert.ok(tvTensors.wrap(image.add(1), { like: image }) instanceof tvTensors.Image);
  assert.deepEqual(new tvTensors.Image(torch.zeros(4, 5)).shape, [1, 4, 5]);
  assert.deepEqual(new tvTensors.Image(picture).tolist(), bytes.tolist());
  assert.equal(image.dataPtr(), bytes.dataPtr());
  assert.equal(
    String(new tvTensors.BoundingBoxes([1, 2, 3, 4], { format: "XYWH", canvasSize: [5, 6] })),
    "BoundingBoxes([[1., 2., 3., 4.]], format=BoundingBoxFormat.XYWH, canvas_size=(5, 6))",
  );
  assert.equal(String(new tvTensors.Mask([[1n, 0n]])), "Mask([[1, 0]], )");
  assert.equal(String(new tvTensors.Image([[[0, 1]], [[2, 3]]])), "Image([[[0., 1.]],\n\n       [[2., 3.]]], )");
  const wrapped = tvTensors.wrap(torch.zeros(1, 4), { like: boxes, canvasSize: [7, 8] });
  assert.deepEqual([wrapped.format, wrapped.canvasSize], ["XYXY", [7, 8]]);
});

test("gradients go through tvTensors", () => {
  const leaf = torch.rand(3, 4, 4, { requiresGrad: true });
  const result = new v2.Normalize([0.5], [0.25])(new tvTensors.Image(leaf.mul(2)));
  assert.ok(result instanceof tvTensors.Image);
  result.sum().backward();
  assert.deepEqual(leaf.grad?.unique().tolist(), [8]);
});

test("formats of boxes are converted", () => {
  near(F.convertBoundingBoxFormat(boxes, { newFormat: "XYWH" }), [
    [2, 3, 8, 9],
    [0, 5, 30, 15],
  ]);
  near(F.convertBoundingBoxFormat(boxes, { newFormat: "CXCYWH" }), [
    [6, 7.5, 8, 9],
    [15, 12.5, 30, 15],
  ]);
  const whole = new tvTensors.BoundingBoxes([[2n, 3n, 10n, 12n]], { format: "XYXY", canvasSize: [20, 30] });
  assert.deepEqual(F.convertBoundingBoxFormat(whole, { newFormat: "CXCYWH" }).tolist(), [[6, 7, 8, 9]]);
  const back = F.convertBoundingBoxFormat(F.convertBoundingBoxFormat(whole, { newFormat: "CXCYWH" }), {
    newFormat: "XYXY",
  });
  // Halves of whole numbers are rounded away from the center.
  assert.deepEqual(back.tolist(), [[2, 2, 10, 11]]);
  const plain = F.convertBoundingBoxFormat(torch.tensor(corners), { oldFormat: "XYXY", newFormat: "XYWH" });
  assert.equal(plain instanceof tvTensors.TVTensor, false);
});

test("boxes go where their images go", () => {
  near(
    inFormats((x) => F.horizontalFlip(x)),
    [
      [20, 3, 28, 12],
      [0, 5, 30, 20],
    ],
  );
  near(
    inFormats((x) => F.verticalFlip(x)),
    [
      [2, 8, 10, 17],
      [0, 0, 30, 15],
    ],
  );
  const resized = inFormats((x) => F.resize(x, [10, 60]));
  near(resized, [
    [4, 1.5, 20, 6],
    [0, 2.5, 60, 10],
  ]);
  assert.deepEqual(resized.canvasSize, [10, 60]);
  assert.deepEqual(F.resize(boxes, 10).canvasSize, [10, 15]);
  const cropped = inFormats((x) => F.crop(x, 4, 5, 10, 12));
  near(cropped, [
    [0, 0, 5, 8],
    [0, 1, 12, 10],
  ]);
  assert.deepEqual(cropped.canvasSize, [10, 12]);
  near(
    inFormats((x) => F.centerCrop(x, [10, 10])),
    [
      [0, 0, 0, 7],
      [0, 0, 10, 10],
    ],
  );
  const padded = inFormats((x) => F.pad(x, [1, 2, 3, 4]));
  near(padded, [
    [3, 5, 11, 14],
    [1, 7, 31, 22],
  ]);
  assert.deepEqual(padded.canvasSize, [26, 34]);
  near(
    inFormats((x) => F.resizedCrop(x, 0, 0, 10, 10, [20, 40])),
    [
      [8, 6, 40, 20],
      [0, 10, 40, 20],
    ],
  );
  near(
    inFormats((x) => F.affine(x, 0, [3, -2], 1, [0, 0])),
    [
      [5, 1, 13, 10],
      [3, 3, 30, 18],
    ],
  );
  const turned = inFormats((x) => F.rotate(x, 90, { expand: true }));
  near(turned, [
    [3, 20, 12, 28],
    [5, 0, 20, 30],
  ]);
  assert.deepEqual(turned.canvasSize, [30, 20]);
  const [starts, ends] = [
    [
      [0, 0],
      [29, 0],
      [29, 19],
      [0, 19],
    ],
    [
      [2, 1],
      [31, 1],
      [31, 20],
      [2, 20],
    ],
  ];
  near(
    inFormats((x) => F.perspective(x, starts as number[][], ends as number[][])),
    [
      [4, 4, 12, 13],
      [2, 6, 30, 20],
    ],
    1e-3,
  );
  const displacement = torch.zeros(1, 20, 30, 2);
  near(
    inFormats((x) => F.elastic(x, displacement)),
    [
      [2, 3, 10, 12],
      [0, 5, 29, 19],
    ],
  );
});

test("boxes of whole numbers stay so", () => {
  const whole = new tvTensors.BoundingBoxes([[2n, 3n, 10n, 12n]], { format: "XYXY", canvasSize: [20, 30] });
  for (const changed of [F.resize(whole, [10, 60]), F.crop(whole, 1, 1, 5, 5), F.rotate(whole, 10)]) {
    assert.equal(changed.dtype, torch.int64);
  }
  assert.deepEqual(F.resize(whole, [10, 60]).tolist(), [[4, 1, 20, 6]]);
});

test("boxes follow the pixels that they are around", () => {
  const canvas = torch.zeros(1, 40, 50);
  canvas.setAt([":", "10:16", "20:29"], 1);
  const around = new tvTensors.BoundingBoxes([[20, 10, 29, 16]], { format: "XYXY", canvasSize: [40, 50] });
  for (const change of [
    <T extends Tensor>(x: T) => F.rotate(x, 25),
    <T extends Tensor>(x: T) => F.rotate(x, -70, { expand: true }),
    <T extends Tensor>(x: T) => F.affine(x, 15, [3, 4], 1.3, [5, -8]),
    <T extends Tensor>(x: T) => F.affine(x, 15, [3, 4], 0.8, 5, { center: [10, 12] }),
  ]) {
    const lit = change(new tvTensors.Mask(canvas)).at(0).gt(0);
    const [rows, columns] = [lit.any(1), lit.any(0)].map((x) => x.nonzero().reshape(-1)) as [Tensor, Tensor];
    const box = [columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1];
    near(change(around), [box], 1.1);
  }
});

test("masks have no values in between, and tensors that are none of the kinds are images", () => {
  const labels = new tvTensors.Mask(torch.randint(0, 9, [20, 30]).mul(20));
  for (const change of [
    (x: Tensor) => F.resize(x, [13, 17]),
    (x: Tensor) => F.rotate(x, 33, { interpolation: "bilinear", fill: 7 }),
    (x: Tensor) =>
      F.perspective(
        x,
        [
          [0, 0],
          [29, 0],
          [29, 19],
          [0, 19],
        ],
        [
          [2, 1],
          [28, 0],
          [27, 18],
          [1, 19],
        ],
      ),
  ]) {
    const changed = change(labels);
    assert.ok(changed instanceof tvTensors.Mask);
    assert.ok(changed.remainder(20).eq(0).all().item());
    const plain = change(bytes);
    assert.ok(torch.equal(plain, change(image)));
    assert.equal(plain instanceof tvTensors.TVTensor, false);
  }
  assert.equal(F.adjustBrightness(mask, 2), mask);
  assert.equal(F.adjustBrightness(boxes, 2), boxes);
  const video = new tvTensors.Video(torch.randint(0, 256, [4, 3, 20, 30], { dtype: torch.uint8 }));
  const smaller = F.resize(video, [5, 6]);
  assert.ok(smaller instanceof tvTensors.Video);
  assert.deepEqual(smaller.shape, [4, 3, 5, 6]);
  assert.deepEqual(F.uniformTemporalSubsample(video, 2).shape, [2, 3, 20, 30]);
});

test("a sample is transformed as one, and keeps its form", () => {
  const compose = new v2.Compose([
    new v2.RandomResizedCrop(10),
    new v2.RandomHorizontalFlip(1),
    new v2.ColorJitter(0.3),
    new v2.ToDtype(torch.float32, { scale: true }),
    new v2.Normalize([0.5], [0.5]),
    new v2.SanitizeBoundingBoxes({ labelsGetter: ({ target }: never) => (target as { labels: Tensor }).labels }),
  ]);
  const labels = torch.tensor([1n, 2n]);
  const sample = { image, target: { boxes, labels, masks: mask }, name: "x", size: [3, null] };
  torch.manualSeed(1);
  const out = compose(
    sample as { image: Tensor; target: { boxes: tvTensors.BoundingBoxes; labels: Tensor; masks: Tensor } },
  );
  assert.deepEqual(Object.keys(out), ["image", "target", "name", "size"]);
  assert.deepEqual(out.image.shape, [3, 10, 10]);
  assert.equal(out.image.dtype, torch.float32);
  assert.ok(out.image instanceof tvTensors.Image && out.target.masks instanceof tvTensors.Mask);
  assert.deepEqual(out.target.boxes.canvasSize, [10, 10]);
  const kept = out.target.labels.length;
  assert.deepEqual([out.target.boxes.shape[0], out.target.masks.shape[0]], [kept, kept]);
  assert.equal(image.dtype, torch.uint8);
  const [first, second] = new v2.RandomHorizontalFlip(1)(bytes, torch.ones(3, 4, 5));
  assert.ok(torch.equal(first, bytes.flip(2)));
  assert.deepEqual(second.tolist(), torch.ones(3, 4, 5).tolist());
  const [flipped, untouched] = new v2.RandomHorizontalFlip(1)([picture, bytes]) as [Image, Tensor];
  assert.deepEqual(flipped.data, transforms.functional.hflip(picture).data);
  assert.equal(untouched, bytes);
});

test("an image alone is transformed as by transforms under the same seed", () => {
  for (const [one, other] of [
    [new v2.RandomResizedCrop(8), new transforms.RandomResizedCrop(8)],
    [new v2.RandomCrop(8), new transforms.RandomCrop(8)],
    [new v2.RandomRotation(40), new transforms.RandomRotation(40)],
    [new v2.RandomAffine(10, [0.1, 0.2], [0.8, 1.2], 5), new transforms.RandomAffine(10, [0.1, 0.2], [0.8, 1.2], 5)],
    [new v2.RandomPerspective(0.5, 0.9), new transforms.RandomPerspective(0.5, 0.9)],
    [new v2.ElasticTransform(20, 1), new transforms.ElasticTransform(20, 1)],
    [new v2.ColorJitter(0.4, 0.3, 0.2, 0.1), new transforms.ColorJitter(0.4, 0.3, 0.2, 0.1)],
    [new v2.GaussianBlur(3), new transforms.GaussianBlur(3)],
    [new v2.RandomGrayscale(0.5), new transforms.RandomGrayscale(0.5)],
    [new v2.RandomPosterize(2), new transforms.RandomPosterize(2)],
    [new v2.RandomErasing(0.8), new transforms.RandomErasing(0.8)],
    [new v2.RandAugment(), new transforms.RandAugment()],
    [new v2.Resize(7), new transforms.Resize(7)],
    [new v2.CenterCrop(7), new transforms.CenterCrop(7)],
    [new v2.Pad(3, 5), new transforms.Pad(3, 5)],
  ] as [(x: Tensor) => Tensor, (x: Tensor) => Tensor][]) {
    for (let seed = 0; seed < 4; seed++) {
      torch.manualSeed(seed);
      const wanted = other(bytes);
      torch.manualSeed(seed);
      assert.ok(torch.equal(one(image), wanted), String(one));
    }
  }
});

test("RandomZoomOut, RandomIoUCrop and SanitizeBoundingBoxes keep boxes and images together", () => {
  torch.manualSeed(3);
  const [large, moved] = new v2.RandomZoomOut(0, [2, 3], 1)(image, boxes);
  const [height, width] = large.shape.slice(1) as [number, number];
  assert.deepEqual(moved.canvasSize, [height, width]);
  assert.ok(height >= 40 && width >= 60);
  const [x1, y1, x2, y2] = (moved.tolist() as number[][])[0] as [number, number, number, number];
  assert.ok(torch.equal(large.at(":", `${y1}:${y2}`, `${x1}:${x2}`), bytes.at(":", "3:12", "2:10")));
  for (let i = 0; i < 5; i++) {
    const [part, cut] = new v2.RandomIoUCrop()(image, boxes);
    assert.deepEqual(cut.canvasSize, part.shape.slice(1));
  }
  const doubtful = new tvTensors.BoundingBoxes(
    [
      [0, 0, 10, 10],
      [5, 5, 5, 9],
      [-1, 2, 4, 6],
      [2, 2, 40, 8],
      [3, 3, 4.5, 4.5],
    ],
    { format: "XYXY", canvasSize: [20, 30] },
  );
  const sample = { boxes: doubtful, labels: torch.arange(5), note: "as it is" };
  const clean = new v2.SanitizeBoundingBoxes()(sample);
  assert.deepEqual(clean.labels.tolist(), [0, 4]);
  assert.deepEqual(clean.boxes.shape, [2, 4]);
  assert.equal(clean.note, "as it is");
  assert.deepEqual(new v2.SanitizeBoundingBoxes(2)(sample).labels.tolist(), [0]);
  assert.deepEqual(
    new v2.SanitizeBoundingBoxes({ minArea: 50, labelsGetter: null })({ boxes: doubtful }).boxes.shape,
    [1, 4],
  );
});

test("MixUp and CutMix mix neighbours and their labels", () => {
  const images = torch.rand(4, 3, 8, 10);
  const labels = torch.tensor([0n, 2n, 1n, 2n]);
  const oneHot = torch.nn.functional.oneHot(labels, 3).float();
  torch.manualSeed(5);
  const [mixed, shares] = new v2.MixUp({ alpha: 0.7, numClasses: 3 })(images, labels) as [Tensor, Tensor];
  const own = shares.at(0, 0).item();
  assert.ok(
    mixed
      .sub(images.mul(own).add(images.roll(1, 0).mul(1 - own)))
      .abs()
      .max()
      .item() < 1e-6,
  );
  assert.ok(
    shares
      .sub(oneHot.mul(own).add(oneHot.roll(1, 0).mul(1 - own)))
      .abs()
      .max()
      .item() < 1e-6,
  );
  for (let seed = 0; seed < 6; seed++) {
    torch.manualSeed(seed);
    const [cut, parts] = new v2.CutMix({ numClasses: 3 })(images, labels) as [Tensor, Tensor];
    const isOther = cut.eq(images.roll(1, 0)).logicalAnd(images.ne(images.roll(1, 0)));
    const share = 1 - isOther.float().mean().item();
    assert.ok(
      parts
        .sub(oneHot.mul(share).add(oneHot.roll(1, 0).mul(1 - share)))
        .abs()
        .max()
        .item() < 1e-5,
    );
    assert.ok(
      cut
        .eq(images)
        .logicalOr(cut.eq(images.roll(1, 0)))
        .all()
        .item(),
    );
  }
  const byName = new v2.MixUp({ numClasses: 3 })({ pixels: images, labels });
  assert.deepEqual(byName.labels.shape, [4, 3]);
});

test("ToDtype, ToImage, ToPureTensor and Lambda look at kinds", () => {
  const dtypes = new Map<unknown, torch.DType | null>([
    [tvTensors.Image, torch.float32],
    [tvTensors.Mask, torch.int64],
    ["others", null],
  ]);
  const [x, m, b] = new v2.ToDtype(dtypes, { scale: true })(image, mask, boxes);
  assert.deepEqual([x.dtype, m.dtype, b.dtype], [torch.float32, torch.int64, torch.float32]);
  assert.ok(x.max().item() <= 1);
  assert.deepEqual(new v2.ToImage()(picture as never as Tensor).tolist(), bytes.tolist());
  assert.equal(new v2.ToPureTensor()(image) instanceof tvTensors.TVTensor, false);
  const [kept, doubled] = new v2.Lambda((one: Tensor) => one.mul(2), tvTensors.BoundingBoxes)(image, boxes);
  assert.equal(kept, image);
  near(doubled, [
    [4, 6, 20, 24],
    [0, 10, 60, 40],
  ]);
  assert.throws(
    () => new v2.ToDtype(new Map([[tvTensors.Mask, torch.int64]]))(image),
    /No dtype was specified for type Image/,
  );
});

test("printed forms are torchvision's", () => {
  for (const [transform, text] of [
    [new v2.Resize(224), "Resize(size=[224], interpolation=InterpolationMode.BILINEAR, antialias=True)"],
    [
      new v2.RandomResizedCrop(224, [0.5, 1]),
      "RandomResizedCrop(size=(224, 224), scale=(0.5, 1.0), ratio=(0.75, 1.3333333333333333), interpolation=InterpolationMode.BILINEAR, antialias=True)",
    ],
    [new v2.RandomHorizontalFlip(), "RandomHorizontalFlip(p=0.5)"],
    [new v2.ColorJitter(0.5, 0, 0, 0.1), "ColorJitter(brightness=(0.5, 1.5), hue=(-0.1, 0.1))"],
    [
      new v2.RandomRotation(15),
      "RandomRotation(degrees=[-15.0, 15.0], interpolation=InterpolationMode.NEAREST, expand=False, fill=0)",
    ],
    [new v2.GaussianBlur(3), "GaussianBlur(kernel_size=(3, 3), sigma=[0.1, 2.0])"],
    [new v2.MixUp({ numClasses: 3 }), "MixUp(alpha=1.0, num_classes=3)"],
    [new v2.SanitizeBoundingBoxes(), "SanitizeBoundingBoxes(min_size=1.0, min_area=1.0, labels_getter=default)"],
    [new v2.ToImage(), "ToImage()"],
    [new v2.ToDtype(torch.float32, { scale: true }), "ToDtype(scale=True)"],
    [
      new v2.Compose([new v2.ToImage(), new v2.Resize(8)]),
      "Compose(\n      ToImage()\n      Resize(size=[8], interpolation=InterpolationMode.BILINEAR, antialias=True)\n)",
    ],
  ] as const) {
    assert.equal(String(transform), text);
  }
});

test("wrong calls throw torchvision's words", () => {
  const batch = torch.rand(2, 3, 4, 4);
  for (const [call, message] of [
    [() => new v2.Resize([1, 2, 3]), /size can be an integer or a sequence of one or two integers/],
    [() => new v2.RandomHorizontalFlip(2), /`p` should be a floating point value in the interval \[0.0, 1.0\]/],
    [() => new v2.RandomZoomOut(0, [0.5, 2]), /Invalid side range provided \[0.5, 2\]/],
    [() => new v2.RandomCrop(50)(image), /Required crop size \(50, 50\) is larger than input image size \(20, 30\)/],
    [() => new v2.RandomPerspective(2), /distortion_scale value should be between 0 and 1/],
    [() => new v2.RandomRotation(30, 3 as never), /RandomRotation\(\) takes at most 1 positional argument/],
    [() => new v2.RandomRotation(30, null as never), /RandomRotation\(\) takes at most 1 positional argument/],
    [() => new v2.Compose([]), /Pass at least one transform/],
    [() => new v2.FiveCrop(4)(image, boxes), /are not supported by FiveCrop\(\)/],
    [() => new v2.Normalize([0.5], [0.5])(picture), /Normalize\(\) does not support PIL images/],
    [() => new v2.RandomIoUCrop()(image), /requires input sample to contain tensor or PIL images and bounding boxes/],
    [() => new v2.SanitizeBoundingBoxes(0), /min_size must be >= 1, got 0/],
    [() => new v2.SanitizeBoundingBoxes()(image, boxes), /Could not infer where the labels are/],
    [() => new v2.SanitizeBoundingBoxes()({ boxes, labels: torch.arange(3) }), /must match the number of labels/],
    [() => new v2.MixUp({ numClasses: 3 })(picture, torch.arange(2)), /MixUp\(\) does not support PIL images/],
    [() => new v2.MixUp()(batch, torch.arange(2)), /num_classes must be passed if the labels are index-based/],
    [
      () => new v2.CutMix({ numClasses: 9 })(batch, torch.arange(3)),
      /does not match the batch size of the labels: 2 != 3/,
    ],
    [
      () => new v2.CutMix({ numClasses: 9 })(batch.at(0), torch.arange(3)),
      /Expected a batched input with 4 dims, but got 3/,
    ],
    [
      () =>
        new v2.RandomRotation(3)(image, new tvTensors.Mask(torch.zeros(4, 4))) &&
        new v2.RandomAffine(3)(image, new tvTensors.Mask(torch.zeros(4, 4))),
      /Found multiple HxW dimensions in the sample: \(20, 30\), \(4, 4\)/,
    ],
    [() => F.pad(boxes, 2, 0, { paddingMode: "edge" }), /Padding mode 'edge' is not supported with bounding boxes/],
    [() => F.convertBoundingBoxFormat(torch.zeros(1, 4), { newFormat: "XYWH" }), /`old_format` has to be passed/],
    [() => new tvTensors.BoundingBoxes([[1, 2, 3]], { format: "XYXY", canvasSize: [1, 1] }), /boxes with four numbers/],
    [
      () => new (tvTensors.BoundingBoxes as never as new (data: unknown) => unknown)([[1, 2, 3, 4]]),
      /missing 1 required argument: 'format'/,
    ],
    [() => new tvTensors.Video(torch.zeros(3, 4, 4)), /Video: expected 4 dims at least, got 3/],
    [() => F.resize("x" as never, 3), /expected an image, a tensor, or one of tvTensors, got "x"/],
  ] as [() => unknown, RegExp][]) {
    assert.throws(call, (error: Error) => {
      assert.match(error.message, message);
      return true;
    });
  }
});
