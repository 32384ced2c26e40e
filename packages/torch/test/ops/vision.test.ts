/** torchvision's operators: values recorded from torchvision, derivatives, boxes that are none, and other devices. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { torchvision } = torch.ops;
const { float64 } = torch;

const doubles = (values: readonly (readonly number[])[]) => torch.tensor(values, { dtype: float64 });
const image = (...shape: number[]) =>
  torch
    .arange(shape.reduce((a, b) => a * b, 1))
    .to(float64)
    .mul(0.37)
    .sin()
    .view(shape);

const regions = doubles([
  [0, 0.5, 1.2, 5.5, 6.1],
  [1, 2, 2, 3, 3],
  [1, -3, -2, 20, 12],
]);

/** The operators on regions, each with bins of 3 × 2. */
const operators: Record<string, (input: Tensor, rois: Tensor) => Tensor> = {
  roiAlign: (x, rois) => torchvision.roiAlign(x, rois, 0.7, 3, 2, 2, false),
  "roiAlign, by size": (x, rois) => torchvision.roiAlign(x, rois, 0.7, 3, 2, -1, true),
  psRoiAlign: (x, rois) => torchvision.psRoiAlign(x, rois, 0.7, 3, 2, 2),
  roiPool: (x, rois) => torchvision.roiPool(x, rois, 0.7, 3, 2).output,
  psRoiPool: (x, rois) => torchvision.psRoiPool(x, rois, 0.7, 3, 2),
};

describe("regions of interest", () => {
  for (const [name, run] of Object.entries(operators)) {
    test(`${name} has the derivative that small differences show`, () => {
      const input = image(2, 6, 5, 6).requiresGrad_();
      assert.ok(torch.autograd.gradcheck((x) => run(x, regions), [input]));
    });

    test(`${name} in half types is that of float32, rounded`, () => {
      for (const dtype of [torch.float16, torch.bfloat16]) {
        const input = image(2, 6, 5, 6).to(dtype);
        const rois = regions.to(dtype);
        const expected = run(input.to(torch.float32), rois.to(torch.float32)).to(dtype);
        assert.ok(torch.equal(run(input, rois), expected));
      }
    });

    test(`${name} takes views, and no regions`, () => {
      const input = image(2, 6, 5, 6);
      const turned = input.transpose(2, 3).contiguous().transpose(2, 3);
      assert.ok(torch.equal(run(turned, regions), run(input, regions)));
      assert.equal(run(input, torch.zeros([0, 5], { dtype: float64 })).numel(), 0);
    });

    test(`${name} on meta has the shape`, () => {
      const result = run(image(2, 6, 5, 6).to("meta"), regions.to("meta"));
      assert.deepEqual(result.shape, run(image(2, 6, 5, 6), regions).shape);
    });

    test(`${name} refuses images that do not exist`, () => {
      for (const index of [-1, 2, Number.NaN, Infinity, 1e300]) {
        const wrong = doubles([[index, 0, 0, 3, 3]]);
        assert.throws(() => run(image(2, 6, 5, 6), wrong), RangeError);
        const ofNone = torch.zeros([0, 6, 5, 6], { dtype: float64 });
        assert.throws(() => run(ofNone, doubles([[0, 0, 0, 3, 3]])), RangeError);
      }
    });

    test(`${name} takes boxes that are none`, () => {
      const odd = [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 1e12, 2 ** 31, 0];
      const input = image(1, 6, 5, 6).requiresGrad_();
      for (const x of odd) {
        for (const y of odd) {
          const boxes = doubles([
            [0, x, y, 3, 3],
            [0, 1, 1, x, y],
            [0, y, x, x, y],
          ]);
          const result = run(input, boxes);
          assert.deepEqual(result.shape[0], 3);
          result.sum().backward();
        }
      }
      assert.deepEqual(input.grad?.shape, input.shape);
    });

    test(`${name} says what does not fit`, () => {
      assert.throws(() => run(image(2, 6, 5, 6), doubles([[0, 1, 2, 3]])), /rois must have shape as Tensor\[K, 5\]/);
      assert.throws(() => run(image(6, 5, 6), regions), /input must have shape as Tensor\[N, C, H, W\]/);
      assert.throws(() => run(image(2, 6, 5, 6).to(torch.float32), regions), TypeError);
      assert.throws(
        () => run(image(2, 6, 5, 6).to(torch.int64), regions.to(torch.int64)),
        /not implemented for 'Long'/,
      );
    });
  }

  test("bins with channels of their own need as many channels", () => {
    const words = /input channels must be a multiple of pooling height \* pooling width/;
    assert.throws(() => torchvision.psRoiAlign(image(2, 5, 5, 6), regions, 1, 3, 2, 2), words);
    assert.throws(() => torchvision.psRoiPool(image(2, 5, 5, 6), regions, 1, 3, 2), words);
  });

  test("bins and samples are of numbers that are", () => {
    assert.throws(() => torchvision.roiAlign(image(2, 1, 5, 6), regions, 1, 0, 2, 2, false), RangeError);
    assert.throws(() => torchvision.roiPool(image(2, 1, 5, 6), regions, 1, 2, -1), RangeError);
    assert.throws(() => torchvision.roiAlign(image(2, 1, 5, 6), regions, 1, 2, 2, 2 ** 40, false), RangeError);
  });

  test("no regions, and bins beyond all numbers", () => {
    const none = torch.empty(0, 5, { dtype: float64 });
    const many = 2 ** 31 - 1;
    const shape = [0, 3, many, many];
    assert.deepEqual(torchvision.roiPool(image(2, 3, 5, 6), none, 1, many, many).output.shape, shape);
    assert.deepEqual(torchvision.roiAlign(image(2, 3, 5, 6), none, 1, many, many, 2, false).shape, shape);
    const input = image(2, 3, 5, 6).requiresGrad_();
    torchvision.roiPool(input, none, 1, many, many).output.sum().backward();
    assert.equal(input.grad?.abs().sum().item(), 0);
  });

  test("RoIAlign and its position-sensitive form can be differentiated twice", () => {
    for (const name of ["roiAlign", "roiAlign, by size", "psRoiAlign", "psRoiPool"]) {
      const run = operators[name] as (typeof operators)[string];
      assert.ok(torch.autograd.gradgradcheck((x) => run(x, regions), [image(2, 6, 3, 4).requiresGrad_()]));
    }
    const input = image(2, 6, 3, 4).requiresGrad_();
    const output = operators.roiPool?.(input, regions) as Tensor;
    const [grad] = torch.autograd.grad([output.mul(output).sum()], [input], undefined, { createGraph: true });
    assert.throws(() => (grad as Tensor).sum().backward(), /double backwards on roi_pool not supported/);
  });
});

