"""Reductions, scans, sorting, statistics."""

from table import *

family("reductions")

with_dtype = [call(matrix(d), dtype=to) for d in ALL for to in (f64, i64)] + [
    call(matrix(i64), 0, keepdim=True, dtype=f32)
]
define("sum nansum", reduction() + with_dtype + [call(special().reshape(4, 5), 1)])
define(
    "mean nanmean",
    reduction(FLOATS) + [call(matrix(i64)), call(matrix(i64), dtype=f64), call(matrix(torch.bool), 0, dtype=f32)],
)
define("prod", reduction(several=False, low=-1.5, high=2) + with_dtype)
zeros = torch.tensor([[0.0, 2, 3], [0, 0, 3], [1, 2, 3]], dtype=f64)
define("prod", [call(zeros), call(zeros, 0), call(zeros, 1)])
define("all any", reduction(several=False, low=-1, high=2), grad=False)
define("amax amin", reduction() + [call(torch.tensor([[1.0, 1, 0], [2, 2, 2]], dtype=f64), 1), call(special(), 0)])
define(
    "max min",
    reduction(several=False) + [call(torch.tensor([[1.0, 1, 0], [2, 2, 2]], dtype=f64), 1), call(special(), 0)],
)
define(
    "argmax argmin",
    reduction(several=False) + [call(matrix(), None, keepdim=True), call(torch.zeros(3, 2), 0)],
    grad=False,
)
define(
    "aminmax",
    [call(x) for x in layouts(f64)] + [call(matrix(d), dim=1, keepdim=True) for d in ALL] + [call(special(), dim=0)],
)
define("logsumexp", [c for c in reduction() if len(c.args) > 1] + [call(torch.full((2, 3), -inf, dtype=f64), 1)])
define(
    "count_nonzero",
    [call(matrix(d, low=-1, high=1)) for d in ALL] + [call(matrix(low=-1, high=0), d) for d in (0, [0, 1])],
    grad=False,
)
spread = (
    [call(x) for x in layouts(f64) if x.numel() > 1] + [call(matrix(d), 1) for d in FLOATS] + [call(matrix(), [0, 1])]
)
spread += [call(matrix(), 0, unbiased=u, keepdim=k) for u in (False, True) for k in (False, True)] + [
    call(matrix(), unbiased=False)
]
spread += [
    call(tensor((1, 3)), 0),
    call(tensor(())),
    call(tensor((0, 3)), 0),
    call(matrix(i64)),
    call(large(70001)),
    call(large((301, 233)), 0),
]
spread += [
    call(large((301, 233)), 1),
    call(matrix(), 3),
    call(special(), 0),
    call(matrix() + 1e6, 0),
    call(tensor((2, 3, 4), f64), [0, -1], keepdim=True),
]
define("std var std_mean var_mean", spread)
define(
    "std var std_mean var_mean",
    [call(matrix(), 1, correction=c) for c in (0, 1, 2)] + [call(matrix(), None, correction=0)],
)
normed = [call(matrix(d), p) for d in FLOATS for p in (0, 1, 2, 3, 0.5, inf, -inf, -1)] + [
    call(x) for x in layouts(f64)
]
normed += [call(matrix(), p, dim, keepdim=k) for p in (1, 2, inf, 3) for dim in (0, [0, 1], -1) for k in (False, True)]
normed += [
    call(matrix(), "fro"),
    call(torch.zeros((2, 3), dtype=f64)),
    call(torch.zeros((2, 3), dtype=f64), 2, 1),
    call(large(70001)),
    call(matrix(i64)),
]
define("norm", normed)
define(
    "dist",
    [call(matrix(), matrix(seed=1), *p) for p in ((), (1,), (3,), (0,), (inf,), (0.5,))]
    + [call(matrix(), tensor(4, f64))],
)
define(
    "renorm", [call(matrix(), p, d, 2) for p in (1, 2, inf) for d in (0, 1)] + [call(tensor((2, 3, 4), f64), 2, 1, 0.5)]
)

