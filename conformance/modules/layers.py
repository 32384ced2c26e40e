"""How the files beside this one say which modules are made, and what they are called with."""

from inputs import *  # noqa: F403

TABLE = {}
_family = None


class Made:
    """A module as an argument, made when it is read."""

    def __init__(self, name, args, kwargs):
        self.name, self.args, self.kwargs = name, args, kwargs


class Case(Made):
    def __init__(self, name, args, kwargs, seed):
        super().__init__(name, args, kwargs)
        self.seed, self.changes, self.calls = seed, [], []

    def __call__(self, *inputs):
        """Adds a call in training mode; the first one is repeated in evaluation mode at the end."""
        self.calls.append(inputs)
        return self

    def then(self, method, *args):
        """Adds a call of a method before those of the module."""
        self.changes.append((method, args))
        return self


def family(name):
    """Says where the modules that are added from here on belong."""
    global _family
    _family = TABLE.setdefault(name, [])


class Options(dict):
    """Arguments of a call that are given by name, after the others."""


def options(**kwargs):
    return Options(kwargs)


def made(name, *args, **kwargs):
    """A module that is an argument of another one."""
    return Made(name, args, kwargs)


def module(name, *args, seed=7, **kwargs):
    """A module of torch.nn, made with these arguments after the seed was set."""
    case = Case(name, args, kwargs, seed)
    _family.append(case)
    return case
