"""Records how PyTorch's optimizers move parameters, for packages/torch/test/optim.

    python3 conformance/optim/generate.py

Parameters and gradients come from formulas that the test repeats. Of each case golden.json.gz keeps the options (named
as in TypeScript), a sum over the parameters after each step, and the bytes (base64, little-endian) of the parameters
and the state in the end; of those with two groups also the text, the state dict and how training goes on from it.
Options and optimizers that are younger than the PyTorch at hand are those of reference.py.
"""
import base64
import gzip
import itertools
import json
import re
from pathlib import Path

import reference
import torch

STEPS = 10
SIZES = ([5], [2, 3], [], [2])
MATRICES = ([4, 3], [2, 5], [3, 3], [2, 2])
TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/optim/golden.json.gz"


def camel(name):
    return re.sub(r"(?<=[^_])_+([a-zA-Z0-9])", lambda match: match.group(1).upper(), name)


def packed(value):
    tensor = value if isinstance(value, torch.Tensor) else torch.tensor(float(value))
    return base64.b64encode(tensor.detach().contiguous().numpy().tobytes()).decode()


def formula(size, dtype, factor, shift):
    values = [((k * factor + shift) % 61) / 20 - 1.5 for k in range(torch.Size(size).numel())]
    return torch.tensor(values, dtype=torch.float64).to(dtype).reshape(size)


def parameters(dtype, sizes):
    return [formula(size, dtype, 37, 11 * i).requires_grad_() for i, size in enumerate(sizes)]


def give_gradients(params, step, sign=1):
    """The third parameter has a gradient from the second step on, the fourth never."""
    for i, param in enumerate(params[:3]):
        given = i < 2 or step > 1
        param.grad = sign * formula(param.shape, param.dtype, 29, 17 * step + 5 * i) if given else None


def total(params):
    """One number that each element of the parameters changes."""
    numbers = torch.cat([param.detach().double().reshape(-1) for param in params[:3]])
    return sum(value * (k % 7 + 1) for k, value in enumerate(numbers.tolist()))


def advance(optimizer, params, step, sign):
    give_gradients(params, step, sign)
    optimizer.step()
    return total(params)


def portable(value):
    """A state dict in JSON; a tensor is its bytes."""
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "data": packed(value)}
    if isinstance(value, dict):
        return {str(key): portable(item) for key, item in value.items()}
    return [portable(item) for item in value] if isinstance(value, (list, tuple)) else value


def build(case, params):
    """The optimizer, and the sign of the gradients that stand for `maximize` where it does not know that."""
    name, options, sign = case["optimizer"], dict(case["options"]), 1
    Class = getattr(reference, name, None) or getattr(torch.optim, name)
    if name in ("NAdam", "RAdam") and options.pop("maximize", False):
        sign = -1
    if options.pop("decoupled_weight_decay", False):
        Class = torch.optim.AdamW if name == "Adam" else reference.decoupled(Class)
    groups = [{"params": params[:1]}, {"params": params[1:], **case["second"]}] if case["second"] else params
    return Class(groups, **options), sign


def record(case):
    params = parameters(getattr(torch, case["dtype"]), MATRICES if case["optimizer"] == "Muon" else SIZES)
    optimizer, sign = build(case, params)
    result = {**case, "options": {camel(name): value for name, value in case["options"].items()}}
    result["second"] = {camel(name): value for name, value in (case["second"] or {}).items()} or None
    has_dict = case["second"] and hasattr(optimizer, "state_dict")
    if has_dict:
        result["text"] = f"{case['optimizer']}{repr(optimizer)[len(type(optimizer).__name__):]}"
    result["steps"] = [advance(optimizer, params, step, sign) for step in range(STEPS)]
    result["params"] = [packed(param) for param in params[:3]]
    state_of = lambda param: {key: packed(value) for key, value in optimizer.state[param].items() if value is not None}
    result["state"] = [state_of(param) for param in params[:3]]
    if has_dict:
        result["stateDict"] = portable(optimizer.state_dict())
        result["continued"] = [advance(optimizer, params, step, sign) for step in range(STEPS, STEPS + 2)]
    return result


def combinations(**choices):
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


SWITCHES = combinations(weight_decay=[0, 0.1], maximize=[False, True])
DECOUPLED = [{}, {"weight_decay": 0.1, "decoupled_weight_decay": True}, {"weight_decay": 0.1, "maximize": True}]

