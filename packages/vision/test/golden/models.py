"""Records what torchvision's models are and compute: python3 models.py makes models.json.gz beside it.

For every model: a digest of the keys and shapes of its state. For the smallest of each family: checksums of the
weights that seed 0 gives, scores in training and evaluation in double precision, and checksums of gradients.
"""
import gzip
import hashlib
import json
import os
import warnings

import torch
import torchvision.models as M

warnings.simplefilter("ignore")

segmentation = M.list_models(M.segmentation)

# One of each kind: its options, the shape of the images, and whether gradients are recorded.
runs = {
    "alexnet": ({}, (2, 3, 64, 64), False),
    "convnext_tiny": ({}, (2, 3, 32, 32), False),
    "densenet121": ({"drop_rate": 0.1}, (2, 3, 64, 64), False),
    "efficientnet_b0": ({}, (2, 3, 64, 64), True),
    "efficientnet_v2_s": ({}, (2, 3, 64, 64), False),
    "googlenet": ({"transform_input": True, "init_weights": True}, (2, 3, 64, 64), True),
    "inception_v3": ({"init_weights": True, "aux_logits": False}, (2, 3, 96, 96), False),
    "maxvit_t": ({"input_size": (224, 224)}, (1, 3, 224, 224), False),
    "mnasnet0_5": ({}, (2, 3, 64, 64), False),
    "mobilenet_v2": ({}, (2, 3, 64, 64), False),
    "mobilenet_v3_large": ({"reduced_tail": True, "dilated": True, "width_mult": 0.5}, (2, 3, 64, 64), False),
    "mobilenet_v3_small": ({}, (2, 3, 64, 64), True),
    "regnet_x_400mf": ({}, (2, 3, 64, 64), False),
    "regnet_y_400mf": ({}, (2, 3, 64, 64), False),
    "resnet18": ({}, (2, 3, 64, 64), True),
    "resnet50": ({"zero_init_residual": True, "replace_stride_with_dilation": [False, True, True]}, (2, 3, 64, 64), False),
    "resnext50_32x4d": ({}, (2, 3, 64, 64), False),
    "shufflenet_v2_x0_5": ({}, (2, 3, 64, 64), True),
    "squeezenet1_0": ({}, (2, 3, 64, 64), False),
    "squeezenet1_1": ({}, (2, 3, 64, 64), False),
    "swin_t": ({}, (1, 3, 72, 64), True),
    "swin_v2_t": ({}, (1, 3, 72, 64), True),
    "vgg11_bn": ({}, (2, 3, 32, 32), False),
    "vit_b_32": ({"image_size": 64, "representation_size": 16}, (2, 3, 64, 64), True),
    "fcn_resnet50": ({"aux_loss": True}, (2, 3, 64, 48), False),
    "deeplabv3_mobilenet_v3_large": ({"aux_loss": True}, (2, 3, 64, 48), False),
    "lraspp_mobilenet_v3_large": ({}, (2, 3, 64, 48), False),
}


def build(name, **options):
    if name in segmentation:
        options["weights_backbone"] = None
    return M.get_model(name, **options)


def digest(model):
    lines = [f"{key}:{','.join(map(str, value.shape))}\n" for key, value in model.state_dict().items()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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
    options, shape, grads = runs[name]
    torch.manual_seed(0)
    model = build(name, num_classes=5, **options)
    record = {"options": options, "shape": shape, "text": hashlib.sha256(repr(model).encode()).hexdigest()}
    record["weights"] = [checksum(value) for value in model.state_dict().values() if value.is_floating_point()]
    model.double()
    x = torch.rand(shape, dtype=torch.float64)
    torch.manual_seed(1)
    result = model.train()(x)
    record["train"] = outputs(result)
    if grads:
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
    digests = {}
    for name in names:
        has_aux = name in segmentation and not name.startswith("lraspp")
        digests[name] = digest(build(name, **(aux if has_aux else {})))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "models.json.gz")
    with gzip.GzipFile(path, "wb", 9, mtime=0) as file:
        file.write(json.dumps({"states": digests, "runs": ran}, separators=(",", ":")).encode())
