"""torch.nn.functional.pad: modes, dims, negative numbers, layouts, dtypes; torch.constant_pad_nd."""

from table import *

family("padding")

IN_F = {"space": "F"}
MODES = ("reflect", "replicate", "circular")
of = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, seed=seed)
line, image, volume = of(2, 3, 5), of(2, 3, 4, 5), of(2, 2, 3, 4, 5)
channels_last = of(2, 4, 5, 3).permute(0, 3, 1, 2)

calls = [call(x, [1, 2], mode=m) for m in MODES for x in (line, of(0, 3, 5), of(2, 0, 5), of(2, 3, 0), of(5), image)]
calls += [call(line[0], [1, 2], mode=m) for m in ("reflect", "replicate")]
calls += [
    call(x, [1, 2, 2, 1], mode=m)
    for m in MODES
    for x in (image, channels_last, of(2, 3, 5, 4).transpose(2, 3), of(0, 3, 4, 5), image[:, :, ::2], of(2, 1, 4, 5))
]
calls += [call(image[0], [1, 2, 2, 1], mode=m) for m in ("reflect", "replicate")]
calls += [call(x, [1, 2, 2, 1, 1, 0], mode=m) for m in MODES for x in (volume, of(1, 2, 2, 4, 5))]
calls += [call(volume[0], [1, 2, 2, 1, 1, 0], mode=m) for m in ("reflect", "replicate")]
for m in MODES:
    calls += [call(image, p, mode=m) for p in ([-1, 2, 0, -2], [-2, -3, 1, 0], [4, 3, 3, 3], [5, 5, 4, 4], [6, 0, 0, 0])]
    calls += [call(image, p, mode=m) for p in ([0, 0, 0, 0], [1, 2, 1], [], [1, 1] * 4, [1, 1] * 5)]
    calls += [call(image, [1, 1, 1, 1], mode=m, value=1.5), call(of(2, 3, 4, 5, dtype=f32), [3, 1, 2, 3], mode=m)]
    calls += [call(large((9, 7, 40, 50), f32), [3, 4, 5, 6], mode=m), call(large((40, 30, 70)), [7, 5], mode=m)]
    calls += [call(large((8, 5, 6, 20, 30), f32), [3, 4, 5, 2, 1, 2], mode=m)]
define("pad", calls, vary=False, **IN_F)

calls = [call(x, [1, 2]) for x in layouts(f64) if x.dim() > 0]
calls += [call(image, p, mode="constant", value=2.5) for p in ([1, 2], [1, 0, 0, 3], [0, 1, 0, 0, 2, 2], [1] * 8, [0] * 6 + [1, 1])]
calls += [call(image, p, mode="constant", value=2.5) for p in ([-1, 2, 0, -3], [-2, -2, 1, 1], [-3, -3], [6, -5], [-5, 1], [1], [1] * 10)]
calls += [call(tensor((3, 4), d), [1, -1, 0, 2], value=3) for d in ALL] + [call(tensor((3, 4), i64), [1, 0], value=2.5)]
calls += [call(channels_last, [1, 2, 3, 0]), call(channels_last, [0, 0, 0, 0, 1, 0]), call(of(), [])]
calls += [call(of(0, 3), [1, 1]), call(of(0, 3), [1, 1, 1, 0]), call(of(2, 0, 3), [0, 0, 1, 1], value=nan)]
calls += [call(large((9, 7, 40, 50), f32), [3, 4, 5, 6]), call(large((300, 233)), [7, 5, 2, 3], value=inf)]
define("pad", calls, vary=False, strides=True, **IN_F)
define("constant_pad_nd", [call(image, [1, 2]), call(image, [1, 0, 2, 2], 1.5), call(tensor((3, 4), i64), [1, 1], 7)], vary=False)
