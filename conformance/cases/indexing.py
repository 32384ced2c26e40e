"""Reading and writing elements by index, mask and slice."""

from table import *

family("indexing")

x, cube = matrix(), tensor((2, 3, 4), f64)
rows, mask = torch.tensor([0, 2, 0]), torch.tensor([True, False, True])
table = torch.tensor([[0, 2], [1, 0]])
flags = tensor((3, 4), torch.bool)
of = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, seed=seed)

plain = [0, -1, slice(1, 3), slice(None, None, 2), slice(-2, None), slice(5, 2), slice(None), None, Ellipsis, 3, -4]
plain += [
    (slice(None), 1),
    (Ellipsis, -1),
    (0, slice(1, 3)),
    (None, slice(None), None),
    (Ellipsis, None),
    (slice(None), slice(None, None, 3)),
    (1, 2),
    (0, 0, 0),
    (slice(None), 4),
]
fancy = [
    rows,
    mask,
    flags,
    table,
    [0, 2],
    (slice(None), rows),
    (rows, slice(1, 3)),
    (rows, torch.tensor([1, 3, 0])),
    (mask, slice(None)),
    (Ellipsis, rows),
    (rows, None),
]
fancy += [
    torch.tensor(2),
    torch.tensor([], dtype=i64),
    (table, torch.tensor([1, 3])),
    torch.tensor([3]),
    torch.tensor([-3, -1]),
    torch.tensor([True, False]),
    (0, rows),
    (rows, 1),
    (slice(None), mask),
]
fancy += [torch.tensor([0, 1], dtype=torch.uint8)[:0], torch.tensor([1, 0], dtype=torch.int32)]
deep = [
    (0, slice(None), rows),
    (slice(None), rows[:2], torch.tensor([1, 3])),
    (torch.tensor([0, 1]), slice(None), torch.tensor([1, 3])),
    (Ellipsis, mask, slice(None)),
    (rows[:1], None, 1),
]
items = (
    [(x, i) for i in plain + fancy]
    + [(cube, i) for i in plain + deep]
    + [(x.t(), 0), (x.t(), rows), (of(), None), (of(), Ellipsis), (of(), 0), (of(5), rows)]
)
listed = lambda item: list(item) if isinstance(item, tuple) else [item]
METHOD = {"space": "Tensor", "forms": "method"}
define("at", [call(t, *listed(item)) for t, item in items], **METHOD)
define("at", [call(matrix(d), *listed(i)) for d in ALL for i in (1, rows, (slice(None), 2))], **METHOD)
define("set_at", [call(t, listed(item), v) for t, item in items for v in (2, 2.5)], grad=False, **METHOD)
shaped = [
    (rows, of(3, 4)),
    (rows, of(4)),
    (slice(0, 2), of(2, 4)),
    ((slice(None), 1), of(3)),
    (flags, of(1)),
    ((Ellipsis, -1), of(3, 1)),
    (0, of(5)),
    (flags, of(3)),
    (slice(0, 2), matrix(i64)[:2]),
]
define("set_at", [call(x, listed(item), v) for item, v in shaped], grad=False, **METHOD)

along = torch.tensor([[0, 2, 1, 0], [2, 2, 0, 1]])
define(
    "gather",
    [call(matrix(d), 0, along) for d in ALL]
    + [
        call(x, 1, torch.tensor([[3, 0], [1, 1], [2, 2]])),
        call(x, -1, torch.tensor([[3], [0]])),
        call(of(), 0, torch.tensor(0)),
    ],
)
define(
    "gather",
    [
        call(x, 0, torch.tensor([[3]])),
        call(x, 0, torch.tensor([0])),
        call(x, 0, along.int()),
        call(x, 2, along),
        call(x.t(), 0, along.t()),
        call(x, 0, torch.zeros((0, 4), dtype=i64)),
        call(large((301, 50)), 0, large((200, 50), i64, 0, 301)),
    ],
)
define(
    "take_along_dim",
    [
        call(x, along, 0),
        call(x, x.argsort(1), 1),
        call(x, torch.tensor([5, 0, 11])),
        call(x, torch.tensor([[1], [0], [2]]), 1),
    ],
)
define(
    "take",
    [
        call(x, torch.tensor([[0, 11], [5, -1]])),
        call(x.t(), torch.tensor([1, 2])),
        call(x, torch.tensor([12])),
        call(x, torch.tensor([0.0])),
    ],
)
define(
    "index_select",
    [call(matrix(d), 0, rows) for d in ALL]
    + [
        call(x, 1, torch.tensor([3, 3])),
        call(x, -1, torch.tensor(2)),
        call(x.t(), 0, rows),
        call(x, 0, torch.tensor([3])),
        call(x, 0, table),
        call(of(), 0, torch.tensor([0])),
        call(x, 0, rows.int()),
        call(large((301, 50)), 0, large(400, i64, 0, 301)),
    ],
)
define(
    "masked_select",
    [call(matrix(d), flags) for d in ALL]
    + [
        call(x, torch.tensor([True, False, True, True])),
        call(of(3, 1), flags),
        call(x, flags.byte()),
        call(x.t(), flags.t()),
        call(of(), torch.tensor(True)),
        call(x, mask),
    ],
)
define(
    "masked_fill",
    [call(matrix(d), flags, v) for d in ALL for v in (2, True)]
    + [
        call(x, flags, 2.5),
        call(x, torch.tensor([True, False, True, True]), -1),
        call(x, flags, of()),
        call(x, flags, of(2)),
        call(of(3, 1), flags, 1),
        call(x, x, 1),
        call(x.t(), flags.t(), 2),
        call(matrix(i64), flags, 2.5),
    ],
)
define(
    "masked_scatter",
    [
        call(x, flags, of(12)),
        call(x, flags, of(2)),
        call(x, torch.tensor([True, False, False, True]), of(3, 4)),
        call(x, flags, matrix(f32)),
    ],
)
define(
    "nonzero argwhere",
    [call(matrix(d, low=-1, high=1)) for d in ALL]
    + [call(of()), call(of(0, 2)), call(flags.t()), call(torch.zeros(3)), call(large(5003, torch.bool))],
    grad=False,
)
define("nonzero", [call(flags, as_tuple=True), call(cube, as_tuple=True)], grad=False, forms="function method")
define(
    "where",
    [call(tensor((2, 3), torch.bool), of(2, 3, dtype=a), of(2, 3, dtype=b, seed=1)) for a in ALL for b in ALL],
    forms="function",
)
define(
    "where",
    [
        call(flags, x, 2),
        call(flags, 1, x),
        call(flags, of(3, 1), of(4)),
        call(mask, x, x),
        call(flags, of(), 0.5),
        call(flags),
        call(flags.t(), x.t(), of(4, 1)),
        call(x, x, x),
        call(flags, matrix(i64), 2.5),
    ],
    forms="function",
)

