"""Connectionist temporal classification, adaptive softmax, and channels that move."""

from layers import *

family("alignment")

logs = lambda *shape: tensor(shape, f64).log_softmax(-1)
labels, times, lengths = torch.tensor([[1, 2, 2], [3, 3, 1]]), torch.tensor([6, 5]), torch.tensor([3, 2])
module("CTCLoss")(logs(6, 2, 4), labels, times, lengths)
module("CTCLoss", 3, reduction="none", zero_infinity=True)(logs(6, 2, 4), labels - 1, torch.tensor([3, 6]), lengths)
image = tensor((2, 8, 4, 2), f64)
module("PixelShuffle", 2)(image)(image[0])
module("PixelUnshuffle", 2)(image)(image[0])
words = torch.tensor([0, 4, 9, 2, 6, 1, 3])
x = tensor((7, 16), f64)
for arguments in (([3, 5],), ([2, 5, 8], 2.0), ([4],)):
    for head_bias in (False, True):
        module("AdaptiveLogSoftmaxWithLoss", 16, 10, *arguments, head_bias=head_bias)(x, words)(x[:2], words[:2])(x[0], words[1])
module("AdaptiveLogSoftmaxWithLoss", 16, 10, [3, 3])
module("AdaptiveLogSoftmaxWithLoss", 16, 10, [3, 10])
module("AdaptiveLogSoftmaxWithLoss", 16, 10, [0, 3])
module("AdaptiveLogSoftmaxWithLoss", 16, 10, [5])(x, words)(x, words + 1)(x, words[:3])(x[0], words)(x, words.view(1, 7))

module("PixelShuffle", 3)(image)
module("PixelUnshuffle", 3)(image)(image[0, 0])
module("PixelShuffle", 1)(image)(image[0, 0])
for groups in (1, 2, 4):
    module("ChannelShuffle", groups)(image)(tensor((2, 8, 4, 2), i64))
module("ChannelShuffle", 3)(image)(image[0, 0])
for reduction in ("none", "mean", "sum"):
    case = module("CTCLoss", reduction=reduction)(logs(6, 2, 4), labels, times, lengths)
    case(logs(6, 4), labels[0], times[0], lengths[0])
    case(logs(6, 2, 4), torch.tensor([1, 2, 2, 3, 3]), times, lengths)
module("CTCLoss")(logs(6, 2, 4), labels, times + 1, lengths)(logs(6, 2, 4), labels, times, lengths[:1])(logs(6, 2, 4), labels, times, lengths + 1)
module("CTCLoss", 5)(logs(6, 2, 4), labels, times, lengths)
