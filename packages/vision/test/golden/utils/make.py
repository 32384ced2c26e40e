"""Records what torchvision.utils does, into utils.json.gz. Run with torchvision 0.14 and Pillow 9.4: python3 make.py"""

import pathlib
import sys

import torch
from torchvision import utils

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent))
from recording import Recording  # noqa: E402

torch.manual_seed(3)
rec = Recording()


def bytes_of(*shape):
    return torch.randint(0, 256, shape, dtype=torch.uint8)


# Grids
images = torch.rand(5, 3, 4, 6)
rec.call(utils.make_grid, images)
rec.call(utils.make_grid, images, 2, 1)
rec.call(utils.make_grid, images * 4 - 1, nrow=3, normalize=True)
rec.call(utils.make_grid, images * 4 - 1, 3, 0, normalize=True, scale_each=True, pad_value=0.5)
rec.call(utils.make_grid, images * 4 - 1, normalize=True, value_range=(0.25, 2.0))
rec.call(utils.make_grid, [torch.rand(1, 3, 3), torch.rand(1, 3, 3)], padding=3)
rec.call(utils.make_grid, torch.rand(3, 3))
rec.call(utils.make_grid, torch.rand(2, 5, 4))
rec.call(utils.make_grid, torch.rand(1, 1, 4, 3), normalize=True)
rec.call(utils.make_grid, bytes_of(3, 3, 2, 2), 2, pad_value=7)

# Flow
rec.call(utils.flow_to_image, torch.randn(2, 6, 7))
rec.call(utils.flow_to_image, torch.randn(3, 2, 5, 4) * 40)
rec.call(utils.flow_to_image, torch.zeros(2, 2, 2))

# Masks
image = bytes_of(3, 7, 9)
masks = torch.rand(3, 7, 9) > 0.5
rec.call(utils.draw_segmentation_masks, image, masks)
rec.call(utils.draw_segmentation_masks, image, masks, 0.35, ["red", "#00FF7f", "rgb(10, 20, 30)"])
rec.call(utils.draw_segmentation_masks, image, masks[0], 0.5, colors=[(1, 2, 3)])
rec.call(utils.draw_segmentation_masks, image, masks, alpha=0.0)
rec.call(utils.draw_segmentation_masks, image, masks, alpha=1.0)

# Boxes
image = bytes_of(3, 30, 34)
boxes = torch.tensor([[3.7, 4, 20, 15], [10, 8, 33, 29], [-4, -6, 5, 40], [7, 7, 7, 7], [20, 3, 60, 9], [50, 50, 60, 60]])
rec.call(utils.draw_bounding_boxes, image, boxes)
rec.call(utils.draw_bounding_boxes, image, boxes, colors=["red", "blue", "#123", (9, 8, 7), "hsl(120, 100%, 25%)", "gold"])
for width in (2, 4, 7):
    rec.call(utils.draw_bounding_boxes, image, boxes, colors="green", width=width)
    rec.call(utils.draw_bounding_boxes, image, boxes, fill=True, width=width)
rec.call(utils.draw_bounding_boxes, image[:1], boxes.long(), colors=(240, 10, 157), fill=True)

# Keypoints
points = torch.tensor([[[5.2, 6], [20, 9], [12, 25]], [[-3, 4], [33, 29], [16, 16]]])
links = [(0, 1), (1, 2), (2, 0), (0, 0)]
rec.call(utils.draw_keypoints, image, points, colors="lime")
rec.call(utils.draw_keypoints, image, points, links, (1, 2, 3))
for radius in range(0, 9):
    rec.call(utils.draw_keypoints, image, points, colors="red", radius=radius)
for width in (1, 2, 3, 4, 5, 8):
    rec.call(utils.draw_keypoints, image, points, links, width=width)
    for seed in range(6):
        some = torch.randint(-8, 42, (3, 2, 2)).float()
        rec.call(utils.draw_keypoints, torch.zeros(3, 30, 34, dtype=torch.uint8), some, [(0, 1)], None, 2, width)

rec.write(here / "utils.json.gz")
