"""torch.nn.functional: activations, losses, distances, embeddings, layers."""

from table import *

family("functional")

IN_F = {"space": "F"}
x, cube = matrix(), tensor((2, 3, 4), f64)
of = lambda *shape, dtype=f64, low=-3.0, high=3.0, seed=0: tensor(shape, dtype, low, high, seed)
acts = [call(t) for t in layouts(f64)] + [
    call(matrix(f32)),
    call(special()),
    call(special(f64)),
    call(large(5003)),
    call(matrix(i64)),
    call(torch.zeros(3, dtype=f64)),
]
each_act = lambda *a, **k: acts + [call(of(3, 4), *a, **k), call(of(3, 4, dtype=f32), *a, **k)]
define("relu6 selu silu mish hardswish hardsigmoid logsigmoid softsign tanhshrink sigmoid tanh relu", acts, **IN_F)
define("relu selu relu6 silu mish hardswish hardsigmoid", [call(x, inplace=True)], grad=False, **IN_F)
define("elu celu", each_act(0.5) + [call(x, 2.5, inplace=True), call(of(3), alpha=0.25)], **IN_F)
define("leaky_relu", each_act(0.2) + [call(x, negative_slope=-0.5), call(x, 0.1, inplace=True)], **IN_F)
define("hardtanh", each_act(-0.5, 1.5) + [call(x, min_val=0, max_val=2, inplace=True), call(x, 1, -1)], **IN_F)
define("softplus", each_act(2) + [call(of(3), 2.5, 1.5), call(of(3, low=15, high=30))], **IN_F)
define("hardshrink softshrink", each_act(0.75), **IN_F)
define("softshrink", [call(x, 0), call(x, -1)], **IN_F)
define(
    "threshold",
    [call(t, 0.5, 2.5) for t in layouts(f64)] + [call(x, 1, -1, inplace=True), call(matrix(i64), 1, 2)],
    **IN_F,
)
define(
    "gelu",
    acts
    + [call(t, approximate="tanh") for t in layouts(f64) + [special(), large(5003)]]
    + [call(x, approximate="other")],
    **IN_F,
)
define(
    "glu",
    [call(of(3, 4)), call(of(4, 3), 0), call(of(2, 6, dtype=f32)), call(of(3, 3)), call(of(2, 4, 3), 1), call(of())],
    **IN_F,
)
define(
    "prelu",
    [
        call(of(2, 3, 4), of(1)),
        call(of(2, 3, 4), of(3)),
        call(of(2, 3), of(3, seed=2)),
        call(of(2, 3, 4), of(4)),
        call(of(3), of(1)),
        call(of(2, 3, 4, dtype=f32), of(3, dtype=f32)),
    ],
    **IN_F,
)
define("rrelu", [call(x), call(x, 0.2, 0.4)], **IN_F)
define(
    "softmax log_softmax softmin",
    [call(x, d) for d in (0, 1, -1)] + [call(cube, 1), call(matrix(f32), 0, dtype=f64), call(x, 2)],
    **IN_F,
)
define(
    "normalize",
    [call(x), call(x, 1), call(x, 3, 0), call(x, dim=0, eps=10), call(torch.zeros(2, 3, dtype=f64))],
    **IN_F,
)
define(
    "cosine_similarity",
    [
        call(x, matrix(seed=1)),
        call(x, matrix(seed=1), 0),
        call(x, of(1, 4), 1, 0.1),
        call(torch.zeros(2, 3, dtype=f64), of(2, 3)),
        call(matrix(f32), matrix(f32, seed=1)),
        call(x, of(3)),
    ],
    **IN_F,
)
define(
    "pairwise_distance",
    [call(x, matrix(seed=1)), call(x, matrix(seed=1), 1), call(x, of(4), 3, keepdim=True), call(x, x)],
    **IN_F,
)
define(
    "linear",
    [
        call(of(2, 3), of(4, 3, seed=1)),
        call(of(2, 3), of(4, 3, seed=1), of(4)),
        call(of(3), of(4, 3), of(4)),
        call(of(5, 2, 3), of(4, 3), of(4)),
        call(of(2, 3), of(3)),
        call(of(2, 3), of(4, 2)),
        call(of(2, 3, dtype=f32), of(4, 3, dtype=f32), of(4, dtype=f32)),
        call(of(0, 3), of(4, 3), of(4)),
        call(of(2, 3), of(4, 3), of(3)),
        call(large((65, 130)), large((70, 130), seed=2), large(70)),
    ],
    **IN_F,
)
define("bilinear", [call(of(2, 3), of(2, 4), of(5, 3, 4)), call(of(2, 3), of(2, 4), of(5, 3, 4), of(5))], **IN_F)
words = indices((2, 3), 5)
define(
    "embedding",
    [
        call(words, of(5, 4)),
        call(words, of(5, 4, dtype=f32)),
        call(words, of(5, 4), 2),
        call(words, of(5, 4), -1),
        call(torch.tensor(3), of(5, 4)),
        call(torch.tensor([5]), of(5, 4)),
        call(words.int(), of(5, 4)),
        call(words, of(5, 4), scale_grad_by_freq=True),
        call(torch.zeros((0,), dtype=i64), of(5, 4)),
    ],
    **IN_F,
)
define(
    "embedding_bag",
    [call(words, of(5, 4), mode=m) for m in ("sum", "mean", "max")]
    + [call(words.view(-1), of(5, 4), torch.tensor([0, 2]))],
    **IN_F,
)
define(
    "one_hot",
    [
        call(words),
        call(words, 7),
        call(torch.tensor(2)),
        call(torch.tensor([3]), 2),
        call(torch.tensor([-1])),
        call(torch.zeros((0,), dtype=i64), 3),
    ],
    grad=False,
    **IN_F,
)

