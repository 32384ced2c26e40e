"""Writes what torchmetrics (1.9) gives for many inputs to torchmetrics.json.gz; run by hand.

    pip install torchmetrics; python3 record.py
"""

import gzip
import json
import math
import os
import warnings

import torch
import torchmetrics
import torchmetrics.functional as F
import torchmetrics.functional.classification as FC
import torchmetrics.functional.clustering as FK
import torchmetrics.functional.image as FI
import torchmetrics.functional.nominal as FN
import torchmetrics.functional.pairwise as FP
import torchmetrics.functional.regression as FR
import torchmetrics.functional.retrieval as FS
import torchmetrics.functional.segmentation as FA
import torchmetrics.functional.text as FT
import torchmetrics.nominal
import torchmetrics.retrieval
import torchmetrics.segmentation

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))
inputs, cases = {}, []


def number(value):
    if isinstance(value, bool) or isinstance(value, int):
        return value
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return float(f"{value:.9g}")


def encode(value):
    if isinstance(value, torch.Tensor):
        flat = value.detach().flatten().tolist()
        return {"shape": list(value.shape), "dtype": str(value.dtype)[6:], "data": [number(one) for one in flat]}
    if isinstance(value, (list, tuple)):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {key: encode(one) for key, one in value.items()}
    return number(value) if isinstance(value, (int, float)) else value


def put(name, value):
    """An input under a name."""
    inputs[name] = encode(value)
    return name, value


def record(name, given, positional=(), options=None, cls=None, chunked=True):
    """One call; `cls` names the class that gives the same for parts of the inputs."""
    options = options or {}
    function = next(getattr(space, name) for space in [FC, FR, FK, FN, FI, FT, FP, FS, FA, F] if hasattr(space, name))
    result = function(*[value for _, value in given], *positional, **options)
    if name == "concordance_corrcoef" and result.numel() == 1:
        result = result.squeeze()  # as the class gives it
    cases.append(
        {
            "function": name,
            "inputs": [key for key, _ in given],
            "positional": encode(list(positional)),
            "options": encode(options),
            "result": encode(result),
            "class": cls,
            "chunked": chunked,
        }
    )


def record_class(name, given, positional=(), options=None):
    """What a class gives where its function gives something else."""
    options = options or {}
    spaces = [torchmetrics.retrieval, torchmetrics.segmentation, torchmetrics.nominal]
    metric = next(getattr(space, name) for space in spaces if hasattr(space, name))(*positional, **options)
    metric.update(*[value for _, value in given])
    cases.append(
        {
            "function": None,
            "inputs": [key for key, _ in given],
            "positional": encode(list(positional)),
            "options": encode(options),
            "result": encode(metric.compute()),
            "class": name,
            "chunked": options.get("aggregation_level") != "global",
        }
    )


def write():
    text = json.dumps({"version": torchmetrics.__version__, "inputs": inputs, "cases": cases})
    with gzip.GzipFile(os.path.join(here, "torchmetrics.json.gz"), "wb", mtime=0) as file:
        file.write(text.encode())
    print(len(cases), "cases,", len(text), "characters")


import classification, image, others, regression, text  # noqa: E402, F401, I001

write()
