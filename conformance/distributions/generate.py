"""Records what torch.distributions does, for packages/torch/test/conformance/distributions.test.ts to replay.

All families, or those that are named:

    python3 conformance/distributions/generate.py [family...]

A family is a list of objects that are made (distributions, transforms, divergences), each with steps: what a property
or a method gives from a seed, with gradients of all tensors that the object and the step are given, or the error.
"""

import importlib
import pathlib
import re
import sys
import warnings

import torch

here = pathlib.Path(__file__).parent
sys.path[:0] = [str(here), str(here.parent)]
from record import copy_of, outer_gradient  # noqa: E402
from store import Store  # noqa: E402
from made import TABLE, New  # noqa: E402


def flat(value):
    """The tensors in an argument or a result, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, New):
        return flat([value.args, value.kwargs])
    if isinstance(value, dict):
        return [t for item in value.values() for t in flat(item)]
    return [t for item in value for t in flat(item)] if isinstance(value, (list, tuple)) else []


def build(value, tensors):
    """The argument with its tensors taken from an iterator, and the objects in it made."""
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if isinstance(value, New):
        args, kwargs = build(value.args, tensors), build(value.kwargs, tensors)
        made = value.find()(*args, **kwargs)
        return made.inv if value.inverse else made
    if isinstance(value, dict):
        return {key: build(item, tensors) for key, item in value.items()}
    return type(value)(build(item, tensors) for item in value) if isinstance(value, (list, tuple)) else value


def written(value, store):
    """The argument as JSON."""
    if isinstance(value, New):
        made = {"new": value.name, "a": written(list(value.args), store), "k": written(value.kwargs, store)}
        return made | ({"inv": True} if value.inverse else {})
    if isinstance(value, dict):
        return {key: written(item, store) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [written(item, store) for item in value]
    return store.argument(value)


def outcome(value, store):
    """A result as JSON: what is no number or tensor by its printed form."""
    if isinstance(value, (torch.Tensor, torch.Size, bool, int, float)) or value is None:
        return store.output(value, (), False)
    return {"text": str(value)}


def attempt(run):
    try:
        return run(), None
    except Exception as error:
        return None, {"class": type(error).__name__, "message": str(error)}


def without_upper(x, grad):
    """The gradient of a lower triangle: PyTorch gives some of what stands above, which functions do not read."""
    is_triangle = x.dim() > 1 and x.shape[-1] == x.shape[-2] > 1 and not x.triu(1).any()
    return grad.tril() if grad is not None and is_triangle else grad


def step(made, one, store):
    """One step on a fresh object."""
    recorded = {"m": one.name, "seed": one.seed, "a": written(list(one.args), store)}
    if one.kwargs:
        recorded["k"] = written(one.kwargs, store)
    leaves = [copy_of(x, grad=True) for x in flat([made, one.args, one.kwargs])]

    def run():
        tensors = iter(leaves)
        target = build(made, tensors)
        args, kwargs = build(list(one.args), tensors), build(one.kwargs, tensors)
        torch.manual_seed(one.seed)
        if one.name == "kl":
            return torch.distributions.kl_divergence(target, *args)
        found = target if one.name == "()" else getattr(target, one.name)
        return found if one.is_property else found(*args, **kwargs)

    result, error = attempt(run)
    # What PyTorch 1.13 forgets to expand, and divergences and mixtures that do not broadcast there.
    lacking = one.name in ("entropy", "kl", "sample")
    if error and error["class"] in ("AttributeError", "IndexError", "RuntimeError") and lacking:
        return None
    if error:
        # The graph is not part of what is said.
        if error["message"].startswith("KL-divergence"):
            error["message"] = re.sub(" +", " ", error["message"])
        error["message"] = re.sub(r",\s+(requires_grad=True|grad_fn=<\w+>)", "", error["message"])
        return recorded | {"e": error}
    recorded["r"] = outcome(result, store)
    if isinstance(result, torch.Tensor) and result.requires_grad:
        outer = outer_gradient(result)
        try:
            grads = torch.autograd.grad(result, [x for x in leaves if x.requires_grad], outer, allow_unused=True)
        except RuntimeError:  # Wishart.rsample changes what its derivative needs
            return None
        grads = [without_upper(x, g) for x, g in zip([x for x in leaves if x.requires_grad], grads)]
        recorded["g"] = {
            "o": [store.input(outer)],
            "i": [None if g is None else store.result(g) for g in grads],
        }
    return recorded


def record(case, store):
    recorded = written(case.made, store)
    made, error = attempt(lambda: build(case.made, iter(flat(case.made))))
    if error:
        return recorded | {"e": error}
    return recorded | {"repr": str(made), "steps": [made for one in case.steps if (made := step(case.made, one, store))]}


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for path in sorted(here.glob("*.py")):
        if path.stem not in ("generate", "made"):
            importlib.import_module(path.stem)
    (here.parent / "data/distributions").mkdir(exist_ok=True)
    for name, cases in TABLE.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        store = Store()
        recorded = [record(case, store) for case in cases]
        path = here.parent / "data/distributions" / f"{name}.gz"
        store.write(path, recorded)
        steps = [one for case in recorded for one in case.get("steps", [])]
        errors = sum("e" in one for one in recorded) + sum("e" in one for one in steps)
        print(f"{name}: {len(recorded)} objects, {len(steps)} steps, {errors} errors, {path.stat().st_size / 1e3:.0f} kB")


main()
