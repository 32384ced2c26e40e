"""How images and tensors, and calls with them, are recorded, for test/support/goldenImages.ts to replay."""

import base64
import gzip
import json
import os

import numpy as np
import torch
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import AutoAugmentPolicy, InterpolationMode


def coefficients(startpoints, endpoints):
    """Solved in float64, as later versions of torchvision do."""
    rows = []
    for (x, y), (u, v) in zip(endpoints, startpoints):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return np.linalg.solve(np.array(rows, dtype=np.float64), np.array(startpoints, dtype=np.float64).reshape(8)).tolist()


F._get_perspective_coeffs = coefficients


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def described(value):
    if isinstance(value, Image.Image):
        array = np.asarray(value)
        array = array[:, :, None] if array.ndim == 2 else array
        return {"mode": value.mode, "shape": list(array.shape), "dtype": "uint8", "data": encoded(array)}
    if isinstance(value, torch.Tensor):
        # Four bytes are enough to compare numbers of eight.
        array = (value.float() if value.dtype == torch.float64 else value).contiguous().numpy()
        return {"shape": list(array.shape), "dtype": str(value.dtype)[6:], "data": encoded(array)}
    if isinstance(value, (list, tuple)):
        return [described(one) for one in value]
    return value


def plain(value):
    if isinstance(value, (InterpolationMode, AutoAugmentPolicy)):
        return value.value
    if isinstance(value, torch.dtype):
        return {"torch": str(value)[6:]}
    return described(value) if isinstance(value, torch.Tensor) else value


def write(name, inputs, cases, **more):
    """Writes a file beside this one."""
    path = os.path.join(os.path.dirname(__file__), name)
    data = {"inputs": {key: described(value) for key, value in inputs.items()}, "cases": cases} | more
    with gzip.GzipFile(path, "wb", mtime=0) as file:
        file.write(json.dumps(data).encode())
    print(len(cases), os.path.getsize(path))
