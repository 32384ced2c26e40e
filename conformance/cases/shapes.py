"""Views, joining and splitting, repeating, diagonals, triangles."""

from table import *

family("shapes")

x, cube = matrix(), tensor((2, 3, 4), f64)
VIEW = {"strides": True}
of = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, seed=seed)

sizes = [call(x, s) for s in ([12], [2, 6], [-1], [2, -1, 3], [4, 3], [1, 3, 4], [5, 2], [-1, -1], [-2, 3], [-1, 5])]
sizes += [
    call(x.t(), [12]),
    call(x.t(), [4, 3]),
    call(of(0, 3), [3, 0]),
    call(of(0, 3), [-1, 3]),
    call(of(0), [0, -1]),
    call(of(), [1]),
    call(of(1, 1), []),
]
sizes += [
    call(of(2, 3, 4)[:, :, ::2], [2, 6]),
    call(of(2, 3, 4)[:, ::2], [2, 2, 2, 2]),
    call(of(3, 1).expand(3, 4), [12]),
]
define("reshape", sizes + [call(matrix(d), [2, 6]) for d in ALL], **VIEW)
define("view", sizes + [call(x, 2, 6), call(x, -1), call(x.t(), 12)], forms="method", **VIEW)
define(
    "view",
    [
        call(tensor((2, 4), a), b)
        for a, b in ((f32, torch.int32), (torch.uint8, i64), (f64, torch.uint8), (torch.int16, f32))
    ],
    forms="method",
    grad=False,
)
define("view_as reshape_as", [call(x, of(2, 6)), call(x.t(), of(4, 3)), call(x, of(5))], forms="method", **VIEW)
define(
    "flatten",
    [
        call(cube),
        call(cube, 1),
        call(cube, 0, 1),
        call(cube, -2),
        call(of()),
        call(cube.permute(2, 0, 1), 1),
        call(cube, 2, 1),
        call(cube, 5),
        call(of(0, 3)),
    ],
    **VIEW,
)
define(
    "unflatten",
    [call(x, 1, [2, 2]), call(x, 1, [-1, 2]), call(x, -1, [4, 1]), call(x, 0, [2, 2]), call(x, 3, [2, 2])],
    forms="function method",
    **VIEW,
)
define("ravel", [call(x), call(x.t()), call(of())], **VIEW)
define(
    "squeeze",
    [
        call(of(1, 3, 1)),
        call(of(1, 3, 1), 0),
        call(of(1, 3, 1), -1),
        call(of(1, 3, 1), 1),
        call(of(), 0),
        call(of(1, 3, 1), 4),
        call(of(2, 3)),
    ],
    **VIEW,
)
define("unsqueeze", [call(x, d) for d in (0, 1, 2, -1, -3, 3, -4)] + [call(of(), 0)], **VIEW)
define(
    "transpose swapaxes swapdims",
    [
        call(x, 0, 1),
        call(cube, 0, 2),
        call(cube, -1, 1),
        call(cube, 1, 1),
        call(of(), 0, 0),
        call(x, 0, 2),
        call(of(0, 3), 0, 1),
    ],
    **VIEW,
)
define("t adjoint", [call(x), call(cube), call(of(3)), call(of())], **VIEW)
define(
    "permute",
    [
        call(cube, [2, 0, 1]),
        call(cube, [-1, 0, 1]),
        call(x, [0, 1]),
        call(of(), []),
        call(cube, [0, 1]),
        call(cube, [0, 0, 1]),
        call(cube, [0, 1, 3]),
    ],
    **VIEW,
)
define(
    "movedim moveaxis",
    [
        call(cube, 0, 2),
        call(cube, -1, 0),
        call(cube, [0, 1], [2, 0]),
        call(cube, [0, 1], [0, 0]),
        call(cube, 0, 3),
        call(cube, [0], [1, 2]),
    ],
    **VIEW,
)
define(
    "expand",
    [
        call(of(3, 1), [3, 4]),
        call(of(3, 1), [2, 3, 4]),
        call(of(3, 1), [-1, 4]),
        call(of(), [2, 2]),
        call(of(3), [2, 4]),
        call(of(3), [-1, 3]),
        call(of(1), [0]),
        call(of(2, 3), [3]),
    ],
    forms="method",
    **VIEW,
)
define("expand_as", [call(of(3, 1), of(3, 4)), call(of(3), of(2))], forms="method", **VIEW)
define("broadcast_to", [call(of(3, 1), [3, 4]), call(of(), [2]), call(of(3), [4])], **VIEW)
define("broadcast_tensors", [call(of(3, 1), of(4)), call(of(), of(2)), call(of(3), of(4))], forms="function", **VIEW)
define("broadcast_shapes", [call([3, 1], [4]), call([2], [3]), call([], [1, 2], [0, 1, 2])], forms="function")
define(
    "narrow",
    [
        call(x, 0, 1, 2),
        call(x, 1, -3, 2),
        call(x, 1, 0, 0),
        call(x, 1, 2, 3),
        call(x, 2, 0, 1),
        call(x, 0, 4, 0),
        call(x, 0, 0, -1),
    ],
    **VIEW,
)
define("narrow_copy", [call(x, 0, 1, 2), call(x, 1, 3, 2)])
define(
    "select", [call(x, 0, 1), call(x, 1, -1), call(cube, 1, 2), call(x, 0, 3), call(x, 2, 0), call(of(), 0, 0)], **VIEW
)
define("unbind", [call(x), call(x, 1), call(cube, -1), call(of()), call(of(0, 2)), call(x, 2)], **VIEW)
define(
    "unfold",
    [
        call(of(7), 0, 3, 2),
        call(cube, 2, 2, 1),
        call(cube, -1, 4, 1),
        call(of(7), 0, 8, 1),
        call(of(7), 0, 2, 0),
        call(of(), 0, 1, 1),
    ],
    forms="method",
    **VIEW,
)
define(
    "diagonal",
    [
        call(x),
        call(x, 1),
        call(x, -1),
        call(cube, 0, 1, 2),
        call(cube, 1, -1, 0),
        call(x, 7),
        call(cube, 0, 0, 0),
        call(of(3)),
    ],
    **VIEW,
)
define(
    "as_strided",
    [
        call(x, [2, 2], [1, 4]),
        call(x, [3], [3], 2),
        call(x, [2, 3], [1, 1]),
        call(x, [5, 5], [4, 1]),
        call(x, [2], [-1]),
    ],
    **VIEW,
)
define("chunk unsafe_chunk", [call(of(7), 3), call(x, 2, 1), call(x, 5), call(of(7), 0), call(of(0), 2), call(x, 2, -1)], **VIEW)
define("unsafe_split", [call(of(7), 3), call(x, 2, 1), call(x, 0), call(of(0, 2), 2), call(x, -1), call(x, 2, 3)], **VIEW)
define(
    "split",
    [
        call(of(7), 3),
        call(x, 2, 1),
        call(x, [1, 2]),
        call(x, [1, 3], -1),
        call(x, [1, 1]),
        call(x, 0),
        call(of(0, 2), 2),
        call(x, -1),
        call(x, 2, 3),
    ],
    **VIEW,
)
define(
    "tensor_split",
    [
        call(of(7), 3),
        call(x, 2, 1),
        call(x, [1, 2]),
        call(x, [1, 5], 1),
        call(of(7), [-3, -1]),
        call(of(7), 0),
        call(x, torch.tensor([1, 2])),
    ],
    **VIEW,
)
define("hsplit", [call(x, 2), call(x, [1, 3]), call(of(4), 2), call(x, 3), call(of(), 2)], **VIEW)
define("vsplit", [call(of(4, 3), 2), call(x, [1]), call(of(4), 2), call(x, 2)], **VIEW)
define("dsplit", [call(cube, 2), call(cube, [1, 3]), call(x, 2)], **VIEW)
define(
    "atleast_1d atleast_2d atleast_3d",
    [call(of()), call(of(3)), call(x), call(cube), call([of(), of(3)])],
    forms="function",
    **VIEW,
)
define("contiguous", [call(x), call(x.t()), call(of(3, 1).expand(3, 4)), call(of(0, 3))], forms="method", **VIEW)
define("is_contiguous", [call(x), call(x.t()), call(of(0, 3).t()), call(of(1, 3).t())], forms="method")
define("size", [call(x), call(x, 0), call(x, -1), call(x, 2), call(of())], forms="method")
define("stride", [call(x, 0), call(x.t(), -1), call(x, 2)], forms="method")
define("numel", [call(x), call(of()), call(of(0, 3))])
define(
    "dim ndimension nelement element_size storage_offset",
    [call(x), call(cube[1]), call(of(dtype=torch.int16))],
    forms="method",
)
define("clone", [call(t) for t in layouts(f64)] + [call(matrix(d)) for d in ALL], strides=True)
define("detach", [call(x), call(x.t())], forms="function method", strides=True)
define("is_floating_point is_complex is_signed is_nonzero", [call(tensor((), d)) for d in ALL] + [call(of(1))])
define("is_same_size", [call(x, x), call(x, cube)])
define("is_conj is_neg is_inference", [call(x), call(matrix(i64)), call(tensor((2, 3), torch.complex64))], grad=False, vary=False)
define("resolve_neg", [call(x), call(matrix(i64)), call(x.t())])

