"""Records what torchvision.ops does, into ops.json.gz. Run with torchvision 0.14: python3 make.py"""

import pathlib
import sys

import torch
from torch import nn
from torchvision import ops

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent))
from recording import Recording  # noqa: E402

torch.manual_seed(7)
rec = Recording()


def boxes(count, size=20.0, dtype=torch.float32, grad=False):
    corners = torch.rand(count, 4, dtype=torch.float64) * size
    corners[:, 2:] += corners[:, :2]
    return corners.to(dtype).requires_grad_(grad)


# Boxes
rec.call(ops.nms, boxes(40), torch.rand(40), 0.3)
rec.call(ops.nms, boxes(40, dtype=torch.float64), torch.rand(40, dtype=torch.float64), 0.7)
rec.call(ops.nms, torch.zeros(0, 4), torch.zeros(0), 0.5)
rec.call(ops.nms, boxes(4).repeat(3, 1), torch.tensor([0.5, 0.5, 0.5, 0.2] * 3), 0.5)
rec.call(ops.batched_nms, boxes(40), torch.rand(40), torch.randint(0, 3, (40,)), 0.3)
rec.call(ops.batched_nms, boxes(1200), torch.rand(1200), torch.randint(0, 2, (1200,)), 0.3)
rec.call(ops.batched_nms, torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, dtype=torch.int64), 0.3)
for dtype in (torch.float32, torch.float64, torch.int64, torch.int32, torch.int16, torch.uint8):
    grad = dtype.is_floating_point
    rec.call(ops.box_area, boxes(5, dtype=dtype, grad=grad))
    for function in (ops.box_iou, ops.generalized_box_iou):
        rec.call(function, boxes(5, dtype=dtype, grad=grad), boxes(3, dtype=dtype, grad=grad))
for dtype in (torch.float32, torch.float64, torch.int64):
    grad = dtype.is_floating_point
    for function in (ops.distance_box_iou, ops.complete_box_iou):
        rec.call(function, boxes(5, dtype=dtype, grad=grad), boxes(3, dtype=dtype, grad=grad))
        rec.call(function, boxes(2, dtype=dtype, grad=grad), boxes(3, dtype=dtype, grad=grad), 0.5)
rec.call(ops.box_iou, boxes(0), boxes(3))
for source in ("xyxy", "xywh", "cxcywh"):
    for target in ("xyxy", "xywh", "cxcywh"):
        rec.call(ops.box_convert, boxes(3, grad=True), source, target)
rec.call(ops.clip_boxes_to_image, boxes(6, grad=True) - 8, [7, 9])
rec.call(ops.clip_boxes_to_image, (boxes(6) - 8).long().view(2, 3, 4), [7, 9])
rec.call(ops.remove_small_boxes, boxes(12), 9.5)
masks = torch.zeros(4, 9, 7, dtype=torch.bool)
masks[0, 2:5, 3:6] = True
masks[1, 8, 0] = True
masks[2] = True
masks[3, 0, 6] = masks[3, 7, 1] = True
rec.call(ops.masks_to_boxes, masks)
rec.call(ops.masks_to_boxes, masks.float() * 0.5)
rec.call(ops.masks_to_boxes, torch.zeros(0, 4, 4))

# Losses
for function in (ops.generalized_box_iou_loss, ops.distance_box_iou_loss, ops.complete_box_iou_loss):
    for reduction in ("none", "mean", "sum"):
        rec.call(function, boxes(6, grad=True), boxes(6, grad=True), reduction=reduction)
    rec.call(function, boxes(6, dtype=torch.float64, grad=True), boxes(6, dtype=torch.float64), eps=0.1)
    rec.call(function, boxes(1)[0].requires_grad_(), boxes(1)[0])
    rec.call(function, boxes(0, grad=True), boxes(0), reduction="mean")
logits = torch.randn(4, 3).requires_grad_()
targets = torch.randint(0, 2, (4, 3)).float()
rec.call(ops.sigmoid_focal_loss, logits, targets)
rec.call(ops.sigmoid_focal_loss, logits, targets, 0.6, 3, reduction="mean")
rec.call(ops.sigmoid_focal_loss, logits, targets, -1, 1.5, reduction="sum")
rec.call(ops.sigmoid_focal_loss, logits.double().detach().requires_grad_(), targets.double(), alpha=0.1)

# Regions of interest
for dtype in (torch.float32, torch.float64):
    images = torch.randn(2, 4, 9, 7, dtype=dtype).requires_grad_()
    positions = torch.randn(2, 12, 9, 7, dtype=dtype).requires_grad_()
    lists = [boxes(3, 6, dtype), boxes(2, 12, dtype) - 4]
    rows = torch.cat([torch.tensor([[1.0], [0], [1], [1]], dtype=dtype), boxes(4, 5, dtype)], 1)
    rows[2, 3:] = rows[2, 1:3]
    for regions in (lists, rows):
        for function, source in ((ops.roi_align, images), (ops.ps_roi_align, positions)):
            rec.call(function, source, regions, [3, 2])
            rec.call(function, source, regions, [2, 2] if function is ops.roi_align else [2, 3], 0.5, 2)
        rec.call(ops.roi_align, images, regions, 2, 0.75, 3, aligned=True)
        rec.call(ops.roi_align, images, regions, [4, 1], aligned=True)
        rec.call(ops.roi_pool, images, regions, [3, 2])
        rec.call(ops.roi_pool, images, regions, 2, 0.6)
    # Away from the last row and column, where torchvision's gradient of ps_roi_pool is not that of its result.
    for regions in ([boxes(3, 2.5, dtype), boxes(2, 3, dtype) - 1], [boxes(1, 2, dtype), boxes(0, dtype=dtype)]):
        rec.call(ops.ps_roi_pool, positions, regions, [3, 2])
        rec.call(ops.ps_roi_pool, positions, regions, 2, 0.6)
