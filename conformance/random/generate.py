"""Records what PyTorch's CPU generator gives, for packages/torch/test/kernels/random.test.ts to replay.

Run with PyTorch 1.13 (a build without MKL, as Debian's python3-torch, on a CPU with AVX2 and glibc):

    python3 conformance/random/generate.py > packages/torch/test/random/golden.json

A case is a seed and a sequence of calls on one generator. Of each call's output it keeps the first and last
elements as hexadecimal bytes and a hash of the whole memory; at the end the hash of the generator's state. What
all calls of a case have in common stands beside them. Inputs are made by a rule that the test repeats.
"""
import hashlib
import json
import math
import sys
import warnings

import torch

warnings.simplefilter("ignore")  # random_ warns of bounds that a float type rounds

SIZES = [1, 5, 15, 16, 17, 31, 32, 33, 100, 1000, 5000]
# (sizes, strides, offset, elements in memory)
STRIDED = {
    "transposed": ([4, 5], [1, 4], 0, 20),
    "every second": ([20], [2], 1, 41),
    "rows with gaps": ([3, 7], [9, 1], 2, 30),
    "permuted": ([2, 3, 4], [4, 8, 1], 0, 24),
    "permuted with gaps": ([3, 1, 5], [1, 40, 4], 3, 50),
    "scalar": ([], [], 2, 4),
    "empty": ([0, 3], [3, 1], 0, 2),
}
MIN64 = -(2**63)


def unit(i):
    return (i * 37 + 11) % 64 / 64


def ramp(n, dtype, scale, shape):
    return torch.tensor([unit(i) * scale for i in range(n)], dtype=dtype).reshape(shape)


def digest(data):
    return hashlib.sha256(data).hexdigest()[:12]


def state_bytes(generator):
    return bytes(generator.get_state().tolist())


def output(call):
    n = math.prod(call["sizes"])
    sizes = call["sizes"]
    strides, offset, total = call.get("layout") or ([], 0, n)
    if not call.get("layout"):
        strides = torch.empty(sizes).stride()
    memory = torch.full([total], 1, dtype=getattr(torch, call["dtype"]))
    return memory, memory.as_strided(sizes, strides, offset)


def fill(call, out, g):
    op, args, dtype = call["op"], call.get("args", []), out.dtype
    n = max(1, out.numel())
    if op in ("uniform", "normal", "exponential", "geometric", "cauchy", "logNormal"):
        getattr(out, {"logNormal": "log_normal"}.get(op, op) + "_")(*args, generator=g)
    elif op == "bernoulli":
        out.bernoulli_(args[0], generator=g)
    elif op == "bernoulliTensor":
        last = out.shape[-1:]
        p = ramp(last.numel(), getattr(torch, args[0]), 1, last)
        out.bernoulli_(p.expand(out.shape), generator=g)
    elif op == "randomFrom":
        first, last = int(args[0]), None if args[1] is None else int(args[1])
        out.random_(first, last, generator=g)
    elif op == "randomFull":
        out.random_(generator=g)
    elif op == "randperm":
        out.copy_(torch.randperm(out.numel(), dtype=dtype, generator=g))
    elif op == "multinomial":
        columns, samples, replacement, ptype, columnMajor = args
        rows = out.shape[0]
        p = ramp(rows * columns, getattr(torch, ptype), 1, [rows, columns])
        if columnMajor:
            p = p.t().contiguous().t()
        out.copy_(torch.multinomial(p, samples, replacement, generator=g))
    elif op == "poisson":
        out.copy_(torch.poisson(ramp(n, dtype, args[0], out.shape), generator=g))
    elif op == "binomial":
        counts = ramp(n, dtype, 64 * args[0], out.shape)
        out.copy_(torch.binomial(counts, ramp(n, dtype, 1, out.shape).flip(-1), generator=g))
    elif op == "standardGamma":
        out.copy_(torch._standard_gamma(ramp(n, dtype, args[0], out.shape), generator=g))
    else:
        raise ValueError(op)


def record(seed, common, calls):
    g = torch.Generator().manual_seed(seed)
    steps = []
    for call in calls:
        memory, out = output({**common, **call})
        fill({**common, **call}, out, g)
        data = memory.numpy().tobytes()
        size = memory.element_size()
        step = {**call, "first": data[: min(2, len(memory)) * size].hex(), "hash": digest(data)}
        if len(memory) > 2:
            step["last"] = data[-size:].hex()
        steps.append(step)
    return {"seed": str(seed), **common, "calls": steps, "state": digest(state_bytes(g))}


def sized(sizes=SIZES):
    return [{"sizes": [n]} for n in sizes]


def strided():
    return [{"sizes": s, "layout": [st, o, t]} for s, st, o, t in STRIDED.values()]


