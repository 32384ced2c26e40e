"""Writes the calls in the examples of torchmetrics' documentation, with their results, to documented.json.gz; by hand.

The examples are run, and every call of a documented function is noted.
"""

import doctest
import gzip
import importlib
import inspect
import json
import os
import warnings

import torch
import torchmetrics
from torchmetrics import functional

warnings.filterwarnings("ignore")
here = os.path.dirname(os.path.abspath(__file__))
names = ["classification", "clustering", "image", "nominal", "pairwise", "regression", "retrieval", "segmentation", "text"]
spaces = [importlib.import_module(f"torchmetrics.functional.{name}") for name in names]
calls, failed = [], []


def encode(value):
    if isinstance(value, torch.Tensor):
        flat = value.detach().flatten().tolist()
        special = lambda x: str(x) if isinstance(x, float) and (x != x or abs(x) == float("inf")) else x  # noqa: E731
        return {"shape": list(value.shape), "dtype": str(value.dtype)[6:], "data": [special(x) for x in flat]}
    if isinstance(value, (list, tuple)):
        return [encode(one) for one in value]
    if isinstance(value, dict):
        return {key: encode(one) for key, one in value.items()}
    return value


def noted(name, function):
    signature = inspect.signature(function)

    def call(*args, **kwargs):
        result = function(*args, **kwargs)
        if name == "multiclass_accuracy" and kwargs.get("num_classes", len(args) > 2) in [None, False]:
            return result  # the number of classes is always given here
        if name == "concordance_corrcoef" and result.numel() == 1:
            result = result.squeeze()  # as the class gives it
        bound = signature.bind(*args, **kwargs).arguments
        required = [key for key, p in signature.parameters.items() if p.default is p.empty]
        if "task" in required:
            required = required[: required.index("task")]
        try:
            calls.append({
                "function": name, "args": [encode(bound[key]) for key in required],
                "options": {key: encode(value) for key, value in bound.items() if key not in required},
                "result": encode(result),
            })
            json.dumps(calls[-1])
        except TypeError:
            calls.pop()  # functions as arguments
        return result

    return call


needs_networks = ["arniqa", "deep_image", "learned_perceptual", "perceptual_path", "bert", "infolm"]
originals = {}
for space in spaces:
    for name in space.__all__:
        if any(name.startswith(one) for one in needs_networks):
            continue
        originals.setdefault(name, getattr(space, name))
wrapped = {name: noted(name, function) for name, function in originals.items()}
for space in [*spaces, functional]:
    for name, call in wrapped.items():
        if hasattr(space, name):
            setattr(space, name, call)
for name, function in sorted(originals.items()):
    for example in doctest.DocTestFinder(recurse=False).find(function, name, globs={"torch": torch, "tensor": torch.tensor}):
        runner = doctest.DocTestRunner(verbose=False)
        before = len(calls)
        runner.run(example, out=lambda text: None, clear_globs=False)
        if len(calls) == before:
            failed.append(name)

# Large inputs are for the recorded conformance.
calls = [one for one in calls if len(json.dumps(one)) < 40000]
text = json.dumps({"version": torchmetrics.__version__, "calls": calls})
with gzip.GzipFile(os.path.join(here, "documented.json.gz"), "wb", mtime=0) as file:
    file.write(text.encode())
print(len(calls), "calls of", len({one["function"] for one in calls}), "functions; no examples of", failed)
