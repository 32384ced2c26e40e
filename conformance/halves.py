"""The family `halves`: a small call of each operation in float16 and bfloat16, where PyTorch can do it.

The calls are made from those that the tables have. They have no gradients: those are composed of operations too.
"""

import torch

from record import Recorder
from store import Store
from table import TABLE, Operation, made_of_each
from variants import bases, flat, with_tensors

HALVES = [torch.float16, torch.bfloat16]
# Each tells another number in every run, or of no number that it was given; and those that are wrong in PyTorch 1.13.
LEFT_OUT = {"bernoulli", "empty_like", "new_empty", "rrelu", "dropout", "conv_transpose1d", "conv_transpose3d"}


def in_halves(operation):
    """The operation with calls in the half types; nothing where PyTorch has none."""
    recorder = Recorder(operation, Store())
    base = bases(operation.calls, recorder.works)
    if base is None or operation.name in LEFT_OUT:
        return None
    tensors = flat([base.args, base.kwargs])
    if not any(x.dtype.is_floating_point for x in tensors):
        return None
    calls = []
    for dtype in HALVES:
        calls.append(with_tensors(base, [x.to(dtype) if x.dtype.is_floating_point else x for x in tensors]))
    calls = [call for call in calls if recorder.works(call)]
    if not calls:
        return None
    return Operation(operation.name, calls, operation.space, operation.forms, False, False, operation.keep_floats, False)


def define_halves():
    TABLE["halves"] = made_of_each(in_halves, left_out=("complexMatrices",))