def cases():
    floating = ["float32", "float64"]
    integers = ["int64", "int32", "int16", "int8", "uint8"]
    for dtype in floating:
        for op, args in [
            ("uniform", [0, 1]), ("uniform", [-0.3, 2.7]), ("normal", [0, 1]), ("normal", [1.7, 0.3]),
            ("logNormal", [0.1, 0.9]), ("exponential", [1]), ("exponential", [0.7]), ("cauchy", [0.3, 1.7]),
            ("geometric", [0.3]), ("bernoulli", [0.5]), ("randomFull", []), ("randomFrom", ["-3", "9"]),
            ("bernoulliTensor", ["float32"]), ("bernoulliTensor", ["float64"]),
        ]:
            common = {"op": op, "args": args, "dtype": dtype}
            yield record(0, common, sized())
            yield record(2**40 + 77, common, strided() + sized([33]))
        for scale in (1, 30):
            for op in ("poisson", "binomial", "standardGamma"):
                yield record(5, {"op": op, "args": [scale], "dtype": dtype}, sized([1, 5, 100, 1000]))
    for dtype in integers + ["bool"]:
        for op, args in [("randomFull", []), ("randomFrom", ["0", "2"]), ("bernoulli", [0.25]),
                         ("bernoulliTensor", ["float32"])]:
            yield record(3, {"op": op, "args": args, "dtype": dtype}, sized([1, 17, 1000]) + strided())
    for dtype in integers:
        yield record(8, {"op": "geometric", "args": [0.2], "dtype": dtype}, sized([17, 1000]))
        args = ["5", "255"] if dtype == "uint8" else ["-5", "100"]
        yield record(8, {"op": "randomFrom", "args": args, "dtype": dtype}, sized([17, 1000]))
        yield record(9, {"op": "randomFrom", "args": ["1", None], "dtype": dtype}, sized([17, 1000]))
    for first, last in [(0, 10), (-(2**31), 2**31), (0, 2**32), (0, 2**32 - 1), (-7, 2**40), (MIN64, 2**63 - 1),
                        (-(2**62), None), (MIN64, None)]:
        args = [str(first), None if last is None else str(last)]
        yield record(-4, {"op": "randomFrom", "args": args, "dtype": "int64"}, sized([1, 33, 1000]))
    yield record(10, {"op": "randomFrom", "args": [str(-(2**31)), None], "dtype": "int32"}, sized([33]))
    for dtype, first, last in [
        ("float32", 0, 2**24 + 1), ("float32", 0, 2**30 + 1), ("float32", -(2**30) - 1, 2**33 + 5),
        ("float64", -(2**53) - 1, 2**60 + 9), ("float32", -100, None), ("float64", 3, None),
        ("float32", MIN64, None), ("float64", MIN64, None),
    ]:
        args = [str(first), None if last is None else str(last)]
        yield record(11, {"op": "randomFrom", "args": args, "dtype": dtype}, sized([33, 1000]))
    for dtype in floating + integers:
        sizes = [n for n in SIZES if n < 100 or dtype not in ("int8", "uint8")]
        yield record(12, {"op": "randperm", "dtype": dtype}, sized(sizes) + strided()[1:2])
    for ptype in floating:
        for column_major in (False, True):
            for rows, columns, samples, replacement in [
                (1, 10, 1, False), (1, 10, 1, True), (3, 10, 10, False), (4, 200, 3, False), (4, 200, 50, False),
                (3, 10, 40, True), (1, 1, 3, True), (2, 3000, 1000, True),
            ]:
                args = [columns, samples, replacement, ptype, column_major]
                common = {"op": "multinomial", "args": args, "dtype": "int64"}
                yield record(13, common, [{"sizes": [rows, samples]}] * 2)
    # Cached normal numbers across calls, dtypes and kinds.
    mixed = []
    for op, args, dtype, n in [
        ("normal", [0, 1], "float32", 3), ("uniform", [0, 1], "float32", 1), ("normal", [2, 3], "float64", 2),
        ("logNormal", [0, 1], "float32", 2), ("normal", [0, 1], "float32", 20), ("normal", [0, 1], "float32", 2),
        ("bernoulli", [0.4], "bool", 700), ("randomFull", [], "uint8", 3), ("normal", [0, 1], "float64", 1),
        ("standardGamma", [2], "float32", 9), ("normal", [0, 1], "float64", 17), ("normal", [0, 1], "float64", 2),
    ]:
        mixed.append({"op": op, "args": args, "dtype": dtype, "sizes": [n]})
    for seed in (0, 1234567, 2**64 - 1, -1):
        yield record(seed, {}, mixed)
        yield record(seed, {"op": "normal", "args": [0, 1], "dtype": "float32"}, sized([100000, 100003]))


def states():
    g = torch.Generator().manual_seed(21)
    torch.empty(3).normal_(generator=g)
    saved = state_bytes(g)
    following = torch.empty(3).normal_(generator=g).numpy().tobytes().hex()
    fresh = digest(state_bytes(torch.Generator()))
    return {"fresh": fresh, "saved": compact(saved), "following": following}


def compact(state):
    """The state without the upper halves of its 64-bit words, which are zero."""
    words = b"".join(state[i : i + 4] for i in range(24, 24 + 624 * 8, 8))
    return {"head": state[:24].hex(), "words": words.hex(), "tail": state[24 + 624 * 8 :].hex()}


lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases())
sys.stdout.write('{"torch":"%s","states":%s,"cases":[\n%s\n]}\n' % (torch.__version__, json.dumps(states()), lines))
