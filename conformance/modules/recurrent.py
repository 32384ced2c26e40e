"""Recurrent networks and cells."""

from layers import *

family("recurrent")

of = lambda *shape, seed=0: tensor(shape, f64, -1.0, 1.0, seed)
x, wrong = of(4, 3, 2), of(4, 3, 6)
variants = [
    ((2, 3), {}, 1, False),
    ((2, 3, 2), {}, 2, False),
    ((2, 3, 2), {"batch_first": True, "bidirectional": True}, 4, True),
    ((2, 3, 3), {"bias": False, "dropout": 0.4}, 3, False),
]


def states(name, count, batch, size, projected=None):
    hidden = of(count, batch, projected or size, seed=1)
    return [hidden, of(count, batch, size, seed=2)] if name == "LSTM" else hidden


for name in ("RNN", "GRU", "LSTM"):
    for args, kwargs, count, batch_first in variants:
        size = args[1]
        given = states(name, count, 4 if batch_first else 3, size)
        alone = [s[:, 0] for s in given] if name == "LSTM" else given[:, 0]
        module(name, *args, **kwargs)(x)(x, given)(x[0])(x[:, 0], alone)
    module(name, 2, 3)(wrong)(x, states(name, 1, 2, 3))(x, states(name, 2, 3, 3))(x[:0])
    module(name, 2, 3)(x, [s[0] for s in states(name, 1, 3, 3)] if name == "LSTM" else states(name, 1, 3, 3)[0])
    module(name, 1, 1)(of(2, 1, 1))
    module(name, 23, 33)(tensor((7, 5, 23), f32, -1.0, 1.0))
    module(name, 2, 3, dropout=1.5)
module("RNN", 2, 3, 2, nonlinearity="relu", bidirectional=True)(x)(x, of(4, 3, 3, seed=1))(tensor(x.shape, f32))
for kwargs, count in (({}, 1), ({"num_layers": 2, "bidirectional": True, "bias": False}, 4)):
    module("LSTM", 2, 3, proj_size=2, **kwargs)(x)(x, states("LSTM", count, 3, 3, 2))(x[:, 0])(x, states("LSTM", count, 3, 3))
module("LSTM", 2, 3, proj_size=3)
module("LSTM", 2, 3, proj_size=-1)

x, h, c = of(3, 2), of(3, 4, seed=1), of(3, 4, seed=2)
for name in ("RNNCell", "GRUCell", "LSTMCell"):
    given = [h, c] if name == "LSTMCell" else h
    alone = [h[0], c[0]] if name == "LSTMCell" else h[0]
    for kwargs in ({}, {"bias": False}):
        module(name, 2, 4, **kwargs)(x)(x, given)(x[0])(x[0], alone)(tensor(x.shape, f32))
    small = [h[:, :3], c[:, :3]] if name == "LSTMCell" else h[:, :3]
    module(name, 2, 4)(of(3, 5))(x[:2], given)(x, small)(of(2, 3, 2))
module("RNNCell", 2, 4, nonlinearity="relu")(x)(x, h)

for name in ("RNN", "GRU", "LSTM"):
    module(name, 2, 3, dtype=f64)(tensor((4, 3, 2), f64))
    module(name, 2, 3)(tensor((4,), f64))(tensor((4, 3, 2, 2), f64))
    module(name, 2, 0)
    module(name, 2, 3, 0)
    module(name, 2, 3, 2, bidirectional=True, batch_first=True, dropout=0.3)(tensor((4, 3, 2), f64))
    module(f"{name}Cell", 2, 4, dtype=f64)(x)
module("RNN", 2, 3, nonlinearity="foo")
module("RNN", 2, 3, proj_size=2)
module("RNNCell", 2, 4, nonlinearity="foo")(x)