middle = [
    call(x)
    for x in [distinct((3, 4), d) for d in NUMBERS]
    + layouts(f64)[:6]
    + [special(), torch.tensor([nan, 1.0, nan, 3.0], dtype=f64)]
]
middle += [call(distinct((3, 4), f64), dim, keepdim=k) for dim in (0, 1, -1) for k in (False, True)]
middle += [
    call(tensor(0)),
    call(tensor((0, 3)), 1),
    call(tensor((3, 0)), 1),
    call(tensor(()), 0),
    call(tensor((), f64)),
]
middle += [
    call(torch.tensor([[nan, 1, 2], [3, nan, nan]], dtype=f64), 1),
    call(matrix(), 5),
    call(distinct(5003)),
    call(distinct((30, 101)), 1),
]
define("median nanmedian", middle)
define(
    "mode",
    [
        call(torch.tensor([[1, 2, 2, 3], [4, 4, 1, 1], [5, 6, 7, 8]], dtype=d), *a)
        for d in NUMBERS
        for a in ((), (1,), (0,))
    ],
)
define("mode", [call(tensor((2, 3), f64, 0, 2), keepdim=True), call(tensor(()))])
q = torch.tensor([0.0, 0.3, 1.0], dtype=f64)
quant = [
    call(distinct((3, 4), f64), x, *d, keepdim=k) for x in (0.4, q) for d in ((), (0,), (1,)) for k in (False, True)
]
quant += [
    call(distinct((3, 4), f64), 0.4, 1, interpolation=way)
    for way in ("linear", "lower", "higher", "midpoint", "nearest")
]
quant += [
    call(torch.tensor([[nan, 1, 2], [3, 4, nan]], dtype=f64), 0.5, 1),
    call(distinct(7), 2),
    call(distinct(7), -0.1),
    call(tensor(4, i64), 0.5),
]
quant += [call(distinct(7), q), call(distinct(7), 0.1), call(tensor((), f64), 0.5)]
define("quantile nanquantile", quant)

scan = (
    [call(matrix(d), dim) for d in ALL for dim in (0, -1)]
    + [call(x, 0) for x in layouts(f64)]
    + [call(matrix(), 2), call(special(), 0)]
)
scan += [
    call(tensor((2, 3, 4), f64), 1),
    call(tensor(0), 0),
    call(large((301, 233)), 0),
    call(large((301, 233)), 1),
    call(large(5003), 0),
]
typed = [call(matrix(d), 1, dtype=to) for d in ALL for to in (f64, i64)]
define("cumsum cumprod", scan + typed + [call(zeros, 0), call(zeros, 1)])
define("cummax cummin", scan + [call(torch.tensor([1.0, 1, 0, 2, 2, nan, 3], dtype=f64), 0)])
define(
    "logcumsumexp", [c for c in scan if c.args[0].is_floating_point()] + [call(torch.tensor([-inf, -inf, 1, inf]), 0)]
)
define(
    "diff",
    [call(matrix(d), *a) for d in ALL for a in ((), (2,), (1, 0))]
    + [call(matrix(), 1, 1, tensor((3, 1), f64)), call(matrix(), 0), call(matrix(), 7)],
)
define(
    "diff",
    [call(matrix(), prepend=tensor((3, 2), f64), append=tensor((3, 1), f64)), call(tensor(())), call(matrix(), dim=0)],
)
define(
    "trapezoid trapz cumulative_trapezoid",
    [
        call(matrix()),
        call(matrix(), tensor(4, f64)),
        call(matrix(), dim=0),
        call(matrix(), dx=0.5),
        call(matrix(), matrix(seed=2)),
        call(matrix(f32)),
    ],
)
define(
    "gradient",
    [
        call(matrix()),
        call(matrix(), spacing=2.5, dim=0),
        call(matrix(), dim=[0, 1]),
        call(tensor(5, f64), edge_order=2),
        call(matrix(), edge_order=2),
        call(matrix(), spacing=[2, 0.5]),
        call(matrix(), spacing=[torch.tensor([0.0, 1, 3], dtype=f64), torch.tensor([1.0, 2, 4, 4.5], dtype=f64)]),
        call(matrix(), spacing=[torch.tensor([1.0, 2, 4, 4.5], dtype=f64)], dim=1, edge_order=2),
        call(matrix(), dim=-1),
        call(matrix(), dim=[0, 0]),
        call(matrix(), edge_order=3),
        call(matrix(), spacing=[1, 2, 3]),
        call(tensor(1)),
        call(tensor(2, f64)),
        call(tensor(2), edge_order=2),
        call(tensor(())),
        call(tensor(4, torch.uint8)),
        call(tensor(4, i64)),
    ],
)

