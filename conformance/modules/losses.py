"""Losses."""

from layers import *

family("losses")

x, y = tensor((3, 4), f64), tensor((3, 4), f64, seed=1)
probable = tensor((3, 4), f64, 0.1, 0.9)
likely = tensor((3, 4), f64, 0.0, 1.0, seed=2)
labels = tensor((3,), i64, 0, 4)
signs = tensor((3,), f64, seed=3).sign()
maps, map_labels = tensor((2, 4, 3, 2), f64), tensor((2, 3, 2), i64, 0, 4)
weight = tensor((4,), f64, 0.25, 2.0)
weight32 = weight.float()


def reductions(name, *calls, **options):
    for reduction in ("mean", "sum", "none"):
        case = module(name, reduction=reduction, **options)
        for call in calls:
            case(*call)


reductions("L1Loss", (x, y), (x[:0], y[:0]), (x[0, 0], y[0, 0]))
reductions("MSELoss", (x, y), (x[:0], y[:0]), (x, y[0]))
reductions("SmoothL1Loss", (x, y))
reductions("SmoothL1Loss", (x, y), beta=0.5)
module("SmoothL1Loss", beta=0.0)(x, y)
reductions("HuberLoss", (x, y))
module("HuberLoss", delta=0.3)(x, y)
module("HuberLoss", delta=0.0)(x, y)
reductions("BCELoss", (probable, likely))
reductions("BCELoss", (probable.float(), likely.float()), weight=weight32)
module("BCELoss")(x, likely)
module("BCELoss")(probable, likely[0])
reductions("BCEWithLogitsLoss", (x, likely))
reductions("BCEWithLogitsLoss", (x.float(), likely.float()), weight=weight32, pos_weight=weight32.flip(0))
reductions("CrossEntropyLoss", (x, labels), (x, likely), (maps, map_labels), (x[0], labels[0]), (x, labels + 2))
reductions("CrossEntropyLoss", (x.float(), labels), (x.float(), likely.float()), weight=weight32, label_smoothing=0.2)
reductions("CrossEntropyLoss", (x, labels), (maps, map_labels), ignore_index=1)
module("CrossEntropyLoss")(x, labels[:2])
module("CrossEntropyLoss")(x, labels.float())
logarithms = x.log_softmax(1)
reductions("NLLLoss", (logarithms, labels), (maps, map_labels), (x[0], labels[0]))
reductions("NLLLoss", (logarithms.float(), labels), (maps.float(), map_labels), weight=weight32, ignore_index=2)
reductions("PoissonNLLLoss", (x, likely))
reductions("PoissonNLLLoss", (probable, likely * 4), log_input=False, full=True, eps=0.1)
reductions("GaussianNLLLoss", (x, y, probable), (x, y, probable[:, :1]))
reductions("GaussianNLLLoss", (x, y, probable), full=True, eps=0.5)
module("GaussianNLLLoss")(x, y, -probable)
reductions("KLDivLoss", (logarithms, likely))
reductions("KLDivLoss", (logarithms, y.log_softmax(1)), log_target=True)
module("KLDivLoss", reduction="batchmean")(logarithms, likely)
reductions("MarginRankingLoss", (x[:, 0], x[:, 1], signs))
module("MarginRankingLoss", margin=0.5)(x[:, 0], x[:, 1], signs)
reductions("HingeEmbeddingLoss", (x, y.sign()))
module("HingeEmbeddingLoss", margin=2.0)(x, y.sign())
reductions("SoftMarginLoss", (x, y.sign().long()))
reductions("CosineEmbeddingLoss", (x, y, signs))
module("CosineEmbeddingLoss", margin=0.3)(x, y, signs)(x[0], y[0], signs[0])
reductions("MultiMarginLoss", (x, labels), (x[0], labels[0]))
reductions("MultiMarginLoss", (x.float(), labels), p=2, margin=0.5, weight=weight32)
several = torch.tensor([[3, 0, -1, 1], [-1, 2, 0, 1], [0, 1, 2, 3]])
reductions("MultiLabelMarginLoss", (x, several), (x[0], several[0]))
reductions("MultiLabelSoftMarginLoss", (x, (likely > 0.5).double()))
reductions("MultiLabelSoftMarginLoss", (x.float(), (likely > 0.5).float()), weight=weight32)
reductions("TripletMarginLoss", (x, y, x.flip(0)), (x[0], y[0], x[1]))
module("TripletMarginLoss", margin=3.0, p=1.0, eps=0.1, swap=True)(x, y, x.flip(0))
reductions("TripletMarginWithDistanceLoss", (x, y, x.flip(0)))
module("TripletMarginWithDistanceLoss", margin=3.0, swap=True)(x, y, x.flip(0))
module("TripletMarginWithDistanceLoss", distance_function=made("PairwiseDistance", 1.0), reduction="sum")(x, y, x.flip(0))
for weights in ({}, {"weight": weight}):
    module("NLLLoss2d", **weights)(maps, map_labels)

# Wrong shapes.
for name in "L1Loss MSELoss SmoothL1Loss HuberLoss HingeEmbeddingLoss KLDivLoss PoissonNLLLoss".split():
    module(name)(x, y[:2])
module("SoftMarginLoss")(x, y[:2].sign().long())
for name in "BCELoss BCEWithLogitsLoss".split():
    module(name)(probable, likely[:2])(probable, likely[:, :3])
    module(name, weight=tensor((3,), f64, 0.1, 1.0))(probable, likely)
for name in "CrossEntropyLoss NLLLoss".split():
    module(name)(x, labels[None])(tensor(()), labels[0])(maps, map_labels[:, :2])(maps, map_labels[:1])(x, labels - 9)
    module(name, weight=weight[:3])(x, labels)
module("CrossEntropyLoss")(x, likely[:, :3])
module("CrossEntropyLoss", label_smoothing=1.5)(x, labels)
module("GaussianNLLLoss")(x, y, probable[:2])(x, y, probable[:, 0])
module("MarginRankingLoss")(x[:, 0], x[:2, 1], signs)(x, y, signs)
module("CosineEmbeddingLoss")(x, y[:2], signs)(x, y, signs[:2])(x, y, x)
module("MultiMarginLoss")(x, labels[:2])(x, labels + 4)(x[None], labels)
module("MultiMarginLoss", p=3)(x, labels)
module("MultiMarginLoss", weight=weight[:3])(x, labels)
module("MultiLabelMarginLoss")(x, several[:2])(x, several + 3)(x[None], several)
module("MultiLabelSoftMarginLoss")(x, y[:2])
module("TripletMarginLoss")(x, y[:2], x)(x, y[0], x)
module("TripletMarginWithDistanceLoss")(x, y[:2], x)
module("TripletMarginLoss", p=3.0, margin=0.5)(x, y, x.flip(0))
for name in "MSELoss NLLLoss BCELoss TripletMarginLoss".split():
    module(name, reduction="foo")(probable, labels if name == "NLLLoss" else likely, *([x] if name[0] == "T" else []))
