"""Making tensors."""

from table import *

family("creation")

NOFORM = {"forms": "function", "grad": False}
typed = lambda *args: [call(*args)] + [call(*args, dtype=d) for d in ALL]
define("zeros ones", typed([2, 3]) + [call(2, 3), call([]), call(0, 3), call(4), call(-1), call(2, -3)], **NOFORM)
define(
    "full",
    [call([2, 3], 7, dtype=d) for d in ALL]
    + [call([2, 2], 2.5), call([], True), call([0, 3], 1.5), call([2], nan), call([-1], 1.5)],
    **NOFORM,
)
define(
    "zeros_like ones_like",
    [call(matrix(d)) for d in ALL]
    + [
        call(matrix().t()),
        call(matrix(), dtype=i64),
        call(tensor(())),
        call(tensor((3, 9))[:, ::2]),
        call(tensor((3, 1)).expand(3, 4)),
    ],
    strides=True,
    **NOFORM,
)
define(
    "full_like",
    [call(matrix(d), 2) for d in ALL]
    + [call(matrix(i64), 2.5), call(matrix().t(), 2.5), call(matrix(i64), 1, dtype=f64)],
    strides=True,
    **NOFORM,
)
ranges = [
    call(5),
    call(1, 4),
    call(1, 2.5, 0.5),
    call(5, 0, -2),
    call(0),
    call(-3),
    call(2, 2),
    call(0, 1, 0.1),
    call(5, dtype=f64),
    call(1, 6, 2, dtype=torch.uint8),
    call(0.5, 4.2),
]
define(
    "arange",
    ranges
    + [
        call(0, 5, 0),
        call(0, 5, -1),
        call(nan),
        call(0, inf),
        call(1, 9, 3, dtype=f32),
        call(10007),
        call(0, 1, 0.001, dtype=f64),
    ],
    **NOFORM,
)
define(
    "range",
    [call(1, 4, dtype=i64), call(0.5, 2.5), call(0, 1, 0.25), call(1, 4), call(0.5, 2.7, dtype=i64), call(0, 3, 2)]
    + [call(4, 1, -0.5), call(1, 4, 0), call(4, 1), call(0, inf), call(2, 2), call(0, 7, 2, dtype=torch.uint8)],
    **NOFORM,
)
define(
    "linspace",
    [
        call(0, 1, 5),
        call(-2, 3, 4, dtype=f64),
        call(1, 0, 3),
        call(2, 2, 3),
        call(0, 1, 1),
        call(0, 1, 0),
        call(0, 1, -1),
        call(0, 10, 5, dtype=i64),
        call(0, 9, 4, dtype=torch.int32),
        call(-3, 7, 1001),
        call(0.1, 0.7, 1000, dtype=f64),
    ],
    **NOFORM,
)
define(
    "logspace",
    [
        call(0, 2, 5),
        call(-1, 1, 3, 2),
        call(0, 1, 1),
        call(0, 3, 4, dtype=f64),
        call(0, 3, 4, dtype=i64),
        call(1, 0, 0),
    ],
    **NOFORM,
)
define("eye", typed(3) + [call(2, 3), call(3, 2), call(0), call(0, 3), call(-1), call(2, -1)], **NOFORM)
define("scalar_tensor", [call(2.5), call(True), call(3, dtype=i64)], **NOFORM)
define(
    "tensor",
    [
        call([1.5, 2.5]),
        call([[1.5, 2], [3, 4.5]]),
        call([]),
        call([[], []]),
        call([True, False]),
        call(2.5),
        call(True),
        call([1, 2], dtype=i64),
        call([1.5, 2.5], dtype=torch.int32),
        call([[1.5], [2.5, 3]]),
        call([nan, inf, -inf]),
    ],
    **NOFORM,
)
define(
    "tensor",
    [call([0, 1, 2], dtype=d) for d in ALL]
    + [call([[1, 2], [3, 4]], dtype=torch.uint8), call([2**60 + 1], dtype=i64), call([-1, 256], dtype=torch.int16)],
    **NOFORM,
)
define(
    "new_zeros new_ones",
    [call(matrix(d), [2, 3]) for d in ALL] + [call(matrix(i64), [2], dtype=f64), call(matrix(), [])],
    forms="method",
    grad=False,
)
define(
    "new_full",
    [call(matrix(d), [2, 3], 2) for d in ALL] + [call(matrix(i64), [2], 2.5, dtype=f64)],
    forms="method",
    grad=False,
)
define(
    "new_tensor",
    [call(matrix(d), [1, 0]) for d in ALL] + [call(matrix(i64), [[1.5]], dtype=f64)],
    forms="method",
    grad=False,
)
define(
    "result_type",
    [call(tensor(2, a), tensor(2, b)) for a in ALL for b in ALL]
    + [call(tensor(2, a), tensor((), b)) for a in ALL for b in ALL]
    + [call(tensor(2, a), n) for a in ALL for n in (1, 1.5, True)]
    + [call(tensor((), a), n) for a in ALL for n in (1, 1.5, True)]
    + [call(1, 2.5)],
    **NOFORM,
)
define("promote_types can_cast", [call(a, b) for a in ALL for b in ALL], **NOFORM)
define(
    "bartlett_window blackman_window hamming_window hann_window",
    [call(7), call(1), call(0), call(8, periodic=False), call(6, dtype=f64), call(-1), call(7, dtype=i64), call(301)],
    **NOFORM,
)
define("hamming_window", [call(7, periodic=True, alpha=0.6), call(6, periodic=False, alpha=0.6, beta=0.3)], **NOFORM)
define("kaiser_window", [call(7), call(8, periodic=False), call(6, periodic=True, beta=8.5), call(1)], **NOFORM)
