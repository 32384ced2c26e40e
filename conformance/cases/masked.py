"""Operations under a mask."""

from table import *

family("masked")

masks = [torch.tensor([[True, False, True, False], [True, True, True, True], [False, False, False, False]])]
masks += [torch.tensor([True, False, True, True]), torch.tensor([[1], [0], [2]])]
inputs = [tensor((3, 4), d) for d in (f32, f64, torch.int32, torch.uint8)] + [tensor((3, 4), torch.bool), tensor((4, 3), f64).t()]
PLACES = (None, 0, -1, [0, 1])


def reductions(tensors, dims=PLACES, **more):
    calls = [call(x, mask=mask, **more) for x in tensors for mask in masks]
    calls += [call(x, dim, mask=masks[0], keepdim=keep, **more) for x in tensors for dim in dims for keep in (False, True)]
    calls += [call(x, **more) for x in tensors]
    calls += [call(tensor((2, 3, 4), f64), 1, mask=masks[1], **more), call(tensor((), f64), mask=torch.tensor(True), **more)]
    calls += [call(tensor((3, 4), f64), mask=tensor((2, 3, 4), torch.bool), **more), call(tensor((3, 4), f64), 2, mask=masks[0], **more)]
    return calls


def along(tensors, *between, **more):
    calls = [call(x, *between, dim, mask=mask, **more) for x in tensors for mask in masks for dim in (0, -1)]
    calls += [call(x, *between, 1, **more) for x in tensors] + [call(tensor((3, 4), f32), *between, 0, mask=masks[0], dtype=f64, **more)]
    return calls + [call(tensor((3, 4), f64), *between, 2, mask=masks[0], **more)]


floating = [x for x in inputs if x.is_floating_point()]
options = dict(space="masked", forms="function", vary=False)
define("sum prod", reductions(inputs) + reductions(floating[:1], dtype=f64), **options)
define("amax amin", reductions(inputs), **options)
define("mean", reductions(inputs) + reductions(inputs[2:3], dtype=f64), **options)
define("var std", reductions(inputs[:4] + inputs[5:]) + reductions(floating, unbiased=True), **options)
define("logsumexp", reductions(floating), **options)
define("norm", [call(x, 2.0, dim, mask=masks[0], keepdim=keep) for x in floating for dim in PLACES[1:] for keep in (False, True)] + [call(x, mask=masks[1]) for x in inputs] + [call(x, p, 1, mask=masks[0]) for x in floating for p in (0, 1, 2.5, inf, -inf)], **options)
define("argmax argmin", [call(x, dim, mask=mask) for x in inputs[:4] for mask in masks for dim in (0, -1)] + [call(x, mask=masks[0]) for x in inputs[:4]], grad=False, **options)
define("median", [call(x, dim, mask=mask) for x in inputs[:4] for mask in masks[1:2] for dim in (0, -1)] + [call(x, mask=masks[0]) for x in inputs[:4]] + [call(inputs[1], 0, keepdim=True)], **options)
define("cumsum cumprod", along(inputs[:4] + inputs[5:]), **options)
define("softmax log_softmax softmin", along(floating), **options)
define("normalize", along(floating, 2.0) + [call(floating[1], 1.0, 1, mask=masks[0], eps=3.0)], **options)
define("logaddexp", [call(x, x.flip(0), input_mask=masks[0], other_mask=masks[1]) for x in floating] + [call(floating[0], floating[0] + 1)], **options)

# The other integers.
small = [tensor((3, 4), d) for d in (torch.int8, torch.int16, i64)]
define("sum prod amax amin mean var std argmax argmin", [call(x, 1, mask=masks[0]) for x in small], grad=False, **options)
define("cumsum cumprod", [call(x, 1, mask=masks[0]) for x in small], grad=False, **options)
define("logsumexp", [call(x, 1, mask=masks[0]) for x in [*small, *inputs[2:4]]], grad=False, **options)
define("median", [call(x, 1, mask=masks[1]) for x in small], grad=False, **options)
