/** The order in memory of joined tensors: channels innermost where all of them have it so. Strides are PyTorch's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tensor } from "../../src/index.js";
import * as torch from "../../src/index.js";

const images = torch.rand(2, 4, 3, 3);
const last = images.to({ memoryFormat: torch.channelsLast });
const volumes = torch.rand(2, 4, 3, 3, 3).to({ memoryFormat: torch.channelsLast3d });
const gray = torch.rand(2, 1, 3, 3);
const points = torch.rand(2, 4, 1, 1);
const toLast = (x: Tensor) => x.to({ memoryFormat: torch.channelsLast });
const none = toLast(torch.rand(0, 4, 3, 3));

const joined: [name: string, tensors: Tensor[], dim: number, strides: number[]][] = [
  ["batches", [last, last], 0, [36, 1, 12, 4]],
  ["channels", [last, last], 1, [72, 1, 24, 8]],
  ["rows", [last, last], 2, [72, 1, 12, 4]],
  ["columns", [last, last], -1, [72, 1, 24, 4]],
  ["volumes", [volumes, volumes], 1, [216, 1, 72, 24, 8]],
  ["parts of channels", [last.narrow(1, 0, 2), last.narrow(1, 2, 2)], 1, [36, 1, 12, 4]],
  ["parts of rows", [last.narrow(2, 1, 2), last.narrow(2, 0, 2)], 2, [48, 1, 12, 4]],
  ["several dtypes", [last, last.double()], 1, [72, 1, 24, 8]],
  ["row-major ones", [images, images], 1, [72, 9, 3, 1]],
  ["both kinds", [last, images], 1, [72, 9, 3, 1]],
  ["both kinds, row-major first", [images, last], 1, [72, 9, 3, 1]],
  ["one without elements", [last, torch.rand(0)], 1, [36, 9, 3, 1]],
  ["one channel", [gray, gray], 1, [18, 9, 3, 1]],
  ["one channel, which is innermost", [toLast(gray), toLast(gray)], 1, [18, 1, 6, 2]],
  ["one place", [points, points], 1, [8, 1, 1, 1]],
  ["one place, where channels are innermost", [toLast(points), toLast(points)], 1, [8, 1, 8, 8]],
  ["no images", [none, none], 0, [36, 9, 3, 1]],
];

for (const [name, tensors, dim, strides] of joined) {
  test(`cat of ${name}`, () => {
    for (const cat of [torch.cat, torch.concat, torch.concatenate]) {
      const result = cat(tensors, dim);
      assert.deepEqual(result.stride(), strides);
      const rowMajor = cat(
        tensors.map((one) => one.contiguous()),
        dim,
      );
      assert.ok(torch.equal(result.contiguous(), rowMajor.contiguous()));
    }
  });
}

test("cat without memory", () => {
  assert.deepEqual(torch.cat([last.to("meta"), last.to("meta")], 1).stride(), [72, 1, 24, 8]);
  assert.deepEqual(torch.cat([images.to("meta"), last.to("meta")], 1).stride(), [72, 9, 3, 1]);
});

const stacked: [name: string, tensors: Tensor[], dim: number, strides: number[]][] = [
  ["images in front", [last, last], 0, [72, 36, 1, 12, 4]],
  ["images before the channels", [last, last], 1, [72, 4, 1, 24, 8]],
  ["images behind the columns", [last, last], -1, [72, 18, 6, 2, 1]],
  ["volumes in front", [volumes, volumes], 0, [216, 108, 1, 36, 12, 4]],
  ["both kinds", [last, images], 0, [72, 36, 9, 3, 1]],
];

for (const [name, tensors, dim, strides] of stacked) {
  test(`stack of ${name}`, () => {
    const other = tensors.map((one, i) => one.add(i));
    const result = torch.stack(other, dim);
    assert.deepEqual(result.stride(), strides);
    const rowMajor = other.map((one) => one.contiguous());
    assert.ok(torch.equal(result.contiguous(), torch.stack(rowMajor, dim).contiguous()));
  });
}

test("gradients go through joined images", () => {
  for (const join of [(x: Tensor) => torch.cat([x, x.mul(2)], 1), (x: Tensor) => torch.stack([x, x.mul(2)], 1)]) {
    const x = last.clone().requiresGrad_();
    const result = join(x);
    const weights = torch.tensor([0, 1]).view([2, ...new Array(result.ndim - 1).fill(1)]);
    result.mul(weights).sum().backward();
    const expected = torch.tensor([0, 3]).view(2, 1, 1, 1).expand(2, 4, 3, 3);
    assert.ok(torch.equal(x.grad as Tensor, expected));
  }
});
