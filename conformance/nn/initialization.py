"""Records what modules and nn.init make of seed 0, for packages/torch/test/nn/initialization.test.ts.

    python3 conformance/nn/initialization.py

For each tensor a hash of its bytes: they have to be equal bit for bit.
"""

import hashlib
import json
from pathlib import Path

import torch
from torch import nn

TARGET = Path(__file__).resolve().parents[2] / "packages/torch/test/nn/golden-initialization.json"


def hash_of(tensor):
    return hashlib.sha256(tensor.detach().contiguous().numpy().tobytes()).hexdigest()[:12]


def lazy_linear():
    module = nn.LazyLinear(7)
    module(torch.zeros(3, 5))
    return module


def lazy_conv(make, *sizes):
    module = make()
    module(torch.zeros(*sizes))
    return module


MODULES = {
    "Linear": lambda: nn.Linear(784, 512),
    "small Linear": lambda: nn.Linear(3, 2),
    "Linear without bias": lambda: nn.Linear(5, 4, bias=False),
    "Linear in float64": lambda: nn.Linear(5, 4, dtype=torch.float64),
    "LazyLinear": lazy_linear,
    "Conv2d": lambda: nn.Conv2d(3, 8, 5),
    "Conv1d in groups": lambda: nn.Conv1d(4, 8, 3, groups=2),
    "ConvTranspose3d": lambda: nn.ConvTranspose3d(4, 6, [1, 2, 3]),
    "LazyConv2d": lambda: lazy_conv(lambda: nn.LazyConv2d(4, 3), 1, 2, 5, 5),
    "LazyConvTranspose1d": lambda: lazy_conv(lambda: nn.LazyConvTranspose1d(4, 3), 1, 2, 5),
    "Bilinear": lambda: nn.Bilinear(3, 4, 5),
    "Embedding": lambda: nn.Embedding(100, 8),
    "Embedding with padding": lambda: nn.Embedding(5, 3, padding_idx=1),
    "PReLU": lambda: nn.PReLU(3, 0.3),
    "Sequential": lambda: nn.Sequential(nn.Linear(4, 3), nn.PReLU(), nn.Linear(3, 2)),
}
INITS = {
    "uniform_": lambda x: nn.init.uniform_(x, -2, 3),
    "normal_": lambda x: nn.init.normal_(x, 1, 0.5),
    "xavierUniform_": lambda x: nn.init.xavier_uniform_(x, 1.5),
    "xavierNormal_": lambda x: nn.init.xavier_normal_(x),
    "kaimingUniform_": lambda x: nn.init.kaiming_uniform_(x, 0.1),
    "kaimingNormal_": lambda x: nn.init.kaiming_normal_(x, mode="fan_out", nonlinearity="relu"),
    "sparse_": lambda x: nn.init.sparse_(x, 0.4, 0.1),
    "truncNormal_": lambda x: nn.init.trunc_normal_(x, 0.1, 0.5, -0.3, 2),
    "narrow truncNormal_": lambda x: nn.init.trunc_normal_(x, std=0.02),
}
RANDOM = {
    "rand": lambda: torch.rand(100),
    "randn": lambda: torch.randn(1001),
    "short randn": lambda: torch.randn(7),
    "randn in float64": lambda: torch.randn(1001, dtype=torch.float64),
    "randint": lambda: torch.randint(-5, 1000, (100,)),
    "randperm": lambda: torch.randperm(1000),
    "normal": lambda: torch.normal(torch.arange(20.0), torch.arange(1.0, 21.0)),
    "multinomial": lambda: torch.multinomial(torch.arange(1.0, 9.0), 5),
    "bernoulli": lambda: torch.bernoulli(torch.full((100,), 0.3)),
    "binomial": lambda: torch.binomial(torch.arange(40.0), torch.full((40,), 0.4)),
    "poisson": lambda: torch.poisson(torch.arange(40.0)),
    "dropout": lambda: nn.functional.dropout(torch.ones(100), 0.3),
}


def tensors(make):
    torch.manual_seed(0)
    made = make()
    found = made.state_dict() if isinstance(made, nn.Module) else {"": made}
    return {key: hash_of(tensor) for key, tensor in found.items()} | {"next": torch.randint(1000000, ()).item()}


calls = MODULES | {name: (lambda f=f: f(torch.empty(12, 10))) for name, f in INITS.items()} | RANDOM
TARGET.write_text(json.dumps({name: tensors(make) for name, make in calls.items()}, indent=1) + "\n")
