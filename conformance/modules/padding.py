"""Padding layers."""

from layers import *

family("padding")

inputs = {1: tensor((2, 3, 5), f64), 2: tensor((2, 3, 4, 5), f64), 3: tensor((2, 2, 3, 4, 5), f64)}
uneven = {1: [1, 2], 2: [1, 0, 2, 1], 3: [1, 0, 2, 1, 0, 1]}
for n, x in inputs.items():
    for kind in ("Reflection", "Replication"):
        for padding in (1, uneven[n]):
            module(f"{kind}Pad{n}d", padding)(x)(x[0])(tensor(x.shape))
        module(f"{kind}Pad{n}d", 1)(x[0, 0])(x[:0])
        module(f"{kind}Pad{n}d", [1])(x)
    module(f"ReflectionPad{n}d", 5)(x)
    module(f"ConstantPad{n}d", 2, 2.5)(x)(x[0])(tensor(x.shape, i64))
    module(f"ConstantPad{n}d", uneven[n], 0)(x)
    module(f"ConstantPad{n}d", -1, 3)(x)
    module(f"ConstantPad{n}d", 1)
module("ZeroPad2d", 1)(inputs[2])(inputs[2][0])
module("ZeroPad2d", [1, -1, 2, 0])(inputs[2])

module("ZeroPad2d", [1, 2, 3])(inputs[2])
for n, x in inputs.items():
    module(f"CircularPad{n}d", 1)(x)(x[0])(tensor(x.shape))(x[0, 0])(x[:0])
    module(f"CircularPad{n}d", uneven[n])(x)(x[0])
    module(f"CircularPad{n}d", [-1] + uneven[n][1:])(x)
    module(f"CircularPad{n}d", x.shape[-1] + 1)(x)
    if n != 2:
        module(f"ZeroPad{n}d", 1)(x)(x[0])(tensor(x.shape, i64))
        module(f"ZeroPad{n}d", uneven[n])(x)
    module(f"ConstantPad{n}d", uneven[n], -inf)(x[0])
    module(f"ConstantPad{n}d", -9, 1.5)(x)
    module(f"ReplicationPad{n}d", [-1] + uneven[n][1:])(x)