adds = torch.tensor([0, 2, 0])
source = of(3, 4, seed=5)
define(
    "index_add",
    [call(matrix(d), 0, adds, matrix(d, seed=5)) for d in ALL]
    + [call(x, 0, adds, source, alpha=a) for a in (2, -0.5)]
    + [
        call(x, 1, torch.tensor([3, 3]), of(3, 2)),
        call(x, 0, torch.tensor([3]), of(1, 4)),
        call(x, 0, adds, of(2, 4)),
        call(x, 0, adds, matrix(f32)),
        call(of(), 0, torch.tensor([0]), of(1)),
    ],
)
define(
    "index_copy",
    [call(matrix(d), 0, torch.tensor([2, 0]), tensor((2, 4), d, seed=5)) for d in ALL]
    + [
        call(x, 1, torch.tensor([3]), of(3, 1)),
        call(x, 0, torch.tensor([4]), of(1, 4)),
        call(x, 0, adds[:2], of(2, 3)),
    ],
)
define(
    "index_fill",
    [call(matrix(d), 0, adds, 2) for d in ALL]
    + [
        call(x, 1, torch.tensor([0, 3]), 2.5),
        call(x, -1, torch.tensor([1]), of()),
        call(x, 0, torch.tensor([3]), 1),
        call(x, 0, adds, of(2)),
    ],
)
define(
    "index_reduce",
    [
        call(matrix(d, low=1), 0, adds, matrix(d, low=1, seed=5), way, include_self=s)
        for d in FLOATS
        for way in ("prod", "mean", "amax", "amin")
        for s in (True, False)
    ],
)
define(
    "index_put",
    [
        call(x, [torch.tensor([2, 0])], of(2, 4)),
        call(x, [rows], of(3, 4), accumulate=True),
        call(x, [rows, torch.tensor([1, 1, 1])], of(3), accumulate=True),
        call(x, [flags], of()),
        call(x, [table, torch.tensor([1, 3])], of(2, 2)),
        call(x, [torch.tensor([3])], of(4)),
        call(
            x,
            [
                mask,
            ],
            of(4),
            accumulate=True,
        ),
    ],
)
define(
    "put",
    [
        call(x, torch.tensor([0, 5, 11]), of(3)),
        call(x, torch.tensor([0, 5, 0]), of(3), accumulate=True),
        call(x.t(), torch.tensor([1, -1]), of(2)),
        call(x, torch.tensor([12]), of(1)),
        call(x, torch.tensor([1, 2]), of(1)),
    ],
)
places = torch.tensor([[0, 2, 1, 0], [2, 0, 0, 1]])
define("scatter", [call(matrix(d), 1, torch.tensor([[0, 3], [2, 1]]), tensor((3, 4), d, seed=5)) for d in ALL])
define(
    "scatter",
    [
        call(x, 1, torch.tensor([[0], [3]]), 2.5),
        call(x, 0, torch.tensor([[3]]), 1),
        call(x, 0, torch.tensor([[0]]), of(1, 1)),
        call(x, 0, torch.tensor([[0, 1]]), of(1, 1)),
        call(of(), 0, torch.tensor(0), of()),
        call(x, 0, places.int(), of(2, 4)),
        call(x, 1, torch.tensor([[0, 0], [1, 1]]), of(3, 4), reduce="add"),
        call(x, 1, torch.tensor([[0, 0], [1, 1]]), 2, reduce="multiply"),
    ],
)
define(
    "scatter_add",
    [call(matrix(d), 0, places, tensor((2, 4), d, seed=5)) for d in ALL]
    + [
        call(x, 1, torch.tensor([[3, 3]]), of(1, 4)),
        call(x, 0, torch.tensor([[5]]), of(1, 1)),
        call(x, 0, places, of(1, 4)),
        call(large((50, 33)), 0, large((200, 33), i64, 0, 50), large((200, 33), seed=3)),
    ],
)
ways = ("sum", "prod", "mean", "amax", "amin")
define(
    "scatter_reduce",
    [
        call(matrix(d, low=1), 0, places, tensor((2, 4), d, 1, 3, seed=5), way, include_self=s)
        for d in FLOATS + [torch.int32, i64]
        for way in ways
        for s in (True, False)
    ],
)
define(
    "scatter_reduce",
    [
        call(x, 1, torch.tensor([[0, 0, 0]]), of(1, 3), "max"),
        call(of(4), 0, torch.tensor([1, 1, 1]), torch.tensor([2.0, 0, 3], dtype=f64), "prod"),
    ],
)
define(
    "fill_",
    [call(matrix(d), v) for d in ALL for v in (2, 1.5)]
    + [call(x.t(), 3), call(x, of()), call(x, of(2)), call(of(3, 1).expand(3, 4), 1)],
    forms="method",
    grad=False,
)
define("zero_", [call(x), call(x.t()), call(matrix(i64))], forms="method", grad=False)
define(
    "fill_diagonal_",
    [call(x, 2), call(of(5, 3), 1), call(of(7, 3), 1, wrap=True), call(of(3), 1), call(cube, 1)],
    forms="method",
    grad=False,
)
define(
    "copy_",
    [call(matrix(a), matrix(b, seed=2)) for a in ALL for b in ALL]
    + [call(x, of(4)), call(x.t(), of(4, 3)), call(x, of(3)), call(of(), of(1)), call(x[:, ::2], of(3, 2))],
    forms="method",
    grad=False,
)
define("masked_fill_ masked_scatter_", [call(x, flags, of(12)[0]), call(x, flags, of(12))], forms="method", grad=False)
define("index_put_", [call(x, [rows[:2]], of(2, 4))], forms="method", grad=False)
define("to type_as", [call(matrix(a), tensor((), b)) for a in ALL for b in ALL], forms="method", strides=True)
define(
    "to",
    [call(matrix(a), b) for a in ALL for b in ALL]
    + [
        call(x, torch.float32, copy=True),
        call(x.t(), f32),
        call(torch.tensor([-1.7, 300.2, 0.5]), torch.int32),
        call(torch.tensor([nan, inf, 0.0, -0.5]), torch.bool),
    ],
    forms="method",
    strides=True,
)
define("float double int long short char byte bool", [call(tensor(4, d, 0, 3)) for d in ALL], forms="method")
define(
    "item",
    [call(tensor((), d)) for d in ALL if d != torch.bool] + [call(of(1, 1)), call(of(2)), call(torch.tensor(nan))],
    vary=False,
    forms="method",
)
define(
    "tolist",
    [call(matrix(d)) for d in (torch.bool, torch.int32, f64)] + [call(of()), call(of(0)), call(of(2, 0))],
    forms="method",
)

