/** The operators of `torch.ops.torchvision` on images against compositions of other operations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as kernels from "../../src/backend/kernels.js";
import torch, { F, type Tensor } from "../../src/index.js";

const { torchvision } = torch.ops;

function bytes(...shape: number[]): Tensor {
  return torch.randint(0, 256, shape, { dtype: torch.uint8 });
}

/** The greatest difference of two tensors of one shape. */
function distance(a: Tensor, b: Tensor): number {
  assert.deepEqual(a.shape, b.shape);
  assert.equal(a.dtype, b.dtype);
  return a.double().sub(b.double()).abs().max().item();
}

function equal(a: Tensor, b: Tensor): void {
  assert.equal(distance(a, b), 0);
}

torch.manualSeed(5);

test("lookup gives each run of bytes the results of its table", () => {
  for (const dtype of [torch.uint8, torch.float32, torch.float64, torch.int64]) {
    const tables = torch.randint(0, 200, [3, 256]).to(dtype);
    const planes = bytes(2, 3, 7, 5);
    const index = planes.long();
    const wanted = torch.stack(
      [0, 1, 2].map((c) => tables.at(c).take(index.select(1, c))),
      1,
    );
    equal(torchvision.lookup(planes, tables, 35), wanted);
    const pixels = planes.permute(0, 2, 3, 1);
    equal(torchvision.lookup(pixels, tables, 1), wanted.permute(0, 2, 3, 1));
    equal(torchvision.lookupPlanes(pixels, tables), wanted);
  }
  for (const colours of [1, 2, 3, 4]) {
    const tables = torch.rand(colours, 256);
    const pixels = bytes(90, 91, colours);
    const wanted = torch.stack(
      Array.from({ length: colours }, (_, c) => tables.at(c).take(pixels.select(2, c).long())),
      0,
    );
    equal(torchvision.lookupPlanes(pixels, tables), wanted);
    equal(torchvision.lookup(pixels, tables, 1), wanted.permute(1, 2, 0));
  }
});

test("byteCounts counts each group by itself", () => {
  const images = bytes(2, 3, 9, 7);
  const counts = torchvision.byteCounts(images, 6, 63);
  assert.equal(counts.dtype, torch.int64);
  images
    .view(6, 63)
    .unbind(0)
    .forEach((plane, i) => {
      equal(counts.at(i), torch.bincount(plane, undefined, 256));
    });
  const pixels = images.permute(0, 2, 3, 1).contiguous();
  equal(torchvision.byteCounts(pixels, 3, 1), counts.view(2, 3, 256).sum(0));
});

test("resizeBytes is interpolate on floats, rounded", () => {
  const images = bytes(3, 2, 23, 40);
  for (const size of [
    [9, 71],
    [23, 11],
    [50, 40],
    [1, 1],
  ] as const) {
    for (const mode of ["nearest", "nearest-exact", "bilinear", "bicubic"] as const) {
      for (const antialias of mode.startsWith("nearest") ? [false] : [false, true]) {
        const options = mode.startsWith("nearest") ? { mode } : { mode, alignCorners: false, antialias };
        const wanted = F.interpolate(images.float(), size, options).round().clamp(0, 255).to(torch.uint8);
        assert.ok(distance(torchvision.resizeBytes(images, size, mode, antialias), wanted) <= 1);
      }
    }
  }
});

test("pilResize takes parts of images, and keeps what it does not have to change", () => {
  for (const colours of [1, 2, 3, 4]) {
    const image = bytes(20, 31, colours);
    const part = image.narrow(0, 3, 12).narrow(1, 5, 17);
    for (const filter of ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const) {
      equal(torchvision.pilResize(image, [20, 31], filter), image);
      equal(torchvision.pilResize(part, [7, 40], filter), torchvision.pilResize(part.clone(), [7, 40], filter));
      if (filter === "nearest" || filter === "box") continue;
      const flipped = torchvision.pilResize(part.flip(1), [12, 4], filter).flip(1);
      assert.ok(distance(flipped, torchvision.pilResize(part, [12, 4], filter)) <= 1);
    }
  }
  const grey = torch.full([8, 8, 3], 77, { dtype: torch.uint8 });
  equal(torchvision.pilResize(grey, [3, 21], "lanczos"), torch.full([3, 21, 3], 77, { dtype: torch.uint8 }));
});

