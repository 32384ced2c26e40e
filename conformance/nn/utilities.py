"""Records what PyTorch's nn.utils compute, for packages/torch/test/nn/utilities.test.ts.

    python3 conformance/nn/utilities.py
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils import fuse_conv_bn_eval, parametrizations, prune, remove_spectral_norm, spectral_norm, weight_norm

golden = {}
x = torch.ones(2, 4)


def record(name, *tensors):
    golden[name] = [tensor.detach().flatten().tolist() for tensor in tensors]


torch.manual_seed(1)
m = weight_norm(nn.Linear(4, 3))
y = m(x)
y.sum().backward()
record("weightNorm", m.weight_g, m.weight_v, y, m.weight_g.grad, m.weight_v.grad)
torch.manual_seed(1)
m = weight_norm(nn.Linear(4, 3), dim=None)
record("weightNormAll", m.weight_g, m(x))

torch.manual_seed(2)
m = spectral_norm(nn.Linear(4, 3))
m(x)
y = m(x)
y.sum().backward()
record("spectralNorm", m.weight_u, m.weight_v, y, m.weight_orig.grad)
m.eval()
record("spectralNormEval", m(x))
remove_spectral_norm(m)
record("spectralNormRemoved", m.weight)
torch.manual_seed(2)
m = spectral_norm(nn.ConvTranspose2d(2, 3, 2), n_power_iterations=2)
m(torch.ones(1, 2, 3, 3))
record("spectralNormConv", m.weight_u, m.weight_v, m.weight)
torch.manual_seed(3)
m = parametrizations.spectral_norm(nn.Linear(4, 3))
y = m(x)
y.sum().backward()
norm = m.parametrizations.weight
record("parametrizedSpectral", norm[0]._u, norm[0]._v, y, norm.original.grad)

orthogonal = {
    "square": (4, 4, {}),
    "tall": (3, 5, {}),
    "wide": (5, 3, {}),
    "cayley": (4, 4, {"orthogonal_map": "cayley"}),
    "exp": (3, 5, {"orthogonal_map": "matrix_exp"}),
    "plain": (3, 5, {"use_trivialization": False}),
    "plainWide": (5, 3, {"use_trivialization": False}),
    "squareHouse": (4, 4, {"orthogonal_map": "householder", "use_trivialization": False}),
}
for name, (inputs, outputs, options) in orthogonal.items():
    torch.manual_seed(4)
    m = parametrizations.orthogonal(nn.Linear(inputs, outputs), **options)
    before = m.weight.detach().clone()
    m.weight.mul(torch.arange(float(inputs * outputs)).reshape(outputs, inputs)).sum().backward()
    original = m.parametrizations.weight.original
    gradient = original.grad.clone()
    with torch.no_grad():
        original.sub_(0.01 * gradient)
    record(f"orthogonal_{name}", before, gradient, m.weight)

torch.manual_seed(5)
m = nn.Linear(4, 3)
prune.random_unstructured(m, "weight", 0.3)
record("randomUnstructured", m.weight_mask)
prune.l1_unstructured(m, "weight", 2)
record("thenL1", m.weight_mask, m.weight)
prune.ln_structured(m, "weight", 1, 2, 0)
record("thenLn", m.weight_mask)
prune.remove(m, "weight")
record("pruneRemoved", m.weight)
torch.manual_seed(6)
m = nn.Linear(5, 6)
prune.random_structured(m, "weight", 0.5, 0)
record("randomStructured", m.weight_mask)
prune.random_structured(m, "weight", 2, 1)
record("randomStructured2", m.weight_mask)
torch.manual_seed(7)
a, b = nn.Linear(3, 4), nn.Linear(4, 2)
prune.global_unstructured([(a, "weight"), (b, "weight")], prune.L1Unstructured, amount=0.4)
record("global", a.weight_mask, b.weight_mask)
prune.global_unstructured([(a, "weight"), (b, "weight")], prune.L1Unstructured, amount=3)
record("global2", a.weight_mask, b.weight_mask)

torch.manual_seed(8)
conv, bn = nn.Conv2d(2, 3, 3).eval(), nn.BatchNorm2d(3).eval()
bn.running_mean.normal_()
bn.running_var.uniform_(0.5, 2)
bn.weight.data.normal_()
bn.bias.data.normal_()
fused = fuse_conv_bn_eval(conv, bn)
record("fusedConv", fused.weight, fused.bias)

path = Path(__file__).resolve().parents[2] / "packages/torch/test/nn/golden-utilities.json"
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in golden.items()) + "\n}\n")
