"""The table of operations: `define` adds one with its calls, `call` writes down a call.

A call is written by Flambeau's rule for arguments: what is positional there stands in its place, and what is
named there is given by name. The replay only changes the names to camelCase.
"""

import torch
import torch.masked
import torch.nn.functional as F

from inputs import *


class Methods:
    """Methods that Python spells with brackets."""

    def at(x, *items):
        return x[items[0] if len(items) == 1 else items]

    def set_at(x, items, value):
        x[items[0] if len(items) == 1 else tuple(items)] = value


SPACES = {"Tensor": Methods, "torch": torch, "F": F, "linalg": torch.linalg, "fft": torch.fft, "special": torch.special, "masked": torch.masked}


class Call:
    def __init__(self, args, kwargs):
        self.args, self.kwargs = args, kwargs


class Operation:
    def __init__(self, name, calls, space, forms, grad, strides, keep_floats, vary):
        self.name, self.calls, self.space = name, calls, space
        self.forms, self.grad, self.strides, self.keep_floats = forms, grad, strides, keep_floats
        self.vary = vary


TABLE = {}
_family = None


def family(name):
    """Says where the operations that are defined from here on belong."""
    global _family
    _family = TABLE.setdefault(name, [])


def call(*args, **kwargs):
    return Call(args, kwargs)


def define(names, calls, space="torch", forms=None, grad=True, strides=False, keep_floats=False, vary=None):
    """Adds operations that take the same calls.

    forms        "function", "method", "inplace", "out": found out where left out
    grad         whether to record gradients of the calls in float64
    strides      whether the strides of results have to be the same too
    keep_floats  2.0 stays a float; otherwise it is passed as 2, as the replay cannot tell them apart
    vary         whether to make more calls from these; where left out, if it is the first time for the operation
    """
    for name in names.split():
        known = any(operation.name == name and operation.space == space for operation in _family)
        more = not known if vary is None else vary
        _family.append(Operation(name, list(calls), space, forms, grad, strides, keep_floats, more))


def made_of_each(make, left_out=()):
    """What `make` makes of each operation in the tables, of one that stands in several of the first it makes something of."""
    known, made = set(), []
    for name, operations in list(TABLE.items()):
        if name in left_out:
            continue
        for operation in operations:
            key = (operation.space, operation.name)
            found = None if key in known else make(operation)
            if found is not None:
                known.add(key)
                made.append(found)
    return made


def each(tensors, *args, **kwargs):
    """One call for each tensor, with the same further arguments."""
    return [call(x, *args, **kwargs) for x in tensors]


def unary(low=-3.0, high=3.0, dtypes=ALL, layout=f64, special_values=True):
    """Calls of a function of one tensor: dtypes, layouts, special values, sizes of vector and thread paths."""
    calls = [call(tensor((2, 5), dtype, low, high)) for dtype in dtypes]
    calls += each(layouts(layout, low, high)) + each(layouts(f32, low, high)[1:4])
    if special_values:
        calls += [call(special(f32)), call(special(f64))]
        calls += [call(extremes(dtype)) for dtype in dtypes if dtype in INTS]
    return calls + [call(large(n, f32, low, high)) for n in (33, 1031, 70001)] + [call(large(1031, f64, low, high))]


def pairs(dtypes=ALL, **bounds):
    """Pairs of tensors of mixed dtypes: same dims, and one of them 0-d."""
    calls = []
    for a in dtypes:
        for b in dtypes:
            calls.append(call(tensor(4, a, **bounds), tensor(4, b, seed=1, **bounds)))
            calls.append(call(tensor(3, a, **bounds), tensor((), b, seed=1, **bounds)))
        calls.append(call(tensor((), a, **bounds), tensor((), f32, seed=1, **bounds)))
    return calls


def broadcasts(dtype=f64, low=-3.0, high=3.0):
    """Pairs of tensors of one dtype in all layouts, some of which broadcast."""
    make = lambda shape, seed: tensor(shape, dtype, low, high, seed)
    calls = [call(x, y) for x, y in zip(layouts(dtype, low, high), layouts(dtype, low, high, 1))]
    shapes = [
        ((3, 1), (1, 4)),
        ((2, 3), (3,)),
        ((2, 1, 3), (4, 1)),
        ((), (2, 2)),
        ((0, 3), (1, 3)),
        ((1,), (0,)),
        ((2, 3), (1, 1, 1)),
    ]
    calls += [call(make(a, 0), make(b, 1)) for a, b in shapes]
    calls += [call(make((4, 3), 0).t(), make((3, 4), 1)), call(make((3, 9), 0)[:, ::3], make((1, 3), 1).expand(3, 3))]
    return calls + [call(make((2, 3), 0), make((2, 4), 1)), call(make((2, 3), 0), make((2,), 1))]


