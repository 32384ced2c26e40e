"""Keeps tensors and values of recorded calls, and writes the file of a family.

A file is a gzip of: the length of the header (4 bytes, little endian), the header (JSON), and the bytes of the
tensors that it points into. A tensor in the header is [dtype, sizes, strides (or 0 if row-major), offset, place of
its memory, elements of its memory]; for a large input the place is the rule that makes it, and a large result is
{"dtype", "sizes", "hash" or "sum", "size" (of absolute values) and "finite" (how many), "at", "sample"}.
"""

import gzip
import hashlib
import json
import math
import struct

import torch

from inputs import RECIPES

LARGE = 400
SAMPLES = 24


def memory_of(x):
    """All elements of the memory behind a tensor."""
    size = x.storage().size()
    return torch.empty(0, dtype=x.dtype).set_(x.storage(), 0, (size,), (1,))


def bytes_of(x):
    x = x.detach().resolve_conj().resolve_neg()
    if x.dtype == torch.bfloat16:  # NumPy has no such numbers
        x = x.view(torch.int16)
    return (x.clone() if x._is_zerotensor() else x.contiguous()).contiguous().numpy().tobytes()


class Store:
    """The tensors of a family, each kept once."""

    def __init__(self):
        self.tensors, self.blob, self.known = [], bytearray(), {}

    # ---- tensors ----

    def input(self, x):
        row_major = x.is_contiguous() and x.storage_offset() == 0 and x.storage().size() == x.numel()
        recipe = RECIPES.get(x.storage().data_ptr())
        place = recipe[0] if recipe else self.place(bytes_of(memory_of(x)), x.dtype)
        strides = 0 if row_major else list(x.stride())
        return self.entry([name_of(x.dtype), list(x.shape), strides, x.storage_offset(), place, x.storage().size()])

    def result(self, x):
        x = x.detach()
        if x.numel() <= LARGE:
            return self.entry([name_of(x.dtype), list(x.shape), 0, 0, self.place(bytes_of(x), x.dtype), x.numel()])
        values = x.contiguous().reshape(-1)
        at = torch.linspace(0, x.numel() - 1, SAMPLES, dtype=torch.float64).long()
        entry = {
            "dtype": name_of(x.dtype),
            "sizes": list(x.shape),
            "at": at.tolist(),
            "sample": self.result(values[at]),
        }
        if x.is_floating_point() or x.is_complex():
            parts = torch.view_as_real(values.resolve_conj()) if x.is_complex() else values
            finite = parts.double()
            finite = finite[finite.isfinite()]
            entry |= {"sum": finite.sum().item(), "size": finite.abs().sum().item(), "finite": finite.numel()}
        else:
            entry["hash"] = hashlib.sha256(bytes_of(values)).hexdigest()[:12]
        return self.entry(entry)

    def place(self, data, dtype):
        key = (dtype.itemsize if hasattr(dtype, "itemsize") else torch.empty(0, dtype=dtype).element_size(), data)
        if key not in self.known:
            self.blob.extend(b"\0" * (-len(self.blob) % 8))
            self.known[key] = len(self.blob)
            self.blob.extend(data)
        return self.known[key]

    def entry(self, entry):
        key = json.dumps(entry)
        if key not in self.known:
            self.known[key] = len(self.tensors)
            self.tensors.append(entry)
        return self.known[key]

    # ---- values ----

    def argument(self, value):
        if isinstance(value, torch.Tensor):
            return {"t": self.input(value)}
        if isinstance(value, (list, tuple)):
            return [self.argument(item) for item in value]
        return plain(value)

    def output(self, value, given, strides):
        if isinstance(value, torch.Tensor):
            recorded = {"t": self.result(value)}
            if strides:
                recorded["s"] = list(value.stride())
                shared = [
                    i for i, x in enumerate(given) if x.numel() and x.storage().data_ptr() == value.storage().data_ptr()
                ]
                if shared and value.numel():
                    recorded["of"] = shared[0]
            return recorded
        if isinstance(value, torch.Size):
            return list(value)
        if type(value).__module__ == "torch.return_types":
            return {
                "fields": list(value.__match_args__),
                "items": [self.output(item, given, strides) for item in value],
            }
        if isinstance(value, (list, tuple)):
            return [self.output(item, given, strides) for item in value]
        return plain(value)

    def write(self, path, operations):
        header = json.dumps({"operations": operations, "tensors": self.tensors}, separators=(",", ":")).encode()
        header += b" " * (-(len(header) + 4) % 8)
        with open(path, "wb") as file:
            file.write(gzip.compress(struct.pack("<I", len(header)) + header + bytes(self.blob), 9, mtime=0))


def name_of(dtype):
    return str(dtype).removeprefix("torch.")


def plain(value):
    """A value that is not a tensor, as JSON; what JSON has no word for is an object of one letter."""
    if isinstance(value, torch.dtype):
        return {"d": name_of(value)}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, slice):
        part = lambda x: "" if x is None else str(x)
        text = f"{part(value.start)}:{part(value.stop)}"
        return text if value.step is None else f"{text}:{value.step}"
    if value is Ellipsis:
        return "..."
    if isinstance(value, complex):
        return {"c": [str(value.real), str(value.imag)]}
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"i": str(value)}
    if isinstance(value, float):
        special = not math.isfinite(value) or str(value) == "-0.0"
        return {"f": str(value)} if special else value
    raise TypeError(f"cannot record {value!r}")
