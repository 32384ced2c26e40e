"""Pooling layers."""

from layers import *

family("pooling")

inputs = {1: distinct((2, 3, 7), f64), 2: distinct((2, 3, 6, 5), f64), 3: distinct((1, 2, 4, 4, 3), f64)}
for n, x in inputs.items():
    uneven = (2, 1, 3)[:n]
    module(f"MaxPool{n}d", 2)(x)(x[0])(tensor(x.shape))
    module(f"MaxPool{n}d", uneven, 1, 0, 2, return_indices=False, ceil_mode=True)(x)
    module(f"MaxPool{n}d", 3, 2, padding=1, return_indices=True)(x)
    module(f"MaxPool{n}d", 2, padding=2)(x)
    module(f"AvgPool{n}d", 2)(x)(x[0])
    module(f"AvgPool{n}d", uneven, 1)(x)
    module(f"AvgPool{n}d", 3, 2, 1, ceil_mode=True, count_include_pad=False)(x)
    module(f"AdaptiveAvgPool{n}d", 2)(x)(x[0])
    module(f"AdaptiveMaxPool{n}d", 2)(x)
    module(f"AdaptiveMaxPool{n}d", uneven if n > 1 else 3, return_indices=True)(x)
    module(f"MaxUnpool{n}d", 2)
    module(f"MaxUnpool{n}d", uneven, 1, 0)
    output, indices = getattr(torch.nn, f"MaxPool{n}d")(2, return_indices=True)(x)
    module(f"MaxUnpool{n}d", 2)(output, indices, list(x.shape[2:]))(output, indices, [99] * n)
    if n < 3:
        module(f"LPPool{n}d", 2, 3)(x)(x[0])(x[..., :1])
        module(f"LPPool{n}d", 1.5, uneven if n > 1 else 2, 1, ceil_mode=True)(x.abs() + 1)
    else:
        module("LPPool3d", 2, 3)(x)(x[0])
        module("LPPool3d", 1.5, (2, 1, 3), 1, ceil_mode=True)(x.abs() + 1)
        module("LPPool3d", 3, (2, 2, 2), (1, 2, 1))(x.abs())
    if n > 1:
        module(f"AdaptiveMaxPool{n}d", (None, 3, 2)[:n])(x)
        module(f"FractionalMaxPool{n}d", (2, 1, 1)[:n], output_size=(2, 3, 2)[:n], return_indices=True)(x)
        module(f"FractionalMaxPool{n}d", 2, output_ratio=(0.5, 0.75, 0.5)[:n])(x)
        module(f"FractionalMaxPool{n}d", 9, output_size=2)(x)
        module(f"AvgPool{n}d", 2, divisor_override=0)(x)
        module(f"AvgPool{n}d", 2, divisor_override=3)(x)
        module(f"AdaptiveAvgPool{n}d", (None, 3, 2)[:n])(x)
        module(f"FractionalMaxPool{n}d", 2, output_size=2)(x)
        module(f"FractionalMaxPool{n}d", 1, output_ratio=0.5, return_indices=True)(x)(x[0])
        module(f"FractionalMaxPool{n}d", 2)
        module(f"FractionalMaxPool{n}d", 2, 2, 0.5)
        module(f"FractionalMaxPool{n}d", 2, output_ratio=1.5)
    two = (2, 3, 2)[:n]
    module(f"MaxPool{n}d", two, two, 1)(x)(x.transpose(-1, -2) if n > 1 else x)
    module(f"MaxPool{n}d", 2)(x[0, 0])(x[..., :1])(x[:0])
    module(f"AvgPool{n}d", two, two, (1, 1, 0)[:n], ceil_mode=True)(x)
    module(f"AvgPool{n}d", 2, padding=2)(x)
    module(f"AvgPool{n}d", 2)(x[0, 0])(x[..., :1])
    module(f"AdaptiveMaxPool{n}d", 2)(x[0])(x[0, 0])
    module(f"AdaptiveAvgPool{n}d", (2, 1, 3)[:n])(x)(x[0, 0])
    module(f"AdaptiveMaxPool{n}d", (2, 1, 3)[:n] + (1,))(x)
    module(f"MaxUnpool{n}d", 2)(output[0], indices[0])(output, indices[..., :1])(output, indices * 1000)
    module(f"MaxUnpool{n}d", uneven, 2, 1)(output, indices)
