"""Convolution layers, and layers that fold."""

from layers import *

family("convolution")

line, image, volume = tensor((2, 4, 7), f64), tensor((2, 4, 6, 5), f64), tensor((1, 4, 4, 3, 4), f64)
inputs = {1: line, 2: image, 3: volume}
modes = ("zeros", "reflect", "replicate", "circular")
for n, x in inputs.items():
    module(f"Conv{n}d", 4, 6, 3)(x)(x[0])(x[:0])
    module(f"Conv{n}d", 4, 2, [2] * n, 2, [1] * n, 2, 2, bias=False)(x)
    for mode in modes:
        module(f"Conv{n}d", 4, 2, 3, padding=1, padding_mode=mode)(x)
    module(f"Conv{n}d", 4, 2, 2, padding="same", padding_mode="reflect")(x)
    module(f"Conv{n}d", 4, 2, 3, padding="same", dilation=1)(x)
    module(f"Conv{n}d", 4, 2, 3, padding="valid")(tensor(x.shape))
    module(f"ConvTranspose{n}d", 4, 6, 3)(x)(x[0])
    module(f"ConvTranspose{n}d", 4, 2, [2] * n, 2, 1, 1, 2, bias=False, dilation=2)(x)
module("Conv2d", 4, 8, [3, 1], [1, 2], [0, 3], [2, 1], 4)(image)
module("Conv2d", 4, 2, [3, 2], padding=[2, 1], padding_mode="circular")(image)
module("Conv2d", 3, 16, 5)
module("Conv1d", 4, 4, 3)(image)(line[0, 0])(line[:, :2])
for wrong in ((3, 4, 3, 1, 0, 1, 2), (4, 3, 3, 1, 0, 1, 2), (4, 4, 3, 1, 0, 1, 0), (4, 4, 3, 1, "foo"), (4, 4, 3, 2, "same")):
    module("Conv2d", *wrong)
module("Conv2d", 4, 4, 3, padding_mode="foo")
module("ConvTranspose2d", 4, 4, 3, padding_mode="reflect")
transposed = lambda: module("ConvTranspose2d", 4, 3, 3, 2)
transposed()(image, [14, 12])(image, [2, 3, 14, 12])(image[0], [13, 12])
transposed()(image, [1])(image, [30, 30])(image, [12, 12])
module("Unfold", 2)(image)(image[0])
module("Unfold", (3, 2), 1, (1, 0), 2)(image)
module("Fold", (4, 5), (2, 2), padding=1)(tensor((2, 8, 30), f64))
module("Fold", 4, 2, stride=2)(tensor((8, 4), f64))

for n, x in inputs.items():
    module(f"Conv{n}d", 4, 2, 3, dtype=f64)(x)
    module(f"ConvTranspose{n}d", 4, 2, 3, dtype=f64)(x)
    module(f"Conv{n}d", 4, 4, 9)(x)
    module(f"Conv{n}d", 4, 2, 3, 0)(x)
    module(f"Conv{n}d", 4, 2, 3, padding=-1)(x)
    module(f"Conv{n}d", 4, 2, 2, dilation=0)(x)
    module(f"Conv{n}d", 4, 2, (3,) * (n + 1))(x)
    module(f"ConvTranspose{n}d", 4, 2, 3)(x[:, :3])(x[0, 0])
    module(f"ConvTranspose{n}d", 4, 2, 3, output_padding=1)(x)
    module(f"ConvTranspose{n}d", 3, 4, 3, groups=2)
module("Unfold", (3, 2), (1, 2), 1, (2, 1))(image)(line)(image[0, 0])
module("Unfold", 9)(image)
module("Unfold", 0)(image)
module("Fold", (4, 5), (3, 2), (1, 2), 1, (2, 1))(tensor((2, 12, 10), f64))
module("Fold", (4, 5), 2)(tensor((2, 8, 11), f64))(tensor((2, 9, 12), f64))(tensor((8,), f64))
