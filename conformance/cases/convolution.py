"""Convolutions: dims, strides, padding, dilation, groups, transposed ones, layouts, dtypes; folding and unfolding."""

from table import *

family("convolution")

IN_F = {"space": "F"}
of = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, seed=seed)
last = lambda x: x.contiguous(memory_format=torch.channels_last)
image, kernel = of(2, 3, 6, 5), of(4, 3, 3, 2, seed=1)
line, volume = of(2, 3, 7), of(1, 2, 4, 4, 3)

define(
    "conv2d",
    [
        call(image, kernel),
        call(image, kernel, of(4), 2, 1),
        call(image, kernel, None, [1, 2], [2, 1], [2, 1]),
        call(image, of(6, 1, 3, 3), None, groups=3),
        call(image, kernel, padding="same"),
        call(image, kernel, padding="valid"),
        call(of(3, 6, 5), kernel),
        call(image, of(4, 2, 3, 3)),
        call(image.float(), kernel.float(), of(4, dtype=f32)),
        call(of(0, 3, 6, 5), kernel),
        call(image, of(4, 3, 9, 9)),
    ],
    **IN_F,
)
wrong = [call(image, kernel, None, *a) for a in ((0,), (1, -1), (1, 0, 0), ([1, 2, 3],), (1, [1, 2, 3]), (1, 0, [1, 2, 3]))]
wrong += [call(image, kernel, groups=g) for g in (0, -1, 2)] + [call(image, kernel[0]), call(image[0, 0], kernel)]
wrong += [call(image, kernel, of(3)), call(image, kernel, of(4, 1)), call(image, kernel.float()), call(image, of(4, 1, 3, 3), None, groups=3)]
wrong += [call(image, kernel, None, 2, "same"), call(image, kernel, padding="foo"), call(image, kernel, of(4, dtype=f32)), call(of(2, 3, 0, 4), of(3, 3, 2, 2))]
define(
    "conv2d",
    wrong
    + [
        call(image, of(2, 3, 2, 2), of(2), [2, 1], [1, 3], [1, 2]),
        call(image, of(4, 3, 1, 1), of(4)),
        call(image, of(4, 3, 1, 1), None, 2),
        call(image, of(3, 1, 3, 3), of(3), 1, 1, 1, 3),
        call(image, of(3, 1, 2, 2), None, 2, 0, 2, 3),
        call(of(2, 4, 6, 5), of(6, 2, 3, 3), of(6), 1, 1, 1, 2),
        call(image, of(2, 3, 4, 4), padding="same"),
        call(image, of(2, 3, 3, 3), None, 1, "same", [2, 1]),
        call(image, of(2, 3, 6, 5)),
        call(of(2, 3, 1, 1), of(2, 3, 1, 1)),
        call(of(2, 3, 2, 2), of(2, 3, 3, 3), None, 3, 2),
        call(of(3, 1, 4, 4), of(1, 1, 3, 3), of(1), 1, 1),
        call(of(2, 3, 5, 6).transpose(2, 3), kernel),
        call(of(3, 2, 6, 5).transpose(0, 1), kernel, None, 1, 1),
        call(image[:, :, ::2, 1:], of(4, 3, 2, 3).flip(3)),
        call(image, of(4, 3, 1, 1).expand(4, 3, 3, 2)),
    ],
    vary=False,
    **IN_F,
)
define(
    "conv2d",
    [
        call(last(image), kernel),
        call(image, last(kernel), of(4), 2, 1),
        call(last(image), last(kernel), of(4), 1, 1),
        call(last(image), of(3, 1, 3, 3), None, 1, 1, 1, 3),
        call(image.transpose(2, 3).contiguous().transpose(2, 3), kernel),
    ],
    vary=False,
    strides=True,
    **IN_F,
)
define(
    "conv2d",
    [call(tensor((2, 3, 6, 5), d), tensor((4, 3, 3, 2), d, seed=1), tensor(4, d), 2, 1) for d in INTS],
    vary=False,
    **IN_F,
)
# Signs of sums that cancel depend on the order of the additions: values of one sign where there are many.
many = lambda *shape, seed=1, dtype=f32: large(shape, dtype, 0.25, 1.25, seed)
define(
    "conv2d",
    [
        call(many(2, 35, 20, 21), many(37, 35, 3, 3), many(37), 1, 1),
        call(many(2, 3, 33, 35), many(20, 3, 7, 7), None, 2, 3),
        call(many(2, 40, 9, 9), many(33, 40, 1, 1), many(33)),
        call(many(2, 24, 15, 30), many(24, 1, 3, 3), many(24), 1, 1, 1, 24),
        call(many(2, 24, 15, 30), many(24, 1, 3, 3), many(24), 2, 1, 1, 24),
        call(many(3, 24, 9, 8), many(24, 6, 3, 3), many(24), 1, 2, 2, 4),
        call(many(5, 65, 3, 2), many(70, 65, 3, 3), many(70), 1, 1),
        call(many(2, 9, 12, 13, dtype=f64), many(17, 9, 3, 3, dtype=f64), None, 1, 1),
        call(last(many(2, 35, 12, 13)), many(37, 35, 3, 3), many(37), 1, 1),
        call(many(1, 3, 70, 70), many(2, 3, 3, 3), None, 1, [0, 9], [9, 18]),
    ],
    vary=False,
    **IN_F,
)
define(
    "conv1d",
    [call(line, of(4, 3, 3), *a) for a in ((), (of(4),), (None, 2, 1), (None, 1, 2, 2))]
    + [call(of(3, 7), of(4, 3, 3)), call(of(2, 4, 7), of(4, 1, 3), groups=4)],
    **IN_F,
)
define(
    "conv1d",
    [call(line, of(4, 3, 4), padding="same"), call(line, of(4, 3, 1)), call(of(1, 2, 9), of(2, 2, 2), None, 3, 1, 3)]
    + [call(of(2, 3, 4, 4), of(3, 3, 2)), call(of(4), of(3, 3, 2)), call(of(3, 2, 7).transpose(0, 1), of(4, 3, 3))]
    + [call(many(3, 33, 140), many(50, 33, 5), many(50), 1, 2), call(many(2, 5, 300), many(4, 5, 9), None, 2)],
    vary=False,
    **IN_F,
)
define("conv3d", [call(volume, of(3, 2, 2, 2, 2)), call(volume, of(3, 2, 2, 2, 2), of(3), 2, 1)], **IN_F)
define(
    "conv3d",
    [
        call(volume[0], of(3, 2, 1, 2, 3), of(3), [1, 2, 1], [0, 1, 2], [2, 1, 1]),
        call(volume, of(4, 1, 2, 2, 2), None, groups=2),
        call(volume, of(2, 2, 3, 3, 3), padding="same"),
        call(of(2, 3, 4, 4), of(3, 3, 2, 2, 2)),
        call(many(2, 5, 9, 10, 11), many(20, 5, 3, 3, 3), many(20), 1, 1),
    ],
    vary=False,
    **IN_F,
)
define(
    "conv_transpose2d",
    [call(image, of(3, 4, 3, 2), *a) for a in ((), (of(4),), (None, 2, 1, 1), (None, [2, 1], 0, 0, 1, 2))]
    + [call(image, of(3, 2, 3, 3), None, groups=3)],
    **IN_F,
)
define(
    "conv_transpose2d",
    [
        call(image, of(3, 4, 3, 3), None, 1, 0, 2, 1, 3),
        call(image, of(3, 4, 2, 2), of(4), 3, [1, 0], [2, 1]),
        call(of(2, 4, 5, 5), of(4, 3, 3, 3), of(6), 2, 1, 0, 2),
        call(image[0], of(3, 4, 3, 3)),
        call(of(0, 3, 5, 5), of(3, 4, 3, 3)),
        call(image[:, :, :, ::2], of(3, 4, 2, 3).transpose(2, 3), None, 2),
        call(image, of(3, 4, 1, 1), None, 2, 0, 1),
        call(image, of(3, 4, 3, 3), output_padding=1),
        call(image, of(3, 4, 3, 3), None, 2, 0, 2),
        call(image, of(2, 4, 3, 3)),
        call(image, of(3, 4, 3, 3), of(3)),
        call(image, of(3, 4, 3, 3), output_padding=-1),
        call(image, of(3, 4, 3, 3), padding=9),
        call(image, of(3, 4, 3, 3), groups=2),
        call(many(2, 33, 9, 10), many(33, 20, 4, 4), many(20), 2, 1),
        call(many(2, 9, 9, 10), many(9, 20, 3, 3), None, 1, 1),
        call(many(2, 12, 7, 8), many(12, 1, 3, 3), None, 2, 1, 1, 12),
    ],
    vary=False,
    **IN_F,
)
define("conv_transpose1d", [call(of(2, 3, 5), of(3, 4, 3)), call(of(2, 3, 5), of(3, 4, 3), of(4), 2, 1, 1)], **IN_F)
define("conv_transpose3d", [call(of(1, 2, 3, 3, 2), of(2, 3, 2, 2, 2), None, 2)], **IN_F)
define("conv_transpose3d", [call(of(2, 3, 3, 2), of(2, 3, 2, 3, 1), of(3), [1, 2, 3], [0, 1, 0], [0, 1, 2])], vary=False, **IN_F)
define("conv1d conv_transpose1d", [call(of(2, 3, 5), of(3, 3, 2))], vary=False)
define("conv2d conv_transpose2d", [call(of(2, 3, 5, 4), of(3, 3, 2, 2))], vary=False)
define("conv3d conv_transpose3d", [call(of(1, 2, 3, 3, 2), of(2, 2, 2, 2, 2))], vary=False)
define(
    "convolution",
    [
        call(image, kernel, of(4), [2], [1], [1], False, [0], 1),
        call(image, of(3, 2, 3, 3), None, [2, 1], [1, 0], [1, 2], True, [1, 0], 3),
        call(line, of(4, 3, 3), None, [1], [0], [1], False, [0], 1),
    ],
    vary=False,
)
sequence = [
    call(of(7, 2, 3), of(2, 3, 4), of(4)),
    call(of(7, 2, 3), of(2, 3, 4), of(4), 2),
    call(of(7, 2), of(2, 3, 4), of(4)),
    call(of(7, 2, 5), of(2, 3, 4), of(4)),
    call(of(7, 2, 3), of(2, 3, 4), of(5)),
    call(of(7, 2, 3, dtype=f32), of(3, 3, 4, dtype=f32), of(4, dtype=f32), 1),
]
define("conv_tbc", sequence, vary=False)
define("conv_tbc", sequence, vary=False, **IN_F)
define("unfold", [call(image, 2), call(image, [3, 2], 1, 1, 2)], **IN_F)
define(
    "unfold",
    [call(image, [2, 3], [2, 1], [1, 2], [1, 2]), call(image[0], 3), call(last(image), 2, 1, 1), call(image[:, :, ::2], 2)]
    + [call(image, *a) for a in ((9,), (0,), (2, 0), (2, 1, -1), (2, 1, 0, 0), ([1, 2, 3],))]
    + [call(image[:, :0], 2), call(image[:, :, :0], 2)],
    vary=False,
    **IN_F,
)
define("fold", [call(of(2, 12, 20), [6, 5], 2), call(of(2, 12, 9), [6, 6], 2, stride=2)], **IN_F)
columns = of(2, 12, 20)
define(
    "fold",
    [call(columns[0], [6, 5], 2), call(of(2, 12, 16), 5, 2), call(of(1, 12, 6), [4, 6], [2, 3], [1, 2], [0, 2], [1, 3])]
    + [call(columns, *a) for a in (([6, 6], 2), (6, 2), ([6, 5], 5), ([6, 5], 0), ([6, 5, 2], 2), ([6, 5], 2, -1))]
    + [call(columns, [6, 5], 2, 1, *a) for a in ((-1,), (0, 0))]
    + [call(columns.transpose(1, 2).contiguous().transpose(1, 2), [6, 5], 2), call(columns[0, 0], [6, 5], 2)]
    + [call(columns, [0, 5], 2), call(of(2, 0, 16), 5, 2), call(of(2, 12, 0), 1, 2), call(columns[:0], [6, 5], 2)],
    vary=False,
    **IN_F,
)
