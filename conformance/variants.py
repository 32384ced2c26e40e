"""More calls of an operation, made from one that its table has: other dtypes, layouts, sizes and special values.

A variant is kept only where PyTorch can do it, so that nobody has to say which operation supports what.
"""

import torch

from inputs import ALL, FLOATS, SPECIAL

LARGEST = 64


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


def with_tensors(call, tensors):
    """The call with these tensors in the place of its own."""
    return type(call)(*replace((call.args, call.kwargs), iter(tensors)))


def bases(calls, works):
    """The call from which variants are made: small, and of as many dims as there is; of floats if possible."""
    fit = [call for call in calls if fits(call)]
    fit.sort(key=lambda call: (-floats(call), -flat(call.args)[0].dim()))
    return next((call for call in fit if works(call)), None)


def fits(call):
    tensors = flat([call.args, call.kwargs])
    return bool(flat(call.args)) and all(1 < x.numel() <= LARGEST or x.dim() == 0 for x in tensors)


def floats(call):
    return flat(call.args)[0].dtype.is_floating_point


def variants(calls, works):
    """New calls; `works` says whether PyTorch can do one."""
    base = bases(calls, works)
    if base is None:
        return []
    tensors = flat([base.args, base.kwargs])
    own = tensors[0].dtype
    made = [[x.to(d) if x.dtype == own else x for x in tensors] for d in missing_dtypes(calls, works)]
    made += [[change(x) for x in tensors] for change in (transposed, with_gaps, backwards)]
    made += [[change(x) if i == 0 else x for i, x in enumerate(tensors)] for change in (expanded, empty, scalar)]
    if own in FLOATS:
        for d in FLOATS:
            cast = [x.to(d) if x.dtype == own else x for x in tensors]
            made += [[special(x) if i == at else x for i, x in enumerate(cast)] for at in range(len(cast))]
    new = [with_tensors(base, list_of) for list_of in made if list_of]
    return [call for call in new if works(call)]


def missing_dtypes(calls, works):
    """The dtypes of which there is no call that works yet."""
    found = {flat(call.args)[0].dtype for call in calls if flat(call.args) and works(call)}
    return [d for d in ALL if d not in found]


def transposed(x):
    """The same elements with the first dim the innermost in memory."""
    return x.movedim(0, -1).contiguous().movedim(-1, 0) if x.dim() > 1 else x.clone()


def with_gaps(x):
    """The same elements in every second place, from the second on."""
    memory = torch.zeros(2 * x.numel() + 1, dtype=x.dtype)
    view = memory[1:].as_strided(x.shape, [2 * step for step in x.contiguous().stride()])
    return view.copy_(x)


def backwards(x):
    return x.flip(list(range(x.dim())))


def expanded(x):
    """The first row in the place of all."""
    return x[:1].clone().expand_as(x) if x.dim() > 0 else x.clone()


def empty(x):
    return x[:0].clone() if x.dim() > 0 else x.clone()


def scalar(x):
    return x.reshape(-1)[0].clone()


def special(x):
    """NaN, infinities, zeros and extremes in turn; the tensor itself where it holds no floats.

    Three times an extreme is no overflow yet: beside an infinity of the other sign that would be NaN where a CPU
    rounds products before it adds them, and the infinity where it does not.
    """
    if not x.dtype.is_floating_point:
        return x.clone()
    mild = [value / 3.4 if abs(value) == 3.4e38 else value for value in SPECIAL]
    values = (mild * (x.numel() // len(mild) + 1))[: x.numel()]
    return torch.tensor(values, dtype=torch.float64).to(x.dtype).reshape(x.shape)
