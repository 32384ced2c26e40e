"""Layers that resize."""

from layers import *

family("upsampling")

image = tensor((2, 3, 4, 5), f64)
module("Upsample", 7)(image)
module("Upsample", (3, 6), mode="bicubic")(image)
module("Upsample", None, 2)(image)(tensor((2, 3, 4), f64))
module("Upsample", None, 1.5, mode="bilinear", align_corners=True)(image)(image[0])
module("Upsample", None, (1.5, 2.0), mode="nearest-exact", recompute_scale_factor=True)(image)
module("UpsamplingNearest2d", None, 2)(image)
module("UpsamplingNearest2d", (3, 7))(image)
module("UpsamplingBilinear2d", None, 3)(image)
module("UpsamplingBilinear2d", 9)(image)
