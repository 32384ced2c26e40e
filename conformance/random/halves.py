"""Records random numbers in the half types, as bits, for packages/torch/test/random/halves.test.ts.

    python3 conformance/random/halves.py
"""

import json
import pathlib

import torch

METHODS = [
    ("uniform_", []), ("uniform_", [-2, 3]), ("normal_", []), ("normal_", [1, 2]), ("random_", []),
    ("random_", [100]), ("random_", [-5, 200]), ("exponential_", []), ("exponential_", [2.5]), ("cauchy_", []),
    ("log_normal_", []), ("geometric_", [0.3]), ("bernoulli_", [0.5]),
]
# Both sides of the sixteen numbers from which on normal ones come in blocks.
SIZES = [[5], [16], [18], [64], [3, 7]]
FUNCTIONS = [("rand", [5]), ("randn", [4]), ("randn", [37]), ("randperm", 7)]


def bits(x):
    return x.contiguous().view(torch.int16).flatten().tolist()


recorded = []
for dtype in (torch.float16, torch.bfloat16):
    name = str(dtype).removeprefix("torch.")
    for method, args in METHODS:
        for size in SIZES:
            for transposed in (False, True):
                x = torch.zeros(size, dtype=dtype)
                if transposed and len(size) < 2:
                    continue
                torch.manual_seed(7)
                try:
                    made = getattr(x.t() if transposed else x, method)(*args)
                except RuntimeError:
                    continue  # PyTorch 1.13 has it not for this type
                recorded.append([name, method, args, size, transposed, bits(made)])
    for function, size in FUNCTIONS:
        torch.manual_seed(7)
        recorded.append([name, function, [], size, False, bits(getattr(torch, function)(size, dtype=dtype))])

path = pathlib.Path(__file__).parents[2] / "packages" / "torch" / "test" / "random" / "golden-halves.json"
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in recorded) + "\n]\n")
