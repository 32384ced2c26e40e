"""torch.nn.functional.interpolate: modes, dims, sizes and factors, corners, layouts, dtypes."""

from table import *

family("resampling")

IN_F = {"space": "F"}
of = lambda *shape, dtype=f64, seed=0: tensor(shape, dtype, seed=seed)
line, image, volume = of(2, 3, 5), of(2, 3, 4, 5), of(1, 2, 3, 4, 5)
channels_last = of(2, 4, 5, 3).permute(0, 3, 1, 2)
inputs = {1: line, 2: image, 3: volume}
weighing = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}

calls = []
for n, x in inputs.items():
    for mode in ("nearest", "nearest-exact", "area"):
        calls += [call(x, size, mode=mode) for size in (7, [2, 9, 3][:n], 1)]
        calls += [call(x, None, factor, mode=mode) for factor in (2, 0.5, 1.7, [0.6, 2.5, 1.3][:n])]
        calls += [call(x, None, 1.7, mode=mode, recompute_scale_factor=True)]
    for mode in weighing[n]:
        for corners in (False, True):
            calls += [call(x, size, mode=mode, align_corners=corners) for size in (7, [2, 9, 3][:n], 1)]
            calls += [call(x, None, factor, mode=mode, align_corners=corners) for factor in (2, 0.5, [0.6, 2.5, 1.3][:n])]
        calls += [call(x, None, 1.7, mode=mode, recompute_scale_factor=r) for r in (True, False)]
for mode in ("bilinear", "bicubic"):
    for corners in (False, True):
        calls += [call(image, s, mode=mode, antialias=True, align_corners=corners) for s in (2, [7, 3], [1, 8])]
    calls += [call(large((3, 4, 30, 41), f32), [13, 70], mode=mode, antialias=a) for a in (True, False)]
    calls += [call(of(0, 3, 4, 5), 2, mode=mode)]
calls += [call(channels_last, [9, 3], mode=mode) for mode in ("nearest", "bilinear", "area")]
calls += [ call(image[:, :, ::2], 5), call(image.transpose(2, 3), [3, 9], mode="bilinear")]
calls += [call(large((8, 5, 40, 50), f32), None, 2, mode="bilinear"), call(large((8, 5, 40, 50), f32), 17, mode="area")]
calls += [call(large((5, 300), f32)[None], 1000, mode="linear"), call(large((2, 3, 9, 10, 11), f32), 13, mode="trilinear")]
calls += [call(tensor((1, 2, 4, 5), torch.uint8), size, mode=m) for m in ("nearest", "nearest-exact") for size in (3, 9)]
calls += [call(image), call(image, 3, 2), call(image, [3, 3, 3]), call(image, None, [2]), call(image, 0), call(of(3, 4), 2)]
calls += [call(line, 3, mode="bilinear"), call(image, 3, mode="linear"), call(image, 3, align_corners=True)]
calls += [call(image, 3, antialias=True), call(image, 3, mode="cubic"), call(of(2, 0, 4, 5), 3), call(of(2, 3, 0, 5), 3)]
calls += [call(image, 3, recompute_scale_factor=True)]
define("interpolate", calls, vary=False, strides=True, **IN_F)

calls = []
grids = {2: tensor((2, 3, 4, 2), f64, -1.4, 1.4), 3: tensor((1, 2, 3, 2, 3), f64, -1.4, 1.4)}
for n, grid in grids.items():
    for mode in ("bilinear", "nearest", "bicubic"):
        for padding in ("zeros", "border", "reflection"):
            # In volumes 1.13 rounds halves away from 0, later versions to even numbers as in images.
            corners = (False,) if (n, mode) == (3, "nearest") else (False, True)
            calls += [call(inputs[n], grid, mode=mode, padding_mode=padding, align_corners=a) for a in corners]
far = tensor((2, 3, 4, 2), f64, -9.0, 9.0)
calls += [call(image, far, padding_mode=p, align_corners=False) for p in ("border", "reflection")]
calls += [call(image, grids[2]), call(channels_last, grids[2], align_corners=True), call(image[:0], grids[2][:0], align_corners=True)]
calls += [call(image, grids[3], align_corners=True), call(image[:1], grids[2], align_corners=True)]
calls += [call(image, tensor((2, 3, 4, 3), f64), align_corners=True), call(image, grids[2].float(), align_corners=True)]
calls += [call(large((2, 3, 30, 40), f32), large((2, 20, 30, 2), f32, -1.2, 1.2, 5), align_corners=False)]
define("grid_sample", calls, vary=False, **IN_F)

theta, theta3 = tensor((2, 2, 3), f64), tensor((2, 3, 4), f64)
calls = [call(theta, [2, 3, 4, 5], align_corners=a) for a in (True, False)]
calls += [call(theta3, [2, 3, 4, 5, 2], align_corners=a) for a in (True, False)]
calls += [call(theta, [2, 3, 1, 5], align_corners=a) for a in (True, False)] + [call(theta, [2, 3, 4])]
calls += [call(theta, [2, 3, 4, 5, 6], align_corners=True), call(theta, [2, 3, 0, 5], align_corners=True)]
define("affine_grid", calls, vary=False, **IN_F)
