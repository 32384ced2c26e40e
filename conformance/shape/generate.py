"""Records what PyTorch gives for the cases of the tests in packages/torch/test/ops that use `conform`.

    python3 conformance/shape/generate.py

The cases are TypeScript expressions. They are read from the tests and translated to Python by the rule of the API
(names to snake_case, options to keywords, `at` and `setAt` to brackets), so nothing is written twice. Of each case the
file golden/<name>.json keeps the results, the names of their gradient functions, and the gradients of the inputs.
"""
import json
import re
import warnings
from pathlib import Path

import torch

warnings.simplefilter("ignore")

SHAPE = ("views", "joining", "indexing", "creation")
MATH = ("math", "reductions", "scans", "sorting", "statistics", "products", "random")
TESTS = Path(__file__).resolve().parents[2] / "packages/torch/test"

# Names that snake_case does not follow from by rule.
NAMES = {f"atleast{n}d": f"atleast_{n}d" for n in (1, 2, 3)} | {"true": "True", "false": "False", "null": "None", "undefined": "None", "mT": "mT", "mH": "mH"}

# PyTorch has renamed or split these gradient functions since 1.13, or gives them for its own steps inside an operation.
RENAMED = {"ReshapeAliasBackward0": "ViewBackward0", "TBackward1": "TBackward0"}
RENAMED |= {"NormBackward1": "LinalgVectorNormBackward0"}
# Compositions, whose steps are our own.
COMPOSED = re.compile(r"einsum|quantile|trapezoid|trapz|chainMatmul|tensordot|inner|dist|renorm|mvlgamma|linalg|matmul\(x", re.I)
UNNAMED = {
    *("DiagBackward0", "torch::autograd::CopySlices", "torch::autograd::NotImplemented", "FlipBackward0", "IndexSelectBackward0"),
    *("TransposeBackward1", "SqueezeBackward2", "SqueezeBackward3", "UnsqueezeBackward1"),  # in place
    *("FillBackward3", "torch::autograd::CopyBackwards"),
}


def leaf(*size):
    count = torch.Size(size).numel()
    values = [((k * 37 + 11 + 5 * len(size)) % 64) / 8 - 4 + 0.0625 for k in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(size).requires_grad_()


def inputs():
    return {"x": leaf(2, 3, 4), "m": leaf(3, 4), "v": leaf(4), "s": leaf(), "y": leaf(3, 4) * 1, "e": leaf(0, 3)}


def item(value):
    if isinstance(value, str):
        if value == "...":
            return ...
        parts = [int(part) if part.strip() else None for part in value.split(":")]
        return slice(*parts)
    return torch.tensor(value, dtype=torch.long if not value else None) if isinstance(value, list) else value


def at(tensor, *items):
    return tensor[tuple(map(item, items))]


def put(tensor, items, value):
    result = tensor.clone()
    result[tuple(map(item, items)) if isinstance(items, list) else item(items)] = value
    return result


HELPERS = {
    "torch": torch,
    "NaN": float("nan"),
    "Infinity": float("inf"),
    "ints": lambda values: torch.tensor(values, dtype=torch.long),
    "of": lambda values: torch.tensor(values, dtype=torch.float64),
    "mask": lambda tensor: tensor > 0,
    "put": put,
}
torch.Tensor.at = at


def weights(shape):
    count = torch.Size(shape).numel()
    return torch.tensor([((k * 13 + 5) % 7 - 3) / 2 + 0.25 for k in range(count)], dtype=torch.float64).reshape(shape)


def snake(match):
    word = match.group(0)
    return NAMES.get(word) or re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "_" + m.group(1).lower(), word)


def outside_strings(text, change):
    parts = re.split(r'("[^"]*")', text)
    return "".join(part if i % 2 else change(part) for i, part in enumerate(parts))


def translate(text):
    text = outside_strings(text, lambda part: part.replace("new ", ""))
    text = outside_strings(text, lambda part: re.sub(r"\b(\d+)n\b", r"\1", part).replace("...", "*"))
    text = outside_strings(text, lambda part: re.sub(r"\b[a-z][A-Za-z0-9]*_?\b", snake, part))
    # The option objects: their names become keywords.
    while True:
        changed = re.sub(r"\{([^{}]*)\}", lambda m: re.sub(r"(\w+)\s*:\s*(?=[\w\[\"(-])", r"\1=", m.group(1)), text)
        if changed == text:
            return text
        text = changed


def cases(source):
    """The bodies of the arrow functions in the list of a test's cases, up to the comma that ends each."""
    start = source.index("conform(")
    source = source[start : source.index("\n]);", start)]
    for match in re.finditer(r"^\s*\((\{[^}]*\})?\) =>", source, re.M):
        depth, quoted, end = 0, False, match.end()
        while end < len(source):
            char = source[end]
            quoted ^= char == '"'
            if not quoted:
                depth += (char in "([{") - (char in ")]}")
                if depth < 0 or (char == "," and depth == 0):
                    break
            end += 1
        yield source[match.end() : end].strip()


def key(text):
    return re.sub(r",(?=[)\]}])", "", re.sub(r"\s+", "", text))


def flatten(value):
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for part in value for tensor in flatten(part)]


SPECIAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def number(value):
    return SPECIAL.get(str(value), value)


def values_of(tensor):
    return [number(value) for value in tensor.detach().reshape(-1).tolist()]


def record(text):
    leaves = inputs()
    torch.manual_seed(0)
    for tensor in leaves.values():
        tensor.retain_grad()
    outputs = flatten(eval(f"({translate(text)})", {**HELPERS, **leaves}))
    result = {"outputs": []}
    total = None
    for output in outputs:
        entry = {"shape": list(output.shape), "dtype": str(output.dtype).removeprefix("torch."), "values": values_of(output)}
        if output.grad_fn is not None:
            name = output.grad_fn.name() if hasattr(output.grad_fn, "name") else type(output.grad_fn).__name__
            name = RENAMED.get(name, name)
            if name not in UNNAMED and not COMPOSED.search(text):
                entry["gradFn"] = name
            part = (output * weights(output.shape)).sum()
            total = part if total is None else total + part
        result["outputs"].append(entry)
    if total is not None:
        try:
            total.backward()
        except RuntimeError:
            result["grads"] = None  # PyTorch 1.13 cannot differentiate its own composition (vander)
            return result
        result["grads"] = {name: values_of(leaf.grad) for name, leaf in leaves.items() if leaf.grad is not None}
    return result


def record_all(folder, names):
    for name in names:
        recorded = {}
        for text in cases((folder / f"{name}.test.ts").read_text()):
            try:
                recorded[key(text)] = record(text)
            except Exception as error:
                raise SystemExit(f"{name}: {text}\n  as {translate(text)}\n  {type(error).__name__}: {error}")
        lines = ",\n".join(f"{json.dumps(case)}: {json.dumps(value)}" for case, value in recorded.items())
        (folder / f"golden-{name}.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    record_all(TESTS / "ops", SHAPE + MATH)
