"""Pooling: windows, padding, dilation, ceil mode, indices, adaptive and fractional pooling, the way back; errors."""

from table import *

family("pooling")

IN_F = {"space": "F"}
of = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, seed=seed)
one = lambda *shape, dtype=f64, seed=0: distinct(shape, dtype, seed)
last = lambda x: x.contiguous(memory_format=torch.channels_last)
inputs = {1: one(2, 3, 7), 2: one(2, 3, 6, 5), 3: one(1, 2, 4, 4, 3)}
# Many equal elements: the first one counts.
ties = tensor((2, 3, 6, 5), i64, 0, 1).double()

for n, x in inputs.items():
    shorter = [2, 1, 3][:n]
    calls = [call(x, 2), call(x, 3, 2, 1), call(x, shorter, 1, 0), call(x, 2, ceil_mode=True), call(x, 2, 2, 1, 1)]
    calls += [call(x, 2, 1, 0, 2), call(x, 2, 3, 1, 1, ceil_mode=True), call(x[0], 2), call(x[:0], 2)]
    calls += [call(x, k, *a, return_indices=True) for k, a in ((2, ()), (shorter, (1,)), (3, (2, 1)), (3, (1, 1, 2)))]
    wrong = [(0,), (-1,), (2, 0), (2, -1), (2, 2, 2), (2, 2, -1), (2, 2, 0, 0), ([1] * 4,), (2, [1] * 4), (2, 2, [1] * 4), (9,)]
    calls += [call(x, *a) for a in (wrong[:-1] if n == 1 else wrong)] + [call(x[:, :0], 2), call(x[:, :, :0], 2), call(x[(0,) * (n + 1)], 1)]
    define(f"max_pool{n}d", calls, **IN_F)
    define(f"max_pool{n}d_with_indices", [call(x, 2), call(x, 3, 2, 1)], vary=False, **IN_F)
    calls = [call(x, 2), call(x, 3, 2, 1), call(x, shorter, 1), call(x, 2, ceil_mode=True), call(x, 3, 2, 1, ceil_mode=True)]
    calls += [call(x, 3, 2, 1, count_include_pad=False), call(x, 3, 2, 1, ceil_mode=True, count_include_pad=False)]
    calls += [call(x[0], 2), call(x[:0], 2)] + ([call(x, 2, divisor_override=3)] if n > 1 else [])
    calls += [call(x, *a) for a in wrong[:6] + wrong[7:]] + ([call(x, 2, divisor_override=0)] if n > 1 else [])
    calls += [call(x[:, :0], 2), call(x[:, :, :0], 2)]
    define(f"avg_pool{n}d", calls, **IN_F)
    sizes = [1, 2, 3, 4, 7]
    calls = [call(x, s) for s in sizes] + [call(x[0], 2), call(x[:0], 2), call(x, [2, 3, 1][:n]), call(x, -1)]
    calls += [call(x[:, :, :0], 2), call(x[(0,) * n], 2)] + ([call(x, [2] + [None] * (n - 1))] if n > 1 else [])
    define(f"adaptive_avg_pool{n}d adaptive_max_pool{n}d", calls, **IN_F)
    define(f"adaptive_max_pool{n}d", [call(x, 2, return_indices=True), call(x, 3, return_indices=True)], vary=False, **IN_F)
    if n < 3:
        calls = [call(x, 2, 2), call(x, 3, 2, 1), call(x, 1, 3, 2, ceil_mode=True), call(x, 2.5, 2), call(x[0], 2, 2)]
        define(f"lp_pool{n}d", calls, **IN_F)
    output, indices = getattr(torch.nn.functional, f"max_pool{n}d")(x, 2, return_indices=True)
    calls = [call(output, indices, 2, output_size=list(x.shape[2:])), call(output, indices, 2, output_size=list(x.shape))]
    calls += [call(output[0], indices[0], 2, output_size=list(x.shape[2:]))]
    calls += [call(output, indices * 0, 2), call(output, indices, 2, output_size=[99] * n), call(output, indices, 2, output_size=[2] * 7)]
    calls += [call(output, indices + 1000, 2), call(output, indices - 1000, 2), call(output, indices.int(), 2)]
    calls += [call(output, indices[:1], 2), call(output[:0], indices[:0], 2)]
    define(f"max_unpool{n}d", calls, vary=False, **IN_F)
