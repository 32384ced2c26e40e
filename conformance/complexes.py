"""The family `complexes`: calls of each operation with complex numbers, where PyTorch can do them, with gradients.

They are made from the calls that the tables have: numbers get imaginary parts, all of them or some.
"""

import torch

from inputs import tensor
from record import Recorder
from store import Store
from table import TABLE, Call, Operation, made_of_each
from variants import backwards, bases, empty, expanded, flat, scalar, transposed, with_gaps, with_tensors

# Each tells another number in every run, or of no number that it was given; and names that are not there any more.
LEFT_OUT = set("bernoulli empty_like new_empty rrelu dropout lu_unpack softmax log_softmax softmin dot vdot vecdot adaptive_avg_pool1d adaptive_avg_pool2d interpolate as_strided_scatter empty_strided new_empty_strided".split())
# Operations whose tensors have one dtype; PyTorch 1.13 does not look at all of them.
ONE_DTYPE = {"addmv", "baddbmm", "conv_tbc", "masked_fill_"}
# So many calls of an operation are tried.
TRIED = 5


def complex_of(x, dtype):
    """The numbers with imaginary parts that are neither theirs nor in the same order."""
    if not x.dtype.is_floating_point:
        return x
    other = x.flip(list(range(x.dim()))) * 0.75 + 0.125
    return torch.complex(x.double(), other.double()).to(dtype)


CHANGES = (transposed, with_gaps, backwards)
FIRST_CHANGES = (expanded, empty, scalar)