sorting = [call(x) for x in [distinct((3, 4), d) for d in NUMBERS] + layouts(f64)] + [
    call(tensor((3, 4), torch.bool), 1)
]
sorting += [call(distinct((3, 4), f64), dim=dim, descending=down) for dim in (0, 1, -1) for down in (False, True)]
sorting += [call(special(d), descending=down, stable=True) for d in FLOATS for down in (False, True)]
sorting += [
    call(tensor((4, 6), d, 0, 2), dim=1, descending=down, stable=True) for d in NUMBERS for down in (False, True)
]
sorting += [call(distinct(5003)), call(distinct((60, 101)), 0), call(distinct((2, 3, 4), f64), 1), call(matrix(), 2)]
distinct_only = [c for c in sorting if "stable" in c.kwargs or c.args[0].dtype != torch.bool]
define("sort", distinct_only)
define("argsort", distinct_only, grad=False)
define("msort", [call(distinct((4, 3), d)) for d in NUMBERS] + [call(distinct(7, f64))])
tops = [call(distinct((3, 5), d), k) for d in NUMBERS for k in (1, 3, 5)] + [
    call(distinct((3, 5), f64), 2, 0),
    call(distinct((3, 5), f64).t(), 2),
]
tops += [
    call(distinct((3, 5), f64), 2, largest=False),
    call(distinct((3, 5), f64), 0),
    call(distinct((3, 5), f64), 6),
    call(distinct((3, 5)), 1, 2),
]
tops += [
    call(tensor((), f64), 1),
    call(distinct(5003), 10),
    call(torch.tensor([1.0, nan, 3, -inf], dtype=f64), 2),
    call(distinct((50, 101), f64), 7, 1),
]
define("topk", tops)
kths = [call(distinct((3, 5), d), k) for d in NUMBERS for k in (1, 3)] + [
    call(distinct((3, 5), f64), 2, 0, keepdim=True),
    call(tensor((), f64), 1),
]
define("kthvalue", kths + [call(distinct(5), 0), call(distinct(5), 6), call(distinct((30, 101)), 40, 1)])
repeats = [
    call(torch.tensor([3, 1, 1, 2, 3, 3], dtype=d), **k)
    for d in NUMBERS
    for k in ({}, {"return_inverse": True, "return_counts": True})
]
rows = torch.tensor([[1, 2], [1, 2], [0, 5], [1, 2]], dtype=f64)
repeats += [
    call(rows),
    call(rows, dim=0),
    call(rows, dim=1, return_inverse=True, return_counts=True),
    call(tensor((3, 4), torch.bool)),
    call(tensor(0)),
    call(tensor(())),
]
repeats += [
    call(rows, dim=0, return_inverse=True, return_counts=True),
    call(rows, return_inverse=True),
    call(rows, return_counts=True),
]
define("unique unique_consecutive", repeats, grad=False)
ordered = torch.tensor([1.0, 3, 5, 5, 7])
places = [call(ordered.to(d), torch.tensor([0, 1, 4, 5, 9], dtype=d), right=r) for d in NUMBERS for r in (False, True)]
table = torch.tensor([[1, 2, 3], [4, 5, 6]], dtype=f64)
places += [
    call(table, torch.tensor([[2, 9], [0, 5]], dtype=f64), out_int32=True),
    call(ordered, 4),
    call(table, tensor((3, 1), f64)),
]
places += [
    call(ordered, torch.tensor([1.0, 5]), side="right"),
    call(torch.tensor([5.0, 1, 3]), torch.tensor([2.0]), sorter=torch.tensor([1, 2, 0])),
]
define("searchsorted", places, grad=False, vary=False)
define(
    "bucketize",
    [call(torch.tensor([[0, 1], [5, 9]], dtype=d), ordered.to(d), right=r) for d in NUMBERS for r in (False, True)]
    + [call(4, ordered), call(matrix().t(), ordered.double())],
    vary=False,
    grad=False,
)
define(
    "isin",
    [call(tensor((2, 3), d), tensor(4, d, seed=3)) for d in NUMBERS]
    + [call(tensor((2, 3), i64), 1), call(matrix(i64), tensor(3, i64), invert=True)],
    grad=False,
)
define(
    "bincount",
    [call(tensor(9, d, 0, 5)) for d in INTS]
    + [call(tensor(9, i64, 0, 5), tensor(9, f64)), call(tensor(9, i64, 0, 5), None, 9)],
    grad=False,
)
define(
    "bincount",
    [
        call(tensor(9, i64, -5, 5)),
        call(tensor(0, i64)),
        call(tensor(3)),
        call(tensor((2, 2), i64, 0, 3)),
        call(tensor(9, i64, 0, 5), minlength=2),
    ],
    grad=False,
)
define(
    "histc",
    [call(tensor(20, d), *a) for d in FLOATS for a in ((), (5,), (4, -2, 2), (3, 1, 1))]
    + [call(tensor(20), 5, 2, -2), call(tensor(4), 0)],
    grad=False,
)
define(
    "histogram",
    [
        call(tensor(20, f64), 5),
        call(tensor(20), torch.tensor([-2.0, 0, 1.5])),
        call(tensor(20), 4, range=(-1, 2), density=True),
        call(tensor((4, 5), f64), 3, weight=tensor((4, 5), f64, 0, 2)),
        call(tensor(20), 0),
        call(tensor(20), torch.zeros(2, 2)),
        call(tensor(20, i64), 3),
        call(tensor(20), 4, range=(2, 1)),
        call(torch.zeros(3), 4),
        call(tensor(0), 2),
        call(tensor(20), 3, weight=tensor(2)),
        call(torch.tensor([nan, 1]), 4),
        call(tensor(20), torch.tensor([1.0])),
    ],
    grad=False,
)
define("cov corrcoef", [call(matrix()), call(tensor(5, f64)), call(matrix(f32))])
define(
    "cov",
    [
        call(matrix(), correction=0),
        call(matrix(), fweights=torch.tensor([1, 2, 1, 3])),
        call(matrix(), aweights=torch.tensor([0.5, 1, 1, 2], dtype=f64)),
    ],
)