describe("nms", () => {
  const boxes = torch.tensor([
    [0, 0, 10, 10],
    [1, 1, 11, 11],
    [20, 20, 30, 30],
    [0, 0, 10, 10],
    [21, 19, 31, 29],
  ]);
  const scores = torch.tensor([0.5, 0.9, 0.3, 0.9, 0.7]);

  test("keeps the best of boxes that overlap, the first of equals", () => {
    assert.deepEqual(torchvision.nms(boxes, scores, 0.5).tolist(), [1, 4]);
    assert.deepEqual(torchvision.nms(boxes, scores, 0.7).tolist(), [1, 3, 4, 2]);
    assert.deepEqual(torchvision.nms(boxes, scores, 1).tolist(), [1, 3, 4, 0, 2]);
  });

  test("boxes of nothing and of no numbers overlap with none", () => {
    const odd = torch.tensor([
      [Number.NaN, 0, 1, 1],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [-Infinity, 0, Infinity, 1],
      [5, 5, 2, 2],
    ]);
    assert.deepEqual(torchvision.nms(odd, torch.arange(5).to(torch.float32), 0.1).tolist(), [4, 3, 2, 1, 0]);
    assert.deepEqual(torchvision.nms(torch.zeros(0, 4), torch.zeros(0), 0.5).shape, [0]);
  });

  test("says what does not fit", () => {
    assert.throws(() => torchvision.nms(torch.zeros(4), scores, 0.5), /boxes should be a 2d tensor, got 1D/);
    assert.throws(() => torchvision.nms(torch.zeros(4, 5), scores, 0.5), /boxes should have 4 elements in dimension 1/);
    assert.throws(() => torchvision.nms(boxes, scores.view(1, 5), 0.5), /scores should be a 1d tensor/);
    assert.throws(() => torchvision.nms(boxes, scores.narrow(0, 0, 4), 0.5), /same number of elements in dimension 0/);
    assert.throws(() => torchvision.nms(boxes, scores.to(float64), 0.5), TypeError);
    assert.throws(() => torchvision.nms(boxes.to("meta"), scores.to("meta"), 0.5), /depends on their numbers/);
  });
});

