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
for kind, x in (("linear", image[0]), ("bicubic", image), ("trilinear", tensor((1, 2, 3, 2, 4), f64))):
    module("Upsample", None, 2, mode=kind)(x)
    module("Upsample", 5, mode=kind, align_corners=True)(x)
    module("Upsample", None, 1.5, mode=kind, recompute_scale_factor=True)(x)
module("Upsample", 3, mode="nearest-exact")(image[0])(tensor((1, 2, 3, 2, 4), f64))(image.float())
module("Upsample", (3, 6), mode="bilinear")(image[0])(tensor((1, 2, 3, 2, 4), f64))(image[:0])
module("Upsample", 3, mode="linear")(image)
module("Upsample", 3, align_corners=True)(image)
module("Upsample", (3, 4, 5))(image)
module("Upsample", None, (2.0, 2.0, 2.0))(image)
module("Upsample")(image)
module("Upsample", 3, 2)(image)
module("Upsample", 0)(image)
module("UpsamplingNearest2d", None, 2)(image[0, 0])
module("UpsamplingBilinear2d", None, 2)(image[0])
