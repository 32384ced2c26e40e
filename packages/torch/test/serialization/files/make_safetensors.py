"""Makes the files of safetensors in this folder with the package `safetensors` (0.8.0), and those of NumPy."""
import json
import os

import numpy as np
import torch
from safetensors.torch import save_file

here = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(here, name)


dtypes = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
          torch.int8, torch.uint8, torch.bool, torch.complex64]
values = torch.tensor([[0, 1], [2, 100]])
tensors = {f"of.{str(dtype)[6:]}": (values * (1 + 0.5j) if dtype.is_complex else values).to(dtype) for dtype in dtypes}
tensors["naïve \"key\""] = torch.arange(24.0).reshape(2, 3, 4)
tensors["scalar"] = torch.tensor(7.5)
tensors["empty"] = torch.zeros(0, 3)
save_file(tensors, path("all.safetensors"), {"format": "pt"})

shards = {"model-00001-of-00002.safetensors": {"a": torch.ones(2)}, "model-00002-of-00002.safetensors": {"b.c": torch.zeros(3)}}
for name, part in shards.items():
    save_file(part, path(name), {"format": "pt"})
index = {"metadata": {"total_size": 20}, "weight_map": {key: name for name, part in shards.items() for key in part}}
with open(path("model.safetensors.index.json"), "w") as file:
    json.dump(index, file, indent=2)

x = np.arange(6, dtype="<f4").reshape(2, 3)
arrays = {name: np.array([[0, 1], [2, 100]], dtype=name) for name in
          ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]}
np.save(path("x.npy"), x)
np.save(path("fortran.npy"), np.asfortranarray(x))
np.save(path("big.npy"), x.astype(">f4"))
np.save(path("scalar.npy"), np.array(2.5))
np.save(path("uint32.npy"), np.array([1], dtype="u4"))
np.save(path("objects.npy"), np.array([None], dtype=object), allow_pickle=True)
np.save(path("records.npy"), np.zeros(1, dtype=[("a", "f4"), ("b", "i4")]))
z = np.array([[1 + 2j, complex(-0.0, np.inf)], [complex(np.nan, 1), -3 - 4j]])
for name in ["complex64", "complex128"]:
    arrays[name] = z.astype(name)
    np.save(path(f"{name}.npy"), z.astype(name))
np.save(path("complexFortran.npy"), np.asfortranarray(z))
np.save(path("complexBig.npy"), z.astype(">c8"))
np.savez(path("all.npz"), **arrays)
np.savez_compressed(path("compressed.npz"), x=x, zeros=np.zeros((100, 100)))
with open(path("version2.npy"), "wb") as file:
    np.lib.format.write_array(file, x, version=(2, 0))
