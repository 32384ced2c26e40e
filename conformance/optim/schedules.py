"""Records the rates and momenta of PyTorch's schedules, and averages of models, for packages/torch/test/optim.

    python3 conformance/optim/schedules.py

Of each case schedules.json.gz keeps how it is made (named as in TypeScript), the rates of both groups at the start and
after each of 60 steps, the momenta where they change, and the rates that an epoch given to `step` leads to.
"""
import gzip
import json
import re
import warnings
from pathlib import Path

import torch
from torch.optim import lr_scheduler, swa_utils

STEPS = 60
EPOCHS = [7, 0, 25, 26, 3]
TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/optim/schedules.json.gz"

# Functions that the test repeats.
FUNCTIONS = {
    "inverse": lambda epoch: 1 / (1 + epoch),
    "falling": lambda epoch: 0.95,
    "rising": lambda x: min(1, x / 50),
}


def camel(name):
    return re.sub(r"(?<=[^_])_+([a-zA-Z0-9])", lambda match: match.group(1).upper(), name)


def metric(step):
    return max(0.1, 1 - 0.05 * step) + 0.01 * (step % 3)


def make_optimizer(name):
    params = [torch.zeros(2, requires_grad=True) for _ in range(2)]
    groups = [{"params": [params[0]]}, {"params": [params[1]], "lr": 0.5}]
    options = {"lr": 0.05, "momentum": 0.7} if name == "SGD" else {"lr": 0.05}
    return getattr(torch.optim, name)(groups, **options)


def function(value):
    if isinstance(value, list):
        return [function(item) for item in value]
    return FUNCTIONS.get(value, value) if isinstance(value, str) else value


def make(case, optimizer):
    options = {key: function(value) for key, value in case.get("options", {}).items()}
    if case["kind"] == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler([make(one, optimizer) for one in case["of"]])
    if case["kind"] == "SequentialLR":
        return lr_scheduler.SequentialLR(optimizer, [make(one, optimizer) for one in case["of"]], **options)
    return getattr(lr_scheduler if hasattr(lr_scheduler, case["kind"]) else swa_utils, case["kind"])(optimizer, **options)


def renamed(case):
    options = {camel(key): value for key, value in case.get("options", {}).items()}
    return {"kind": case["kind"], "options": options, **({"of": [renamed(one) for one in case["of"]]} if "of" in case else {})}


def momenta_of(optimizer):
    return [group["betas"][0] if "betas" in group else group.get("momentum") for group in optimizer.param_groups]


def record(case):
    name = case.get("optimizer", "SGD")
    optimizer = make_optimizer(name)
    scheduler = make(case, optimizer)
    rates, momenta = [], []

    def note():
        rates.append([group["lr"] for group in optimizer.param_groups])
        momenta.append(momenta_of(optimizer))

    note()
    for step in range(case.get("steps", STEPS)):
        optimizer.step()
        if case["kind"] == "ReduceLROnPlateau":
            scheduler.step(metric(step))
        elif "stride" in case:
            scheduler.step(case["stride"] * step)
        else:
            scheduler.step()
        note()
    result = {**renamed(case), "optimizer": name, "rates": rates}
    if any(row != momenta[0] for row in momenta):
        result["momenta"] = momenta
    if "stride" in case:
        result["stride"] = case["stride"]
    if hasattr(scheduler, "_get_closed_form_lr"):
        optimizer = make_optimizer(name)
        scheduler = make(case, optimizer)
        result["epochs"] = []
        for epoch in EPOCHS:
            scheduler.step(epoch)
            result["epochs"].append([epoch, *scheduler.get_last_lr()])
    return result


