"""Makes the files of this folder with real PyTorch and NumPy: /usr/bin/python3 make.py"""
import io
import os
import pickle
import struct
import tarfile
import zipfile
from collections import OrderedDict, defaultdict

import numpy as np
import torch

here = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(here, name)


def everything():
    x = torch.arange(6.0).reshape(2, 3)
    shared = [1, 2]
    circular = {"shared": shared, "again": shared}
    circular["itself"] = circular
    counts = defaultdict(list)
    counts["a"].append(1)
    dtypes = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
              torch.int8, torch.uint8]
    return {
        "dtypes": {str(dtype): torch.tensor([1, 2, 100]).to(dtype) for dtype in dtypes},
        "bool": torch.tensor([True, False, True]),
        "x": x,
        "transposed": x.t(),
        "row": x[1],
        "expanded": torch.tensor([7.0]).expand(3, 2),
        "scalar": torch.tensor(2.5, dtype=torch.float64),
        "empty": torch.empty(0, 3),
        "parameter": torch.nn.Parameter(x[0].clone()),
        "frozen": torch.nn.Parameter(x[1].clone(), requires_grad=False),
        "wantsGrad": torch.ones(2, requires_grad=True),
        "numbers": [0, -1, 255, 256, 65536, -(2**31), 2**53, 2**53 - 1, -(2**70), 1.5, float("inf"), True, None],
        "text": "naïve \U0001f525",
        "bytes": b"\x00\x7f\xff",
        "tuple": (1, (2, "b")),
        "size": torch.Size([2, 3]),
        "set": {1, 2},
        "device": torch.device("cpu"),
        "dtype": torch.bfloat16,
        "integers": {0: "zero", 1: "one"},
        "mixed": {"a": 1, 2: "b"},
        "ordered": OrderedDict([("b", 1), ("a", 2)]),
        "counts": counts,
        "circular": circular,
        "none": {},
        "__proto__": "a key",
        "generator": torch.Generator().manual_seed(3).get_state(),
    }


def trained():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.ones(5, 3) * torch.arange(5.0)[:, None]).pow(2).sum().backward()
        optimizer.step()
        scheduler.step()
    return {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}


def rewritten(name, change, original="small.pt"):
    """A copy of a file with other records."""
    with zipfile.ZipFile(path(original)) as source, zipfile.ZipFile(path(name), "w") as target:
        for info in source.infolist():
            for record, content in change(info.filename, source.read(info)):
                target.writestr(record, content)


def big_endian(record, content):
    if record.endswith("data/0"):
        content = np.frombuffer(content, "<f4").astype(">f4").tobytes()
    yield record, content
    if record.endswith("data.pkl"):
        yield record.replace("data.pkl", "byteorder"), b"big"


def big_endian_complex(record, content):
    kind = {"data/0": "<f4", "data/1": "<f8"}.get("/".join(record.split("/")[1:]))
    yield record, content if kind is None else np.frombuffer(content, kind).byteswap().tobytes()
    if record.endswith("data.pkl"):
        yield record.replace("data.pkl", "byteorder"), b"big"


def on_gpu(record, content):
    yield record, content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:1")