# Of each optimizer its options, and pairs of options and those of a second group.
CASES = {
    "SGD": (
        [{"lr": 0.1, **more} for more in SWITCHES]
        + [
            {"lr": 0.1, **more}
            for more in combinations(
                momentum=[0.9], dampening=[0, 0.3], nesterov=[False, True], weight_decay=[0, 0.1], maximize=[False, True]
            )
            if not (more["nesterov"] and more["dampening"])
        ],
        [({"lr": 0.1, "momentum": 0.9}, {"lr": 0.01, "nesterov": True}), ({"lr": 0.1}, {"weight_decay": 0.2})],
    ),
    "Adam": (
        [{"lr": 0.01, "amsgrad": amsgrad, **more} for amsgrad in (False, True) for more in SWITCHES]
        + [{"betas": (0.8, 0.95), "eps": 1e-3, "amsgrad": amsgrad} for amsgrad in (False, True)]
        + [{}, {"lr": 0.01, "weight_decay": 0.1, "decoupled_weight_decay": True}],
        [({"lr": 0.01, "amsgrad": True}, {"lr": 0.1, "betas": (0.5, 0.9)})],
    ),
    "AdamW": (
        [{"lr": 0.01, "amsgrad": amsgrad, **more} for amsgrad in (False, True) for more in SWITCHES]
        + [{"betas": (0.8, 0.95), "eps": 1e-3}, {}],
        [({"lr": 1e-5}, {"weight_decay": 0.2, "maximize": True})],
    ),
    "Adadelta": (
        [{**more} for more in SWITCHES] + [{"lr": 0.5, "rho": 0.5, "eps": 1e-3}],
        [({"rho": 0.8}, {"lr": 0.1, "weight_decay": 0.1})],
    ),
    "Adagrad": (
        [{"lr": 0.1, **more} for more in SWITCHES]
        + [{}, {"lr": 0.1, "lr_decay": 0.2, "initial_accumulator_value": 0.5, "eps": 1e-3}],
        [({"lr": 0.1}, {"lr": 0.2, "lr_decay": 0.1, "maximize": True})],
    ),
    "Adamax": (
        [{"lr": 0.01, **more} for more in SWITCHES] + [{"betas": (0.8, 0.95), "eps": 1e-3}, {}],
        [({"lr": 0.01}, {"betas": (0.5, 0.9), "weight_decay": 0.1})],
    ),
    "ASGD": (
        [{"lr": 0.1, **more} for more in SWITCHES]
        + [{}, {"lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 3}, {"lr": 0.1, "t0": 0}],
        [({"lr": 0.1, "t0": 2}, {"lr": 0.2, "lambd": 0.01})],
    ),
    "NAdam": (
        [{"lr": 0.01, **more} for more in DECOUPLED] + [{"betas": (0.8, 0.95), "eps": 1e-3, "momentum_decay": 0.1}, {}],
        [({"lr": 0.01}, {"betas": (0.5, 0.9), "weight_decay": 0.1})],
    ),
    "RAdam": (
        [{"lr": 0.01, **more} for more in DECOUPLED] + [{"betas": (0.8, 0.9), "eps": 1e-3}, {}],
        [({"lr": 0.01}, {"betas": (0.5, 0.8), "weight_decay": 0.1})],
    ),
    "RMSprop": (
        [
            {"lr": 0.01, "momentum": momentum, "centered": centered, **more}
            for momentum in (0, 0.9)
            for centered in (False, True)
            for more in SWITCHES
        ]
        + [{"alpha": 0.8, "eps": 1e-3}, {}],
        [({"lr": 0.01, "centered": True}, {"momentum": 0.5, "weight_decay": 0.1})],
    ),
    "Rprop": (
        [{"lr": 0.1, "maximize": maximize} for maximize in (False, True)]
        + [{}, {"lr": 0.1, "etas": (0.25, 2), "step_sizes": (0.05, 0.2)}],
        [({"lr": 0.1}, {"lr": 0.01, "etas": (0.4, 1.5)})],
    ),
    "Adafactor": (
        [{"lr": 0.1, **more} for more in SWITCHES] + [{}, {"beta2_decay": -0.5, "eps": (1e-3, 0.1), "d": 2.0}],
        [({"lr": 0.1}, {"lr": 0.01, "weight_decay": 0.1})],
    ),
    "Muon": (
        [{}, {"lr": 0.1, "nesterov": False, "momentum": 0.5}, {"adjust_lr_fn": "match_rms_adamw", "weight_decay": 0}]
        + [{"ns_coefficients": (2, -1.5, 0.5), "ns_steps": 3, "eps": 1e-3}],
        [({"lr": 0.1}, {"lr": 0.01, "weight_decay": 0.5})],
    ),
}


def cases():
    for dtype in ("float32", "float64"):
        for name, (listed, pairs) in CASES.items():
            for options, second in [(options, None) for options in listed] + pairs:
                yield {"optimizer": name, "dtype": dtype, "options": options, "second": second}


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(record(case), separators=(",", ":")) for case in cases())
    TARGET.write_bytes(gzip.compress(f"[\n{lines}\n]\n".encode(), 9, mtime=0))
