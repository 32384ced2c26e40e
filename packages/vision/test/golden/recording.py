"""How calls of torchvision are recorded, for test/support/recorded.ts to replay: arguments, results and gradients.

A tensor is {"d": dtype, "s": shape, "v": its bytes in base64}. The gradient is that of the sum of all floating results,
each element times a weight that follows from its place (`weights`).
"""

import base64
import gzip
import json
import re

import torch


def camel(name):
    return re.sub(r"_([a-zA-Z])", lambda match: match.group(1).upper(), name)


def encode(value):
    if isinstance(value, torch.Tensor):
        data = value.detach().contiguous()
        raw = data.numpy().tobytes()
        return {"d": str(value.dtype).split(".")[1], "s": list(value.shape), "v": base64.b64encode(raw).decode()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"o": {key: encode(item) for key, item in value.items()}}
    if isinstance(value, type):
        return {"nn": value.__name__}
    return value


def tensors(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return [one for item in value for one in tensors(item)] if isinstance(value, (list, tuple)) else []


def weights(like):
    places = torch.arange(like.numel())
    return ((places * 7 % 11 - 5) / 8).to(like.dtype).view(like.shape)


def gradients(leaves, result):
    outputs = [one for one in tensors(result) if one.requires_grad]
    if not outputs or not leaves:
        return None
    total = sum((one * weights(one)).sum() for one in outputs)
    return [None if grad is None else encode(grad) for grad in torch.autograd.grad(total, leaves, allow_unused=True)]


def written(values, kwargs):
    args = [encode(value) for value in values]
    return args + [{"k": {camel(key): encode(value) for key, value in kwargs.items()}}] if kwargs else args


class Recording:
    def __init__(self):
        self.cases = []

    def call(self, function, *args, name=None, seed=None, **kwargs):
        """A function, with the gradients of those arguments that want one."""
        if seed is not None:
            torch.manual_seed(seed)
        case = {"f": name or camel(function.__name__), "a": written(args, kwargs)}
        leaves = [one for one in tensors(list(args)) + tensors(kwargs) if one.requires_grad]
        case["w"] = [i for i, one in enumerate(tensors(list(args)) + tensors(kwargs)) if one.requires_grad]
        result = function(*args, **kwargs)
        case |= {"seed": seed, "r": encode(result), "g": gradients(leaves, result)}
        self.cases.append(case)

    def module(self, make, *inputs, args=(), seed=0, **kwargs):
        """A module that is made and called after a seed each: its printed form, its state, its result and gradients."""
        torch.manual_seed(seed)
        module = make(*args, **kwargs)
        state = {key: encode(value) for key, value in module.state_dict().items()}
        leaves = [one for one in tensors(list(inputs)) if one.requires_grad]
        wanted = [i for i, one in enumerate(tensors(list(inputs))) if one.requires_grad]
        torch.manual_seed(seed + 1)
        result = module(*inputs)
        self.cases.append(
            {
                "m": make.__name__,
                "a": written(args, kwargs),
                "in": [encode(one) for one in inputs],
                "w": wanted,
                "seed": seed,
                # Today's PyTorch prints equal modules in a row of a list as one.
                "p": None if "ModuleList" in repr(module) else repr(module),
                "s": state,
                "r": encode(result),
                "g": gradients(leaves + list(module.parameters()), result),
            }
        )

    def write(self, path):
        with gzip.GzipFile(path, "wb", mtime=0) as file:
            file.write(json.dumps(self.cases, separators=(",", ":")).encode())
        print(f"{path}: {len(self.cases)} cases, {path.stat().st_size / 1e3:.0f} kB")