def with_scalars(numbers, dtypes=ALL, **bounds):
    return [call(tensor((2, 3), dtype, **bounds), number) for dtype in dtypes for number in numbers]


def special_pairs(dtypes=FLOATS):
    values = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.5, 2.5, 1e-40, 3e38]
    calls = []
    for dtype in dtypes:
        x = torch.tensor(values, dtype=dtype)
        calls.append(call(x.reshape(-1, 1), x))
    return calls


def large_pairs(low=-3.0, high=3.0, dtypes=(f32, torch.int32)):
    calls = []
    for dtype in dtypes:
        for n in (37, 1031, 70001):
            calls.append(call(large(n, dtype, low, high), large(n, dtype, low, high, 7)))
        calls.append(call(large((70, 1001), dtype, low, high), large((70, 1), dtype, low, high, 7)))
        calls.append(call(large((301, 233), dtype, low, high).t(), large((233, 301), dtype, low, high, 7)))
    return calls


def binary(low=-3.0, high=3.0, dtypes=ALL, scalars=(2, -3, 2.5, True)):
    """Calls of a function of two tensors, the second of which may be a number."""
    bounds = {"low": low, "high": high}
    calls = pairs(dtypes, **bounds) + broadcasts(f64, low, high) + broadcasts(f32, low, high)[:3]
    calls += with_scalars(scalars, dtypes, **bounds) + special_pairs()
    for dtype in INTS:
        if dtype in dtypes:
            calls.append(call(extremes(dtype).reshape(-1, 1), extremes(dtype)))
    return calls + large_pairs(low, high, [d for d in (f32, torch.int32) if d in dtypes])


def matrix(dtype=f64, **bounds):
    """A few matrices for functions of dims."""
    return tensor((3, 4), dtype, **bounds)


def reduction(dtypes=ALL, several=True, **bounds):
    """Calls of a reduction: over everything, one dim, several, with keepdim; zero sizes, layouts, large sizes."""
    calls = [call(tensor((3, 4), dtype, **bounds)) for dtype in dtypes]
    calls += [call(tensor((3, 4), dtype, **bounds), dim) for dtype in dtypes for dim in (0, -1)]
    for x in layouts(f64, **bounds)[:6]:
        calls += [call(x), call(x, 0), call(x, 1, keepdim=True), call(x, dim=-1)]
    calls += each(layouts(f64, **bounds)[6:])
    cube = tensor((2, 3, 4), f64, **bounds)
    calls += [call(cube, dim, keepdim=True) for dim in (0, 1, 2, -2)]
    if several:
        calls += [call(cube, [0, 2]), call(cube, [-1, 0], keepdim=True), call(cube.permute(2, 0, 1), [0, 1])]
        calls += [call(cube, [0, 0]), call(cube, [0, 3])]
    calls += [call(tensor((), f64, **bounds), 0), call(tensor((), f64, **bounds), -1, keepdim=True)]
    calls += [call(tensor((0, 3), f64), dim) for dim in (0, 1)] + [call(tensor((2, 0, 3), f64), 1, keepdim=True)]
    calls += [call(cube, 3), call(cube, -4), call(tensor((), f64), 1)]
    calls += [call(special(dtype)) for dtype in FLOATS] + [call(special(f32).reshape(4, 5), 0)]
    low, high = bounds.get("low", -3.0), bounds.get("high", 3.0)
    big = large((301, 233), f32, low, high)
    # Where signs cancel in a long sum, its leading digits depend on the order of the additions.
    calls += [call(large((301, 233), f32, max(low, 0.25), high)), call(big, 0), call(big, 1), call(big.t(), 0)]
    calls += [call(large((17, 40, 50), f32, low, high), 1)]
    calls += [call(large(70001, torch.int32, low, high)), call(large((50, 401), torch.int64, low, high), 1)]
    return calls
