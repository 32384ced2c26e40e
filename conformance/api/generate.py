"""Records the signatures of PyTorch's functions, for packages/torch/test/api.

    python3 conformance/api/generate.py

Those of compiled functions stand in their doc strings, one for each overload; those of Python functions are inspected.
A signature is a list of [name, how it is given, default]: the default is absent where the argument is required.
"""
import ast
import inspect
import json
import re
from pathlib import Path

import torch

TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/api/signatures.json"


def from_text(text):
    """The signature in "name(a, b=1, *, c=None)", or None where that is no Python."""
    # What is named after a spread size needs no star of its own.
    text = re.sub(r"(\*\w+), \*,", r"\1,", text)
    try:
        arguments = ast.parse(f"def {text}: pass").body[0].args
    except SyntaxError:
        return None
    plain = arguments.posonlyargs + arguments.args
    missing = [None] * (len(plain) - len(arguments.defaults))
    listed = [(a.arg, "place", d) for a, d in zip(plain, missing + arguments.defaults)]
    if arguments.vararg:
        listed.append((arguments.vararg.arg, "spread", None))
    listed += [(a.arg, "name", d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    return [[name, how, *([] if default is None else [ast.unparse(default)])] for name, how, default in listed]


def from_doc(name, doc):
    for line in doc.splitlines():
        line = line.strip().removeprefix(".. function::").replace("\\*", "*").strip()
        match = re.match(rf"(?:torch\.)?({re.escape(name)}\(.*\))\s*(?:->.*)?$", line)
        if match and (signature := from_text(match[1])) is not None:
            yield signature


def from_python(function):
    kinds = {"VAR_POSITIONAL": "spread", "KEYWORD_ONLY": "name"}
    listed = []
    for parameter in inspect.signature(function).parameters.values():
        default = [] if parameter.default is parameter.empty else [repr(parameter.default)]
        if parameter.kind.name != "VAR_KEYWORD":
            listed.append([parameter.name, kinds.get(parameter.kind.name, "place"), *default])
    return listed


def signatures(namespace):
    for name in sorted(dir(namespace)):
        function = getattr(namespace, name)
        if name.startswith("_") or inspect.isclass(function) or inspect.ismodule(function) or not callable(function):
            continue
        found = list(from_doc(name, function.__doc__ or ""))
        if not found and inspect.isfunction(function):
            found = [from_python(function)]
        if found:
            yield name, found


# Recurrent networks pass all arguments on to the constructor of their base, which takes a mode and a projection too.
NETWORKS = {"RNN": ["nonlinearity"], "GRU": [], "LSTM": ["proj_size"]}


def of_network(name):
    """The arguments of a recurrent network; the nonlinearity, which 1.13 reads by hand, is one of them today."""
    base = from_python(torch.nn.RNNBase.__init__)[2:]
    own = [argument for argument in base if argument[0] != "proj_size" or "proj_size" in NETWORKS[name]]
    return own[:3] + [["nonlinearity", "place", "'tanh'"]] + own[3:] if "nonlinearity" in NETWORKS[name] else own


def constructors(namespace):
    for name in sorted(dir(namespace)):
        cls = getattr(namespace, name)
        if inspect.isclass(cls) and cls.__module__.startswith("torch") and name != "Module":
            signature = of_network(name) if name in NETWORKS else from_python(cls.__init__)[1:]
            yield name, [signature]


if __name__ == "__main__":
    functional = {name: [from_python(f)] for name, f in vars(torch.nn.functional).items() if inspect.isfunction(f) and not name.startswith("_")}
    recorded = {
        "torch": dict(signatures(torch)),
        "functional": {**dict(signatures(torch.nn.functional)), **functional},
        "init": dict(signatures(torch.nn.init)),
        "nn": dict(constructors(torch.nn)),
        "optim": dict(constructors(torch.optim)),
        "lrScheduler": dict(constructors(torch.optim.lr_scheduler)),
        "swaUtils": dict(constructors(torch.optim.swa_utils)),
        "distributions": dict(constructors(torch.distributions)),
    }
    parts = []
    for namespace, functions in recorded.items():
        lines = ",\n".join(f"{json.dumps(name)}:{json.dumps(found, separators=(',', ':'))}" for name, found in sorted(functions.items()))
        parts.append(f"{json.dumps(namespace)}:{{\n{lines}\n}}")
    TARGET.write_text("{\n" + ",\n".join(parts) + "\n}\n")