define("max_pool2d", [call(ties, 2, 1, return_indices=True), call(ties, 3, 2, 1, return_indices=True)], vary=False, **IN_F)
define(
    "max_pool2d",
    [
        call(torch.full((1, 1, 4, 4), -math.inf, dtype=f64), 2, return_indices=True),
        call(special().view(1, 4, 5), 2, 1, return_indices=True),
        call(special(f64).flip(0).view(1, 4, 5), [2, 3], 1, return_indices=True),
    ],
    grad=False,
    vary=False,
    **IN_F,
)
image = inputs[2]
define("max_pool2d avg_pool2d", [call(last(image), 2), call(last(image), 3, 1, 1)], vary=False, strides=True, **IN_F)
define("adaptive_avg_pool2d", [call(last(image), 2)], vary=False, strides=True, **IN_F)
planes = large((3, 9, 37, 41))
for k in ((2,), (3, 2, 1), (3, 1, 1), (5, 3, 2), ([2, 3], [3, 2])):
    define("max_pool2d avg_pool2d", [call(planes, *k)], vary=False, **IN_F)
define("max_pool2d", [call(planes, 3, 2, 1, 2, return_indices=True), call(planes, 2, ceil_mode=True)], vary=False, **IN_F)
define("avg_pool2d", [call(planes, 7, 2, 3, count_include_pad=False), call(planes, 2, ceil_mode=True)], vary=False, **IN_F)
define("adaptive_avg_pool2d adaptive_max_pool2d", [call(planes, 7), call(planes, 1), call(planes, [50, 3])], vary=False, **IN_F)
define("max_pool1d avg_pool1d", [call(large((4, 6, 301)), 4, 3, 2)], vary=False, **IN_F)
define("max_pool3d avg_pool3d", [call(large((2, 3, 9, 11, 20)), 3, 2, 1)], vary=False, **IN_F)
define("max_pool1d max_pool2d max_pool3d", [call(x, 1, 2) for x in (inputs[3][0], inputs[2], inputs[2][0])], vary=False)
define("avg_pool1d max_pool1d_with_indices", [call(inputs[1], 2), call(inputs[1], 3, 2, 1)], vary=False)
define("adaptive_avg_pool1d adaptive_max_pool1d", [call(inputs[1], 3)], vary=False)

samples = lambda *shape: tensor(shape, f64, 0, 1, seed=3)
wide = one(2, 3, 7, 8)
define(
    "fractional_max_pool2d",
    [
        call(wide, 2, 3, _random_samples=samples(2, 3, 2)),
        call(wide, [2, 3], [4, 2], _random_samples=samples(2, 3, 2), return_indices=True),
        call(wide, 2, output_ratio=0.5, _random_samples=samples(2, 3, 2)),
        call(wide, 3, output_ratio=[0.4, 0.7], _random_samples=samples(2, 3, 2)),
        call(wide[0], 2, 1, _random_samples=samples(1, 3, 2)),
        call(wide, 2),
        call(wide, 6, 3),
        call(wide, [2, 2, 2], 3),
        call(wide[:, :0], 2, 3),
    ],
    vary=False,
    **IN_F,
)
define(
    "fractional_max_pool3d",
    [
        call(one(1, 2, 5, 6, 7), 2, 3, _random_samples=samples(1, 2, 3), return_indices=True),
        call(one(2, 5, 6, 7), [1, 2, 3], output_ratio=[0.5, 0.5, 0.5], _random_samples=samples(1, 2, 3)),
        call(one(1, 2, 5, 6, 7), 3, 4),
    ],
    vary=False,
    **IN_F,
)
