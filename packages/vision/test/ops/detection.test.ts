/** What recorded calls do not tell of the operations of detection: what is refused, and forms that have no results there. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ops } from "@flambeau/vision";
import torch, { nn, type Tensor } from "flambeau";

const boxes = torch.tensor([
  [0, 0, 10, 10],
  [2, 2, 8, 6],
]);

describe("boxes", () => {
  test("other shapes are refused", () => {
    const wrong = torch.zeros(2, 5);
    assert.throws(() => ops.boxArea(wrong), /expected boxes of shape \[N, 4\], got \[2, 5\]/);
    assert.throws(() => ops.boxIou(boxes, wrong), /expected boxes of shape/);
    assert.throws(() => ops.removeSmallBoxes(wrong, 1), /expected boxes of shape/);
    assert.throws(() => ops.clipBoxesToImage(wrong, [4, 4]), /expected boxes of shape/);
    assert.throws(() => ops.clipBoxesToImage(boxes, [4]), /expected a size \[height, width\], got \[4\]/);
    assert.throws(() => ops.generalizedBoxIouLoss(boxes, wrong), /expected boxes of shape/);
    assert.throws(() => ops.boxConvert(boxes, "xyxy", "foo" as "xyxy"), TypeError);
    assert.throws(() => ops.nms(boxes, torch.zeros(3), 0.5), /same number of elements in dimension 0/);
  });

  test("masks without elements have no box", () => {
    const masks = torch.zeros(2, 3, 3);
    masks.setAt([0, 1, 1], 1);
    assert.throws(() => ops.masksToBoxes(masks), /a mask is zero everywhere/);
    assert.throws(() => ops.masksToBoxes(torch.zeros(3, 3)), /expected masks of shape \[N, H, W\]/);
  });

  test("losses know their reductions", () => {
    assert.throws(() => ops.distanceBoxIouLoss(boxes, boxes, { reduction: "max" as "sum" }), TypeError);
    assert.equal(ops.completeBoxIouLoss(boxes, boxes, { reduction: "sum" }).item(), 0);
  });
});

describe("regions of interest", () => {
  const images = torch.rand(2, 4, 8, 8);

  test("boxes of other shapes, sizes and images are refused", () => {
    assert.throws(() => ops.roiAlign(images, boxes, 2), /not correct as Tensor\[K, 5\], got \[2, 4\]/);
    assert.throws(() => ops.roiPool(images, [torch.zeros(2, 5)], 2), /not correct as List\[Tensor\[L, 4\]\]/);
    assert.throws(() => ops.roiAlign(images, [boxes, boxes, boxes], 2), RangeError);
    assert.throws(() => ops.roiAlign(images, [boxes, boxes], [1, 2, 3]), /output_size must be one number or two/);
    assert.throws(() => ops.psRoiAlign(images, [boxes, boxes], 3), /input channels must be a multiple/);
    assert.throws(() => ops.roiAlign(images, 3 as unknown as Tensor, 2), TypeError);
  });

  test("a pooler keeps the levels of the first images, also as a copy", () => {
    const pooler = new ops.MultiScaleRoIAlign(["a", "b"], 2, 2);
    const maps = { a: torch.rand(1, 3, 16, 16), b: torch.rand(1, 3, 8, 8) };
    const large = boxes.mul(10);
    const result = pooler(maps, [large], [[64, 64]]);
    assert.deepEqual(pooler.levels, { scales: [0.25, 0.125], first: 2, last: 3 });
    assert.ok(torch.equal(torch.deepcopy(pooler)(maps, [large], [[64, 64]]), result));
    assert.throws(() => new ops.MultiScaleRoIAlign(["c"], 2, 2)(maps, [large], [[64, 64]]), /none of c was given/);
    assert.throws(() => new ops.MultiScaleRoIAlign(["a"], 2, 2)(maps, [large], []), /images list should not be empty/);
  });
});

describe("DropBlock", () => {
  test("blocks of an even size are blocks, too", () => {
    torch.manualSeed(0);
    const dropped = ops
      .dropBlock2d(torch.ones(1, 1, 12, 10), 0.1, 4)
      .ne(0)
      .squeeze();
    const zeros = dropped.logicalNot().sum().item();
    assert.ok(zeros >= 16 && zeros < 120, `${zeros}`);
    // Every zero is in a block of 4 × 4 zeros.
    const blocks = nn.functional.maxPool2d(dropped.float().view(1, 1, 12, 10), 4, 1).eq(0);
    const covered = nn.functional.maxPool2d(nn.functional.pad(blocks.float(), [3, 3, 3, 3]), 4, 1).squeeze();
    assert.ok(torch.equal(covered.ne(0), dropped.logicalNot()));
  });

  test("changes its input if that is wanted, and does nothing outside of training", () => {
    const input = torch.ones(2, 2, 6, 6);
    assert.equal(ops.dropBlock2d(input, 0.3, 3, { inplace: true }), input);
    assert.ok(input.eq(0).any().item());
    assert.equal(new ops.DropBlock2d(0.3, 3).eval()(input), input);
    assert.throws(() => ops.dropBlock2d(input, 1.5, 3), RangeError);
    assert.throws(() => ops.dropBlock2d(input, 0.5, 0), RangeError);
    assert.throws(() => ops.dropBlock3d(input, 0.5, 3), /input should be 5 dimensional. Got 4 dimensions./);
  });
});

describe("feature pyramids", () => {
  const maps = { a: torch.rand(1, 3, 8, 8), b: torch.rand(1, 4, 4, 4) };

  test("get further levels from a block", () => {
    const pooled = new ops.FeaturePyramidNetwork([3, 4], 5, new ops.LastLevelMaxPool())(maps);
    assert.deepEqual(Object.keys(pooled), ["a", "b", "pool"]);
    assert.deepEqual(pooled.pool?.shape, [1, 5, 2, 2]);
    const network = new ops.FeaturePyramidNetwork([3, 4], 5, { extraBlocks: new ops.LastLevelP6P7(4, 5) });
    const further = network(maps);
    assert.deepEqual(Object.keys(further), ["a", "b", "p6", "p7"]);
    assert.deepEqual(further.p7?.shape, [1, 5, 1, 1]);
    assert.ok(network.stateDict()["extra_blocks.p6.weight"]);
  });

  test("are refused without channels, with other blocks and other maps", () => {
    assert.throws(() => new ops.FeaturePyramidNetwork([3, 0], 5), /in_channels=0 is currently not supported/);
    const other = new nn.ReLU() as unknown as ops.ExtraFPNBlock;
    assert.throws(() => new ops.FeaturePyramidNetwork([3], 5, other), /must be ExtraFPNBlock/);
    assert.throws(() => new ops.FeaturePyramidNetwork([3], 5)(maps), /expected 1 feature maps, got 2/);
  });
});
