"""Batch, instance, layer, group and local response norm."""

from layers import *

family("normalization")

flat = tensor((5, 3), f64)
inputs = {1: tensor((2, 3, 5), f64), 2: tensor((2, 3, 2, 4), f64), 3: tensor((2, 3, 2, 2, 3), f64)}
second = {n: tensor(tuple(x.shape), f64, -2.0, 4.0, seed=1) for n, x in inputs.items()}
channels_last = tensor((2, 2, 4, 3), f64).permute(0, 3, 1, 2)

for n, x in inputs.items():
    for kind, args in (("", [3]), ("Lazy", [])):
        module(f"{kind}BatchNorm{n}d", *args)(x)(second[n])(tensor(x.shape))
        module(f"{kind}BatchNorm{n}d", *args, momentum=None)(x)(second[n])(x)
        module(f"{kind}BatchNorm{n}d", *args, 0.01, 0.3, affine=False)(x)(second[n])
        module(f"{kind}BatchNorm{n}d", *args, track_running_stats=False)(x)(second[n])
        module(f"{kind}InstanceNorm{n}d", *args)(x)(x[0])(second[n])
        module(f"{kind}InstanceNorm{n}d", *args, affine=True, track_running_stats=True)(x)(second[n])(x[0])
        module(f"{kind}InstanceNorm{n}d", *args, 0.01, 0.3, affine=True, track_running_stats=False)(x)
        module(f"{kind}InstanceNorm{n}d", *args, track_running_stats=True, affine=False)(x)(second[n])
    module(f"BatchNorm{n}d", 4)(x)(x[0])(x[:1, :, :1])
    module(f"BatchNorm{n}d", 3)(x[0, 0])(x[:0])
    module(f"InstanceNorm{n}d", 4, affine=True)(x)(x[0, 0, 0])
module("BatchNorm1d", 3)(flat)(tensor((5, 3)))(flat[:1])
module("BatchNorm1d", 3)(tensor((3, 5), f64).t())
module("BatchNorm2d", 3)(channels_last)(channels_last.float())(inputs[2].transpose(2, 3))
module("BatchNorm2d", 5)(large((4, 5, 20, 31)))
module("BatchNorm2d", 5)(large((9, 5, 30, 31), f64))
module("BatchNorm2d", 70)(large((4, 21, 20, 70), f64).permute(0, 3, 1, 2))
module("BatchNorm1d", 33)(large((300, 33), f32))
module("InstanceNorm2d", 3, affine=True)(channels_last)(inputs[2][:, :, :1, :1])

for shape in (4, [4], [2, 4], [3, 2, 4]):
    module("LayerNorm", shape)(inputs[2])(channels_last)(tensor((2, 3, 2, 4)))
    module("LayerNorm", shape, 0.1, elementwise_affine=False)(inputs[2])
module("LayerNorm", 3)(inputs[2])(flat)
module("LayerNorm", 5)(tensor((5,), f64))(tensor((0, 5), f64))
module("LayerNorm", 257)(large((70, 257), f32))
module("LayerNorm", [20, 130])(large((30, 20, 130), f64))
for groups in (1, 2, 4):
    module("GroupNorm", groups, 4)(tensor((2, 4, 3), f64))(tensor((3, 4), f64))(tensor((2, 4, 2, 2), f64))
    module("GroupNorm", groups, 4, 0.1, affine=False)(tensor((2, 4, 3), f64))
    module("GroupNorm", groups, 4)(tensor((2, 2, 3, 4), f64).permute(0, 3, 1, 2))
module("GroupNorm", 3, 4)
module("GroupNorm", 2, 4)(inputs[2])(tensor((1, 4, 1), f64))(tensor((4,), f64))
module("GroupNorm", 8, 40)(large((9, 40, 15, 17), f32))
for size in (1, 2, 3, 5):
    for x in inputs.values():
        module("LocalResponseNorm", size)(x)
    module("LocalResponseNorm", size, 0.5, 0.6, 2.0)(inputs[2])(flat)(inputs[2][:, :0])
module("LocalResponseNorm", 2, alpha=0.5)(tensor((2, 3, 5)))

for shape in (4, [4], [2, 4], [3, 2, 4]):
    module("RMSNorm", shape)(inputs[2])(channels_last)
    module("RMSNorm", shape)(tensor((2, 3, 2, 4)))
    module("RMSNorm", shape, 0.1, elementwise_affine=False)(inputs[2])
module("RMSNorm", 3, 1e-3)(inputs[2])(flat)(flat[:0])
module("RMSNorm", 5)(tensor((5,), f64))(tensor((0, 5), f64))(flat)
module("RMSNorm", 257)(large((70, 257), f32))
module("CrossMapLRN2d", 3)(inputs[2])(tensor((2, 3, 2, 4)))
module("CrossMapLRN2d", 4, 0.5, 0.6, 2.5)(tensor((2, 7, 1, 2), f64))(inputs[2])(inputs[2][:, :1])
module("CrossMapLRN2d", 3, 0.1)(inputs[2])(inputs[2][0])(inputs[3])

for x in (flat, *inputs.values()):
    module("SyncBatchNorm", 3)(x)(x + 1)
module("SyncBatchNorm", 3, momentum=None)(inputs[2])(second[2])(inputs[2])
module("SyncBatchNorm", 3, 0.01, 0.3, affine=False)(inputs[1])(second[1])
module("SyncBatchNorm", 3, track_running_stats=False)(inputs[2])(second[2])
module("SyncBatchNorm", 4)(inputs[2])(flat[0])(inputs[2][:, :0])
module("SyncBatchNorm", 3)(tensor((2, 3, 4)))(flat[:1])

for n in (1, 2, 3):
    module(f"BatchNorm{n}d", 3, dtype=f64)(inputs[n])
    module(f"InstanceNorm{n}d", 3, affine=True, track_running_stats=True, dtype=f64)(inputs[n])
for name, args in {"LayerNorm": [4], "GroupNorm": [1, 3], "RMSNorm": [4]}.items():
    if name != "RMSNorm":
        module(name, *args, dtype=f64)(inputs[2])
module("GroupNorm", 0, 4)(tensor((2, 4, 3)))
module("LayerNorm", [])(flat)
module("InstanceNorm1d", 3, track_running_stats=True)(inputs[1][:, :, :1])(inputs[1][:, :2])
module("InstanceNorm2d", 3)(inputs[2][:, :, :1, :1])(inputs[2][:0])
