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

# Options of attention, and calls with shapes that do not fit.
module("MultiheadAttention", 4, 2, dtype=f64)(q, k, v, options(attn_mask=added))
attention = module("MultiheadAttention", 4, 2)(q, k, v, padding.double() * -2)
attention(q, k, v, padding, options(attn_mask=added, need_weights=False))(q, k, v, options(attn_mask=heads[:1]))
attention(q, k, v, options(attn_mask=some[0]))(q[:, 0], k[:, 0], v[:, 0], padding)(q, k[:, 0], v)
attention(q[:, 0], k[:, 0], v[:, 0], options(attn_mask=heads))(q, k, v, padding, options(attn_mask=some))
module("MultiheadAttention", 4, 2, 0.3, bias=False, batch_first=True, kdim=3, vdim=2)(q, of(3, 5, 3), of(3, 5, 2))
module("MultiheadAttention", 4, 0)

# Stacks of layers.
encoder = lambda **kwargs: made("TransformerEncoderLayer", 4, 2, 5, 0.0, **kwargs)
decoder = lambda **kwargs: made("TransformerDecoderLayer", 4, 2, 5, 0.0, **kwargs)
three = torch.triu(torch.full((3, 3), -torch.inf, dtype=f64), 1)
pad = padding[:, [0, 1, 3]]
for more in ({}, {"norm": made("LayerNorm", 4)}, {"norm": made("LayerNorm", 4, 0.1), "enable_nested_tensor": False}):
    module("TransformerEncoder", encoder(), 2, **more)(x)(x, three)(x, three, pad)(x[:, 0])(of(3, 2, 5))
    rest = {key: value for key, value in more.items() if key == "norm"}
    case = module("TransformerDecoder", decoder(), 2, **rest)(target, x)(target, x, target_mask)
    case(target, x, target_mask, three[[0, 1, 2, 0]])(target, x, None, None, padding[:, :4], pad)(target[:, 0], x[:, 0])
module("TransformerEncoder", encoder(batch_first=True, norm_first=True), 3, mask_check=False)(x)(x, three[:2, :2])
module("TransformerDecoder", decoder(batch_first=True, activation="gelu"), 1)(of(4, 3, 4), of(4, 5, 4))(target, x)
module("TransformerEncoder", made("TransformerEncoderLayer", 4, 2, 5, 0.4), 2)(x)
module("TransformerEncoderLayer", 4, 2, 5, 0.0, dtype=f64)(x)
module("TransformerEncoderLayer", 4, 2, 5, 0.0)(of(3, 2, 5))(x, three[:2])(of(2, 3, 2, 4))
module("TransformerDecoderLayer", 4, 2, 5, 0.0)(target, of(3, 2, 5))(target, x, three)(target, x[:, :1])
layer = module("TransformerDecoderLayer", 4, 2, 5, 0.0)(target, x)(target, x, None, three[[0, 1, 2, 0]])
layer(target, x, target_mask, None, padding[:, :4], pad)(target[:, 0], x[:, 0])

# All the masks of the whole.
whole = module("Transformer", 4, 2, 2, 1, 5, 0.0, layer_norm_eps=0.1)(x, target, three, None)
whole(x, target, three, None, three[[0, 1, 2, 0]])(x, target, None, None, None, pad, padding[:, :4], pad)
whole(x[:, 0], target[:, 0])(x[:, :1], target[:, 0])
module("Transformer", 4, 2, 1, 1, 5, 0.0, activation="gelu")(x, target)
module("Transformer", 4, 2, 1, 1, 5, 0.2, dtype=f64)(x, target)
module("Transformer", 4, 2, 1, 1, 5, custom_encoder=made("Identity"))
module("Transformer", 5, 2)