joined = [
    call([of(2, 3), of(1, 3)]),
    call([of(2, 3), of(2, 1)], 1),
    call([of(2, 3), of(2, 1)], -1),
    call([of(0), of(2, 3)], 1),
    call([of(2, 3), of(2, 4)]),
    call([of(2, 3), of(2)]),
]
joined += [call([of(2, dtype=a), of(3, dtype=b)]) for a in ALL for b in ALL] + [
    call([]),
    call([of(), of()]),
    call([x.t(), of(4, 3)], 1),
    call([x], 0),
    call([x, x], 2),
    call([large((301, 33)), large((301, 50))], 1),
]
define("cat concat", joined)
define("concatenate", joined[:6])
stacked = [call([x, matrix(seed=1)], *d) for d in ((), (1,), (2,), (-1,), (-3,), (3,))] + [
    call([of(2), of(3)]),
    call([of(dtype=i64), of()]),
    call([]),
    call([of(3), of(3, dtype=f32)]),
]
define("stack", stacked)
define(
    "hstack vstack dstack column_stack row_stack",
    [call([of(3), of(3, seed=1)]), call([x, x]), call([of(), of()]), call([cube, cube]), call([of(2, 3), of(3, 3)])],
)
define("block_diag cartesian_prod", [call(of(2), of(3))], forms="function")
define("block_diag", [call(x, of(3), of(), of(2, 2, dtype=f32)), call(of(2, 3, 4))], forms="function")
define("cartesian_prod", [call(of(3)), call(of(2), of(2), of(2)), call(x)], forms="function")
define(
    "combinations",
    [call(of(4)), call(of(4), 3), call(of(3), 2, with_replacement=True), call(of(4), 0), call(x), call(of(1), 2)],
)
define(
    "meshgrid",
    [call(of(2), of(3), indexing=i) for i in ("ij", "xy")]
    + [call(of(2), of(), of(3), indexing="ij"), call(of(2, 2), of(3), indexing="ij")],
    forms="function",
    **VIEW,
)

