"""Activations."""

from layers import *

family("activations")

x, single = tensor((3, 4), f64), tensor((5,))
# Without NaN, and 3 where Hardswish has a corner: PyTorch's gradients there depend on the path that it takes.
extreme = torch.tensor([value for value in SPECIAL if value == value and value != 3], dtype=f64)
batch = tensor((2, 4, 3, 2), f64)

for name in (
    "Hardsigmoid Hardswish LogSigmoid Mish ReLU ReLU6 SELU SiLU Sigmoid Softsign Tanh Tanhshrink"
).split():
    module(name)(x)(single)(extreme)(x[:0])(tensor((), f64))
for name in "CELU ELU Hardswish Hardsigmoid Mish ReLU ReLU6 SELU SiLU".split():
    module(name, inplace=True)(x.relu() + 1)
for name, options in {
    "CELU": [{}, {"alpha": 0.5}, {"alpha": -2.0}],
    "ELU": [{}, {"alpha": 0.3}],
    "GELU": [{}, {"approximate": "tanh"}],
    "Hardshrink": [{}, {"lambd": 1.25}],
    "Hardtanh": [{}, {"min_val": -0.5, "max_val": 2.0}, {"min_val": 1.0, "max_val": 0.5}],
    "LeakyReLU": [{}, {"negative_slope": 0.2}, {"negative_slope": -0.5}],
    "Softplus": [{"beta": 1.0, "threshold": 20.0}, {"beta": 2.0, "threshold": 1.0}],
    "Softshrink": [{}, {"lambd": 1.25}],
}.items():
    for option in options:
        module(name, **option)(x)(single)(extreme)(x[:0])
module("Threshold", 0.5, 7)(x)(extreme)
module("Threshold", -1, 2.5, inplace=True)(x + 1)
module("PReLU")(x)(tensor((), f64))
module("PReLU", 4, 0.5)(x)(batch)
module("PReLU", 3)(x)
module("RReLU")(x)
module("RReLU", 0.1, 0.2)(x)(batch)
module("RReLU", 0.5, 0.1)(x)
module("GLU")(x)
module("GLU", 1)(batch)
module("GLU", 1)(tensor((2, 3)))
for name in "Softmax Softmin LogSoftmax".split():
    for dim in (0, 1, -1, 4):
        module(name, dim)(x)(batch)
    module(name)(x)(single)(batch)
module("Softmax2d")(batch)(batch[0])(x)
for name in "LeakyReLU Hardtanh RReLU".split():
    module(name, inplace=True)(x + 1)
module("LeakyReLU", 0.3, inplace=True)(x)
module("GLU")(x[:, :3])(tensor(()))
module("GELU", approximate="foo")(x)
module("PReLU", dtype=f64)(x)
module("PReLU", 2)(single)(tensor((), f64))
for name in "Softmax Softmin LogSoftmax".split():
    module(name, 0)(tensor(()))(x[:0])(x[:, :0])
module("Softmax2d")(tensor((), f64))
