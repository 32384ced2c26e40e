"""Records the way of PyTorch's LBFGS, for packages/torch/test/optim/lbfgs.test.ts.

    python3 conformance/optim/lbfgs.py

Of each case lbfgs.json keeps the loss, the iterations and the evaluations after each step, and the parameters in the
end. The functions that are minimized are repeated by the test.
"""
import json
import math
import re
from pathlib import Path

import torch

TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/optim/lbfgs.json"
STEPS = 4


def valley(params):
    """Rosenbrock's."""
    x, y = params[0][0], params[0][1]
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def waves(params):
    """A sum over two parameters of different shapes, one of which a part of the sum does not touch."""
    a, b = params
    return torch.cos(a).sum() + ((a.sum() - b) ** 2).mean() + 0.1 * (b**4).sum()


STARTS = {
    "valley": lambda dtype: [torch.tensor([-1.5, 2.0], dtype=dtype)],
    "waves": lambda dtype: [torch.tensor([0.5, -1.0, 2.0], dtype=dtype), torch.tensor([[1.0, -0.5], [0.25, 2.0]], dtype=dtype)],
}
FUNCTIONS = {"valley": valley, "waves": waves}
WOLFE = {"line_search_fn": "strong_wolfe"}
OPTIONS = {
    "valley": [{"lr": 0.002}, WOLFE, {**WOLFE, "history_size": 2}, {**WOLFE, "max_iter": 5}, {**WOLFE, "max_eval": 6}],
    "waves": [{"lr": 0.1}, {"lr": 0.5, "history_size": 3, "max_iter": 4}, WOLFE, {**WOLFE, "lr": 0.1, "tolerance_change": 1e-3}, {**WOLFE, "tolerance_grad": 0.1}],
}


def record(name, dtype, options):
    params = [start.requires_grad_() for start in STARTS[name](dtype)]
    optimizer = torch.optim.LBFGS(params, **options)

    def closure():
        optimizer.zero_grad()
        loss = FUNCTIONS[name](params)
        loss.backward()
        return loss

    steps = []
    for _ in range(STEPS):
        loss = optimizer.step(closure).item()
        state = optimizer.state[params[0]]
        steps.append([loss, state["n_iter"], state["func_evals"]])
    camel = lambda key: re.sub(r"_([a-z])", lambda match: match.group(1).upper(), key)
    return {
        "function": name,
        "dtype": str(dtype).removeprefix("torch."),
        "options": {camel(key): value for key, value in options.items()},
        "steps": steps,
        "params": [param.tolist() for param in params],
    }


if __name__ == "__main__":
    cases = [
        record(name, dtype, options)
        for name, listed in OPTIONS.items()
        for options in listed
        for dtype in (torch.float64, torch.float32)
        # What a line search does in float32 near a minimum depends on the roundings of sums.
        if dtype == torch.float64 or "line_search_fn" not in options
    ]
    TARGET.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
