"""How the families of recordings are written: objects that are made, and the steps that are tried on each."""

import torch
from torch import distributions
from torch.distributions import constraints, relaxed_bernoulli, relaxed_categorical

from inputs import f32, f64, i64, inf, nan, tensor  # noqa: F401

TABLE = {}


class New:
    """An object that is to be made."""

    def __init__(self, name, *args, inverse=False, **kwargs):
        self.name, self.args, self.kwargs, self.inverse = name, args, kwargs, inverse

    @property
    def inv(self):
        return New(self.name, *self.args, inverse=True, **self.kwargs)

    def find(self):
        if self.name == "expand":
            return lambda made, shape: made.expand(torch.Size(shape))
        if self.name in ("biject_to", "transform_to"):
            return getattr(distributions, self.name)
        if self.name.startswith("constraints."):
            found = getattr(constraints, self.name.split(".")[1])
            return found if self.args or self.kwargs else lambda: found
        for space in (distributions, relaxed_bernoulli, relaxed_categorical):
            if hasattr(space, self.name):
                return getattr(space, self.name)
        raise LookupError(self.name)


class Step:
    """What is read or called, from a seed."""

    def __init__(self, name, *args, seed=0, is_property=False, **kwargs):
        self.name, self.args, self.seed, self.is_property, self.kwargs = name, args, seed, is_property, kwargs


class Case:
    def __init__(self, made, steps):
        self.made, self.steps = made, steps


def family(name):
    """The cases from here on."""
    global current
    current = TABLE.setdefault(name, [])


def case(made, *steps):
    """An object with steps."""
    current.append(Case(made, list(steps)))


PROPERTIES = ["batch_shape", "event_shape", "support", "has_rsample", "has_enumerate_support"]
MOMENTS = ["mean", "mode", "variance", "stddev"]


def distribution(name, *args, values=(), probabilities=(), expand=(2, 3), **kwargs):
    """A distribution with all its steps; `values` and `probabilities` are tensors for log_prob, cdf and icdf."""
    made = New(name, *args, **kwargs)
    steps = [Step(one, is_property=True) for one in PROPERTIES + MOMENTS]
    steps += [Step("entropy"), Step("perplexity")]
    for method in ("sample", "rsample"):
        steps += [Step(method, seed=1), Step(method, [3], seed=2), Step(method, [2, 0], seed=3)]
    steps += [Step("sample", [70], seed=4)]
    for value in values:
        steps += [Step("log_prob", value), Step("cdf", value)]
    steps += [Step("icdf", p) for p in probabilities]
    steps += [Step("enumerate_support"), Step("enumerate_support", expand=False)]
    shape = list(expand)
    case(made, *steps)
    expanded(made, shape, values)


def expanded(made, shape, values):
    """The same distribution after `expand`."""
    steps = [Step(one, is_property=True) for one in ("batch_shape", "event_shape", "mean", "variance")]
    steps += [Step("entropy"), Step("sample", seed=6), Step("sample", [2], seed=7), Step("rsample", seed=8)]
    steps += [Step("log_prob", value) for value in values[:1]]
    case(New("expand", made, shape), *steps)


def wrong(name, *args, **kwargs):
    """An object that cannot be made."""
    case(New(name, *args, **kwargs))
