"""Records what PyTorch gives for the cases of packages/torch/test/nn/{activations,losses,layers}.test.ts.

    python3 conformance/nn/generate.py

The cases are TypeScript expressions, which conformance/shape/generate.py translates.
"""
import importlib.util
from pathlib import Path

import torch

spec = importlib.util.spec_from_file_location("shape", Path(__file__).resolve().parents[1] / "shape/generate.py")
shape = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shape)

shape.HELPERS |= {
    "F": torch.nn.functional,
    "nn": torch.nn,
    # Both arguments are evaluated in order.
    "then": lambda first, second: second,
    "flat": lambda tensor: tensor.detach(),
    "u": torch.tensor([[0.1, 0.9, 0.3, 0.5], [0.2, 0.7, 0, 0.4], [0.8, 0.15, 1, 0.65]], dtype=torch.float64),
}
shape.RENAMED |= {"PreluBackward0": "PreluKernelBackward0"}
# Compositions of other operations here, forms in place, and names that later versions have changed.
shape.UNNAMED |= {
    *("MultiMarginLossBackward0", "MultilabelMarginLossBackward0"),
    *("EluBackward1", "CeluBackward1", "LeakyReluBackward1", "ThresholdBackward1", "DivBackward1", "NormBackward1"),
}

shape.record_all(shape.TESTS / "nn", ("activations", "losses", "layers"))