reversed_boxes = torch.tensor([[0, 5.0, 4, 1, 2], [1, 3, 8, 3, 1]])
images = torch.randn(2, 4, 9, 7).requires_grad_()
for ratio in (-1, 2):
    rec.call(ops.roi_align, images, reversed_boxes, 2, 1.0, ratio)
    rec.call(ops.roi_align, images, reversed_boxes, 2, 1.0, ratio, aligned=True)
rec.call(ops.roi_pool, images, reversed_boxes, 2)
rec.call(ops.roi_align, images, [torch.zeros(0, 4), torch.zeros(0, 4)], 2)
rec.call(ops.roi_pool, images, torch.zeros(0, 5), 2)

# Deformable convolution
for dtype in (torch.float32, torch.float64):

    def leaf(*shape):
        return torch.randn(*shape, dtype=dtype).requires_grad_()

    x = leaf(2, 4, 6, 5)
    rec.call(ops.deform_conv2d, x, leaf(2, 12, 4, 4), leaf(3, 4, 3, 2))
    rec.call(ops.deform_conv2d, x, leaf(2, 24, 3, 3), leaf(6, 2, 3, 2), leaf(6), [2, 1], [1, 0], [1, 2], leaf(2, 12, 3, 3))
    rec.call(ops.deform_conv2d, x, leaf(2, 18, 6, 5), leaf(4, 1, 3, 3), leaf(4), padding=1)
    rec.call(ops.deform_conv2d, x, leaf(2, 8, 3, 2), leaf(2, 4, 2, 2), stride=2, mask=leaf(2, 4, 3, 2))
rec.module(ops.DeformConv2d, leaf(1, 4, 6, 5).float().detach(), torch.randn(1, 18, 6, 5), args=(4, 6, 3), padding=1, groups=2)
rec.module(
    ops.DeformConv2d,
    torch.randn(1, 4, 6, 6).requires_grad_(),
    torch.randn(1, 24, 3, 4).requires_grad_(),
    torch.rand(1, 12, 3, 4).requires_grad_(),
    args=(4, 6, (3, 2), (2, 1), (1, 0), (1, 2)),
    bias=False,
)

# Modules
images = torch.randn(2, 12, 9, 7).requires_grad_()
rois = [boxes(2, 6), boxes(1, 6)]
rec.module(ops.RoIAlign, images, rois, args=((3, 2), 0.5, 2))
rec.module(ops.RoIAlign, images, rois, args=(2, 1.0, -1), aligned=True)
rec.module(ops.PSRoIAlign, images, rois, args=((3, 2), 0.5, 2))
rec.module(ops.RoIPool, images, rois, args=((3, 2), 0.5))
rec.module(ops.PSRoIPool, images, [boxes(2, 2), boxes(1, 2)], args=(2, 1.0))
rec.module(ops.DropBlock2d, torch.randn(2, 3, 9, 8).requires_grad_(), args=(0.2, 3))
rec.module(ops.DropBlock2d, torch.randn(2, 3, 9, 8), args=(0.1, 5), eps=0.01)
rec.module(ops.DropBlock2d, torch.randn(2, 3, 4, 3), args=(0.3, 7))
rec.module(ops.DropBlock3d, torch.randn(1, 2, 5, 6, 7).requires_grad_(), args=(0.2, 3))
x = torch.randn(2, 3, 6, 6)
rec.call(ops.drop_block2d, x, 0.3, 3, training=False)
rec.call(ops.drop_block2d, x, 0.3, 3, seed=3)
rec.call(ops.drop_block2d, x, 0.0, 3)
rec.call(ops.drop_block3d, torch.randn(1, 2, 4, 4, 4), 0.3, 3, seed=3)

maps = {
    "a": torch.randn(1, 3, 8, 10).requires_grad_(),
    "b": torch.randn(1, 4, 4, 5).requires_grad_(),
    "c": torch.randn(1, 5, 2, 2).requires_grad_(),
}
rec.module(ops.FeaturePyramidNetwork, maps, args=([3, 4, 5], 4))
rec.module(ops.FeaturePyramidNetwork, maps, args=([3, 4, 5], 4), norm_layer=nn.BatchNorm2d)
levels = {"0": torch.randn(2, 3, 32, 40).requires_grad_(), "x": torch.randn(2, 3, 1, 1), "1": torch.randn(2, 3, 16, 20)}
rec.module(
    ops.MultiScaleRoIAlign,
    levels,
    [boxes(4, 90), boxes(3, 30)],
    [(128, 160), (120, 130)],
    args=(["0", "1"], 2, 2),
    canonical_scale=64,
)
rec.module(ops.MultiScaleRoIAlign, levels, [boxes(4, 90), boxes(3, 30)], [(128, 160)] * 2, args=(["1"], [3, 2], -1))

rec.write(here / "ops.json.gz")
