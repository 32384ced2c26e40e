"""Linear layers, dropout, embeddings, distances, and layers that change shapes."""

from layers import *

family("linear")

x, batch = tensor((3, 4), f64), tensor((2, 3, 4), f64)

module("Identity")(x)(tensor((), f64))
module("Identity", 54, unused=0.1)(x)
module("Linear", 4, 3)(x)(batch)(x[0])(x[:0])(batch.transpose(0, 1))(tensor((3, 5), f64))
module("Linear", 4, 1, bias=False)(x)(batch)
module("Linear", 4, 0)(x)
module("Linear", 0, 3)(x[:, :0])
module("Bilinear", 4, 3, 2)(x, tensor((3, 3), f64))(batch, tensor((2, 3, 3), f64))(x, x)
module("Bilinear", 4, 4, 1, bias=False)(x, x)

for name in "Dropout AlphaDropout FeatureAlphaDropout".split():
    module(name)(batch)
    module(name, 0.3)(batch)(x)
    module(name, 0.0)(x)
    module(name, 1.5)
for n in (1, 2, 3):
    module(f"Dropout{n}d", 0.4)(tensor([2, 5, 4, 3, 2][: n + 2], f64))
module("Dropout2d")(tensor((3, 4, 5), f64))
module("Dropout", 0.2, inplace=True)(x)
module("Dropout", 1.0)(x)

places = tensor((2, 3), i64, 0, 5)
module("Embedding", 6, 3)(places)(places.int())(places[0, 0])(places[:0])
module("Embedding", 6, 3, padding_idx=2)(places)
module("Embedding", 6, 3, padding_idx=-1)(places)
module("Embedding", 6, 3, max_norm=1.0)(places)
module("Embedding", 6, 3, max_norm=0.5, norm_type=1.0)(places)
module("Embedding", 6, 3, scale_grad_by_freq=True)(places)
module("Embedding", 6, 3, padding_idx=6)

y = tensor((3, 4), f64, seed=1)
for p in (2.0, 1.0, 3.0, inf):
    module("PairwiseDistance", p)(x, y)(x[0], y[0])
module("PairwiseDistance", eps=0.1, keepdim=True)(x, y)
module("CosineSimilarity")(x, y)(batch, batch.flip(0))
module("CosineSimilarity", 0, 0.5)(x, y)

module("Flatten")(batch)(x)
module("Flatten", 0)(batch)(tensor((), f64))
module("Flatten", -2, -1)(batch)
module("Flatten", 2, 1)(batch)
module("Unflatten", 1, (2, 2))(x)
module("Unflatten", -1, (-1, 2))(x)
module("Unflatten", 1, (3, 2))(x)

module("Linear", 4, 3, dtype=f64)(x)
module("Linear", -1, 3)
module("Bilinear", 4, 3, 2, dtype=f64)(x, tensor((3, 3), f64))(x, tensor((2, 3), f64))(x[:, :2], tensor((3, 3), f64))
module("Bilinear", 0, 3, 2)
for name in "Dropout AlphaDropout FeatureAlphaDropout Dropout1d Dropout2d Dropout3d".split():
    module(name, 0.5)(batch[None])(batch[None, None] if name == "Dropout3d" else batch[None])
    module(name, -0.1)
    module(name, 0.4, inplace=True)(batch[None, None] if name == "Dropout3d" else batch[None])
module("Dropout1d", 0.4)(x)(tensor((2, 5, 4), f64))(batch[None])(x[0])
module("Dropout3d", 0.4)(batch[None])(x)
module("Embedding", 6, 3, dtype=f64)(places)
module("Embedding", 6, 3)(places + 6)(places.double())(places - 6)
module("Embedding", 0, 3)
module("PairwiseDistance", 2.0, 1e-6)(x, y[:2])(x, y[:1])(batch, batch.flip(0))(x, y[:, :3])
module("CosineSimilarity")(x, y[:2])(x, y[:1])(x[0], y[0])
module("CosineSimilarity", -1)(batch, x)
module("Flatten")(x[0])
module("Flatten", 3)(batch)
module("Unflatten", 4, (2, 2))(x)
module("Unflatten", 1, (3, -1))(x)
module("Unflatten", 1, ())(x)
