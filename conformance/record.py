"""Runs calls on PyTorch and writes down what came of them.

A file of a family is a gzip of: the length of the header (4 bytes, little endian), the header (JSON), and the
bytes of the tensors that it points into. A tensor in the header is [dtype, sizes, strides (or 0 if row-major),
offset, place of its memory, elements of its memory]; for a large input the place is the rule that makes it, and a
large result is {"dtype", "sizes", "hash" or "sum" and "size" (of absolute values), "at", "sample"}.
"""
import gzip
import hashlib
import json
import math
import struct

import torch

from inputs import RECIPES, large, tensor
from table import SPACES

LARGE = 400
SAMPLES = 24
# Messages where PyTorch 1.13 could not do what it was asked, rather than where it was asked for something wrong.
LACKING = ("not implemented for", "not supported for", "INTERNAL ASSERT", "dtype mismatch", "Unsupported dtype",
           "cannot be represented as a SymInt", "multiplication overflow")
FORMS = ("function", "method", "inplace", "out")


class Skip(Exception):
    """This call has nothing to compare: PyTorch 1.13 lacks a kernel for the dtype."""


def flat(value):
    """The tensors in an argument or a result, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)) or type(value).__module__ == "torch.return_types":
        return [t for item in value for t in flat(item)]
    if isinstance(value, dict):
        return [t for item in value.values() for t in flat(item)]
    return []


def replace(value, tensors):
    """The argument with its tensors taken from an iterator."""
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, (list, tuple)):
        return type(value)(replace(item, tensors) for item in value)
    if isinstance(value, dict):
        return {key: replace(item, tensors) for key, item in value.items()}
    return value


def whole(value):
    """2.0 as 2, which is what TypeScript makes of it."""
    if isinstance(value, float) and value.is_integer() and math.copysign(1, value) * value >= 0 and str(value) != "-0.0":
        return int(value)
    if isinstance(value, (list, tuple)):
        return type(value)(whole(item) for item in value)
    return value


def memory_of(x):
    """All elements of the memory behind a tensor."""
    size = x.storage().size()
    return torch.empty(0, dtype=x.dtype).set_(x.storage(), 0, (size,), (1,))


def copy_of(x, grad=False):
    """The same tensor over memory of its own."""
    copy = memory_of(x).clone().as_strided(x.shape, x.stride(), x.storage_offset())
    return copy.detach().requires_grad_(grad and x.is_floating_point())


def bytes_of(x):
    x = x.detach()
    return (x.clone() if x._is_zerotensor() else x.contiguous()).contiguous().numpy().tobytes()


def outer_gradient(like):
    """The gradient that comes from outside."""
    if like.numel() > LARGE:
        return large(list(like.shape), like.dtype, -1.0, 1.0, 99)
    return tensor(list(like.shape), like.dtype, -2.0, 2.0, seed=99)


class Recorder:
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
        entry = {"dtype": name_of(x.dtype), "sizes": list(x.shape), "at": at.tolist(), "sample": self.result(values[at])}
        if x.is_floating_point():
            finite = values.double()
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
                shared = [i for i, x in enumerate(given) if x.numel() and x.storage().data_ptr() == value.storage().data_ptr()]
                if shared and value.numel():
                    recorded["of"] = shared[0]
            return recorded
        if isinstance(value, torch.Size):
            return list(value)
        if type(value).__module__ == "torch.return_types":
            return {"fields": list(value.__match_args__), "items": [self.output(item, given, strides) for item in value]}
        if isinstance(value, (list, tuple)):
            return [self.output(item, given, strides) for item in value]
        return plain(value)

    # ---- calls ----

    def operation(self, op):
        space = SPACES[op.space]
        function = getattr(space, op.name, None)
        method = getattr(torch.Tensor, op.name, None) if op.space == "torch" else None
        if op.space == "Tensor":
            function, method = None, function
        inplace = getattr(torch.Tensor, op.name + "_", None) if op.space == "torch" else None
        forms = op.forms.split() if op.forms else None
        run = function if function and (forms is None or "function" in forms) else method
        if run is None:
            raise LookupError(f"PyTorch has no {op.space}.{op.name}")
        cases, in_float32, found = [], 0, set()
        for call in op.calls:
            args = call.args if op.keep_floats else whole(call.args)
            kwargs = call.kwargs if op.keep_floats else {k: whole(v) for k, v in call.kwargs.items()}
            try:
                case = self.case(op, run, args, kwargs)
            except Skip:
                continue
            first = args[0] if args else None
            if inplace and isinstance(first, torch.Tensor) and (forms is None or "inplace" in forms):
                if "i" in (made := self.inplace(inplace, args, kwargs)):
                    case |= made
                    found.add("inplace")
            if "e" not in case:
                if "out" not in found and (forms is None or "out" in forms) and takes_out(run, args, kwargs):
                    found.add("out")
                floats = [x for x in flat([args, kwargs]) if x.is_floating_point()]
                if op.grad and floats and all(x.dtype == floats[0].dtype for x in floats):
                    if floats[0].dtype == torch.float64 or in_float32 < 2:
                        gradient = self.gradient(op, run, args, kwargs)
                        if gradient:
                            case["g"] = gradient
                            in_float32 += floats[0].dtype == torch.float32
            cases.append(case)
        if not any("e" not in case for case in cases):
            raise LookupError(f"all calls of {op.name} fail: {cases[0]['e'] if cases else 'skipped'}")
        if function and (forms is None or "function" in forms):
            found.add("function")
        if method and (forms is None or "method" in forms):
            found.add("method")
        return {"name": op.name, "space": op.space, "forms": [f for f in FORMS if f in found], "cases": cases}

    def case(self, op, run, args, kwargs):
        given = flat([args, kwargs])
        copies = [copy_of(x) for x in given]
        before = [bytes_of(x) for x in copies]
        case = {"a": self.argument(args)}
        if kwargs:
            case["k"] = {key: self.argument(value) for key, value in kwargs.items()}
        made, error = attempt(run, *replace((args, kwargs), iter(copies)))
        if error:
            return case | {"e": error}
        case["r"] = self.output(made, copies, op.strides)
        changed = [[i, self.result(x)] for i, x in enumerate(copies) if bytes_of(x) != before[i]]
        return case | ({"c": changed} if changed else {})

    def inplace(self, run, args, kwargs):
        copies = [copy_of(x) for x in flat([args, kwargs])]
        try:
            made, error = attempt(run, *replace((args, kwargs), iter(copies)))
        except Skip:
            return {}
        if error and "unexpected keyword" in error["message"]:
            return {}
        return {"i": {"e": error} if error else self.output(made, (), False)}

    def gradient(self, op, run, args, kwargs):
        leaves = [copy_of(x, grad=True) for x in flat([args, kwargs])]
        used = [x.clone() for x in leaves] if op.name.endswith("_") else leaves
        wanted = [x for x in leaves if x.requires_grad]
        try:
            call, options = replace((args, kwargs), iter(used))
            outputs = [y for y in flat(run(*call, **options)) if y.requires_grad]
            if not outputs:
                return None
            outer = [outer_gradient(y) for y in outputs]
            grads = torch.autograd.grad(outputs, wanted, outer, allow_unused=True)
        except (RuntimeError, NotImplementedError):
            return None
        return {"o": [self.input(x) for x in outer], "i": [None if g is None else self.result(g) for g in grads]}

    def write(self, path, operations):
        header = json.dumps({"operations": operations, "tensors": self.tensors}, separators=(",", ":")).encode()
        header += b" " * (-(len(header) + 4) % 8)
        with open(path, "wb") as file:
            file.write(gzip.compress(struct.pack("<I", len(header)) + header + bytes(self.blob), 9, mtime=0))


def takes_out(run, args, kwargs):
    """Whether the function writes to `out`."""
    copies = [copy_of(x) for x in flat([args, kwargs])]
    call, options = replace((args, kwargs), iter(copies))
    try:
        results = flat(run(*call, **options))
        outs = [torch.empty(0, dtype=x.dtype) for x in results]
        run(*call, **options, out=outs[0] if len(outs) == 1 else tuple(outs))
        return True
    except Exception:
        return False


def attempt(run, args, kwargs):
    """The result, or the error by class and message."""
    try:
        return run(*args, **kwargs), None
    except Exception as error:
        message = str(error).split("\n")[0]
        if any(words in message for words in LACKING) or isinstance(error, NotImplementedError):
            raise Skip from error
        return None, {"class": type(error).__name__, "message": message[:160]}


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
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"i": str(value)}
    if isinstance(value, float):
        special = not math.isfinite(value) or str(value) == "-0.0"
        return {"f": str(value)} if special else value
    raise TypeError(f"cannot record {value!r}")