test("weighNeighbours is a convolution of the mirrored image, with its gradient", () => {
  const double = (list: readonly number[]) => torch.tensor([...list], { dtype: torch.float64 });
  const [down, along] = [
    [0.25, 0.5, 0.25],
    [0.1, 0.2, 0.4, 0.2, 0.1],
  ] as const;
  const weight = torch.outer(double(down), double(along)).view(1, 1, 3, 5);
  const planes = torch.rand(4, 9, 8, { dtype: torch.float64, requiresGrad: true });
  const convolved = (x: Tensor) =>
    F.conv2d(F.pad(x.unsqueeze(1), [2, 2, 1, 1], { mode: "reflect" }), weight).squeeze(1);
  const [got, wanted] = [torchvision.weighNeighbours(planes, down, along), convolved(planes)];
  assert.ok(distance(got.detach(), wanted.detach()) < 1e-12);
  const seed = torch.rand(4, 9, 8, { dtype: torch.float64 });
  const [gradient, expected] = [got, wanted].map((y) => torch.autograd.grad(y, planes, seed)[0] as Tensor);
  assert.ok(distance(gradient as Tensor, expected as Tensor) < 1e-12);
  const image = bytes(3, 9, 8);
  const rounded = convolved(image.double()).round().to(torch.uint8);
  assert.ok(distance(torchvision.weighNeighbours(image, down, along), rounded) <= 1);
  assert.throws(() => torchvision.weighNeighbours(bytes(1, 2, 2), down, along), /Padding size should be less than/);
});

const imageSizes = [
  [11, 13],
  [1, 1],
  [1, 7],
  [7, 1],
  [2, 2],
] as const;

for (const [height, width] of imageSizes) {
  test(`sampleImages of ${height}×${width} is gridSample with one grid for all images`, () => {
    checkSamples(height, width);
  });
}

function checkSamples(height: number, width: number): void {
  const grid = torch.rand(6, 50, 2).mul(3).sub(1.5);
  for (const dtype of [torch.float32, torch.float64, torch.uint8]) {
    const images = bytes(2, 3, height, width).to(dtype);
    const given = dtype === torch.float64 ? grid.double() : grid;
    const floating = images.to(given.dtype);
    for (const mode of ["nearest", "bilinear"] as const) {
      const sample = (x: Tensor) => {
        const grids = given.unsqueeze(0).expand([2, 6, 50, 2]);
        return F.gridSample(x, grids, { mode, paddingMode: "zeros", alignCorners: false });
      };
      const inside = sample(torch.ones([2, 3, height, width], { dtype: given.dtype }));
      const values = sample(floating);
      const colours = torch.tensor([10, 20, 30], { dtype: given.dtype }).view(3, 1, 1);
      const filled = values.mul(inside).add(inside.neg().add(1).mul(colours));
      const brought = (x: Tensor) => (dtype === torch.uint8 ? x.round().to(dtype) : x);
      const bilinear = mode === "bilinear";
      const limit = dtype === torch.uint8 ? 1 : dtype === torch.float32 ? 1e-3 : 1e-10;
      assert.ok(distance(torchvision.sampleImages(images, given, null, { bilinear }), brought(values)) <= limit);
      const got = torchvision.sampleImages(images, given, [10, 20, 30], { bilinear });
      assert.ok(distance(got, brought(filled)) <= limit);
    }
  }
}

test("what is outside of an image, or far from a place, has no say in it", () => {
  const image = torch.ones(1, 3, 4);
  image.at(0, 0, 0).fill_(Number.NaN);
  image.at(0, 2, 3).fill_(Number.POSITIVE_INFINITY);
  const around = torch
    .tensor([
      [-1.4, 1.2],
      [1.3, -1.2],
      [-0.25, 0],
      [-3, -3],
      [3, 3],
    ])
    .view(1, 5, 2);
  for (const bilinear of [false, true]) {
    const got = torchvision.sampleImages(image, around, null, { bilinear });
    assert.deepEqual(got.tolist(), [[[0, 0, 1, 0, 0]]]);
  }
  const places = torch.tensor([Number.NaN, Number.POSITIVE_INFINITY, -1e30, 0, 1e30, 0]).view(1, 3, 2);
  for (const bilinear of [false, true]) {
    const got = torchvision.sampleImages(torch.ones(1, 4, 4), places, [7], { bilinear });
    assert.deepEqual(got.tolist(), [[[7, 7, 7]]]);
  }
});

