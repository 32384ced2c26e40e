"""Connectionist temporal classification, distances of pairs, and channels that move."""

from table import *

family("alignment")

IN_F = {"space": "F"}
of = lambda *shape, dtype=f64, seed=0, low=-3.0, high=3.0: tensor(shape, dtype, low, high, seed=seed)
logs = lambda *shape, **k: of(*shape, **k).log_softmax(-1)
i32 = torch.int32
t = torch.tensor
lp, y = logs(6, 3, 4), t([[1, 2, 2], [3, 3, 1], [2, 1, 3]])
flat = t([1, 2, 2, 3, 3, 1])
full, lengths = t([6, 6, 6]), t([3, 3, 3])
calls = []
for r in ("mean", "sum", "none"):
    calls += [
        call(lp, y, full, lengths, reduction=r),
        call(lp, y, t([6, 4, 5]), t([2, 3, 1]), reduction=r),
        call(lp, y, t([3, 3, 3]), lengths, reduction=r),
        call(lp, y, t([2, 3, 6]), lengths, reduction=r, zero_infinity=True),
        call(lp, flat, full, t([1, 2, 3]), reduction=r),
        call(logs(6, 4), y[0], t([6]), t([3]), reduction=r),
        call(lp, y, full, t([0, 2, 0]), reduction=r),
    ]
calls += [
    call(lp, y, [6, 5, 4], [3, 2, 1]),
    call(lp, y - 1, full, lengths, 3),
    call(lp, y.to(i32), full.to(i32), lengths.to(i32)),
    call(lp.float(), y, full, lengths),
    call(lp.float(), y, full, lengths, reduction="none"),
    call(lp.transpose(0, 1).contiguous().transpose(0, 1), y, full, lengths),
    call(lp, y.t().contiguous().t(), full, lengths),
    call(lp[:, :0], y[:0], full[:0], lengths[:0], reduction="sum"),
    call(lp, y, [6, 5], [3, 2, 1]),
    call(lp, y, [6, 5, 4], [3, 2]),
    call(lp, y, [7, 5, 4], [3, 2, 1]),
    call(lp, y, [6, 6, 6], [4, 2, 1]),
    call(lp, flat, [6, 6, 6], [1, 2, 2]),
    call(lp, y, full, lengths, 4),
    call(lp, y, full, lengths, -1),
    call(lp[0, 0], y, full, lengths),
    call(lp, y.double(), full, lengths),
    call(lp, y, full.double(), lengths),
    call(logs(50, 16, 20, dtype=f32), tensor((16, 20), i64, 1, 19), torch.full((16,), 50), torch.full((16,), 20), reduction="none"),
    call(logs(150, 5, 40), tensor((5, 33), i64, 1, 39), t([150, 140, 33, 66, 100]), t([33, 10, 33, 30, 1]), reduction="none"),
]
define("ctc_loss", calls, vary=False, **IN_F)

calls = [call(x, *p) for x in (of(4, 3), of(3, 5).t(), of(6, 1)) for p in ((), (1,), (3,), (inf,), (0,), (2.5,))]
calls += [call(of(4, 3, dtype=f32)), call(large((40, 30))), call(of(3)), call(of(3, 2), -1), call(matrix(i64))]
calls += [call(torch.tensor([[1.0, 2], [1, 2], [3, 4]], dtype=f64), p) for p in (1, 2, 3)]
define("pdist", calls, vary=False, **IN_F)
# Gradients where there are no pairs crash PyTorch.
define("pdist", [call(of(1, 3)), call(of(0, 3)), call(of(1, 3), 1)], vary=False, grad=False, **IN_F)

for space in ("F", "torch"):
    define(
        "pixel_shuffle",
        [call(of(2, 8, 3, 2), 2), call(of(4, 3, 3), 2), call(of(2, 3, 9, 2, 2), 3), call(of(2, 3, 1, 2), 1), call(tensor((4, 2, 2), i64), 2)]
        + [call(of(0, 4, 2, 2), 2), call(of(2, 3, 3), 2), call(of(3, 3), 2), call(of(4, 3, 3), -2), call(of(2, 4, 3, 5)[..., ::2], 2)],
        vary=False,
        space=space,
    )
    define(
        "pixel_unshuffle",
        [call(of(2, 2, 6, 4), 2), call(of(1, 4, 4), 2), call(of(2, 3, 1, 6, 3), 3), call(of(2, 3, 1, 2), 1), call(tensor((2, 4, 2), i64), 2)]
        + [call(of(2, 3, 4), 2), call(of(2, 4, 3), 2), call(of(4, 4), 2), call(of(4, 4, 4), -2)],
        vary=False,
        space=space,
    )
    define(
        "channel_shuffle",
        [call(of(2, 6, 3), 2), call(of(2, 6, 2, 3), 3), call(of(1, 4, 2, 2), 4), call(of(1, 4, 2, 2), 1), call(of(2, 2, 3, 4).permute(0, 3, 1, 2), 2)]
        + [call(of(1, 3, 2), 2), call(of(4, 2), 2), call(of(1, 4, 2), 0), call(tensor((1, 4, 2), i64), 2)],
        vary=False,
        grad=False,
        space=space,
    )
