"""Records the nodes that torchvision's feature extraction finds, and what some of them give: /usr/bin/python3 makeNodes.py
writes nodes.json.gz."""
import dis
import gzip
import inspect
import json
import warnings

import torch
import torch.fx.proxy
from torchvision import models
from torchvision.models.feature_extraction import create_feature_extractor, get_graph_node_names

warnings.simplefilter("ignore")


def unpacked(self):
    """What fx does where a value is taken apart; it looks for the instruction where Python before 3.11 had it."""
    frame = inspect.currentframe().f_back
    for instruction in dis.get_instructions(frame.f_code):
        if instruction.offset == frame.f_lasti and instruction.opname == "UNPACK_SEQUENCE":
            return (self[i] for i in range(instruction.argval))
    return self.tracer.iter(self)


torch.fx.proxy.Proxy.__iter__ = unpacked
NAMES = "resnet18 vgg11 alexnet squeezenet1_1 mobilenet_v2 mobilenet_v3_small densenet121 efficientnet_b0 shufflenet_v2_x0_5 mnasnet0_5 regnet_y_400mf vit_b_16 swin_t swin_v2_t googlenet inception_v3 convnext_tiny"
nodes = {}
for name in NAMES.split():
    options = {"init_weights": False} if name in ("googlenet", "inception_v3", "vgg11") else {}
    train, evaluation = get_graph_node_names(getattr(models, name)(weights=None, **options), suppress_diff_warning=True)
    nodes[name] = {"train": train, "eval": None if train == evaluation else evaluation}

VALUES = {
    "resnet18": (64, {}, ["x", "layer1.0.bn1", "layer1.0.bn2", "layer1.0.add", "layer1.0.relu_1", "layer4", "flatten", "fc"]),
    "densenet121": (64, {}, ["features.denseblock1.denselayer2.cat", "features.denseblock4.cat", "relu", "adaptive_avg_pool2d"]),
    "efficientnet_b0": (64, {}, ["features.2.1.stochastic_depth", "features.2.1.add", "flatten"]),
    "vit_b_32": (64, {"image_size": 64}, ["class_token", "encoder.encoder_pos_embedding", "getattr", "getitem_2", "mul", "cat", "encoder.layers.encoder_layer_0.ln", "encoder.layers.encoder_layer_0.ln_1", "encoder.layers.encoder_layer_3.getitem", "encoder.layers.encoder_layer_3.add_1", "getitem_5"]),
    "swin_t": (64, {}, ["features.1.1.attn._get_relative_position_bias", "features.1.1.attn.shifted_window_attention", "features.1.1.add", "features.2._patch_merging_pad", "permute"]),
    "convnext_tiny": (64, {}, ["features.1.0.features_1_0_layer_scale", "features.1.0.mul", "features.1.0.add", "features.2.0.layer_norm", "features.2.0.permute_1"]),
    "googlenet": (64, {"init_weights": False, "aux_logits": False}, ["conv1.bn", "conv1.relu", "inception3a.branch4.1.relu", "inception3a.cat"]),
    "shufflenet_v2_x0_5": (64, {}, ["stage2.1.chunk", "stage2.1.getitem", "stage2.1.cat", "stage2.1.view_1", "mean"]),
}


def summary(value):
    if isinstance(value, tuple) and not isinstance(value, torch.Size):
        return [summary(part) for part in value]
    if not isinstance(value, torch.Tensor):
        return [value]
    doubles = value.detach().double()
    return {"shape": list(value.shape), "sum": doubles.sum().item(), "size": doubles.abs().sum().item()}


values = {}
for name, (size, options, wanted) in VALUES.items():
    torch.manual_seed(0)
    model = getattr(models, name)(weights=None, num_classes=3, **options).eval()
    x = torch.rand(1, 3, size, size)
    found = create_feature_extractor(model, wanted, suppress_diff_warning=True)(x)
    values[name] = {"size": size, "options": options, "nodes": [[node, summary(value)] for node, value in found.items()]}

with gzip.GzipFile("nodes.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps({"nodes": nodes, "values": values}).encode())
