"""Records what torchvision gives for images of other modes than L and RGB: /usr/bin/python3 makeModes.py writes modes.json.gz."""
import gzip
import json
import warnings

import numpy as np
import torchvision.transforms.functional as F
from PIL import Image

warnings.simplefilter("ignore")
rng = np.random.default_rng(3)
H, W = 7, 9
wide = {
    "I": Image.fromarray(rng.integers(-70000, 2**20, (H, W)).astype(np.int32)),
    "F": Image.fromarray((rng.standard_normal((H, W)) * 50).astype(np.float32)),
}
places = Image.fromarray(rng.integers(0, 256, (H, W, 3), dtype=np.uint8)).convert("P")
cases = []


def numbers(image):
    return np.asarray(image).flatten().astype(float).tolist()


def record(image, name, args, options={}):
    words = {key: F.InterpolationMode(value) if key == "interpolation" else value for key, value in options.items()}
    function = {"adjustHue": "adjust_hue", "adjustGamma": "adjust_gamma"}.get(name, name)
    result = getattr(F, function)(image, *args, **words)
    given = {"mode": image.mode, "size": image.size, "data": numbers(image)}
    case = {"name": name, "args": args, "options": options, "size": result.size, "result": numbers(result)}
    cases.append({"image": given, **case})


for image in wide.values():
    for filter in ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]:
        for size in [[3, 4], [14, 5], [7, 20], [1, 1], [13, 17]]:
            record(image, "resize", [size], {"interpolation": filter})
    for filter in ["nearest", "bilinear", "bicubic"]:
        for angle in [0, 90, 30, -77.5]:
            for expand in [False, True]:
                record(image, "rotate", [angle], {"interpolation": filter, "expand": expand, "fill": 11})
        record(image, "affine", [10, [1, 2], 1.3, [5, -3]], {"interpolation": filter})
        record(image, "affine", [-160, [0, 1], 0.6, [0, 10]], {"interpolation": filter, "fill": -3})
        ends = [[1.3, 0.2], [7.1, 1.4], [7.7, 5.9], [0.4, 5.2]]
        record(image, "perspective", [[[0, 0], [8, 0], [8, 6], [0, 6]], ends], {"interpolation": filter, "fill": 7})
for by in [-0.4, 0.2]:
    record(places, "adjustHue", [by])
for gamma in [0.5, 2]:
    record(places, "adjustGamma", [gamma])

with gzip.GzipFile("modes.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps(cases).encode())
