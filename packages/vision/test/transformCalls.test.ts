/** Wrong calls of transforms, what they draw by their statics, their types, and how they reach worker threads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "flambeau";
import { Image, transforms } from "../src/index.js";

const { functional } = transforms;

torch.manualSeed(4);
const bytes = torch.randint(0, 256, [3, 9, 12], { dtype: torch.uint8 });
const image = functional.toPilImage(bytes);

test("wrong arguments throw torchvision's words", () => {
  for (const [call, kind, message] of [
    [() => new transforms.Resize([1, 2, 3]), Error, /If size is a sequence, it should have 1 or 2 values/],
    [() => new transforms.Resize("8" as never), TypeError, /argument 'size' must be int or tuple of ints, not "8"/],
    [() => new transforms.CenterCrop([1, 2, 3]), Error, /Please provide only two dimensions \(h, w\) for size/],
    [() => new transforms.Pad([1, 2, 3]), Error, /Padding must be an int or a 1, 2, or 4 element tuple, not a 3/],
    [() => new transforms.Pad(1, 0, "edge" as never), TypeError, /'paddingMode' is a named option/],
    [
      () => new transforms.RandomCrop(20)(image),
      Error,
      /Required crop size \(20, 20\) is larger than input image size \(9, 12\)/,
    ],
    [() => new transforms.RandomResizedCrop(3, [0.5]), TypeError, /Scale should be a sequence/],
    [() => new transforms.RandomRotation(-3), Error, /If degrees is a single number, it must be positive/],
    [() => new transforms.RandomRotation([1, 2, 3]), Error, /degrees should be a sequence of length 2/],
    [() => new transforms.RandomRotation(3, { center: [1] }), Error, /center should be a sequence of length 2/],
    [() => new transforms.RandomAffine(3, [0.1]), Error, /translate should be a sequence of length 2/],
    [() => new transforms.RandomAffine(3, [0.1, 2]), Error, /translation values should be between 0 and 1/],
    [() => new transforms.RandomAffine(3, null, [0, 1]), Error, /scale values should be positive/],
    [() => new transforms.RandomAffine(3, null, null, [1, 2, 3]), Error, /shear should be a sequence of length 2 or 4/],
    [() => new transforms.GaussianBlur(4), Error, /Kernel size value should be an odd and positive number/],
    [() => new transforms.GaussianBlur(3, 0), Error, /If sigma is a single number, it must be positive/],
    [() => new transforms.GaussianBlur(3, [2, 1]), Error, /sigma values should be positive and of the form/],
    [
      () => new transforms.GaussianBlur(3, [1]),
      Error,
      /sigma should be a single number or a list\/tuple with length 2/,
    ],
    [() => new transforms.ColorJitter(-1), Error, /If brightness is a single number, it must be non negative/],
    [() => new transforms.ColorJitter([1, 2, 3]), TypeError, /brightness should be a single number or a list\/tuple/],
    [() => new transforms.ColorJitter(0, 0, 0, 0.6), Error, /hue values should be between \(-0.5, 0.5\)/],
    [() => new transforms.ColorJitter({ contrast: [2, 1] }), Error, /contrast values should be between \(0, inf\)/],
    [() => new transforms.RandomErasing(2), Error, /Random erasing probability should be between 0 and 1/],
    [() => new transforms.RandomErasing(1, [0, 2]), Error, /Scale should be between 0 and 1/],
    [() => new transforms.RandomErasing({ value: "noise" as never }), Error, /If value is str, it should be 'random'/],
    [
      () => new transforms.RandomErasing(1, { value: [1, 2] })(bytes),
      Error,
      /either a single value or 3 \(number of input/,
    ],
    [
      () => new transforms.LinearTransformation(torch.ones(2, 3), torch.ones(2)),
      Error,
      /should be square. Got \(2, 3\)/,
    ],
    [() => new transforms.LinearTransformation(torch.ones(2, 2), torch.ones(3)), Error, /same length 3 as any one of/],
    [
      () => new transforms.LinearTransformation(torch.ones(2, 2), torch.ones(2))(torch.ones(3, 4, 5)),
      Error,
      /have incompatible shape.\[3 x 4 x 5\] != 2/,
    ],
    [() => new transforms.AugMix(11), Error, /The severity must be between \[1, 10\]. Got 11 instead/],
    [() => new transforms.AutoAugment({ policy: "mnist" as never }), TypeError, /'policy' must be one of "imagenet"/],
    [() => new transforms.RandomApply([3 as never]), TypeError, /'transforms' must be list of functions/],
    [
      () => new transforms.RandomChoice([(x: Tensor) => x], [0.5, 0.5]),
      Error,
      /doesn't match the number of transforms/,
    ],
    [() => new transforms.RandomHorizontalFlip(1)(3 as never), TypeError, /img should be PIL Image or Tensor. Got int/],
    [() => new transforms.RandomHorizontalFlip({ q: 1 } as never), TypeError, /unexpected option 'q'/],
    [() => new transforms.RandomPosterize(true as never), TypeError, /argument 'bits' must be int, not bool/],
  ] as [() => unknown, ErrorConstructor, RegExp][]) {
    assert.throws(call, (error: Error) => {
      assert.equal(error.constructor, kind, error.stack);
      assert.match(error.message, message);
      return true;
    });
  }
});

test("statics draw parameters", () => {
  torch.manualSeed(1);
  const [top, left, height, width] = transforms.RandomCrop.getParams(image, [4, 5]);
  assert.deepEqual([height, width], [4, 5]);
  assert.ok(top >= 0 && top <= 5 && left >= 0 && left <= 7);
  assert.deepEqual(transforms.RandomCrop.getParams(image, [9, 12]), [0, 0, 9, 12]);
  for (let i = 0; i < 20; i++) {
    const [y, x, h, w] = transforms.RandomResizedCrop.getParams(bytes, [0.1, 0.9], [0.5, 2]);
    assert.ok(y >= 0 && x >= 0 && h > 0 && w > 0 && y + h <= 9 && x + w <= 12);
  }
  assert.deepEqual(transforms.RandomResizedCrop.getParams(bytes, [9, 9], [1, 1]), [0, 1, 9, 9]);
  assert.deepEqual(transforms.RandomResizedCrop.getParams(bytes, [9, 9], [2, 2]), [1, 0, 6, 12]);
  const angle = transforms.RandomRotation.getParams([3, 4]);
  assert.ok(angle >= 3 && angle <= 4);
  assert.deepEqual(transforms.RandomAffine.getParams([0, 0], null, null, null, [12, 9]), [0, [0, 0], 1, [0, 0]]);
  const [starts, ends] = transforms.RandomPerspective.getParams(12, 9, 0.5);
  assert.deepEqual(starts, [
    [0, 0],
    [11, 0],
    [11, 8],
    [0, 8],
  ]);
  assert.ok(
    ends.every(([x, y]) => (x as number) >= 0 && (x as number) < 12 && (y as number) >= 0 && (y as number) < 9),
  );
  const [order, brightness, contrast] = transforms.ColorJitter.getParams([0.5, 0.5], null, null, null);
  assert.deepEqual((order.tolist() as number[]).sort(), [0, 1, 2, 3]);
  assert.deepEqual([brightness, contrast], [0.5, null]);
  const sigma = transforms.GaussianBlur.getParams(1, 2);
  assert.ok(sigma >= 1 && sigma <= 2);
  assert.deepEqual(transforms.ElasticTransform.getParams([1, 1], [1, 1], [9, 12]).shape, [1, 9, 12, 2]);
  assert.equal(transforms.RandomErasing.getParams(bytes, [0.1, 0.2], [1, 1], [5]).length, 5);
  assert.equal(transforms.AutoAugment.getParams(7).length, 3);
});

test("RandomApply, RandomChoice and RandomOrder draw as transforms.v2 does", () => {
  const { RandomApply, RandomChoice, RandomOrder } = transforms;
  const mark = (letter: string) => (text: string) => text + letter;
  const run = (transform: { readonly forward: unknown }) => {
    torch.manualSeed(0);
    return Array.from({ length: 12 }, () => (transform as unknown as (x: string) => string)("")).join(" ");
  };
  const marks = [mark("a"), mark("b"), mark("c")] as never[];
  // Of torch.rand, torch.multinomial and torch.randperm in PyTorch under the same seed.
  assert.equal(run(new RandomApply(marks)), "abc  abc abc abc  abc  abc  abc abc");
  assert.equal(run(new RandomChoice(marks)), "c b a c a c c b a c c a");
  assert.equal(run(new RandomOrder(marks)), "cab cba bca bca bca cba acb bac abc cab cab cba");
  assert.equal(run(new RandomChoice(marks, [0, 1, 0])), Array(12).fill("b").join(" "));
});

test("types follow from one transform to the next", () => {
  const compose = new transforms.Compose([
    new transforms.RandomResizedCrop(6),
    new transforms.RandomHorizontalFlip(),
    new transforms.ToTensor(),
    new transforms.RandomInvert(),
  ]);
  const tensor: Tensor = compose(image);
  assert.deepEqual(tensor.shape, [3, 6, 6]);
  const flipped: Image = new transforms.RandomHorizontalFlip(1)(image);
  assert.ok(flipped instanceof Image);
  const back: Tensor = new transforms.RandomHorizontalFlip(1)(functional.pilToTensor(flipped));
  assert.ok(torch.equal(back, bytes));
  const [first, , , , middle] = new transforms.FiveCrop(4)(bytes);
  assert.ok(torch.equal(first, bytes.at(":", ":4", ":4")));
  assert.deepEqual(middle.shape, [3, 4, 4]);
  const network = new nn.Sequential(new nn.Identity());
  assert.equal(String(new transforms.Compose([network])), `Compose(\n    ${network}\n)`);
});

test("every transform has a state from which it is made again", () => {
  const all = [
    new transforms.Resize([4, 5], { interpolation: "bicubic" }),
    new transforms.RandomCrop(4, 2, { paddingMode: "edge" }),
    new transforms.RandomResizedCrop(4),
    new transforms.ColorJitter(0.3, [0.5, 1.5]),
    new transforms.RandomAffine(10, [0.1, 0.1], [0.9, 1.1], 5),
    new transforms.RandomPosterize(3, 0.75),
    new transforms.ElasticTransform(30, 0.5),
    new transforms.RandAugment(),
    new transforms.AugMix(),
    new transforms.TenCrop(3),
  ];
  for (const transform of all) {
    const make = transform.constructor as unknown as { fromState(state: object): (x: Tensor) => unknown };
    const again = make.fromState(transform.getState());
    assert.equal(String(again), String(transform));
    torch.manualSeed(2);
    const wanted = (transform as (x: Tensor) => unknown)(bytes);
    torch.manualSeed(2);
    assert.deepEqual(String(again(bytes)), String(wanted));
  }
});

test("ToTensor and Normalize give the same bits together as one after the other", () => {
  const { Compose, Normalize, ToTensor } = transforms;
  const normalize = new Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
  const apart = normalize(new ToTensor()(image));
  assert.ok(torch.equal(new Compose([new ToTensor(), normalize])(image), apart));
  assert.ok(
    torch.equal(
      new Compose([new ToTensor(), new Normalize(0.5, 0.25)])(image),
      new Normalize(0.5, 0.25)(new ToTensor()(image)),
    ),
  );
  class Doubled extends Normalize {
    override forward(tensor: Tensor): Tensor {
      return super.forward(tensor).mul(2);
    }
  }
  const doubled = new Doubled([0.5], [0.25]);
  assert.ok(torch.equal(new Compose([new ToTensor(), doubled])(image), doubled(new ToTensor()(image))));
  assert.throws(
    () => new Compose([new ToTensor(), new Normalize([0, 0], [1, 1])])(image),
    /with shape \[3, 9, 12\] doesn't match the broadcast/,
  );
  assert.throws(() => new Compose([new ToTensor(), new Normalize(0, 0)])(image), /std evaluated to zero/);
});