# Sizes that are shared among threads.
wide, bits = large((301, 233)), large((301, 233), torch.bool, seed=9)
turned = large((233, 301), seed=4).t()
define("where", [call(bits, wide, turned), call(bits, wide, 0.5)], forms="function")
define("masked_fill", [call(wide, bits, 0.5)])
define("masked_select", [call(wide, bits)])
# PyTorch takes gradients from the wrong places where the input is transposed.
define("masked_select", [call(turned, bits)], grad=False)
define("copy_", [call(large((301, 233), f64), turned), call(large((301, 233), i64, -9, 9), turned)], forms="method", grad=False)
define("to", [call(turned, torch.int32), call(large(70001, torch.uint8, 0, 255), f32)], forms="method")
spots = large(500, i64, 0, 301)
define("index_add index_copy", [call(large((301, 50)), 0, torch.arange(300, 0, -1), large((300, 50), seed=2))])
define("index_add", [call(large((301, 50)), 0, spots, large((500, 50), seed=2))])
define("index_fill", [call(wide, 1, large(60, i64, 0, 233), 2)])
define("take", [call(turned, large((90, 70), i64, 0, 70133))])
define("scatter_reduce", [call(large((50, 33)), 0, large((200, 33), i64, 0, 50), large((200, 33), seed=3), "amax")])
define("nonzero", [call(bits)], grad=False)
define("at", [call(wide, spots), call(wide, bits), call(wide, slice(None), spots % 233)], **METHOD)
