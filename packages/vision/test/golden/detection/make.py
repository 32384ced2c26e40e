"""Records what torchvision's detectors do, into detectors.json.gz.

Images and weights follow from seeds, and so are not recorded: of each detector its keys with the first element and the mean
of each tensor, its losses in training with the norms of gradients, and its first detections, all of it in float64. Run with
torchvision 0.14: python3 make.py
"""

import gzip
import hashlib
import json
import pathlib
import sys

import torch
from torchvision.models import detection

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent))
from recording import camel, encode  # noqa: E402

torch.set_num_threads(2)


def list_text(self):
    """A list of modules as today's PyTorch prints it: equal ones in a row as one."""
    runs = []
    for i, text in enumerate(repr(module) for module in self):
        if runs and runs[-1][2] == text:
            runs[-1][1] += 1
        else:
            runs.append([i, 1, text])
    lines = [f"({i}): {text}" if n == 1 else f"({i}-{i + n - 1}): {n} x {text}" for i, n, text in runs]
    return "ModuleList(\n  " + "\n  ".join(line.replace("\n", "\n  ") for line in lines) + "\n)"


torch.nn.ModuleList.__repr__ = list_text


def images():
    torch.manual_seed(5)
    return [torch.rand(3, 60, 80, dtype=torch.float64), torch.rand(3, 64, 50, dtype=torch.float64)]


def targets(has_masks, has_keypoints):
    boxes = [[[5.0, 6, 40, 50], [20, 10, 70, 55]], [[3.0, 30, 45, 61]]]
    labels = [[1, 2], [3]]
    result = []
    for own, classes, (height, width) in zip(boxes, labels, [(60, 80), (64, 50)]):
        own = torch.tensor(own, dtype=torch.float64)
        target = {"boxes": own, "labels": torch.tensor(classes)}
        if has_masks:
            masks = torch.zeros(len(classes), height, width, dtype=torch.uint8)
            for mask, (x1, y1, x2, y2) in zip(masks, own.long().tolist()):
                mask[y1:y2, (x1 + x2) // 2 : x2] = 1
            target["masks"] = masks
        if has_keypoints:
            steps = torch.linspace(0, 1, 5)[None, :, None]
            places = own[:, None, :2] + (own[:, None, 2:] - own[:, None, :2]) * steps
            visible = torch.tensor([1.0, 1, 0, 2, 1]).expand(len(classes), 5)[..., None]
            target["keypoints"] = torch.cat([places, visible], 2).float()
        result.append(target)
    return result


def record(name, has_masks=False, has_keypoints=False, count=2, **options):
    torch.manual_seed(0)
    model = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=4, **options)
    printed = hashlib.sha256(repr(model).encode()).hexdigest()
    state = {key: [value.flatten()[0].item(), value.double().mean().item()] for key, value in model.state_dict().items()}
    model.double()
    torch.manual_seed(1)
    losses = model(images()[:count], targets(has_masks, has_keypoints)[:count])
    sum(losses.values()).backward()
    norms = {
        key: parameter.grad.norm().item() for key, parameter in model.named_parameters() if parameter.grad is not None
    }
    chosen = dict(list(norms.items())[:: max(1, len(norms) // 24)])
    with torch.no_grad():
        found = model.eval()(images()[:count])
    first = [{key: encode(value[:4]) for key, value in one.items() if key != "masks"} for one in found]
    for one, own in zip(first, found):
        one["count"] = len(own["boxes"])
        if has_masks:
            one["masks"] = encode(own["masks"][:4].sum((1, 2, 3)))
    return {
        "name": name,
        "options": {camel(key): value for key, value in options.items()},
        "masks": has_masks,
        "keypoints": has_keypoints,
        "count": count,
        "printed": printed,
        "state": state,
        "losses": {key: value.item() for key, value in losses.items()},
        "norms": chosen,
        "found": first,
    }


small = {"min_size": 64, "max_size": 96}
few = {"box_batch_size_per_image": 24, "box_detections_per_img": 8, "rpn_post_nms_top_n_train": 60, "rpn_post_nms_top_n_test": 40}
cases = [
    record("fasterrcnn_resnet50_fpn", **small, **few),
    record("fasterrcnn_resnet50_fpn_v2", **small, **few),
    record("fasterrcnn_mobilenet_v3_large_fpn", **small, **few, rpn_pre_nms_top_n_train=30),
    record("fasterrcnn_mobilenet_v3_large_320_fpn", min_size=(64, 72), max_size=80, **few),
    record("maskrcnn_resnet50_fpn", True, **small, **few),
    record("maskrcnn_resnet50_fpn_v2", True, **small, **few),
    record("keypointrcnn_resnet50_fpn", False, True, num_keypoints=5, **small, **{**few, "box_batch_size_per_image": 8, "box_detections_per_img": 3}),
    record("retinanet_resnet50_fpn", **small, score_thresh=0.01, detections_per_img=8),
    record("retinanet_resnet50_fpn_v2", **small, score_thresh=0.01, detections_per_img=8, topk_candidates=50),
    record("fcos_resnet50_fpn", **small, score_thresh=0.03, detections_per_img=8),
    record("ssd300_vgg16", count=1, detections_per_img=8, topk_candidates=20),
    record("ssdlite320_mobilenet_v3_large", detections_per_img=8),
]
path = here / "detectors.json.gz"
with gzip.GzipFile(path, "wb", mtime=0) as file:
    file.write(json.dumps(cases, separators=(",", ":")).encode())
print(f"{path}: {len(cases)} detectors, {path.stat().st_size / 1e3:.0f} kB")