def tar():
    """The format of PyTorch 0.1, which no PyTorch of today writes: written here as its reader reads it."""

    def dump(stream, value):
        pickle.dump(value, stream, protocol=2)

    class Named:
        """Pickles as the name of a class of torch."""

        def __init__(self, name):
            self.name = name

    class Pickler(pickle._Pickler):
        def persistent_id(self, value):
            return value[1] if isinstance(value, tuple) and value[0] == "persistent" else None

        def save_named(self, value):
            self.write(pickle.GLOBAL + f"torch\n{value.name}\n".encode())

        dispatch = dict(pickle._Pickler.dispatch)
        dispatch[Named] = save_named

    def dump_named(stream, value):
        Pickler(stream, 2).dump(value)

    storages, tensors, main = io.BytesIO(), io.BytesIO(), io.BytesIO()
    dump(storages, 2)
    dump_named(storages, (10, "cpu", Named("FloatStorage")))
    storages.write(struct.pack("<q", 6) + np.arange(6, dtype="<f4").tobytes())
    dump_named(storages, (11, "cpu", Named("LongStorage")))
    storages.write(struct.pack("<q", 2) + np.array([5, -6], dtype="<i8").tobytes())
    dump(storages, [(12, 10, 2, 3)])
    dump(tensors, 3)
    for key, storage, kind, sizes, strides, offset in [
        (20, 10, "FloatTensor", (3, 2), (1, 3), 0),
        (21, 11, "LongTensor", (2,), (1,), 0),
        (22, 12, "FloatTensor", (2,), (1,), 1),
    ]:
        dump_named(tensors, (key, storage, Named(kind)))
        tensors.write(struct.pack("<i", len(sizes)) + bytes(4))
        tensors.write(struct.pack(f"<{len(sizes)}q", *sizes) + struct.pack(f"<{len(sizes)}q", *strides))
        tensors.write(struct.pack("<q", offset))
    Pickler(main, 2).dump({"x": ("persistent", "20"), "n": ("persistent", "21"), "part": ("persistent", "22")})
    with tarfile.open(path("old.tar"), "w") as archive:
        for name, content in [("storages", storages), ("tensors", tensors), ("pickle", main)]:
            info = tarfile.TarInfo(name)
            info.size = len(content.getvalue())
            archive.addfile(info, io.BytesIO(content.getvalue()))


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 1)

    def forward(self, x):
        return self.layer(x)


class Config:
    def __init__(self):
        self.hidden = 8
        self.names = ["a"]


class Code:
    def __reduce__(self):
        return os.system, ("touch /tmp/flambeau-was-here",)


torch.save(everything(), path("everything.pt"))
torch.save(everything(), path("everything.legacy.pt"), _use_new_zipfile_serialization=False)
torch.save(everything(), path("everything.protocol4.pt"), pickle_protocol=4)
torch.save(trained(), path("trained.pt"))
torch.save({"x": torch.arange(6.0)}, path("small.pt"))
rewritten("bigEndian.pt", big_endian)
rewritten("gpu.pt", on_gpu)
tar()
torch.save(Net(), path("module.pt"))
torch.save(Net(), path("module.legacy.pt"), _use_new_zipfile_serialization=False)
torch.jit.script(Net()).save(path("script.pt"))
torch.save({"config": Config(), "x": torch.ones(1)}, path("config.pt"))
torch.save({"code": Code()}, path("code.pt"))
array = np.arange(6, dtype="f4").reshape(2, 3)
metrics = {
    "numbers": [np.float64(0.5), np.float32(1.5), np.float16(2.5), np.int64(-3), np.int64(2**62), np.uint8(255), np.bool_(True)],
    "array": array,
    "fortran": np.asfortranarray(array),
    "big": array.astype(">f4"),
    "dtype": np.dtype("f8"),
}
torch.save(metrics, path("numpy.pt"))
torch.save(np.array(["text"]), path("numpyText.pt"))
torch.save(np.array([None]), path("numpyObjects.pt"))
torch.save(torch.eye(2).to_sparse(), path("sparse.pt"))
z = np.array([1 + 2j, complex(-0.0, np.inf)])
complexes = {
    "number": 1 - 2j,
    "float": torch.tensor(z, dtype=torch.complex64),
    "double": torch.tensor(z).reshape(2, 1).t(),
    "scalar": np.complex64(3 + 4j),
    "array": z,
    "big": z.astype(">c8"),
}
torch.save(complexes, path("complex.pt"))
torch.save(complexes, path("complex.legacy.pt"), _use_new_zipfile_serialization=False)
rewritten("complexBig.pt", big_endian_complex, "complex.pt")

for name in ["everything.pt", "everything.legacy.pt", "old.tar"]:
    print(name, torch.load(path(name)))
