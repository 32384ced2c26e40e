"""Records how PyTorch prints tensors, for packages/torch/test/printing.

    python3 conformance/printing/generate.py

Values of few elements are written down, as numbers or, where JSON has no such number, as words; of many elements
only the rule is, which the test repeats. Each line of golden.json is one tensor under one setting, with its text.
"""
import json
import math
import random
from pathlib import Path

import torch
import torch._tensor_str as printing

TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/printing/golden.json"
random.seed(0)


class Formatter(printing._Formatter):
    """With `sci_mode` set, the width follows what is written, as in today's PyTorch."""

    def __init__(self, tensor):
        super().__init__(tensor)
        if printing.PRINT_OPTS.sci_mode is not None and self.floating_dtype:
            values = [value for value in tensor.reshape(-1).tolist() if math.isfinite(value) and value != 0]
            if not values:
                self.sci_mode = False
            self.max_width = 1
            self.max_width = max([1, *(len(self.format(value)) for value in values)])


printing._Formatter = Formatter


def word(value):
    """A number that JSON has; a string for all others."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and (not math.isfinite(value) or (value == 0 and math.copysign(1, value) < 0)):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity", "-0.0": "-0"}[str(value)]
    return str(value) if abs(value) > 2**53 and isinstance(value, int) else value


def given(values, shape, dtype, **settings):
    tensor = torch.tensor(values, dtype=getattr(torch, dtype)).reshape(shape)
    return record({"values": [word(value) for value in tensor.reshape(-1).tolist()]}, tensor, settings)


def ruled(shape, dtype, factor, offset, divisor, **settings):
    """Element k is ((k * factor) % 1009 + offset) / divisor, so that the elements need no room."""
    values = [((k * factor) % 1009 + offset) / divisor for k in range(math.prod(shape))]
    tensor = torch.tensor(values, dtype=torch.float64).to(getattr(torch, dtype)).reshape(shape)
    return record({"rule": [factor, offset, divisor]}, tensor, settings)


def record(content, tensor, settings):
    camel = {"sci_mode": "sciMode"}
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**settings)
    text = repr(tensor)
    torch.set_printoptions(profile="default")
    case = {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), **content, "text": text}
    if settings:
        case["settings"] = {camel.get(name, name): value for name, value in settings.items()}
    return case


SMALL = [(), (1,), (3,), (0,), (0, 3), (2, 0), (2, 3), (2, 2, 3), (1, 1), (4, 1), (30,)]
LARGE = [(100,), (1001,), (26, 40), (3, 400), (1, 2, 3, 4, 5), (7, 8, 20), (6, 200), (1000,)]
INTEGERS = {"int8": 7, "uint8": 7, "int16": 15, "int32": 31, "int64": 40}
SPECIAL = [
    *([math.nan, 1.0, 2.0], [math.inf, 1.5], [math.inf, -math.inf, math.nan], [math.nan], [0.0, -0.0], [1e9, 1.0], [1e-5, 1.0]),
    *([1e8, 1e5 + 0.5], [0.03125, 0.09375, 0.5], [0.00005, 0.00015], [1e-8], [100000.0, 0.1], [math.nan, 1e10], [123456789.0]),
    *([1e20, 2e20], [0.00012, 0.5], [-1.0, 1000.0], [1.0, 1001.0], [1e8], [1e8 + 8], [0.5, 500.0], [0.5, 501.0], [1e-4], [9.9e-5]),
    *([2.5, 0.12345, -7.00005], [1e22, 1.0], [3.4e38, 1e-38], [-0.0, 1.5], [99999.99999], [0.99999, 9.99999], [1e100, 1e-300], [5e-324]),
    *([-math.inf, 3.0], [-math.inf, 1e-7], [0.0, 1e-20], [1.00005, 1.00015, 1.00025], [12345678.0, -1.0]),
]
SETTINGS = [
    *({"precision": digits} for digits in (0, 1, 2, 8, 12)),
    *({"sci_mode": mode} for mode in (True, False)),
    *({"profile": name} for name in ("short", "full")),
    *({"linewidth": 40}, {"linewidth": 5}, {"linewidth": 200}, {"threshold": 5}, {"threshold": 5, "edgeitems": 1}),
    *({"sci_mode": True, "precision": 2}, {"profile": "short", "precision": 6, "sci_mode": False}),
]


def small_values(shape):
    return [random.gauss(0, 1) for _ in range(math.prod(shape))]


def cases():
    for shape in SMALL:
        values = small_values(shape)
        for scale, dtype in ((1, "float32"), (1000, "float32"), (1e-3, "float64"), (1e6, "float64")):
            yield given([value * scale for value in values], shape, dtype)
        yield given([round(value * 100) for value in values], shape, "float32")
        for dtype, bits in INTEGERS.items():
            low = 0 if dtype == "uint8" else -(2**bits)
            yield given([random.randint(low, 2**bits - 1) for _ in values], shape, dtype)
        yield given([value > 0 for value in values], shape, "bool")
    for shape in LARGE:
        yield ruled(shape, "float32", 37, -500, 64)
        yield ruled(shape, "float64", 91, -3, 1)
        yield ruled(shape, "int64", 57, -100, 1)
        yield ruled(shape, "uint8", 1, 0, 5)
    for values in SPECIAL:
        for dtype in ("float32", "float64"):
            yield given(values, (len(values),), dtype)
            yield given(values[:1], (), dtype)
    yield given([2**62 + 1, -(2**63), 2**63 - 1], (3,), "int64")
    for settings in SETTINGS:
        yield given([1.0, 25.0, -3.0], (3,), "float32", **settings)
        yield given([0.0, math.inf], (2,), "float32", **settings)
        yield given([1.23456789, -250.5, 1e-3, math.nan], (2, 2), "float64", **settings)
        yield given([1e-9, 12.0, 0.0], (3,), "float64", **settings)
        yield given(list(range(12)), (3, 4), "int64", **settings)
        if settings != {"profile": "full"}:
            yield ruled((12, 100), "float32", 37, -500, 64, **settings)
    yield ruled((1100,), "uint8", 37, 0, 5, profile="full")


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
    TARGET.write_text(f"[\n{lines}\n]\n")
