"""Modules that learn their sizes from the first input: the state before and after it, and what they become."""

from layers import *

family("lazy")

x, batch = tensor((3, 4), f64), tensor((2, 3, 4), f64)
module("LazyLinear", 3)(x)(batch)(x[0])(x[:0])(tensor((3, 5), f64))
module("LazyLinear", 2, bias=False)(batch)
module("LazyLinear", 2)(tensor((3, 4)))
module("LazyLinear", 2, dtype=f64)(x)

inputs = {1: tensor((2, 4, 7), f64), 2: tensor((2, 4, 6, 5), f64), 3: tensor((1, 4, 4, 3, 4), f64)}
wrong = {1: inputs[2], 2: inputs[1], 3: inputs[2]}
for n, x in inputs.items():
    module(f"LazyConv{n}d", 6, 3)(x)(x[0])(x[:, :2])
    module(f"LazyConv{n}d", 2, [2] * n, 2, [1] * n, 2, 2, bias=False)(x)
    for mode in ("reflect", "replicate", "circular"):
        module(f"LazyConv{n}d", 2, 3, padding=1, padding_mode=mode)(x)
    module(f"LazyConv{n}d", 2, 3, padding="same")(x[0])
    module(f"LazyConv{n}d", 3, 3, groups=3)(x)
    module(f"LazyConv{n}d", 4, 3)(x[0, 0])
    module(f"LazyConvTranspose{n}d", 6, 3)(x)(x[0])(x[:, :2])
    module(f"LazyConvTranspose{n}d", 2, [2] * n, 2, 1, 1, 2, bias=False, dilation=2)(x)
    module(f"LazyConvTranspose{n}d", 3, 3, groups=3)(x)
    module(f"LazyConvTranspose{n}d", 4, 3)(x[0, 0])
    module(f"LazyConv{n}d", 4, 3, 1, "foo")
    module(f"LazyBatchNorm{n}d")(wrong[n])
    module(f"LazyInstanceNorm{n}d", affine=True)(wrong[n] if n == 1 else x[0, 0])
wide = inputs[2]
network = [made("LazyConv2d", 3, 3), made("ReLU"), made("LazyBatchNorm2d"), made("Flatten"), made("LazyLinear", 2)]
module("Sequential", *network)(wide)(wide)