REDUCTIONS = ("mean", "sum", "none")
losses = lambda *args, **k: [call(*args, reduction=r, **k) for r in REDUCTIONS]
y = matrix(seed=1)
several = losses(x, y) + [
    call(matrix(f32), matrix(f32, seed=1)),
    call(x, of(4, seed=1), reduction="none"),
    call(x, y, reduction="other"),
    call(of(), of(seed=1)),
    call(of(0, 3), of(0, 3)),
    call(special(), special().flip(0), reduction="none"),
    call(x, x),
]
define("mse_loss l1_loss smooth_l1_loss huber_loss", several + [call(large(5003), large(5003, seed=3))], **IN_F)
define("smooth_l1_loss", losses(x, y, beta=0.5) + [call(x, y, beta=0), call(x, y, beta=-1)], **IN_F)
define("huber_loss", losses(x, y, delta=2.5) + [call(x, y, delta=0)], **IN_F)
signs = torch.where(tensor((3, 4), torch.bool), 1.0, -1.0).double()
define("soft_margin_loss hinge_embedding_loss", losses(x, signs), **IN_F)
define("hinge_embedding_loss", losses(x, signs, margin=0.5), **IN_F)
define(
    "margin_ranking_loss", losses(of(4), of(4, seed=1), signs[0]) + [call(of(4), of(4, seed=1), signs[0], 0.5)], **IN_F
)
define(
    "cosine_embedding_loss",
    losses(x, y, signs[:, 0]) + [call(x, y, signs[:, 0], 0.25), call(x, of(3), signs[:, 0])],
    **IN_F,
)
define(
    "triplet_margin_loss",
    losses(x, y, matrix(seed=2))
    + [call(x, y, matrix(seed=2), 2, 1), call(x, y, matrix(seed=2), margin=0.5, swap=True)],
    **IN_F,
)
chances = of(3, 4, low=0.05, high=0.95)
goals = tensor((3, 4), f64, 0, 1, seed=2)
define(
    "binary_cross_entropy",
    losses(chances, goals)
    + losses(chances, goals, weight=of(4, low=0.5))
    + [
        call(x, goals),
        call(chances, goals[0]),
        call(torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0.0, 1.0, 1.0])),
        call(chances, matrix(i64)),
    ],
    **IN_F,
)
define(
    "binary_cross_entropy_with_logits",
    losses(x, goals)
    + losses(x, goals, weight=of(4, low=0.5), pos_weight=of(4, low=0.5, seed=1))
    + [call(x, goals[0]), call(torch.tensor([1000.0, -1000]), torch.tensor([0.0, 1])), call(x * 50, goals)],
    **IN_F,
)
classes = torch.tensor([1, 0, 3])
soft = of(3, 4, low=0.1, high=1)
define(
    "cross_entropy",
    losses(x, classes)
    + losses(x, classes, weight=of(4, low=0.5))
    + losses(x, classes, ignore_index=0)
    + losses(x, classes, label_smoothing=0.1)
    + losses(x, classes, weight=of(4, low=0.5), label_smoothing=0.2, ignore_index=3)
    + losses(x, soft)
    + losses(x, soft, weight=of(4, low=0.5), label_smoothing=0.1),
    **IN_F,
)
pixels = indices((2, 5), 3)
define(
    "cross_entropy",
    losses(of(2, 3, 5), pixels)
    + losses(of(2, 3, 5), pixels, label_smoothing=0.1, weight=of(3, low=0.5))
    + [
        call(of(4), torch.tensor(2)),
        call(x, torch.tensor([1, 0, 4])),
        call(x, torch.tensor([1, 0])),
        call(x, torch.tensor([-100, -100, -100])),
        call(matrix(f32), classes),
        call(x, torch.tensor([1, -100, 2])),
        call(of(2, 3, 5), pixels.t()),
        call(x, classes, label_smoothing=1.5),
    ],
    **IN_F,
)
log = x.log_softmax(1)
define(
    "nll_loss",
    losses(log, classes)
    + losses(log, classes, weight=of(4, low=0.5))
    + losses(log, classes, ignore_index=0)
    + losses(of(2, 3, 5), pixels)
    + losses(of(2, 3, 2, 2), indices((2, 2, 2), 3))
    + [
        call(log, torch.tensor([1, 0, 4])),
        call(log, torch.tensor([1, 0])),
        call(of(4), torch.tensor(2)),
        call(of(0, 4), torch.zeros((0,), dtype=i64)),
        call(log, classes, of(3)),
    ],
    **IN_F,
)
define(
    "kl_div",
    losses(log, soft)
    + losses(log, log, log_target=True)
    + [call(log, soft, reduction="batchmean"), call(log, soft * (soft > 0.5), reduction="none")],
    **IN_F,
)
define(
    "poisson_nll_loss",
    losses(x, soft * 3)
    + losses(soft, soft * 3, log_input=False, full=True)
    + [call(x, soft * 3, eps=0.1, log_input=False)],
    **IN_F,
)
define(
    "gaussian_nll_loss",
    losses(x, y, soft)
    + [call(x, y, soft, full=True), call(x, y, soft[:, :1]), call(x, y, -soft), call(x, y, soft, eps=0.5)],
    **IN_F,
)
define(
    "multi_margin_loss",
    losses(x, classes)
    + losses(x, classes, p=2, margin=0.5)
    + [call(x, classes, weight=of(4, low=0.5)), call(of(4), torch.tensor(1)), call(x, torch.tensor([4, 0, 0]))],
    **IN_F,
)
define(
    "multilabel_margin_loss",
    losses(x, torch.tensor([[1, 2, -1, 0], [3, -1, 0, 0], [-1, 0, 1, 2]])) + [call(of(4), torch.tensor([0, 3, -1, 1]))],
    **IN_F,
)
define(
    "multilabel_soft_margin_loss", losses(x, goals.round()) + [call(x, goals.round(), weight=of(4, low=0.5))], **IN_F
)
define(
    "ctc_loss",
    [
        call(
            of(6, 2, 4).log_softmax(2),
            torch.tensor([[1, 2], [3, 3]]),
            torch.tensor([6, 5]),
            torch.tensor([2, 2]),
            reduction=r,
        )
        for r in REDUCTIONS
    ],
    **IN_F,
)

