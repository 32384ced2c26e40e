"""Bags of embeddings."""

import torch

from layers import *

family("embedding")

places = torch.tensor([3, 1, 1, 5, 0, 2, 4, 1])
offsets = torch.tensor([0, 3, 3, 6])
rows = places.view(2, 4)
factors = tensor((8,), f64, seed=4)
ending = torch.tensor([0, 2, 5, 8])

for mode in ("sum", "mean", "max"):
    module("EmbeddingBag", 6, 3, mode=mode)(places, offsets)(rows)(places.int(), offsets.int())(places[:0], offsets[:1])
    module("EmbeddingBag", 6, 3, mode=mode, padding_idx=1)(places, offsets)(rows)(torch.tensor([[1, 1], [1, 2]]))
    module("EmbeddingBag", 6, 3, mode=mode, include_last_offset=True)(places, ending)
    module("EmbeddingBag", 6, 3, 0.5, 1.0, mode=mode)(places, offsets)
module("EmbeddingBag", 6, 3, mode="sum")(places, offsets, factors)(rows, None, factors.view(2, 4))(rows, None, factors)
module("EmbeddingBag", 6, 3, mode="sum", padding_idx=-1)(places, offsets, factors)
# Gradients scaled by frequency are not recorded: 1.13 divides by how often other rows occur.
module("EmbeddingBag", 6, 3)(places)(rows, offsets)(places, offsets + 1)
module("EmbeddingBag", 6, 3)(places, offsets, factors)(rows.view(2, 2, 2))(places.double(), offsets)(places, offsets[None])
module("EmbeddingBag", 6, 3, mode="max", scale_grad_by_freq=True)(places, offsets)
module("EmbeddingBag", 6, 3, padding_idx=6)
module("EmbeddingBag", 6, 3, dtype=f64)(places, offsets)
module("EmbeddingBag", 6, 3, mode="foo")(places, offsets)
module("EmbeddingBag", 6, 3)(places + 6, offsets)(places, offsets + 0, torch.ones(8))(places, torch.tensor([0, 9]))
module("EmbeddingBag", 6, 3, include_last_offset=True)(places, offsets[:0])
module("EmbeddingBag", 6, 3, mode="sum", include_last_offset=True)(places, ending, factors)
