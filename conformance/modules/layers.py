"""How the files beside this one say which modules are made, and what they are called with."""

from inputs import *  # noqa: F403

TABLE = {}
_family = None


class Case:
    def __init__(self, name, args, kwargs, seed):
        self.name, self.args, self.kwargs, self.seed = name, args, kwargs, seed
        self.calls = []

    def __call__(self, *inputs):
        """Adds a call in training mode; the first one is repeated in evaluation mode at the end."""
        self.calls.append(inputs)
        return self


def family(name):
    """Says where the modules that are added from here on belong."""
    global _family
    _family = TABLE.setdefault(name, [])


class Options(dict):
    """Arguments of a call that are given by name, after the others."""


def options(**kwargs):
    return Options(kwargs)


def module(name, *args, seed=7, **kwargs):
    """A module of torch.nn, made with these arguments after the seed was set."""
    case = Case(name, args, kwargs, seed)
    _family.append(case)
    return case