image = of(2, 3, 6, 5)
define(
    "batch_norm",
    [
        call(image, torch.zeros(3, dtype=f64), torch.ones(3, dtype=f64)),
        call(image, None, None, of(3), of(3), training=True),
        call(image, torch.zeros(3, dtype=f64), torch.ones(3, dtype=f64), of(3), of(3), training=True, momentum=0.25),
        call(of(4, 3), None, None, training=True, eps=0.1),
        call(of(1, 3), None, None, training=True),
    ],
    **IN_F,
)
define(
    "layer_norm",
    [
        call(x, [4]),
        call(x, [4], of(4), of(4)),
        call(cube, [3, 4], of(3, 4), of(3, 4), 0.1),
        call(x, [3]),
        call(matrix(f32), [4]),
    ],
    **IN_F,
)
define("group_norm", [call(of(2, 4, 3), 2), call(of(2, 4, 3), 4, of(4), of(4)), call(of(2, 4, 3), 3)], **IN_F)
define("instance_norm", [call(image), call(image, weight=of(3), bias=of(3), eps=0.1)], **IN_F)
define("local_response_norm", [call(image, 2), call(image, 3, 0.5, 0.5, 2)], **IN_F)
define(
    "interpolate",
    [
        call(image, scale_factor=2),
        call(image, [3, 4]),
        call(image, [8, 9], mode="bilinear", align_corners=True),
        call(image, [4, 3], mode="bilinear", align_corners=False),
        call(image, scale_factor=1.5, mode="bicubic"),
        call(image, [3, 2], mode="area"),
        call(of(2, 3, 5), 7, mode="linear"),
    ],
    **IN_F,
)
define("pixel_shuffle", [call(of(2, 4, 3, 3), 2), call(of(2, 3, 3, 3), 2)], **IN_F)
define("pixel_unshuffle", [call(of(2, 1, 4, 4), 2), call(of(2, 1, 3, 4), 2)], **IN_F)
define(
    "grid_sample",
    [
        call(image, of(2, 4, 3, 2, low=-1.2, high=1.2), mode=m, padding_mode=p, align_corners=c)
        for m in ("bilinear", "nearest")
        for p in ("zeros", "border", "reflection")
        for c in (True, False)
    ],
    **IN_F,
)
define("affine_grid", [call(of(2, 2, 3), [2, 3, 4, 5], align_corners=c) for c in (True, False)], **IN_F)
# Its gradient crashes PyTorch where there are no pairs.
define("pdist", [call(of(5, 3)), call(of(5, 3), 1)], vary=False, **IN_F)
define("cosine_similarity", [call(of(4), of(4, seed=3), dim=0)], **IN_F)
define("channel_shuffle", [call(of(1, 4, 2, 2), 2)], **IN_F)
define(
    "dropout", [call(x, 0.5, training=False), call(x, 0), call(x, 1.5), call(x, -0.1), call(x, 1)], grad=False, **IN_F
)