WARMUP = {"kind": "LinearLR", "options": {"start_factor": 0.1, "total_iters": 5}}
DECAY = {"kind": "ExponentialLR", "options": {"gamma": 0.9}}
COSINE = {"kind": "CosineAnnealingLR", "options": {"T_max": 10}}
CASES = [
    {"kind": "LambdaLR", "options": {"lr_lambda": "inverse"}},
    {"kind": "LambdaLR", "options": {"lr_lambda": ["inverse", "falling"]}},
    {"kind": "MultiplicativeLR", "options": {"lr_lambda": "falling"}},
    {"kind": "StepLR", "options": {"step_size": 7}},
    {"kind": "StepLR", "options": {"step_size": 20, "gamma": 0.5}},
    {"kind": "MultiStepLR", "options": {"milestones": [3, 10, 10, 40], "gamma": 0.3}},
    {"kind": "ConstantLR"},
    {"kind": "ConstantLR", "options": {"factor": 0.5, "total_iters": 17}},
    {"kind": "LinearLR"},
    {"kind": "LinearLR", "options": {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 20}},
    DECAY,
    {"kind": "PolynomialLR"},
    {"kind": "PolynomialLR", "options": {"total_iters": 40, "power": 0.9}},
    COSINE,
    {"kind": "CosineAnnealingLR", "options": {"T_max": 25, "eta_min": 0.01}},
    {"kind": "CosineAnnealingWarmRestarts", "options": {"T_0": 7}},
    {"kind": "CosineAnnealingWarmRestarts", "options": {"T_0": 4, "T_mult": 2, "eta_min": 0.001}},
    {"kind": "CosineAnnealingWarmRestarts", "options": {"T_0": 4, "T_mult": 3}, "stride": 0.37},
    {"kind": "CosineAnnealingWarmRestarts", "options": {"T_0": 5}, "stride": 0.73},
    {"kind": "ChainedScheduler", "of": [{"kind": "ConstantLR", "options": {"factor": 0.1, "total_iters": 10}}, DECAY]},
    {"kind": "ChainedScheduler", "of": [WARMUP, COSINE, {"kind": "MultiStepLR", "options": {"milestones": [12]}}]},
    {"kind": "SequentialLR", "of": [WARMUP, COSINE], "options": {"milestones": [5]}},
    {
        "kind": "SequentialLR",
        "of": [{"kind": "ConstantLR", "options": {"factor": 0.1, "total_iters": 4}}, DECAY, {"kind": "StepLR", "options": {"step_size": 6}}],
        "options": {"milestones": [6, 30]},
    },
    {"kind": "ReduceLROnPlateau", "options": {"patience": 3}},
    {"kind": "ReduceLROnPlateau", "options": {"mode": "max", "factor": 0.5, "patience": 2, "cooldown": 3}},
    {"kind": "ReduceLROnPlateau", "options": {"threshold": 0.03, "threshold_mode": "abs", "patience": 1, "factor": 0.7}},
    {"kind": "ReduceLROnPlateau", "options": {"mode": "max", "threshold_mode": "abs", "patience": 4, "min_lr": [0.01, 0.2]}},
    {"kind": "CyclicLR", "options": {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 7}},
    {"kind": "CyclicLR", "options": {"base_lr": [0.01, 0.02], "max_lr": [0.1, 0.3], "step_size_up": 5, "step_size_down": 9, "mode": "triangular2"}},
    {"kind": "CyclicLR", "options": {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "mode": "exp_range", "gamma": 0.97, "base_momentum": 0.5, "max_momentum": 0.95}},
    {"kind": "CyclicLR", "options": {"base_lr": 0.01, "max_lr": 0.1, "step_size_up": 8, "scale_fn": "rising", "scale_mode": "iterations", "cycle_momentum": False}},
    {"kind": "OneCycleLR", "options": {"max_lr": 0.2, "total_steps": 60}, "steps": 59},
    {"kind": "OneCycleLR", "options": {"max_lr": [0.2, 0.1], "epochs": 4, "steps_per_epoch": 15, "three_phase": True}, "steps": 59},
    {"kind": "OneCycleLR", "options": {"max_lr": 0.2, "total_steps": 60, "pct_start": 0.2, "anneal_strategy": "linear", "div_factor": 10, "final_div_factor": 100, "base_momentum": 0.8, "max_momentum": 0.9}, "steps": 60, "optimizer": "Adam"},
    {"kind": "OneCycleLR", "options": {"max_lr": 0.2, "total_steps": 60, "cycle_momentum": False}, "steps": 59, "optimizer": "Adagrad"},
    {"kind": "SWALR", "options": {"swa_lr": 0.01}},
    {"kind": "SWALR", "options": {"swa_lr": [0.3, 0.1], "anneal_epochs": 20, "anneal_strategy": "linear"}},
    {"kind": "SWALR", "options": {"swa_lr": 0.01, "anneal_epochs": 0}},
]


def averages():
    """A model after each of five changes, averaged in several ways."""
    weight = lambda i: torch.tensor([[((7 * k + 5 * i) % 11) / 4 - 1 for k in range(3)]], dtype=torch.float64)
    ema = lambda averaged, current, _: 0.9 * averaged + 0.1 * current
    result = {}
    for name, options in {"swa": {}, "ema": {"avg_fn": ema}, "buffers": {"avg_fn": ema, "use_buffers": True}}.items():
        model = torch.nn.Linear(3, 1, bias=False).double()
        model.register_buffer("seen", torch.zeros(1, dtype=torch.float64))
        average = swa_utils.AveragedModel(model, **options)
        for i in range(5):
            model.weight.data = weight(i)
            model.seen.fill_(i**2)
            average.update_parameters(model)
        result[name] = {"weight": average.module.weight.tolist(), "seen": average.module.seen.tolist()}
        result["keys"] = list(average.state_dict())
    return result


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    recorded = {"averages": averages(), "schedules": [record(case) for case in CASES]}
    TARGET.write_bytes(gzip.compress(json.dumps(recorded, separators=(",", ":")).encode(), 9, mtime=0))