every = [call(matrix(d), 0) for d in ALL]
define(
    "flip",
    [call(matrix(d), [0]) for d in ALL]
    + [
        call(cube, [0, 2]),
        call(cube, [-1]),
        call(x, []),
        call(of(), []),
        call(x, [0, 0]),
        call(x, [2]),
        call(x.t(), [1]),
        call(of(0, 3), [1]),
    ],
)
define("fliplr flipud", [call(x), call(cube), call(of(3)), call(of())])
define(
    "roll",
    [call(matrix(d), 1) for d in ALL]
    + [
        call(x, 1, 0),
        call(x, -2, 1),
        call(x, [1, 2], [0, 1]),
        call(x, 7, 1),
        call(x, [1, 2], [0]),
        call(x, 1, 2),
        call(of(), 1),
        call(of(0, 3), 1, 0),
    ],
)
define(
    "rot90",
    [call(x, k) for k in (0, 1, 2, 3, 4, -1)] + [call(cube, 1, [1, 2]), call(x, 1, [0, 0]), call(of(3), 1), call(x)],
)
define(
    "repeat",
    [
        call(x, [2, 1]),
        call(x, [2, 1, 3]),
        call(of(3), [4]),
        call(of(), [2]),
        call(x, [2]),
        call(x, [0, 1]),
        call(x, 2, 2),
        call(matrix(i64), [1, 2]),
    ],
    forms="method",
)
define("tile", [call(x, [2, 1]), call(x, [2]), call(of(3), [2, 2]), call(x, [2, 1, 1]), call(x, [])])
define(
    "repeat_interleave",
    [
        call(x, 2),
        call(x, 2, 0),
        call(x, torch.tensor([1, 0, 2]), 0),
        call(of(3), torch.tensor([2, 0, 1])),
        call(x, torch.tensor([1, 2]), 0),
        call(x, torch.tensor([2]), 1),
        call(x, -1),
    ],
)
define("repeat_interleave", [call(torch.tensor([2, 0, 1])), call(torch.tensor([1, -1]))], forms="function", grad=False)
define(
    "tril triu",
    [call(matrix(d)) for d in ALL]
    + [call(x, k) for k in (-1, 1, 3, -4)]
    + [call(cube), call(x.t()), call(of(3)), call(of(0, 3))],
)
define(
    "tril_indices triu_indices",
    [call(3, 4), call(3, 3, 1), call(4, 2, -1), call(0, 3), call(3, 3, dtype=torch.int32), call(-1, 2)],
)
define(
    "diag",
    [call(of(3)), call(of(3), 1), call(of(3), -2), call(x), call(x, 1), call(x, -2), call(x, 9), call(cube), call(of())]
    + [call(tensor(3, d)) for d in ALL],
)
define("diag_embed", [call(of(3)), call(x), call(x, 1), call(x, -1, 0, 2), call(x, 0, 0, 0), call(of())])
define("diagflat", [call(x), call(of(3), 1), call(of(), -1)])
define(
    "vander",
    [call(of(3)), call(of(3), 2), call(of(3), 4, increasing=True), call(of(3, dtype=i64)), call(x), call(of(3), -1)],
    forms="function",
)
define("diagonal_scatter", [call(x, of(3)), call(x, of(3), 1), call(cube, of(4, 2), 0, 0, 1), call(x, of(4))])
define("select_scatter", [call(x, of(4), 0, 1), call(x, of(3), 1, -1), call(x, of(3), 0, 1), call(x, of(4), 0, 3)])
define(
    "slice_scatter",
    [call(x, of(1, 4), 0, 1, 2, 1), call(x, of(3, 2), 1, 0, 4, 2)]
    + [call(x, of(3, 4), 0, 0, 3, 1), call(x, of(3, 3), 1, 0, 4, 2)],
)
define("swapaxes_ swapdims_ transpose_", [call(x, 0, 1), call(cube, 0, 2)], forms="method", grad=False)
define("t_ squeeze_", [call(x)], forms="method", grad=False)
define("unsqueeze_", [call(x, 1), call(x, 4)], forms="method", grad=False)
define(
    "as_strided_scatter",
    [call(x, of(2, 2), [2, 2], [4, 1], 1), call(x, of(3), [3], [4]), call(x, of(3), [2], [4])],
    grad=False,
    vary=False,
)  # gradients are of memory that nobody wrote, and later versions copy the gaps too
define(
    "sum_to_size", [call(x, [1, 4]), call(x, [3, 1]), call(x, [4]), call(cube, [3, 1]), call(x, [2, 4])], forms="method"
)

# Sizes that are shared among threads.
wide, turned = large((301, 233)), large((233, 301), seed=4).t()
define("cat", [call([wide, turned]), call([wide, turned], 1)])
define("stack", [call([wide, turned], 2)])
define("flip", [call(wide, [0, 1]), call(turned, [1])])
define("roll", [call(wide, [7, -3], [0, 1])])
define("tril triu", [call(wide, 5), call(turned, -3)])
define("repeat", [call(wide, [2, 1])], forms="method")
define("repeat_interleave", [call(wide, 3, 1)])
define("clone contiguous", [call(turned), call(large((60, 40, 50)).permute(2, 0, 1))], forms="method", **VIEW)
define("reshape", [call(turned, [-1])], **VIEW)
define("rot90", [call(wide)])
define("kron", [call(large((30, 20)), large((10, 12), seed=3))])
