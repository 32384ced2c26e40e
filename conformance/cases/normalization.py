"""Normalizations as functions: of torch.nn.functional, and those of torch."""

from table import *

family("normalization")

IN_F = {"space": "F"}
of = lambda *shape, dtype=f64, seed=0, low=-3.0, high=3.0: tensor(shape, dtype, low, high, seed=seed)
image, flat, line = of(2, 3, 4, 5), of(5, 3), of(2, 3, 5)
channels_last = of(2, 4, 5, 3).permute(0, 3, 1, 2)
mean, var = of(3, seed=1), of(3, low=0.5, high=2.0, seed=2)
weight, bias = of(3, seed=3), of(3, seed=4)

calls = []
for x in (image, flat, line, channels_last, of(2, 3, 2, 2, 2), of(1, 3, 4), of(0, 3, 4), of(2, 3, 1, 1), of(7, 3, 9)[:, :, ::2]):
    calls += [call(x, None, None, training=True), call(x, mean, var), call(x, mean, var, weight, bias, training=True)]
    calls += [call(x, mean, var, weight), call(x, None, None, None, bias, training=True, eps=0.5)]
calls += [
    call(x, mean, None, weight, training=True, momentum=0.5) for x in (image, flat)
] + [
    call(image, None, var, training=True),
    call(image, None, var),
    call(image, mean, None),
    call(image, mean[:2], var),
    call(image, mean, var[:2], training=True),
    call(image, mean, var, weight[:2]),
    call(image, mean, var, weight, bias[:2]),
    call(image, mean.float(), var),
    call(image[0, 0, 0], mean, var),
    call(flat[:1], mean, var, training=True),
    call(flat[:1], mean, var),
    call(of(2, 3, 4, 5, dtype=f32), mean.float(), var.float(), weight.float(), bias.float(), training=True),
    call(tensor((2, 3, 4), i64), mean, var),
    call(large((3, 5, 700, 9), f32), None, None, training=True),
    call(large((3, 5, 700, 9), f32, 20.0, 23.0), None, None, training=True),
    call(large((300, 60), f32), None, None, large(60, f32, seed=2), large(60, f32, seed=3), training=True),
    call(large((300, 1030)), None, None, training=True),
    call(large((40, 6, 49), f32), None, None, large(6, f32, seed=2), training=True),
]
define("batch_norm", calls, vary=False, strides=True, **IN_F)
define(
    "batch_norm",
    [call(image, weight, bias, mean, var, t, 0.1, 1e-5, False) for t in (True, False)]
    + [call(flat, None, None, None, None, True, 0.1, 0.25, True)],
    vary=False,
)

calls = []
for x in (image, line, channels_last, of(2, 3, 2, 2, 2)):
    calls += [call(x), call(x, mean, var), call(x, mean, var, weight, bias, eps=0.5)]
    calls += [call(x, None, None, weight), call(x, mean, var, weight, bias, use_input_stats=False)]
calls += [
    call(of(0, 3, 4)),
    call(image, mean, var, momentum=0.5),
    call(image, None, None, use_input_stats=False),
    call(image, mean, None, use_input_stats=False),
    call(image[:, :, :1, :1]),
    call(image, mean[:2], var),
    call(image, weight=weight[:2]),
    call(flat),
]
define("instance_norm", calls, vary=False, **IN_F)
define("instance_norm", [call(image, weight, bias, mean, var, True, 0.1, 1e-5, False)], vary=False)

calls = []
for x in (of(3, 4), of(4, 3).t(), of(2, 3, 4), of(3, 9)[:, 1::2], of(4), of(0, 4), of(3, 1).expand(3, 4), of(2, 5, 3, 4).permute(0, 2, 1, 3)):
    calls += [call(x, [4]), call(x, [4], of(4, seed=1), of(4, seed=2)), call(x, [4], None, of(4, seed=2), 0.25)]
calls += [
    call(of(2, 3, 4), [3, 4], of(3, 4, seed=1)),
    call(of(2, 3, 4), [2, 3, 4], of(2, 3, 4, seed=1), of(2, 3, 4, seed=2)),
    call(of(2, 3, 4), [3, 4], of(4, 3).t()),
    call(of(2, 3, 0), [0]),
    call(of(3, 1), [1]),
    call(of(3, 4), [3]),
    call(of(3, 4), []),
    call(of(3, 4), [3, 3, 4]),
    call(of(3, 4), [4], of(3)),
    call(of(3, 4), [4], None, of(3)),
    call(of(3, 4), [4], of(4, dtype=f32)),
    call(matrix(i64), [4]),
    call(matrix(f32), [4], of(4, dtype=f32), of(4, dtype=f32)),
    call(special().reshape(4, 5), [5]),
    call(torch.full((2, 9), 7.25, dtype=f64), [9]),
    call(large((130, 300), f32), [300], large(300, f32, seed=2), large(300, f32, seed=3)),
    call(large((7, 5003)), [5003], large(5003, seed=2)),
    call(large((90, 40, 12), f32), [40, 12], large((40, 12), f32, seed=2), large((40, 12), f32, seed=3)),
]
define("layer_norm", calls, vary=False, **IN_F)
define("layer_norm", [call(of(3, 4), [4]), call(of(3, 4), [4], of(4, seed=1), of(4, seed=2), 0.25)], vary=False)

six = of(2, 6, 3, 2)
calls = []
for x in (six, of(3, 6), of(2, 6, 5), of(2, 3, 2, 6).permute(0, 3, 1, 2), of(0, 6, 2), of(2, 6, 7)[:, :, ::2], of(2, 6, 1, 1)):
    for groups in (1, 2, 3, 6):
        calls += [call(x, groups), call(x, groups, of(6, seed=1), of(6, seed=2), 0.25)]
calls += [
    call(six, 2, of(6, seed=1)),
    call(six, 2, None, of(6, seed=2)),
    call(six, 4),
    call(six, -1),
    call(six, 2, of(5)),
    call(six, 2, None, of(5)),
    call(six, 2, of(6, dtype=f32)),
    call(of(6), 2),
    call(of(1, 6), 6),
    call(tensor((2, 6, 3), f32), 3, tensor((6,), f32), tensor((6,), f32, seed=1)),
    # In float32 the sums of thousands of products cancel, and the last digits are anybody's.
    call(large((7, 24, 19, 21), f64), 8, large(24, f64, seed=2), large(24, f64, seed=3)),
    call(large((200, 240)), 8, large(240, seed=2)),
]
define("group_norm", calls, vary=False, **IN_F)
define("group_norm", [call(six, 2), call(six, 3, of(6, seed=1), of(6, seed=2), 0.25)], vary=False)

calls = [call(x, n) for x in (image, line, of(2, 3, 2, 2, 2), channels_last) for n in (1, 2, 3, 7)]
calls += [call(image, 3, 0.5, 0.25, 2), call(image, 2, k=3), call(flat, 2), call(of(0, 3, 4), 2)]
define("local_response_norm", calls, vary=False, **IN_F)