test("mapImages samples at the places of a map", () => {
  const [height, width] = [9, 300];
  const line = (count: number, start: number) => torch.arange(count).to(torch.float64).add(start);
  for (const dtype of [torch.float32, torch.float64, torch.uint8]) {
    const images = bytes(2, 3, 11, 13).to(dtype);
    const affine = [0.011, -0.002, 0.1, 0.003, 0.2, -0.05];
    const perspective = [0.02, 0.001, -0.1, 0.002, 0.2, 0.05, 0.001, -0.01, 1];
    for (const [map, x0, y0] of [
      [affine, 0.5 - width / 2, 0.5 - height / 2],
      [perspective, 0.5, 0.5],
    ] as const) {
      const [u, v] = [line(width, x0).view(1, width), line(height, y0).view(height, 1)];
      const row = (i: number) =>
        u
          .mul(map[i] as number)
          .add(v.mul(map[i + 1] as number))
          .add(map[i + 2] as number);
      const plain = torch.stack([row(0), row(3)], 2);
      const grid = map.length === 9 ? plain.div(row(6).unsqueeze(2)).sub(1) : plain;
      for (const fill of [null, [10, 20, 30]]) {
        const got = torchvision.mapImages(images, [height, width], map, fill, { bilinear: true });
        const wanted = torchvision.sampleImages(images, grid, fill, { bilinear: true });
        assert.ok(distance(got, wanted) <= (dtype === torch.uint8 ? 1 : dtype === torch.float32 ? 0.02 : 1e-9));
      }
      const nearest = torchvision.mapImages(images.double(), [height, width], map, [7]);
      equal(nearest, torchvision.sampleImages(images.double(), grid, [7]));
    }
  }
});

test("smoothBytes writes nothing of an image without columns", () => {
  for (const [rows, width, colours] of [
    [3, 0, 3],
    [5, 0, 1],
    [3, 2, 0],
  ] as const) {
    const memory = torch.full([64], 7, { dtype: torch.uint8 });
    const image = torch.full([64], 9, { dtype: torch.uint8 }).asStrided([1, rows, width, colours], [0, 0, 0, 1], 32);
    kernels.smoothBytes(memory.asStrided([1, rows, width, colours], [0, 0, 0, 1], 32), image);
    equal(memory, torch.full([64], 7, { dtype: torch.uint8 }));
  }
});

test("smoothBytes is a rounded convolution", () => {
  for (const colours of [1, 2, 3, 4]) {
    for (const width of [1, 2, 3, 40]) {
      const image = bytes(2, 7, width, colours);
      const planes = image.permute(0, 3, 1, 2);
      const weight = torch.ones([3, 3], { dtype: torch.float64 });
      weight.setAt([1, 1], 5);
      const wanted = planes.clone();
      if (width > 2) {
        const inner = F.conv2d(planes.reshape(-1, 1, 7, width).double(), weight.div(13).view(1, 1, 3, 3)).round();
        wanted
          .narrow(2, 1, 5)
          .narrow(3, 1, width - 2)
          .copy_(inner.view(2, colours, 5, width - 2));
      }
      equal(torchvision.smoothBytes(image, { interleaved: true }).permute(0, 3, 1, 2), wanted);
      equal(torchvision.smoothBytes(planes), wanted);
    }
  }
});

test("transformBytes moves pixels, and gives what is outside its colour", () => {
  const image = bytes(5, 7, 3);
  const moved = F.pad(image.permute(2, 0, 1).float(), [2, -2, 1, -1], { value: 9 })
    .to(torch.uint8)
    .permute(1, 2, 0);
  for (const filter of ["nearest", "bilinear", "bicubic"] as const) {
    equal(torchvision.transformBytes(image, [5, 7], [1, 0, 0, 0, 1, 0], [0, 0, 0], filter), image);
    equal(torchvision.transformBytes(image, [5, 7], [1, 0, -2, 0, 1, -1], [9, 9, 9], filter), moved);
    equal(torchvision.transformBytes(image, [5, 7], [1, 0, -2, 0, 1, -1, 0, 0], [9, 9, 9], filter), moved);
    const turned = torchvision.transformBytes(image, [7, 5], [0, 1, 0, -1, 0, 5], [1, 2, 3], filter);
    equal(turned, image.flip(0).transpose(0, 1));
    const nowhere = [Number.NaN, 0, 0, 0, 1e300, 0];
    equal(
      torchvision.transformBytes(image, [2, 2], nowhere, [1, 2, 3], filter),
      torch.tensor([1, 2, 3], { dtype: torch.uint8 }).expand([2, 2, 3]),
    );
  }
});

