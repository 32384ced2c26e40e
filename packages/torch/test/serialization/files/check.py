"""Has Python read what check.mjs wrote: /usr/bin/python3 check.py FOLDER [UNPICKLER]

With a path of a torch/_weights_only_unpickler.py that one reads, with `weights_only=True`. That of 1.13 knows no floats
in such files, no bytes and no sets, as later ones do.
"""
import math
import os
import sys

import numpy as np
import torch

folder = sys.argv[1]
if len(sys.argv) > 2:
    import importlib.util

    spec = importlib.util.spec_from_file_location("later", sys.argv[2])
    later = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(later)
    torch.serialization._weights_only_unpickler = later


def load(name):
    return torch.load(os.path.join(folder, name), weights_only=len(sys.argv) > 2)


def same(a, b):
    assert a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b), (a, b)


def check_arrays(get, keys, count):
    x = np.arange(24, dtype="f4").reshape(2, 3, 4)
    assert np.array_equal(get("x"), x) and np.array_equal(get("transposed"), x.transpose(2, 1, 0))
    for key in ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64", "complex128"]:
        if key not in keys and key == "complex128":
            continue
        value = get(key)
        assert value.dtype == np.dtype(key) and value.tolist() == ([False, True, True] if key == "bool" else [0, 1, 100])
    assert get("scalar").shape == () and get("empty").shape == (0, 3) and len(keys) == count


e = load("everything.pt")
x = torch.arange(24.0).reshape(2, 3, 4)
for name, tensor in e["dtypes"].items():
    assert str(tensor.dtype) == f"torch.{name}" and tensor.tolist() == ([False, True, True] if name == "bool" else [0, 1, 100])
same(e["x"], x)
same(e["permuted"], x.permute(2, 0, 1))
assert e["permuted"].stride() == x.permute(2, 0, 1).stride()
same(e["part"], x[:, ::2, 1])
e["x"].fill_(9)
assert (e["permuted"] == 9).all() and (e["part"] == 9).all()
same(e["scalar"], torch.tensor(2.5))
same(e["empty"], torch.empty(0, 3))
assert e["expanded"].stride() == (0, 0) and e["expanded"].tolist() == [[7, 7]] * 3
assert type(e["parameter"]) is torch.nn.Parameter and e["parameter"].requires_grad
assert e["wantsGrad"].requires_grad and e["meta"].is_meta and e["meta"].shape == (2, 3)
numbers = [0, -1, 255, 256, 65536, -(2**31), 2**40, 2**53 - 1, 1.5, -0.0, math.inf, 2**100, -(2**63)]
assert e["numbers"] == numbers and [type(n) for n in e["numbers"]] == [type(n) for n in numbers]
assert e["others"] == [None, True, False, "naïve \U0001f525", "half \ud83d", torch.bfloat16]
assert e["complex"] == 1 - 2.5j and type(e["complex"]) is complex
assert e["bytes"] == b"\x00\x80\xff" and e["set"] == {1, "a"} and e["map"] == {0: "zero", 1: "one"}
assert e["circular"]["itself"] is e["circular"] and e["circular"]["shared"] is e["circular"]["again"]
assert e["long"] == list(range(2500))
torch.Generator().set_state(e["rng"])

t = load("training.pt")
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 7)
print(model.load_state_dict(t["model"]))
optimizer.load_state_dict(t["optimizer"])
scheduler.load_state_dict(t["scheduler"])
for expected in t["losses"]:
    optimizer.zero_grad()
    loss = model(t["input"]).pow(2).sum()
    loss.backward()
    optimizer.step()
    scheduler.step()
    assert math.isclose(loss.item(), expected, rel_tol=1e-5), (loss.item(), expected)

many = load("many.pt")
assert len(many) == 66000 and all(many[f"t{i}"].item() == i for i in range(66000))
run = load("run/checkpoint-1-metric-0.5.pt")
assert run["progress"] == {"epoch": 3} and set(run["parts"]) == {"model", "optimizer", "scheduler"}

for name in ["all.npz", "compressed.npz"]:
    arrays = np.load(os.path.join(folder, name))
    check_arrays(lambda key: arrays[key], arrays.files, 15)
assert np.array_equal(np.load(os.path.join(folder, "x.npy")), x.numpy())
fortran = np.load(os.path.join(folder, "fortran.npy"))
assert np.array_equal(fortran, x.numpy().transpose(2, 1, 0)) and fortran.flags.f_contiguous
try:
    from safetensors import safe_open
    from safetensors.torch import load_file
except ImportError:
    print("the package safetensors is not installed")
else:
    path = os.path.join(folder, "all.safetensors")
    tensors = load_file(path)
    bfloat16 = tensors.pop("bfloat16")
    assert bfloat16.dtype == torch.bfloat16 and bfloat16.tolist() == [0, 1, 100]
    check_arrays(lambda key: tensors[key].numpy(), list(tensors), 14)
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"format": "pt", "a": "ü"}
print("Python", sys.version.split()[0], "PyTorch", torch.__version__, "NumPy", np.__version__, "read everything")
