"""The tensors that go into calls: deterministic, of every dtype and every layout.

Small ones are stored with their values. Large ones are made by `large`, a rule that the replay repeats.
"""

import math
import zlib

import numpy
import torch

BOOL = [torch.bool]
INTS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
FLOATS = [torch.float32, torch.float64]
NUMBERS = INTS + FLOATS
ALL = BOOL + NUMBERS
f32, f64, i64 = torch.float32, torch.float64, torch.int64

inf, nan = math.inf, math.nan
SPECIAL = [
    nan,
    inf,
    -inf,
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    1e-45,
    -1e-40,
    3.4e38,
    -3.4e38,
    1e-30,
    88.0,
    -104.0,
    3.0,
]


def tensor(shape, dtype=f32, low=-3.0, high=3.0, seed=0):
    """Values spread over [low, high): multiples of 1/256 (for floats), whole numbers or booleans."""
    shape = [shape] if isinstance(shape, int) else list(shape)
    if dtype.is_complex:
        part = f64 if dtype == torch.complex128 else f32
        return torch.complex(*(tensor(shape, part, low, high, seed + more) for more in (0, 50)))
    state = numpy.random.RandomState(zlib.crc32(repr((shape, str(dtype), low, high, seed)).encode()))
    count = math.prod(shape)
    if dtype == torch.bool:
        data = state.randint(0, 2, count)
    elif dtype.is_floating_point:
        first, last = math.ceil(low * 256), math.ceil(high * 256)
        data = state.randint(first, max(last, first + 1), count) / 256
    else:
        least = 0 if dtype == torch.uint8 else -math.inf
        first = max(math.ceil(low), least)
        data = state.randint(int(first), int(max(math.ceil(high) + 1, first + 1)), count)
    return torch.tensor(data).to(dtype).reshape(shape)


def distinct(shape, dtype=f32, seed=0):
    """Values in random order none of which comes twice."""
    shape = [shape] if isinstance(shape, int) else list(shape)
    count = math.prod(shape)
    order = numpy.random.RandomState(seed + count).permutation(count)
    start = 0 if dtype == torch.uint8 else count // 2
    data = (order - start) * (0.375 if dtype.is_floating_point else 1)
    return torch.tensor(data).to(dtype).reshape(shape)


def special(dtype=f32):
    return torch.tensor(SPECIAL, dtype=f64).to(dtype)


def extremes(dtype):
    """The least and the greatest integers and what lies between."""
    info = torch.iinfo(dtype)
    return torch.tensor(
        sorted({info.min, info.min + 1, max(-1, info.min), 0, 1, 2, info.max - 1, info.max}), dtype=dtype
    )


def layouts(dtype=f32, low=-3.0, high=3.0, seed=0):
    """Tensors that differ in how they lie in memory, and in how many dims they have."""
    make = lambda *shape: tensor(shape, dtype, low, high, seed)
    return [
        make(3, 4),
        make(4, 3).t(),
        make(3, 9)[:, 1::2],
        make(3, 1).expand(3, 4),
        make(2, 3, 4).permute(2, 0, 1),
        make(5, 3).flip(0)[1:],
        make(),
        make(0, 3),
        make(1, 1, 2),
    ]


# What `large` made: where the memory is, and how to make it again.
RECIPES = {}


def large(shape, dtype=f32, low=-3.0, high=3.0, seed=0):
    """Values in [low, high) from a hash of their place, so that only the rule has to be stored."""
    shape = [shape] if isinstance(shape, int) else list(shape)
    count = math.prod(shape)
    mask = numpy.uint64(0xFFFFFFFF)
    h = (numpy.arange(seed, seed + count, dtype=numpy.uint64) * numpy.uint64(0x9E3779B1)) & mask
    h ^= h >> numpy.uint64(15)
    h = (h * numpy.uint64(0x85EBCA6B)) & mask
    h ^= h >> numpy.uint64(13)
    unit = h.astype(numpy.float64) / 2**32
    data = low + (high - low) * unit
    if not dtype.is_floating_point:
        data = unit < 0.5 if dtype == torch.bool else numpy.floor(data)
    result = torch.tensor(data).to(dtype)
    RECIPES[result.data_ptr()] = ({"count": count, "low": low, "high": high, "seed": seed}, result)
    return result.reshape(shape)


def indices(shape, size, seed=0):
    """Indices into a dim of `size`."""
    return tensor(shape, i64, 0, size - 1, seed)
