"""Records what PyTorch's modules do, for packages/torch/test/conformance/modules.test.ts to replay.

All families, or those that are named:

    python3 conformance/modules/generate.py [family...]

Of each module: the printed form, the state that it begins with, what methods change in both, results and gradients of
calls in training mode, the state and the printed form after them, and the results of the first call in evaluation mode.
"""

import importlib
import pathlib
import re
import sys
import warnings
from collections import OrderedDict

import torch

here = pathlib.Path(__file__).parent
sys.path[:0] = [str(here), str(here.parent)]
from record import Skip, attempt, copy_of, outer_gradient  # noqa: E402
from store import Store  # noqa: E402
import later  # noqa: E402
from layers import TABLE, Made, Options  # noqa: E402
from variants import flat, replace  # noqa: E402


def state_of(module, store):
    """The state by its keys; null for what a lazy module does not have yet."""
    known = lambda value: None if torch.nn.parameter.is_lazy(value) else store.result(value)
    return [[key, known(value)] for key, value in module.state_dict().items()]


class ModuleStore(Store):
    """Keeps arguments that are modules or dicts, too."""

    def argument(self, value):
        if isinstance(value, Made):
            named = {"k": self.named(value.kwargs)} if value.kwargs else {}
            return {"m": {"name": value.name, "a": self.argument(value.args)} | named}
        if isinstance(value, dict):
            return {"o": self.named(value)}
        return super().argument(value)

    def named(self, values):
        return {key: self.argument(value) for key, value in values.items()}


def build(value):
    """The argument with its modules made, in order."""
    if isinstance(value, Made):
        kind = getattr(later, value.name, None) or getattr(torch.nn, value.name)
        return kind(*build(value.args), **build(value.kwargs))
    if isinstance(value, (list, tuple)):
        return type(value)(build(item) for item in value)
    if isinstance(value, dict):
        return OrderedDict((key, build(item)) for key, item in value.items())
    return value


def changes(module, steps, store):
    """What calls of methods make of the printed form and the state."""
    for method, args in steps:
        _, error = attempt(getattr(module, method), build(args), {})
        step = {"do": method, "a": store.argument(args), "repr": printed(module), "state": state_of(module, store)}
        yield step | ({"e": error} if error else {})


def run(module, inputs, store):
    """One call: results, and gradients of the inputs and of the parameters."""
    leaves = [copy_of(x, grad=True) for x in flat(inputs)]
    module.zero_grad(set_to_none=True)
    torch.manual_seed(3)
    args = replace(inputs, iter(leaves))
    named = args[-1] if inputs and isinstance(inputs[-1], Options) else {}
    positional = len(inputs) - bool(named)
    made, error = attempt(module, args[:positional], named)
    recorded = {"x": store.argument(inputs[:positional])}
    if named:
        recorded["k"] = store.named(inputs[-1])
    if error:
        return recorded | {"e": error}
    recorded["r"] = store.output(made, (), False)
    outputs = [y for y in flat(made) if y.requires_grad]
    if outputs:
        outer = [outer_gradient(y) for y in outputs]
        torch.autograd.backward(outputs, outer)
        grads = [x.grad for x in leaves] + [p.grad for p in module.parameters()]
        recorded["g"] = {
            "o": [store.input(y) for y in outer],
            "i": [None if g is None else store.result(g) for g in grads],
        }
    return recorded


def printed(module):
    """The printed form, with a mode in quotes as later versions have it."""
    return re.sub(r"\bmode=([\w-]+)", r"mode='\1'", repr(module))


def record(case, store):
    recorded = {"name": case.name, "seed": case.seed, "a": store.argument(case.args)}
    if case.kwargs:
        recorded["k"] = store.named(case.kwargs)
    torch.manual_seed(case.seed)
    module, error = attempt(build, [case], {})
    if error:
        return recorded | {"e": error}
    recorded |= {"repr": printed(module), "before": state_of(module, store)}
    if case.changes:
        recorded["changes"] = list(changes(module, case.changes, store))
    floats = [x.dtype for inputs in case.calls for x in flat(inputs) if x.is_floating_point()]
    if torch.float64 in floats:
        module.double()
    before = printed(module)
    recorded["calls"] = runs(module, case.calls, store)
    # A lazy module that refuses its first input has sizes all the same, which one that changes nothing has not.
    is_lazy = any(value is None for _, value in recorded["before"])
    if is_lazy and all("e" in call for call in recorded["calls"]):
        return recorded
    recorded["after"] = state_of(module, store)
    if printed(module) != before:
        recorded["reprAfter"] = printed(module)
    module.eval()
    for call in runs(module, case.calls[:1], store):
        recorded["eval"] = call
    return recorded


def runs(module, calls, store):
    """The calls that PyTorch can do, or refuses for what they ask."""
    recorded = []
    for inputs in calls:
        try:
            recorded.append(run(module, inputs, store))
        except Skip:
            continue
    return recorded


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for path in sorted(here.glob("*.py")):
        if path.stem not in ("generate", "layers", "later"):
            importlib.import_module(path.stem)
    (here.parent / "data/modules").mkdir(exist_ok=True)
    for name, cases in TABLE.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        store, recorded = ModuleStore(), []
        for case in cases:
            try:
                recorded.append(record(case, store))
            except Skip as skipped:
                print(f"{name}: PyTorch cannot do {case.name}{case.args}: {skipped.__cause__}")
        path = here.parent / "data/modules" / f"{name}.gz"
        store.write(path, recorded)
        print(f"{name}: {len(recorded)} modules, {path.stat().st_size / 1e3:.0f} kB")


main()
