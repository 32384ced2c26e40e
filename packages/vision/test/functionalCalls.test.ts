/** Gradients, wrong calls and rare inputs of the functional transforms. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "flambeau";
import { Image, transforms } from "../src/index.js";

const { functional } = transforms;

torch.manualSeed(3);
const bytes = torch.randint(0, 256, [3, 9, 12], { dtype: torch.uint8 });
const floats = bytes.float().div(255);
const image = functional.toPilImage(bytes);

const warped: Record<string, (x: Tensor) => Tensor> = {
  resize: (x) => functional.resize(x, [5, 20]),
  resizeBicubic: (x) => functional.resize(x, [5, 20], { interpolation: "bicubic" }),
  crop: (x) => functional.crop(x, -2, 3, 6, 15),
  pad: (x) => functional.pad(x, [1, 2], 0.5),
  padSymmetric: (x) => functional.pad(x, [1, 2], { paddingMode: "symmetric" }),
  rotate: (x) => functional.rotate(x, 20, { interpolation: "bilinear", fill: [0.1, 0.2, 0.3] }),
  affine: (x) => functional.affine(x, 20, [1, 2], 1.1, [3, 4], { interpolation: "bilinear", fill: 0.4 }),
  affineNearest: (x) => functional.affine(x, 20, [1, 2], 1.1, [3, 4], { fill: 0.4 }),
  perspective: (x) =>
    functional.perspective(
      x,
      [
        [0, 0],
        [11, 0],
        [11, 8],
        [0, 8],
      ],
      [
        [1, 1],
        [10, 0],
        [11, 7],
        [1, 8],
      ],
    ),
  elastic: (x) => functional.elasticTransform(x, torch.full([1, 9, 12, 2], 0.03), { fill: 0.2 }),
  gaussianBlur: (x) => functional.gaussianBlur(x, [3, 5]),
  brightness: (x) => functional.adjustBrightness(x, 0.7),
  contrast: (x) => functional.adjustContrast(x, 0.7),
  saturation: (x) => functional.adjustSaturation(x, 0.7),
  hue: (x) => functional.adjustHue(x, 0.2),
  gamma: (x) => functional.adjustGamma(x, 1.5),
  sharpness: (x) => functional.adjustSharpness(x, 1.5),
  invert: (x) => functional.invert(x),
  solarize: (x) => functional.solarize(x, 0.5),
  autocontrast: (x) => functional.autocontrast(x),
  grey: (x) => functional.rgbToGrayscale(x),
};

for (const [name, compute] of Object.entries(warped)) {
  test(`${name} has a gradient, and the same values with it`, () => {
    for (const input of [floats, torch.stack([floats, floats.flip(2)])]) {
      const plain = compute(input);
      const recorded = compute(input.clone().requiresGrad_());
      assert.ok(recorded.requiresGrad);
      assert.ok(recorded.detach().sub(plain).abs().max().item() < 1e-5);
      const twice = input.double().mul(0.8).add(0.1).requiresGrad_();
      const [gradient] = torch.autograd.grad(compute(twice).square().sum(), twice) as [Tensor];
      const step = torch.rand(input.shape, { dtype: torch.float64 }).sub(0.5).mul(1e-6);
      const energy = (x: Tensor) => compute(x).square().sum().item();
      const slope = energy(twice.detach().add(step)) - energy(twice.detach().sub(step));
      const expected = gradient.mul(step).sum().item() * 2;
      assert.ok(Math.abs(slope - expected) <= 1e-3 * Math.abs(expected) + 1e-8, `${slope} and ${expected}`);
    }
  });
}

test("tensors of other dtypes are computed in floats", () => {
  for (const dtype of [torch.int16, torch.int32, torch.int64, torch.float16, torch.bfloat16]) {
    const given = dtype.isFloatingPoint ? floats.to(dtype) : bytes.to(dtype);
    for (const [name, compute] of Object.entries(warped)) {
      // Whole numbers are scaled by the greatest one of the dtype, which int32 and int64 do not allow.
      if (["solarize", "gamma", "hue"].includes(name) && !dtype.isFloatingPoint) continue;
      const got = compute(given);
      assert.equal(got.dtype, dtype, name);
      const wanted = compute(dtype.isFloatingPoint ? given.float() : bytes);
      const limit = dtype === torch.bfloat16 ? 0.05 : dtype === torch.float16 ? 0.01 : 1;
      assert.ok(got.float().sub(wanted.float()).abs().max().item() <= limit, `${name} ${dtype}`);
    }
  }
});

test("any number of leading dims is a batch", () => {
  const many = torch
    .stack([bytes, bytes.flip(1)])
    .unsqueeze(0)
    .expand([2, 2, 3, 9, 12]);
  for (const [name, compute] of Object.entries(warped)) {
    if (name === "solarize") continue;
    const got = compute(many);
    assert.ok(torch.equal(got.at(1, 1), compute(many.at(1, 1).clone())), name);
  }
  for (const one of [bytes.at(0), floats.at(0)]) {
    assert.deepEqual(functional.resize(one, [4, 5]).shape, [4, 5]);
    assert.deepEqual(functional.rotate(one, 10).shape, [9, 12]);
    assert.deepEqual(functional.centerCrop(one, 20).shape, [20, 20]);
    assert.deepEqual(functional.hflip(one).tolist(), one.flip(1).tolist());
  }
});

test("images go on at their edges as far as it is wanted, as numpy's do", () => {
  const row = new Image(new Uint8Array([1, 2, 3]), 3, 1, "L");
  const cases = [
    ["reflect", [5, 0], [2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2]],
    ["reflect", [0, 2], [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]],
    ["reflect", [-1, 0, 3, 0], [2, 3, 2, 3, 2]],
    ["reflect", [-1, 3], [2, 2, 2, 2, 2, 2, 2]],
    ["symmetric", [5, 0], [2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2]],
    ["symmetric", [7, 1, 0, 0], [1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 1, 1, 2, 3, 3, 2, 1, 1, 2, 3]],
    ["edge", [5, 0], [1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3]],
  ] as const;
  for (const [paddingMode, padding, expected] of cases)
    assert.deepEqual([...functional.pad(row, padding, { paddingMode }).data], expected, `${paddingMode} ${padding}`);
  const empty = new Image(new Uint8Array(0), 0, 3, "L");
  assert.throws(() => functional.pad(empty, 1, { paddingMode: "edge" }), /without pixels/);
  assert.deepEqual(functional.pad(empty, 1).size, [2, 5]);
});

test("tensors without elements are cut and padded", () => {
  const x = torch.arange(6).view(1, 2, 3);
  assert.deepEqual(functional.crop(x, 5, 5, 2, 2).tolist(), torch.zeros(1, 2, 2).tolist());
  assert.deepEqual(functional.crop(x, 1, -4, 1, 3).tolist(), [[[0, 0, 0]]]);
  assert.deepEqual(functional.crop(x, 0, 0, 0, 2).shape, [1, 0, 2]);
  assert.deepEqual(functional.centerCrop(torch.zeros(3, 0, 4), [2, 2]).tolist(), torch.zeros(3, 2, 2).tolist());
  assert.ok(functional.pad(torch.zeros(2, 3, 0, 4), 1, 7).equal(torch.full([2, 3, 2, 6], 7)));
  assert.deepEqual(functional.pad(torch.zeros(0, 3, 2, 2), 1, { paddingMode: "symmetric" }).shape, [0, 3, 4, 4]);
});

test("images of other modes keep them", () => {
  const grey = functional.toGrayscale(image);
  for (const mode of ["1", "LA", "P", "RGBA", "CMYK", "HSV", "I", "F", "I;16"] as const) {
    const given = mode === "LA" || mode === "P" || mode === "I;16" ? grey.convert(mode) : image.convert(mode);
    for (const [name, compute] of Object.entries({
      resize: (x: Image) => functional.resize(x, [5, 20]),
      crop: (x: Image) => functional.crop(x, -2, 3, 6, 15),
      pad: (x: Image) => functional.pad(x, 2, 7),
      flip: (x: Image) => functional.vflip(functional.hflip(x)),
    })) {
      const got = compute(given);
      assert.equal(got.mode, mode, name);
      assert.equal(got.pixels.dtype, given.pixels.dtype, name);
    }
  }
});

test("wrong calls throw torchvision's words", () => {
  for (const [call, kind, message] of [
    [() => functional.hflip(3 as never), TypeError, /img should be PIL Image or Tensor. Got int/],
    [() => functional.vflip(torch.ones(3)), TypeError, /Tensor is not a torch image/],
    [() => functional.getDimensions(torch.ones(3)), TypeError, /Tensor is not a torch image/],
    [() => functional.resize(bytes, [1, 2, 3]), Error, /Size must be an int or a 1 or 2 element tuple\/list, not a 3/],
    [() => functional.resize(bytes, [1, 2], { maxSize: 5 }), Error, /max_size should only be passed if size specifies/],
    [() => functional.resize(bytes, 8, { maxSize: 8 }), Error, /max_size = 8 must be strictly greater than/],
    [() => functional.resize(bytes, 8, { interpolation: "lanczos" }), Error, /'lanczos' is unsupported with Tensor/],
    [
      () => functional.resize(bytes, 8, { interpolation: "cubic" as never }),
      TypeError,
      /'interpolation' must be one of/,
    ],
    [() => functional.resize(bytes, 8, "bilinear" as never), TypeError, /'interpolation' is a named option/],
    [() => functional.pad(bytes, [1, 2, 3]), Error, /Padding must be an int or a 1, 2, or 4 element tuple, not a 3/],
    [() => functional.pad(image, 1, [1, 2]), Error, /number of elements in 'fill' does not match .* \(2 != 3\)/],
    [() => functional.pad(bytes, 1, { paddingMode: "wrap" as never }), TypeError, /must be one of "constant", "edge"/],
    [() => functional.fiveCrop(bytes, 10), Error, /Requested crop size \(10, 10\) is bigger than input size \(9, 12\)/],
    [() => functional.fiveCrop(bytes, [1, 2, 3]), Error, /Please provide only two dimensions \(h, w\) for size/],
    [() => functional.rotate(bytes, 3, { fill: [1, 2] }), Error, /cannot broadcast to match the number.*\(2 != 3\)/],
    [() => functional.rotate(bytes, 3, { interpolation: "bicubic" }), Error, /'bicubic' is unsupported with Tensor/],
    [() => functional.rotate(image, 3, { interpolation: "box" }), Error, /box is no filter/],
    [() => functional.affine(bytes, 0, [1], 1, 0), Error, /translate should be a sequence of length 2/],
    [() => functional.affine(bytes, 0, [1, 1], 0, 0), Error, /scale should be positive/],
    [() => functional.affine(bytes, 0, [1, 1], 1, [1, 2, 3]), Error, /Shear should be a sequence containing two/],
    [() => functional.perspective(bytes, [[0, 0]], [[0, 0]]), Error, /expected four corners/],
    [
      () => functional.elasticTransform(bytes, torch.zeros(1, 3, 3, 2)),
      Error,
      /displacement shape should be \(1, 9, 12/,
    ],
    [() => functional.gaussianBlur(bytes, 4), Error, /kernel_size should have odd and positive integers. Got \[4, 4\]/],
    [() => functional.gaussianBlur(bytes, [3, 3, 3]), Error, /kernel_size is a sequence its length should be 2. Got 3/],
    [() => functional.gaussianBlur(bytes, 3, 0), Error, /sigma should have positive values. Got \[0, 0\]/],
    [() => functional.gaussianBlur(bytes, 3, [1, 2, 3]), Error, /sigma is a sequence, its length should be 2. Got 3/],
    [() => functional.gaussianBlur(bytes, 2 ** 40 + 1), Error, /Padding size should be less than/],
    [() => functional.gaussianBlur(bytes, 21), Error, /Padding size should be less than/],
    [() => functional.adjustBrightness(bytes, -1), Error, /brightness_factor \(-1\) is not non-negative/],
    [() => functional.adjustContrast(bytes, -1), Error, /contrast_factor \(-1\) is not non-negative/],
    [() => functional.adjustSaturation(bytes, -1), Error, /saturation_factor \(-1\) is not non-negative/],
    [() => functional.adjustSharpness(bytes, -1), Error, /sharpness_factor \(-1\) is not non-negative/],
    [() => functional.adjustHue(bytes, 0.6), Error, /hue_factor \(0.6\) is not in \[-0.5, 0.5\]/],
    [() => functional.adjustHue(bytes, Number.NaN), Error, /hue_factor/],
    [() => functional.adjustGamma(bytes, -1), Error, /Gamma should be a non-negative real number/],
    [
      () => functional.adjustHue(torch.ones(2, 4, 4), 0.1),
      TypeError,
      /permitted channel values are \[1, 3\], but found 2/,
    ],
    [() => functional.posterize(bytes, 9), Error, /number if bits should be between 0 and 8. Got 9/],
    [() => functional.posterize(floats, 3), TypeError, /Only torch.uint8 image tensors are supported, but found/],
    [() => functional.solarize(floats, 2), TypeError, /Threshold should be less than bound of img/],
    [() => functional.equalize(floats), TypeError, /Only torch.uint8 image tensors are supported/],
    [() => functional.equalize(bytes.at(0)), TypeError, /should have 3 or 4 dimensions, but found 2/],
    [() => functional.invert(bytes.at(0)), TypeError, /at least 3 dimensions, but found 2/],
    [() => functional.invert(image.convert("RGBA")), Error, /not supported for this image mode: RGBA/],
    [() => functional.rgbToGrayscale(bytes, 2), Error, /num_output_channels should be either 1 or 3/],
    [() => functional.toGrayscale(bytes as never), TypeError, /Input should be PIL Image/],
    [() => functional.toPilImage(image as never), TypeError, /pic should be Tensor or ndarray. Got Image/],
    [() => functional.toPilImage(torch.ones(1, 3, 3, 3)), Error, /pic should be 2\/3 dimensional. Got 4/],
    [() => functional.toPilImage(torch.ones(5, 3, 3)), Error, /pic should not have > 4 channels. Got 5/],
    [() => functional.toPilImage(bytes, { mode: "L" }), Error, /Only modes \['RGB', 'HSV'\] are supported for 3D/],
    [() => functional.toPilImage(bytes.long()), TypeError, /Input type torch.int64 is not supported/],
    [() => functional.pilToTensor(bytes as never), TypeError, /pic should be PIL Image. Got Tensor/],
    [() => functional.erase(image as never, 0, 0, 1, 1, bytes), TypeError, /img should be Tensor Image. Got Image/],
  ] as [() => unknown, ErrorConstructor, RegExp][]) {
    assert.throws(call, (error: Error) => {
      assert.equal(error.constructor, kind, error.stack);
      assert.match(error.message, message);
      return true;
    });
  }
});

test("what stays as it is, is the same object or a view of it", () => {
  assert.equal(functional.resize(bytes, [9, 12]), bytes);
  assert.equal(functional.resize(image, [9, 12]), image);
  const part = functional.crop(bytes, 1, 2, 3, 4);
  assert.equal(part.dataPtr(), bytes.at(0, 1, 2).dataPtr());
  const copy = bytes.clone();
  assert.equal(functional.erase(copy, 0, 0, 2, 2, torch.tensor(0), { inplace: true }), copy);
  assert.deepEqual(copy.at(":", "0:2", "0:2").unique().tolist(), [0]);
  const erased = functional.erase(bytes, 7, 10, 5, 5, torch.tensor(3));
  assert.deepEqual(erased.at(":", "7:", "10:").unique().tolist(), [3]);
});

test("images and tensors go there and back", () => {
  const modes = ["L", "RGB", "RGBA", "LA"] as const;
  modes.forEach((mode) => {
    const given = mode === "LA" ? functional.toGrayscale(image).convert("LA") : image.convert(mode);
    const back = functional.toPilImage(functional.pilToTensor(given));
    assert.equal(back.mode, mode);
    assert.ok(torch.equal(back.pixels, given.pixels));
    const scaled = functional.toPilImage(functional.toTensor(given));
    assert.ok(torch.equal(scaled.pixels, given.pixels));
  });
  const floating = functional.toPilImage(floats.at(0), { mode: "F" });
  assert.equal(floating.mode, "F");
  assert.ok(torch.equal(functional.toTensor(floating), floats.narrow(0, 0, 1)));
  const mask = functional.toPilImage(bytes.at(0).gt(127));
  assert.equal(mask.mode, "1");
  assert.equal(functional.pilToTensor(mask).dtype, torch.bool);
});