# Sizes that are shared among threads.
wide, turned = large((301, 233)), large((233, 301), seed=4).t()
define("norm", [call(wide, p, dim) for p in (1, 2, 3, inf) for dim in (0, 1)] + [call(turned, 2, 0)])
define("dist", [call(wide, turned)])
define("logsumexp", [call(turned, 1), call(wide, [0, 1])])
define("count_nonzero", [call(large((301, 233), torch.int32, -1, 2), 0)], grad=False)
define("cumprod", [call(large((301, 233), f32, 0.9, 1.1), d) for d in (0, 1)] + [call(large(5003, f64, 0.99, 1.01), 0)])
define("cumsum", [call(turned, 0), call(large(70001, torch.int32), 0)])
define("diff", [call(wide, 2, 0)])
define("bincount", [call(large(70001, i64, 0, 50)), call(large(70001, i64, 0, 50), large(70001, f64))], grad=False)
define("histc", [call(large(70001), 20)], grad=False)
define("histogram", [call(large(70001), 20)], grad=False)
define("unique", [call(large(70001, i64, 0, 500), return_inverse=True, return_counts=True)], grad=False)
define("searchsorted", [call(torch.arange(300.0), large(5003, f32, -5, 305))], grad=False)
define("quantile", [call(wide, 0.3, 1), call(large(5003), torch.tensor([0.1, 0.9]))])
define("median", [call(turned, 0)])
define("sort", [call(turned, 0), call(large(70001), stable=True)])
define("std var", [call(turned, 1), call(wide, [0, 1])])
define("cov corrcoef", [call(large((30, 101)))])
