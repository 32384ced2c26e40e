"""Attention of several heads, and the layers and stacks of transformers."""

import torch

from layers import *

family("transformer")

of = lambda *shape, seed=0, dtype=f64: tensor(shape, dtype, -1.0, 1.0, seed)
q, k, v = of(3, 2, 4), of(5, 2, 4, seed=1), of(5, 2, 4, seed=2)
causal = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
some = tensor((3, 5), torch.bool)
some[:, 0] = False
heads = tensor((4, 3, 5), torch.bool, seed=1)
heads[..., 1] = False
padding = torch.tensor([[False, False, True, False, True], [False, True, False, False, False]])
added = of(3, 5, seed=3)


for kwargs in (
    {},
    {"bias": False},
    {"add_bias_kv": True},
    {"add_zero_attn": True},
    {"add_bias_kv": True, "add_zero_attn": True},
):
    attention = module("MultiheadAttention", 4, 2, **kwargs)
    attention(q, k, v, padding, options(attn_mask=heads, average_attn_weights=False))
    if len(kwargs) == 1:
        continue
    attention(q, k, v)(q, k, k, padding)(q, k, v, options(attn_mask=added, need_weights=False))
    attention(q, q, q, options(attn_mask=causal))(q[:, 0], k[:, 0], v[:, 0], padding[0], options(attn_mask=some))
module("MultiheadAttention", 4, 2, kdim=3, vdim=6)(q, of(5, 2, 3), of(5, 2, 6))(q, k, v)
module("MultiheadAttention", 4, 2, kdim=3, batch_first=True)(q, of(3, 5, 3), of(3, 5, 4))(q[0], of(5, 3), of(5, 4))
module("MultiheadAttention", 4, 4, batch_first=True)(q, q, q)(q, of(3, 5, 4), of(3, 5, 4, seed=1))(q, k, v)
module("MultiheadAttention", 4, 2, 0.5)(q, k, v)(q, q, q, options(need_weights=False))
module("MultiheadAttention", 4, 2)(of(3, 2, 5), k, v)(q, k, of(6, 2, 4))(q[:, 0], k, v)(of(4), k, v)
module("MultiheadAttention", 4, 2)(q, k, v, padding[:1])(q, k, v, options(attn_mask=some[:2]))(q, k, v, tensor((2, 5), i64))
module("MultiheadAttention", 5, 2)
module("MultiheadAttention", 32, 4)(of(70, 2, 32, dtype=f32), of(300, 2, 32, dtype=f32, seed=1), of(300, 2, 32, dtype=f32))

x = of(3, 2, 4)
target = of(4, 2, 4, seed=1)
target_mask = torch.triu(torch.ones(4, 4, dtype=torch.bool), 1)
small = {"dim_feedforward": 5, "dropout": 0.0}
for kwargs in (
    {},
    {"activation": "gelu", "norm_first": True},
    {"batch_first": True, "layer_norm_eps": 0.1},
    {"dropout": 0.3, "norm_first": True},
):
    rest = small | {key: value for key, value in kwargs.items() if key == "dropout"}
    named = {key: value for key, value in kwargs.items() if key != "dropout"}
    args = (4, 2, rest["dim_feedforward"], rest["dropout"])
    first = kwargs.get("batch_first", False)
    mask = torch.triu(torch.full((2, 2) if first else (3, 3), -torch.inf, dtype=f64), 1)
    pad = torch.tensor([[False, True], [False, False], [False, False]]) if first else padding[:, [0, 1, 3]]
    module("TransformerEncoderLayer", *args, **named)(x)(x, mask)(x, mask, pad)(x[0] if first else x[:, 0])
    memory = of(4, 3, 4) if first else x
    own = target_mask[:2, :2] if first else target_mask
    module("TransformerDecoderLayer", *args, **named)(target, memory)(target, memory, own)
module("TransformerEncoderLayer", 4, 2)
module("TransformerEncoderLayer", 5, 2)
module("TransformerEncoderLayer", 4, 2, 5, activation="tanh")
for kwargs in ({}, {"batch_first": True, "norm_first": True, "activation": "gelu"}):
    mask = torch.triu(torch.full((2, 2) if kwargs else (4, 4), -torch.inf, dtype=f64), 1)
    source = of(4, 3, 4) if kwargs else x
    transformer = module("Transformer", 4, 2, 1, 1, 5, 0.0, **kwargs)
    transformer(source, target)(source, target, None, mask)(source[:2, :1], target)(of(3, 2, 5), target)
