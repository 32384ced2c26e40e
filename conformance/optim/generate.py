"""Records how PyTorch's optimizers move parameters, for packages/torch/test/optim.

    python3 conformance/optim/generate.py

Parameters and gradients come from formulas that the test repeats. Of each case the file golden.json keeps the options
(named as in TypeScript), and the bytes (base64, little-endian) of the parameters after each step and of the state in
the end; of some also the text, the state dict and how training goes on from it.
"""
import base64
import itertools
import json
import re
from pathlib import Path

import torch

STEPS = 3
SIZES = ([17], [2, 3], [], [2])
TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/optim/golden.json"


def camel(name):
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)


def packed(tensor):
    return base64.b64encode(tensor.detach().contiguous().numpy().tobytes()).decode()


def formula(size, dtype, factor, shift):
    values = [((k * factor + shift) % 61) / 20 - 1.5 for k in range(torch.Size(size).numel())]
    return torch.tensor(values, dtype=torch.float64).to(dtype).reshape(size)


def parameters(dtype):
    return [formula(size, dtype, 37, 11 * i).requires_grad_() for i, size in enumerate(SIZES)]


def give_gradients(params, step):
    """The third parameter has a gradient from the second step on, the fourth never."""
    for i, param in enumerate(params[:3]):
        param.grad = formula(param.shape, param.dtype, 29, 17 * step + 5 * i) if i < 2 or step > 1 else None


def advance(optimizer, params, step):
    give_gradients(params, step)
    optimizer.step()
    return [packed(param) for param in params[:3]]


def state_of(optimizer, params):
    return [{name: packed(value) for name, value in optimizer.state[param].items() if value is not None} for param in params[:3]]


def groups(params, second):
    """Two groups, of which the second has options of its own."""
    return [{"params": params[:1]}, {"params": params[1:], **second}]


def build(case, params):
    given = groups(params, case["second"]) if case["second"] else params
    return getattr(torch.optim, case["optimizer"])(given, **case["options"])


def portable(value):
    """A state dict in JSON; a tensor is its bytes."""
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": packed(value)}
    if isinstance(value, dict):
        return {str(key): portable(item) for key, item in value.items()}
    return [portable(item) for item in value] if isinstance(value, (list, tuple)) else value


def record(case):
    dtype = getattr(torch, case["dtype"])
    params = parameters(dtype)
    optimizer = build(case, params)
    text = repr(optimizer)
    result = {**case, "options": {camel(name): value for name, value in case["options"].items()}}
    result["second"] = {camel(name): value for name, value in (case["second"] or {}).items()} or None
    result["steps"] = [advance(optimizer, params, step) for step in range(STEPS)]
    result["state"] = state_of(optimizer, params)
    if case["second"]:
        result["text"] = text
        result["stateDict"] = portable(optimizer.state_dict())
        result["continued"] = [advance(optimizer, params, step) for step in range(STEPS, STEPS + 2)]
    return result


def combinations(**choices):
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def sgd_options():
    yield from ({"lr": 0.1, **more} for more in combinations(weight_decay=[0, 0.1], maximize=[False, True]))
    choices = combinations(momentum=[0.9], dampening=[0, 0.3], nesterov=[False, True], weight_decay=[0, 0.1], maximize=[False, True])
    yield from ({"lr": 0.1, **more} for more in choices if not (more["nesterov"] and more["dampening"]))


def adam_options():
    choices = combinations(amsgrad=[False, True], maximize=[False, True], weight_decay=[0, 0.1])
    yield from ({"lr": 0.01, **more} for more in choices)
    yield from ({"betas": (0.8, 0.95), "eps": 1e-3, "amsgrad": amsgrad} for amsgrad in (False, True))
    yield {}


def cases():
    listed = {"SGD": sgd_options, "Adam": adam_options, "AdamW": adam_options}
    second = {
        "SGD": [({"lr": 0.1, "momentum": 0.9}, {"lr": 0.01, "nesterov": True}), ({"lr": 0.1}, {"weight_decay": 0.2})],
        "Adam": [({"lr": 0.01, "amsgrad": True}, {"lr": 0.1, "betas": (0.5, 0.9)})],
        "AdamW": [({"lr": 1e-5}, {"weight_decay": 0.2, "maximize": True})],
    }
    for dtype in ("float32", "float64"):
        for name, options in listed.items():
            for chosen in options():
                yield {"optimizer": name, "dtype": dtype, "options": chosen, "second": None}
            for chosen, other in second[name]:
                yield {"optimizer": name, "dtype": dtype, "options": chosen, "second": other}


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(record(case), separators=(",", ":")) for case in cases())
    TARGET.write_text(f"[\n{lines}\n]\n")
