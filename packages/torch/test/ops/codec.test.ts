/** `torch.ops.image`: what is packed and unpacked by kernels; the files as a whole are tested with `@flambeau/vision`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Tensor, torch } from "../../src/index.js";

const { decodeJpeg, encodeJpeg, filterPng, jpegHeader, unfilterPng } = torch.ops.image;

/** Smooth pixels `[height, width, channels]`. */
function picture(height: number, width: number, channels: number): Tensor {
  const rows = torch.arange(height).view(-1, 1, 1).mul(3);
  const columns = torch.arange(width).view(1, -1, 1).mul(2);
  return rows.add(columns).add(torch.arange(channels).mul(40)).remainder(256).to(torch.uint8);
}

const worst = (a: Tensor, b: Tensor): number => a.float().sub(b.float()).abs().max().item();

test("a file of pixels holds them again, as near as its quality lets it", () => {
  for (const [height, width] of [
    [1, 1],
    [8, 8],
    [17, 30],
    [33, 9],
  ] as const) {
    for (const channels of [1, 3, 4]) {
      const pixels = picture(height, width, channels).clamp(0, 200);
      const file = encodeJpeg(pixels, 100);
      assert.deepEqual(jpegHeader(file), { width, height, components: channels });
      const again = decodeJpeg(file, 0);
      assert.deepEqual([again.dtype, again.shape], [torch.uint8, [height, width, channels]]);
      assert.ok(worst(again, pixels) <= 12, `${height}x${width}x${channels}: ${worst(again, pixels)} levels off`);
      assert.deepEqual(decodeJpeg(file, 1).shape, [height, width, 1]);
      assert.deepEqual(decodeJpeg(file, 3).shape, [height, width, 3]);
      assert.ok(encodeJpeg(pixels, 10).length <= file.length);
    }
  }
});

test("pixels and files may be views", () => {
  const pixels = picture(20, 24, 3);
  const turned = pixels.transpose(0, 1);
  assert.deepEqual(encodeJpeg(turned, 80).tolist(), encodeJpeg(turned.contiguous(), 80).tolist());
  const file = encodeJpeg(pixels, 80);
  const spread = torch.stack([file, file], 1).select(1, 0);
  assert.ok(torch.equal(decodeJpeg(spread, 0), decodeJpeg(file, 0)));
});

test("a file that its pixels do not fit is made larger", () => {
  torch.manualSeed(0);
  const noise = torch.randint(0, 256, [64, 64, 3]).to(torch.uint8);
  const file = encodeJpeg(noise, 100);
  assert.ok(file.length > noise.numel() / 2);
  assert.deepEqual(decodeJpeg(file, 0).shape, [64, 64, 3]);
});

test("filtered rows are what they were, whatever the size of a pixel", () => {
  torch.manualSeed(1);
  for (const pixelBytes of [1, 2, 3, 4, 6, 8]) {
    for (const pixels of [1, 2, 7]) {
      const rows = torch.randint(0, 256, [9, pixels * pixelBytes]).to(torch.uint8);
      const filtered = filterPng(rows, pixelBytes);
      assert.deepEqual(filtered.shape, [9, pixels * pixelBytes + 1]);
      assert.ok(torch.equal(unfilterPng(filtered, pixelBytes), rows));
    }
  }
});

test("each filter of PNG is undone", () => {
  const row = (filter: number, ...bytes: number[]) => [filter, ...bytes];
  const filtered = torch
    .tensor(
      Uint8Array.from([
        ...row(0, 10, 20, 30, 40),
        ...row(1, 1, 2, 250, 3),
        ...row(2, 1, 1, 1, 1),
        ...row(3, 100, 0, 0, 9),
        ...row(4, 5, 250, 1, 2),
      ]),
    )
    .view(5, 5);
  const expected = [
    [10, 20, 30, 40],
    [1, 3, 253, 0],
    [2, 4, 254, 1],
    [101, 52, 153, 86],
    [106, 46, 154, 88],
  ];
  assert.deepEqual(unfilterPng(filtered, 1).tolist(), expected);
});

test("wrong calls throw, and nothing is read beyond what is there", () => {
  const file = encodeJpeg(picture(8, 8, 3), 75);
  const pixels = picture(4, 4, 3);
  assert.throws(() => decodeJpeg(file.float(), 0), { name: "TypeError", message: /Expected a torch.uint8 tensor/ });
  assert.throws(() => decodeJpeg(file.view(1, -1), 0), /1-dimensional/);
  assert.throws(() => decodeJpeg(file.narrow(0, 0, 0), 0), /non empty/);
  assert.throws(() => decodeJpeg(file, 4), /cannot make 4 channels of 3/);
  assert.throws(() => decodeJpeg(file, 2), /cannot make 2 channels/);
  assert.throws(() => decodeJpeg(file.narrow(0, 0, file.length - 3), 0), /Image is incomplete or truncated/);
  assert.throws(() => jpegHeader(pixels.view(-1)), /Not a JPEG file/);
  assert.throws(() => encodeJpeg(pixels, 0), RangeError);
  assert.throws(() => encodeJpeg(pixels.int(), 75), TypeError);
  assert.throws(() => encodeJpeg(pixels.narrow(2, 0, 2), 75), /channels should be 1, 3 or 4/);
  assert.throws(() => encodeJpeg(pixels.narrow(0, 0, 0), 75), RangeError);
  assert.throws(() => encodeJpeg(torch.zeros(1, 70000, 1, { dtype: torch.uint8 }), 75), RangeError);
  assert.throws(() => filterPng(pixels, 3), TypeError);
  assert.throws(() => filterPng(pixels.view(4, 12), 5), RangeError);
  assert.throws(
    () => unfilterPng(torch.zeros(2, 0, { dtype: torch.uint8 }), 1),
    /begins with the number of its filter/,
  );
  assert.throws(() => unfilterPng(torch.full([1, 4], 5, { dtype: torch.uint8 }), 1), /bad adaptive filter value 5/);
});
