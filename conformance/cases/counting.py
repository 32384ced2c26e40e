"""Histograms in several dims, reductions of segments, and values in place of all elements."""

from table import *

family("counting")

points = [tensor((5, 2), d) for d in FLOATS]
define(
    "histogramdd",
    [call(x, bins) for x in points for bins in (3, [2, 4])]
    + [call(x, [2, 3], range=[-2.0, 2.5, -1.0, 3.25]) for x in points]
    + [call(x, [3, 2], density=True) for x in points]
    + [call(x, [3, 2], weight=tensor((5,), x.dtype, 0.5, 2)) for x in points]
    + [call(tensor((2, 3, 3), f64), 2, weight=tensor((2, 3), f64, 0, 1)), call(tensor((6, 1), f64), 4)]
    + [call(tensor((4, 2), f64), [torch.tensor([-1.5, 0.25, 2.5], dtype=f64), torch.tensor([-3.0, 3.0], dtype=f64)])]
    + [call(torch.tensor([[nan, 0.0], [0.5, 0.5], [1.0, 1.0], [2.0, 0.0]]), [2, 2], range=[0.0, 1.0, 0.0, 1.0])]
    + [call(torch.zeros(0, 2), 2), call(torch.zeros(3, 0), 2), call(torch.ones(3, 2), 2)]
    + [call(tensor((3,), f64), 2), call(tensor((3, 2), i64), 2), call(tensor((3, 2), f64), [2]), call(tensor((3, 2), f64), 0)]
    + [call(tensor((3, 2), f64), 2, range=[0.0, 1.0]), call(tensor((3, 2), f64), 2, range=[0.0, 1.0, 2.0, 1.0])]
    + [call(tensor((3, 2), f64), 2, weight=tensor((2,), f64)), call(tensor((3, 2), f64), 2, weight=tensor((3,), f32))],
    forms="function",
    grad=False,
    vary=False,
)

lengths = torch.tensor([2, 0, 3])
define(
    "segment_reduce",
    [call(tensor(5, d), how, lengths=lengths) for d in FLOATS for how in ("sum", "mean", "max", "min", "prod")]
    + [call(tensor(5, f64), how, lengths=lengths, initial=1.5) for how in ("sum", "mean", "max", "min", "prod")]
    + [call(tensor((5, 3), f64), how, lengths=lengths) for how in ("sum", "mean", "max", "min", "prod")]
    + [call(tensor((2, 5), f64), how, lengths=torch.tensor([[1, 4], [5, 0]]), axis=1) for how in ("sum", "mean", "max")]
    + [call(tensor(5, f64), how, offsets=torch.tensor([0, 2, 2, 5])) for how in ("sum", "max")]
    + [call(torch.tensor([1.0, nan, 2.0, 2.0], dtype=f64), "max", lengths=torch.tensor([2, 2]))]
    + [call(tensor(5, f64), "sum", lengths=torch.tensor([1, 1]), unsafe=True)]
    + [call(tensor(5, f64), "sum", lengths=torch.tensor([2, 2])), call(tensor(5, f64), "sum", lengths=torch.tensor([-1, 6]))]
    + [call(tensor(5, f64), "sum"), call(tensor(5, i64), "sum", lengths=lengths), call(tensor(5, f64), "other", lengths=lengths)],
    forms="function",
    vary=False,
)

define("fill", [call(tensor((2, 3), d), 2) for d in NUMBERS] + [call(x, tensor((), f64)) for x in layouts(f64)], forms="function")