def calls_of(operation, works):
    """Complex calls of an operation."""
    fit = [c for c in operation.calls if is_small(c)]
    base = bases(operation.calls, works)
    fit = ([base] if base else []) + fit[:: max(1, len(fit) // TRIED)]
    made = []
    for at, call in enumerate(fit):
        tensors = flat([call.args, call.kwargs])
        for dtype in (torch.complex128, torch.complex64)[: 2 if at == 0 else 1]:
            made.append(with_tensors(call, [complex_of(x, dtype) for x in tensors]))
        floats = [i for i, x in enumerate(tensors) if x.dtype.is_floating_point]
        if at == 0 and len(floats) > 1 and operation.name not in ONE_DTYPE:
            for chosen in floats:
                mixed = [complex_of(x, torch.complex128) if i == chosen else x.double() if i in floats else x for i, x in enumerate(tensors)]
                made.append(with_tensors(call, mixed))
        if at == 0 and all(x.numel() > 0 for x in tensors):
            whole = [complex_of(x, torch.complex128) for x in tensors]
            made += [with_tensors(call, [change(x) for x in whole]) for change in CHANGES]
            for change in FIRST_CHANGES:
                made.append(with_tensors(call, [change(x) if i == 0 else x for i, x in enumerate(whole)]))
            made.append(with_tensors(call, [zeros_among(x) for x in whole]))
    found = [call for call in made if works(call)]
    # Of nothing, PyTorch computes also what it cannot.
    return found if any(flat(call.args)[0].numel() > 1 for call in found) else []


def is_small(call):
    tensors = flat([call.args, call.kwargs])
    small = all(x.numel() <= 64 and x.isfinite().all() for x in tensors)
    # The product of two vectors is 0 in Debian's PyTorch 1.13.
    return small and any(x.dtype.is_floating_point for x in tensors) and any(x.dim() != 1 for x in tensors)


def zeros_among(x):
    """0 and numbers of magnitude 1 in a few places."""
    if not x.is_complex() or x.numel() < 4:
        return x
    changed = x.clone().reshape(-1)
    values = torch.tensor([0, complex(-0.6, 0.8), complex(0, 1), complex(1, 0)], dtype=x.dtype)
    changed[:4] = values
    return changed.reshape(x.shape)


def in_complex(operation):
    recorder = Recorder(operation, Store())
    if operation.name in LEFT_OUT:
        return None
    calls = calls_of(operation, recorder.works)
    if not calls:
        return None
    traits = (operation.space, operation.forms, operation.grad, False, operation.keep_floats, False)
    return Operation(operation.name, calls, *traits)


def define_complexes():
    TABLE["complexes"] = own_calls() + made_of_each(in_complex, left_out=("halves", "linearAlgebra", "complexMatrices", "fourier"))


def own_calls():
    """Functions that there are for complex numbers, and calls with complex scalars."""
    z = [complex_of(tensor((2, 3), torch.float64, seed=i), torch.complex128) for i in range(3)]
    zf = [x.to(torch.complex64) for x in z]
    pairs = tensor((2, 3, 2), torch.float64)
    real = [tensor((2, 3), torch.float64, seed=i) for i in range(2)]
    one = lambda x: Call([x], {})
    layouts = [z[0], zf[0], z[0].t(), z[0][:, ::2], z[0][:0], z[0][0, 0], z[0][:1].expand(2, 3), z[0].conj().resolve_conj()]
    operation = lambda name, calls, forms=None, grad=True, space="torch": Operation(name, calls, space, forms, grad, False, False, False)
    i = 0.5 - 2j
    index = torch.tensor([[0, 1, 1], [1, 1, 0]])
    images = complex_of(tensor((2, 3, 4, 5), torch.float64), torch.complex128)
    spans = [(0, 1 + 2j, 3), (i, -1, 6), (i, 3j, 1), (2, i, 0)]
    exact = {"dtype": torch.complex128}
    return [
        operation("view_as_real", [one(x) for x in layouts], "function"),
        operation("view_as_complex", [one(pairs), one(pairs.float()), one(pairs[:, 1]), one(pairs.transpose(0, 1))], "function"),
        operation("real", [one(x) for x in layouts], "function"),
        operation("imag", [one(x) for x in layouts], "function"),
        operation("conj", [one(x) for x in layouts + [real[0]]]),
        operation("conj_physical", [one(x) for x in layouts + [real[0]]]),
        operation("resolve_conj", [one(x) for x in layouts], None, False),
        operation("complex", [Call([real[0], real[1]], {}), Call([real[0], real[1][:1]], {}), Call([real[0].float(), real[1].float()], {})], "function out"),
        operation("polar", [Call([real[0].abs(), real[1]], {}), Call([real[0].abs(), real[1][:1]], {}), Call([real[0].float().abs(), real[1].float()], {})], "function out"),
        operation("add", [Call([z[0], i], {}), Call([real[0], i], {}), Call([z[0], z[1]], {"alpha": i}), Call([z[0], z[1]], {"alpha": 2})]),
        operation("sub", [Call([z[0], i], {}), Call([real[0], i], {}), Call([z[0], z[1]], {"alpha": i})]),
        operation("mul", [Call([z[0], i], {}), Call([real[0], i], {}), Call([zf[0], i], {})]),
        operation("div", [Call([z[0], i], {}), Call([real[0], i], {}), Call([zf[0], i], {})]),
        operation("pow", [Call([x, e], {}) for x in (z[0], real[0].abs()) for e in (i, 2, 0.5, 3, -1, -2, 1.5, 0)] + [Call([b, z[0]], {}) for b in (2, i)]),
        operation("eq", [Call([z[0], complex(z[0][0, 0])], {})], None, False),
        operation("lerp", [Call([z[0], z[1], w], {}) for w in (0.25, i, z[2])]),
        operation("addcmul", [Call(z, {"value": i})]),
        operation("addcdiv", [Call(z, {"value": i})]),
        operation("full_like", [Call([z[0], i], {})], "function", False),
        operation("linspace", [Call(ends, more) for ends in spans for more in ({}, exact)] + [Call([0, 1, 4], exact), Call([0, i, 4], {"dtype": torch.float32})], "function out", False),
        operation("logspace", [Call(ends, exact) for ends in spans] + [Call([-1, i, 5, base], exact) for base in (2, -2, 0.5)] + [Call([0, 1, 4], exact)], "function out", False),
        operation("scatter_reduce", [Call([z[0], 0, index, z[1], how], more) for how in ("sum", "prod", "mean") for more in ({}, {"include_self": False})] + [Call([zf[0], 1, index, zf[1], "prod"], {}), Call([zeros_among(z[0]), 0, index, zeros_among(z[1]), "prod"], {}), Call([z[0].t(), 0, index.t(), z[1].t(), "prod"], {})]),
        operation("index_reduce", [Call([z[0], 1, torch.tensor([2, 0, 2]), z[1], how], more) for how in ("prod", "mean") for more in ({}, {"include_self": False})]),
        operation("index_add", [Call([z[0], 1, torch.tensor([2, 0, 2]), z[1]], {"alpha": a}) for a in (i, 2)]),
        operation("adaptive_avg_pool1d", [Call([x, 1], {}) for x in (images[0], images[0].to(torch.complex64))], "function", True, "F"),
        operation("adaptive_avg_pool2d", [Call([x, 1], {}) for x in (images, images.to(torch.complex64))], "function", True, "F"),
        operation("interpolate", [Call([images[0], 1], {"mode": "area"})], "function", True, "F"),
        operation("masked_fill", [Call([z[0], real[0] > 0, i], {})]),
    ]