test("changeColours leaves grey and full turns as they are", () => {
  const grey = bytes(2, 1, 20, 30).expand([2, 3, 20, 30]).contiguous();
  for (const images of [grey, grey.float().div(255), grey.double().div(255)]) {
    const limit = images.dtype === torch.uint8 ? 1 : 1e-6;
    assert.ok(distance(torchvision.changeColours(images, "hue", 0.3), images) <= limit);
    assert.ok(distance(torchvision.changeColours(images, "saturation", 1.5), images) <= 1);
  }
  const images = torch.rand(2, 3, 20, 30, { dtype: torch.float64 });
  assert.ok(distance(torchvision.changeColours(images, "hue", 1), images) < 1e-12);
  const third = torchvision.changeColours(images, "hue", 1 / 3);
  assert.ok(distance(third, images.roll(1, 1)) < 1e-12);
  const luma = torchvision.changeColours(images, "grey", 0);
  const weights = torch.tensor([0.2989, 0.587, 0.114], { dtype: torch.float64 }).view(3, 1, 1);
  assert.ok(distance(luma, images.mul(weights).sum(1, { keepdim: true })) < 1e-12);
  assert.ok(distance(torchvision.changeColours(images, "saturation", 0), luma.expand([2, 3, 20, 30])) < 1e-12);
  const pixels = bytes(20, 30, 3);
  equal(torchvision.changeColours(pixels, "saturation", 1, { interleaved: true }), pixels);
});

test("blendBytes bounds what is beyond a byte", () => {
  const [a, b] = [bytes(700), bytes(700)];
  for (const share of [0, 0.3, 1, 2.5, -1]) {
    const wanted = a.float().add(b.float().sub(a.float()).mul(share)).clamp(0, 255).floor().to(torch.uint8);
    assert.ok(distance(torchvision.blendBytes(a, b, share), wanted) <= 1);
  }
});

test("images go through other modes and back", () => {
  const greys = bytes(7, 9, 1);
  for (const mode of ["LA", "RGB", "RGBA", "CMYK", "HSV", "I;16", "I", "F"] as const) {
    const there = torchvision.convertMode(greys, "L", mode);
    equal(torchvision.convertMode(there, mode, "L"), greys);
  }
  const colours = bytes(70, 90, 3);
  equal(torchvision.convertMode(torchvision.convertMode(colours, "RGB", "CMYK"), "CMYK", "RGB"), colours);
  equal(torchvision.convertMode(colours.transpose(0, 1), "RGB", "RGBA").narrow(2, 0, 3), colours.transpose(0, 1));
  // Half of a middle grey is white, and its mean stays.
  const middle = torch.full([64, 64, 1], 100, { dtype: torch.uint8 });
  const dithered = torchvision.convertMode(middle, "L", "1", { dither: true });
  assert.ok(Math.abs(dithered.double().mean().item() - 100) < 2);
  equal(torchvision.convertMode(middle, "L", "1"), torch.zeros(64, 64, 1, { dtype: torch.uint8 }));
  const odd = torch.tensor([Number.NaN, Infinity, -Infinity, 1e30, -3.7, 255.9]).view(1, 6, 1);
  assert.deepEqual(torchvision.convertMode(odd, "F", "L").view(-1).tolist(), [0, 255, 0, 255, 0, 255]);
  const most = 2 ** 31;
  assert.deepEqual(torchvision.convertMode(odd, "F", "I").view(-1).tolist(), [0, most - 1, -most, most - 1, -3, 255]);
});

