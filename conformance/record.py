"""Runs calls on PyTorch and writes down what came of them: results, errors, changed arguments, gradients."""

import math

import torch

from inputs import large, tensor
from store import LARGE, bytes_of, memory_of
from table import SPACES
from variants import flat, replace, variants

FORMS = ("function", "method", "inplace", "out")
# Messages where PyTorch 1.13 could not do what it was asked, rather than where it was asked for something wrong.
LACKING = (
    "not implemented for",
    "not supported for",
    "INTERNAL ASSERT",
    "dtype mismatch",
    "Unsupported dtype",
    "cannot be represented as a SymInt",
    "multiplication overflow",
)


class Skip(Exception):
    """This call has nothing to compare: PyTorch 1.13 cannot do it."""


def whole(value):
    """2.0 as 2, which is what TypeScript makes of it."""
    if (
        isinstance(value, float)
        and value.is_integer()
        and math.copysign(1, value) * value >= 0
        and str(value) != "-0.0"
    ):
        return int(value)
    if isinstance(value, (list, tuple)):
        return type(value)(whole(item) for item in value)
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return value


def has_gradient(x):
    return x.is_floating_point() or x.is_complex()


def copy_of(x, grad=False):
    """The same tensor over memory of its own."""
    copy = memory_of(x).clone().as_strided(x.shape, x.stride(), x.storage_offset())
    return copy.detach().requires_grad_(grad and has_gradient(x))


def outer_gradient(like):
    """The gradient that comes from outside."""
    if like.numel() > LARGE and not like.is_complex():
        return large(list(like.shape), like.dtype, -1.0, 1.0, 99)
    return tensor(list(like.shape), like.dtype, -2.0, 2.0, seed=99)


