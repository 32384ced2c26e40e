"""Records what torchvision's models are and compute: python3 models.py makes models.json.gz beside it.

For every model: digests of the keys and shapes of its state, and of its printed form. For a small one of each family:
checksums of the weights that seed 0 gives, scores in training and evaluation, and checksums of gradients, in double
precision where that does not take too much memory.
"""
import gzip
import hashlib
import json
import os
import warnings

import torch
import torchvision.models as M
from torchvision.models.convnext import CNBlockConfig
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformerBlockV2

warnings.simplefilter("ignore")

segmentation = M.list_models(M.segmentation)

# Transformers and their like, of a size that is quickly computed; the test makes the same.
small = {
    "ConvNeXt": lambda: M.ConvNeXt([CNBlockConfig(16, 32, 2), CNBlockConfig(32, None, 2)], 0.5, num_classes=5),
    "MaxVit": lambda: M.MaxVit((56, 56), 16, 7, [16, 32], [1, 2], 8, 0.3, num_classes=5),
    "SwinTransformer": lambda: M.SwinTransformer([4, 4], 12, [2, 2], [2, 4], [7, 7], num_classes=5),
    "SwinTransformerV2": lambda: M.SwinTransformer(
        [4, 4], 12, [2, 2], [2, 4], [8, 8], num_classes=5, block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2
    ),
    "VisionTransformer": lambda: M.VisionTransformer(64, 16, 2, 4, 32, 64, num_classes=5, representation_size=16),
}

# One of each kind: its options, the shape of the images, and what is recorded beside scores.
runs = {
    "alexnet": ({}, (2, 3, 64, 64), "single"),
    "densenet121": ({"drop_rate": 0.1}, (2, 3, 64, 64), ""),
    "efficientnet_b0": ({}, (2, 3, 64, 64), "grads"),
    "efficientnet_v2_s": ({}, (2, 3, 64, 64), ""),
    "googlenet": ({"transform_input": True, "init_weights": True}, (2, 3, 64, 64), "grads"),
    "inception_v3": ({"init_weights": True, "aux_logits": False}, (2, 3, 96, 96), ""),
    "mnasnet0_5": ({}, (2, 3, 64, 64), ""),
    "mobilenet_v2": ({}, (2, 3, 64, 64), ""),
    "mobilenet_v3_large": ({"reduced_tail": True, "dilated": True, "width_mult": 0.5}, (2, 3, 64, 64), ""),
    "mobilenet_v3_small": ({}, (2, 3, 64, 64), "grads"),
    "regnet_x_400mf": ({}, (2, 3, 64, 64), ""),
    "regnet_y_400mf": ({}, (2, 3, 64, 64), ""),
    "resnet18": ({}, (2, 3, 64, 64), "grads"),
    "resnet50": ({"zero_init_residual": True, "replace_stride_with_dilation": [False, True, True]}, (2, 3, 48, 48), ""),
    "shufflenet_v2_x0_5": ({}, (2, 3, 64, 64), "grads"),
    "squeezenet1_0": ({}, (2, 3, 64, 64), ""),
    "squeezenet1_1": ({}, (2, 3, 64, 64), ""),
    "vgg11_bn": ({}, (2, 3, 32, 32), "single"),
    "ConvNeXt": ({}, (2, 3, 32, 32), "grads"),
    "MaxVit": ({}, (2, 3, 56, 56), "grads"),
    "SwinTransformer": ({}, (2, 3, 72, 64), "grads"),
    "SwinTransformerV2": ({}, (2, 3, 72, 64), "grads"),
    "VisionTransformer": ({}, (2, 3, 64, 64), "grads"),
    "fcn_resnet50": ({"aux_loss": True}, (2, 3, 32, 24), ""),
    "deeplabv3_mobilenet_v3_large": ({"aux_loss": True}, (2, 3, 64, 48), ""),
    "lraspp_mobilenet_v3_large": ({}, (2, 3, 64, 48), ""),
}

def build(name, **options):
    if name in small:
        return small[name]()
    if name in segmentation:
        options["weights_backbone"] = None
    return M.get_model(name, **options)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def digests(model):
    lines = [f"{key}:{','.join(map(str, value.shape))}\n" for key, value in model.state_dict().items()]
    return [sha256("".join(lines)), sha256(repr(model))]


def checksum(tensor):
    values = tensor.detach().double()
    return [values.sum().item(), values.abs().sum().item()]


def outputs(result):
    """All tensors of a result: [name, shape, first values, checksum]."""
    if isinstance(result, torch.Tensor):
        named = {"out": result}
    elif isinstance(result, dict):
        named = result
    else:
        named = result._asdict()
    return [[name, list(x.shape), x.detach().flatten()[:10].tolist(), checksum(x)] for name, x in named.items()]


def total(result):
    if isinstance(result, torch.Tensor):
        return result.sum()
    return sum(x.sum() for x in (result.values() if isinstance(result, dict) else result))


def run(name):
    options, shape, kind = runs[name]
    torch.manual_seed(0)
    model = build(name, num_classes=5, **options)
    record = {"options": options, "shape": shape, "kind": kind}
    record["weights"] = [checksum(value) for value in model.state_dict().values() if value.is_floating_point()]
    dtype = torch.float32 if kind == "single" else torch.float64
    model.to(dtype)
    x = torch.rand(shape, dtype=dtype)
    torch.manual_seed(1)
    result = model.train()(x)
    record["train"] = outputs(result)
    if kind == "grads":
        total(result).backward()
        record["grads"] = [checksum(p.grad) if p.grad is not None else None for p in model.parameters()]
    model.eval()
    with torch.no_grad():
        record["eval"] = outputs(model(x))
    return record


if __name__ == "__main__":
    names = M.list_models(M) + segmentation
    ran = {}
    for name in runs:
        ran[name] = run(name)
    # The values of weights do not matter for their keys.
    for init in ("kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_", "trunc_normal_", "xavier_uniform_"):
        setattr(torch.nn.init, init, lambda tensor, *args, **kwargs: tensor)
    aux = {"aux_loss": True}
    states = {}
    for name in names:
        has_aux = name in segmentation and not name.startswith("lraspp")
        states[name] = digests(build(name, **(aux if has_aux else {})))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.json.gz")
    with gzip.GzipFile(path, "wb", 9, mtime=0) as file:
        file.write(json.dumps({"states": states, "runs": ran}, separators=(",", ":")).encode())