test("an image in few colours has the nearest of its palette, if not of the bits that PIL looks at", () => {
  const pixels = bytes(19, 23, 3);
  const { places, palette } = torchvision.quantizeBytes(pixels, 40, "mediancut", 0);
  assert.deepEqual(
    [places.shape, palette.shape],
    [
      [19, 23, 1],
      [40, 4],
    ],
  );
  const apart = (image: Tensor): Tensor => torch.cdist(image.view(-1, 3).double(), palette.narrow(1, 0, 3).double());
  const taken = apart(pixels).gather(1, places.view(-1, 1).long()).view(-1);
  equal(taken, apart(pixels).amin(1));
  const upper = pixels.bitwiseAnd(0xfc);
  equal(torchvision.nearestColours(pixels, palette).view(-1).long(), apart(upper).argmin(1));
  // Of colours that are there none is changed, and nothing is left to give to neighbours.
  const exact = palette.at(places.view(-1).long()).narrow(1, 0, 3).view(19, 23, 3);
  assert.equal(torchvision.quantizeBytes(exact, 40, "maxcoverage", 0).palette.unique({ dim: 0 }).length, 40);
  const flat = torch.full([5, 6, 3], 51, { dtype: torch.uint8 });
  const two = torch.tensor(new Uint8Array([0, 0, 0, 255, 51, 51, 51, 255])).view(2, 4);
  equal(torchvision.nearestColours(flat, two, { dither: true }), torch.ones(5, 6, 1, { dtype: torch.uint8 }));
});

test("what does not fit throws before anything is read", () => {
  const image = bytes(4, 4, 3);
  const tables = torch.zeros(3, 256);
  for (const call of [
    () => torchvision.lookup(image.float(), tables, 1),
    () => torchvision.lookup(image, tables.narrow(1, 0, 255), 1),
    () => torchvision.lookup(image, tables, 5),
    () => torchvision.lookup(image, tables, 0),
    () => torchvision.lookupPlanes(image, torch.zeros(2, 256)),
    () => torchvision.lookupPlanes(bytes(2, 2, 5), torch.zeros(5, 256)),
    () => torchvision.byteCounts(image, 5, 1),
    () => torchvision.byteCounts(image, 0, 1),
    () => torchvision.pilResize(image, [0, 4], "bilinear"),
    () => torchvision.pilResize(bytes(4, 4, 5), [2, 2], "bilinear"),
    () => torchvision.pilResize(image, [2], "bilinear"),
    () => torchvision.resizeBytes(image, [2, -1], "bilinear", false),
    () => torchvision.sampleImages(image, torch.zeros(3, 3), null),
    () => torchvision.sampleImages(image.long(), torch.zeros(3, 3, 2), null),
    () => torchvision.transformBytes(image, [4, 4], [1, 0, 0], [0, 0, 0], "nearest"),
    () => torchvision.transformBytes(image, [4, 4], [1, 0, 0, 0, 1, 0], [0], "nearest"),
    () => torchvision.changeColours(image, "hue", 0.1),
    () => torchvision.changeColours(bytes(3, 4, 4).long(), "hue", 0.1),
    () => torchvision.mapImages(image, [3], [1, 0, 0, 0, 1, 0], null),
    () => torchvision.mapImages(image, [3, 3], [1, 0, 0], null),
    () => torchvision.convertMode(image, "RGBA", "RGB"),
    () => torchvision.convertMode(image.int(), "RGB", "L"),
    () => torchvision.convertMode(image, "RGB", "I;16"),
    () => torchvision.convertMode(image, "RGB", "P" as "L"),
    () => torchvision.quantizeBytes(image, 0, "mediancut", 0),
    () => torchvision.quantizeBytes(image, 257, "fastoctree", 0),
    () => torchvision.quantizeBytes(bytes(4, 4, 4), 8, "mediancut", 0),
    () => torchvision.quantizeBytes(image, 8, "mediancut", -1),
    () => torchvision.nearestColours(image, bytes(257, 4)),
    () => torchvision.nearestColours(bytes(4, 4, 4), bytes(8, 4)),
    () => torchvision.smoothBytes(bytes(4)),
    () => torchvision.smoothBytes(bytes(4, 4), { interleaved: true }),
    () => torchvision.blendBytes(image, bytes(4, 4), 0.5),
  ]) {
    assert.throws(call, Error);
  }
});