class Recorder:
    """The recording of one operation."""

    def __init__(self, op, store):
        self.op, self.store = op, store
        self.allowed = set(op.forms.split() if op.forms else FORMS)
        own = getattr(SPACES[op.space], op.name, None)
        is_method = op.space == "torch"
        self.function = self.take("function", None if op.space == "Tensor" else own)
        self.method = self.take(
            "method", own if op.space == "Tensor" else is_method and getattr(torch.Tensor, op.name, None)
        )
        self.inplace = self.take("inplace", is_method and getattr(torch.Tensor, op.name + "_", None))
        self.run = self.function or self.method
        self.found = {form for form in ("function", "method") if getattr(self, form)}
        self.in_float32 = 0
        if self.run is None:
            raise LookupError(f"PyTorch has no {op.space}.{op.name}")

    def take(self, form, found):
        return found if found and form in self.allowed else None

    def record(self):
        cases = []
        calls = self.op.calls + (variants(self.op.calls, self.works) if self.op.vary else [])
        for call in calls:
            args, kwargs = (call.args, call.kwargs) if self.op.keep_floats else whole((call.args, call.kwargs))
            try:
                cases.append(self.case(args, kwargs, len(cases)))
            except Skip:
                continue
        if all("e" in case for case in cases):
            raise LookupError(f"all calls of {self.op.name} fail: {cases[:1]}")
        forms = [form for form in FORMS if form in self.found]
        casts = {"casts": self.casts} if "out" in forms else {}
        return {"name": self.op.name, "space": self.op.space, "forms": forms, **casts, "cases": cases}

    def works(self, call):
        """Whether PyTorch can do a call."""
        copies = (copy_of(x) for x in flat([call.args, call.kwargs]))
        try:
            args, kwargs = replace((call.args, call.kwargs), copies)
            self.run(*args, **kwargs)
            return True
        except Exception:
            return False

    def case(self, args, kwargs, at):
        case = {"a": self.store.argument(args)}
        if kwargs:
            case["k"] = {key: self.store.argument(value) for key, value in kwargs.items()}
        case |= self.outcome(args, kwargs) | self.outcome_inplace(args, kwargs)
        if "e" not in case:
            case |= self.gradient(args, kwargs)
            if "out" in self.allowed - self.found and takes_out(self.run, args, kwargs):
                self.found.add("out")
                self.casts = [at, takes_out(self.run, args, kwargs, other=True)]
        return case

    def outcome(self, args, kwargs):
        copies = [copy_of(x) for x in flat([args, kwargs])]
        before = [bytes_of(x) for x in copies]
        made, error = attempt(self.run, *replace((args, kwargs), iter(copies)))
        if error:
            return {"e": error}
        outcome = {"r": self.store.output(made, copies, self.op.strides)}
        changed = [[i, self.store.result(x)] for i, x in enumerate(copies) if bytes_of(x) != before[i]]
        return outcome | ({"c": changed} if changed else {})

    def outcome_inplace(self, args, kwargs):
        if not self.inplace or not args or not isinstance(args[0], torch.Tensor):
            return {}
        copies = [copy_of(x) for x in flat([args, kwargs])]
        try:
            made, error = attempt(self.inplace, *replace((args, kwargs), iter(copies)))
        except Skip:
            return {}
        if error and "unexpected keyword" in error["message"]:
            return {}
        self.found.add("inplace")
        return {"i": {"e": error} if error else self.store.output(made, (), False)}

    def gradient(self, args, kwargs):
        """Gradients of the calls in float64, and of two in float32."""
        dtypes = {x.dtype for x in flat([args, kwargs]) if has_gradient(x)}
        is_double = bool(dtypes) and dtypes <= {torch.float64, torch.complex128}
        is_single = bool(dtypes) and dtypes <= {torch.float32, torch.complex64}
        if not self.op.grad or not (is_double or (is_single and self.in_float32 < 2)):
            return {}
        floats = [i for i, x in enumerate(flat([args, kwargs])) if has_gradient(x)]
        # Some arguments (targets, shape parameters) have no gradient: then those of the others.
        for wanted in (floats, floats[:-1], floats[:1], floats[1:]):
            found = self.gradient_of(wanted, args, kwargs) if wanted else {}
            if found:
                self.in_float32 += not is_double
                return found if wanted == floats else {"g": found["g"] | {"w": wanted}}
        return {}

    def gradient_of(self, wanted, args, kwargs):
        """The gradients of the tensors at these places; nothing if one of them has none."""
        leaves = [copy_of(x, grad=i in wanted) for i, x in enumerate(flat([args, kwargs]))]
        used = [x.clone() for x in leaves] if self.op.name.endswith("_") else leaves
        try:
            call, options = replace((args, kwargs), iter(used))
            outputs = [y for y in flat(self.run(*call, **options)) if y.requires_grad]
            outer = [outer_gradient(y) for y in outputs]
            inputs = [leaves[i] for i in wanted]
            grads = torch.autograd.grad(outputs, inputs, outer, allow_unused=True) if outputs else []
        except (RuntimeError, NotImplementedError):
            return {}
        if not outputs:
            return {}
        inner = [None if g is None else self.store.result(g) for g in grads]
        return {"g": {"o": [self.store.input(x) for x in outer], "i": inner}}


# For each dtype another one to which it can be converted.
OTHER = {
    torch.bool: torch.int64,
    torch.float32: torch.float64,
    torch.float64: torch.float32,
    torch.complex64: torch.complex128,
    torch.complex128: torch.complex64,
}


def takes_out(run, args, kwargs, other=False):
    """Whether the function writes to `out`, of its own dtype or of another one."""
    copies = [copy_of(x) for x in flat([args, kwargs])]
    call, options = replace((args, kwargs), iter(copies))
    try:
        results = flat(run(*call, **options))
        outs = [torch.empty(0, dtype=OTHER.get(x.dtype, torch.float32) if other else x.dtype) for x in results]
        run(*call, **options, out=outs[0] if len(outs) == 1 else tuple(outs))
        return True
    except Exception:
        return False


def attempt(run, args, kwargs):
    """The result, or the error by class and message."""
    try:
        return run(*args, **kwargs), None
    except Exception as error:
        words = error.args[0] if isinstance(error, KeyError) and error.args else error
        message = str(words).split("\n")[0]
        if (any(words in message for words in LACKING) and not message.startswith("padding='same'")) or isinstance(error, NotImplementedError):
            raise Skip from error
        return None, {"class": type(error).__name__, "message": message[:300]}