# Sizes that are shared among threads.
wide, hits = large((301, 233)), large(301, i64, 0, 233)
define("cross_entropy", [call(wide, hits), call(wide, hits, reduction="sum"), call(wide, large((301, 233), f32, 0, 1, 8))], **IN_F)
define("nll_loss", [call(wide, hits, reduction="sum")], **IN_F)
define("binary_cross_entropy_with_logits", [call(wide, large((301, 233), f32, 0, 1, 8))], **IN_F)
define("embedding", [call(large(5003, i64, 0, 40), large((40, 33)))], **IN_F)
define("linear", [call(wide, large((70, 233), seed=2), large(70)), call(large((9, 30, 40)), large((50, 40), seed=3))], **IN_F)
define("normalize", [call(wide)], **IN_F)
define("glu", [call(large((301, 234)))], **IN_F)
define("softmin", [call(wide, 1)], **IN_F)

# In place, under names of their own.
changed = [call(t) for t in (x, matrix(f32), x.t(), matrix()[:, ::2], of(), of(0, 3), special(f64), matrix(i64))]
define("relu_ selu_ elu_ celu_ leaky_relu_ rrelu_", changed, vary=False, **IN_F)
define("elu_ celu_ leaky_relu_", [call(x, 0.5), call(matrix(f32), 2.5)], **IN_F)
define("rrelu_", [call(x, 0.2, 0.4)], **IN_F)
define("hardtanh_", changed + [call(x, -0.5, 1.5), call(x, 1, -1)], vary=False, **IN_F)
define("threshold_", [call(c.args[0], 0.5, 2) for c in changed], vary=False, **IN_F)
define("selu_ celu_ rrelu_", changed, vary=False)
define("threshold_", [call(c.args[0], 0.5, 2) for c in changed], vary=False)

# The same where `torch` has them.
acts = [call(t) for t in (x, matrix(f32), x.t(), of(), of(0, 3), special(f64))]
define("celu selu hardshrink", acts)
define("threshold", [call(x, 0.5, 2.5), call(matrix(f32), 1, -1)], forms="function")
define("prelu", [call(of(2, 3, 4), of(1)), call(of(2, 3, 4), of(3)), call(of(2, 3, 4), of(4))])
define("bilinear", [call(of(2, 3), of(2, 4), of(5, 3, 4), of(5)), call(of(2, 3), of(2, 4), of(5, 3, 3), of(5))])
define("cosine_similarity", [call(x, matrix(seed=1)), call(x, matrix(seed=1), 0), call(x, of(1, 4), 1, 0.1), call(x, of(3))])
define("pairwise_distance", [call(x, matrix(seed=1)), call(x, matrix(seed=1), 1), call(x, of(4), 3, keepdim=True)])
define("pdist", [call(of(5, 3)), call(of(5, 3), 1), call(of(3))], vary=False)

define("upsample", [call(image, [3, 4]), call(image, None, 2), call(image, [8, 9], mode="bilinear", align_corners=True)], **IN_F)
define("upsample_bilinear upsample_nearest", [call(image, [8, 9]), call(image, None, 2), call(image[0], [8, 9])], **IN_F)
define("triplet_margin_with_distance_loss", losses(x, y, matrix(seed=2)) + [call(x, y, matrix(seed=2), margin=0.5, swap=True)], **IN_F)