describe("deformConv2d", () => {
  const call = (x: Tensor, w: Tensor, o: Tensor, m: Tensor, b: Tensor, useMask = true) =>
    torchvision.deformConv2d(x, w, o, m, b, 2, 1, 1, 0, 1, 1, 2, 2, useMask);
  const parts = () => {
    const shapes = [[2, 4, 5, 4], [4, 2, 3, 2], [2, 24, 3, 3], [2, 12, 3, 3], [4]];
    const made = shapes.map((shape, i) => image(...shape).add(0.01 * i)) as [Tensor, Tensor, Tensor, Tensor, Tensor];
    return made.map((part) => part.requiresGrad_()) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  };

  test("without offsets it is a convolution", () => {
    const [x, w, o, , b] = parts();
    const result = call(x, w, o.mul(0), torch.ones([2, 12, 3, 3], { dtype: float64 }), b);
    const expected = torch.nn.functional.conv2d(x, w, b, { stride: [2, 1], padding: [1, 0], groups: 2 });
    assert.ok(torch.allclose(result, expected));
  });

  test("has the derivatives that small differences show", () => {
    assert.ok(torch.autograd.gradcheck((x, w, o, m, b) => call(x, w, o, m, b), parts()));
    const [x, w, o, m, b] = parts();
    assert.ok(torch.autograd.gradcheck((x: Tensor, w: Tensor, o: Tensor) => call(x, w, o, m, b, false), [x, w, o]));
  });

  test("half types and meta", () => {
    const halves = parts().map((part) => part.detach().to(torch.bfloat16)) as ReturnType<typeof parts>;
    const wide = halves.map((part) => part.to(torch.float32)) as ReturnType<typeof parts>;
    assert.ok(torch.allclose(call(...halves).to(torch.float32), call(...wide), 0.05, 0.1));
    const meta = parts().map((part) => part.detach().to("meta")) as ReturnType<typeof parts>;
    assert.deepEqual(call(...meta).shape, [2, 4, 3, 3]);
  });

  test("offsets that lead nowhere see zeros", () => {
    for (const away of [Number.NaN, Infinity, -Infinity, 1e30, -1e9]) {
      const [x, w, o, m, b] = parts();
      const result = call(x, w, o.detach().fill_(away).requiresGrad_(), m, b.detach());
      assert.ok(torch.equal(result.detach(), b.detach().view(1, 4, 1, 1).expand(2, 4, 3, 3)));
      result.sum().backward();
      assert.equal(x.grad?.abs().sum().item(), 0);
    }
  });

  test("says what does not fit", () => {
    const [x, w, o, m, b] = parts();
    assert.throws(() => call(x, w, o.narrow(1, 0, 12), m, b), /offset.shape\[1\] is not valid: got: 12 expected: 24/);
    assert.throws(() => call(x, w, o.narrow(0, 0, 1), m, b), /invalid batch size of offset/);
    assert.throws(
      () => call(x, w, o.narrow(2, 0, 2), m, b),
      /offset output dims: \(2, 3\) - computed output dims: \(3, 3\)/,
    );
    assert.throws(() => call(x, w, o, m.narrow(1, 0, 6), b), /mask.shape\[1\] is not valid: got: 6 expected: 12/);
    assert.throws(() => call(x, w, o, m, b.narrow(0, 0, 3)), /expected bias of size \[4\], got \[3\]/);
    assert.throws(() => call(x.to(torch.float32), w, o, m, b), TypeError);
    assert.throws(
      () => torchvision.deformConv2d(x, w, o, m, b, 0, 1, 1, 0, 1, 1, 2, 2, true),
      /stride_h: 0 stride_w: 1/,
    );
  });
});
