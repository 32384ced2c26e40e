"""Makes small data sets in the forms in which they are published, and records what torchvision reads from them.

/usr/bin/python3 makeDatasets.py writes datasets.tar.gz, with the files, and datasets.json.gz.
"""
import bz2
import gzip
import hashlib
import io
import json
import os
import pickle
import shutil
import struct
import sys
import tarfile
import tempfile
import types
import zipfile

import numpy as np
import scipy.io
import torch
from PIL import Image

# torchvision reads COCO by a package of its own.
coco_module = types.ModuleType("pycocotools.coco")


class COCO:
    def __init__(self, path):
        self.content = json.load(open(path))
        self.imgs = {image["id"]: image for image in self.content["images"]}

    def loadImgs(self, id):
        return [self.imgs[id]]

    def getAnnIds(self, id):
        return [a["id"] for a in self.content["annotations"] if a["image_id"] == id]

    def loadAnns(self, ids):
        return [a for a in self.content["annotations"] if a["id"] in ids]


coco_module.COCO = COCO
sys.modules["pycocotools"] = types.ModuleType("pycocotools")
sys.modules["pycocotools.coco"] = coco_module

from torchvision import datasets  # noqa: E402


def read_integers(path, strict=True):
    """torchvision 0.14 turns the order of the numbers around where it means that of their bytes; later ones do not."""
    data = open(path, "rb").read()
    shape = struct.unpack(f">{data[3]}I", data[4 : 4 + 4 * data[3]])
    kind = {8: np.uint8, 12: ">i4"}[data[2]]
    values = np.frombuffer(data, kind, offset=4 + 4 * data[3]).reshape(shape)
    return torch.from_numpy(values.astype(np.uint8 if data[2] == 8 else np.int32))


datasets.mnist.read_sn3_pascalvincent_tensor = read_integers
rng = np.random.default_rng(17)
root = tempfile.mkdtemp()
here = os.path.dirname(os.path.abspath(__file__))


def path(*parts):
    where = os.path.join(root, *parts)
    os.makedirs(os.path.dirname(where), exist_ok=True)
    return where


def write(data, *parts):
    with open(path(*parts), "wb") as file:
        file.write(data)


def bands(*shape):
    """Bytes that are packed well."""
    return (rng.integers(0, 8, shape) * 32).astype(np.uint8)


def picture(*parts, size=(12, 9), mode="RGB", **options):
    count = len(Image.new(mode, (1, 1)).getbands())
    image = Image.frombytes(mode, size, bands(size[1], size[0], count).tobytes())
    if mode == "P":
        image.putpalette(bands(768).tobytes())
    image.save(path(*parts), **options)


def md5(*parts):
    return hashlib.md5(open(os.path.join(root, *parts), "rb").read()).hexdigest()


# Pickles of Python 2, as they are published: texts of bytes.
def old_pickle(entries):
    def text(value):
        value = value.encode("latin1") if isinstance(value, str) else value
        return b"U" + bytes([len(value)]) + value if len(value) < 256 else b"T" + struct.pack("<I", len(value)) + value

    def number(value):
        return b"K" + bytes([value]) if 0 <= value < 256 else b"M" + struct.pack("<H", value)

    def array(value):
        dtype = b"cnumpy\ndtype\nq\x05" + text("u1") + b"K\x00K\x01\x87Rq\x06(K\x03" + text("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        shape = number(value.shape[0]) + number(value.shape[1]) + b"\x86"
        make = b"cnumpy.core.multiarray\n_reconstruct\nq\x02cnumpy\nndarray\nq\x03K\x00\x85" + text("b") + b"\x87Rq\x04"
        return make + b"(K\x01" + shape + dtype + b"\x89" + text(value.tobytes()) + b"tb"

    def item(value):
        if isinstance(value, np.ndarray):
            return array(value)
        if isinstance(value, list):
            return b"]q\x07(" + b"".join(item(one) for one in value) + b"e"
        return number(value) if isinstance(value, int) else text(value)

    return b"\x80\x02}q\x01(" + b"".join(text(key) + item(value) for key, value in entries.items()) + b"u."


assert pickle.loads(old_pickle({"data": np.eye(3, dtype=np.uint8), "labels": [1, 300]}), encoding="latin1")["labels"] == [1, 300]

lists = {}
for name, base, labels, files, meta in (
    ("CIFAR10", "cifar-10-batches-py", "labels", ["data_batch_1", "data_batch_2", "test_batch"], ("batches.meta", "label_names")),
    ("CIFAR100", "cifar-100-python", "fine_labels", ["train", "test"], ("meta", "fine_label_names")),
):
    for i, file in enumerate(files):
        entry = {"batch_label": "part", labels: rng.integers(0, 5, 2 + i).tolist(), "data": bands(2 + i, 3072), "filenames": ["a.png"]}
        write(old_pickle(entry) if i != 1 else pickle.dumps(entry, protocol=2), base, file)
    write(old_pickle({meta[1]: ["apple", "bear", "can", "dog", "eel"]}), base, meta[0])
    lists[name] = {file: md5(base, file) for file in [*files, meta[0]]}
    cls = getattr(datasets, name)
    cls.train_list = [[file, lists[name][file]] for file in files if "test" not in file]
    cls.test_list = [[file, lists[name][file]] for file in files if "test" in file]
    cls.meta = {"filename": meta[0], "key": meta[1], "md5": lists[name][meta[0]]}

for split, count in (("train", 3), ("test", 2), ("extra", 2)):
    file = f"{split}_32x32.mat"
    scipy.io.savemat(path(file), {"X": bands(32, 32, 3, count), "y": (np.arange(count)[:, None] + 9).astype(np.uint8)}, do_compression=split != "test")
    lists.setdefault("SVHN", {})[file] = md5(file)
    datasets.SVHN.split_list[split] = ["", file, md5(file)]

for split, file in (("train", "usps.bz2"), ("test", "usps.t.bz2")):
    lines = []
    for i in range(4):
        values = np.round(rng.random(256) * 2 - 1, 3)
        values[:60] = -1
        lines.append(f"{i * 3 + 1} " + " ".join(f"{j + 1}:{v:g}" for j, v in enumerate(values)))
    write(bz2.compress("\n".join(lines).encode() + b"\n"), file)

stl = {"train": 4, "unlabeled": 2, "test": 3}
for part, count in stl.items():
    write(np.repeat(bands(count, 3, 96, 12), 8, -1).tobytes(), "stl10_binary", f"{part}_X.bin")
    if part != "unlabeled":
        write(rng.integers(1, 11, count).astype(np.uint8).tobytes(), "stl10_binary", f"{part}_y.bin")
write(b"".join(f"{3 - i % 4} {i % 4} \n".encode() for i in range(10)), "stl10_binary", "fold_indices.txt")
write(b"airplane\nbird\ncar\ncat\n", "stl10_binary", "class_names.txt")
names = ["train_X.bin", "train_y.bin", "unlabeled_X.bin", "test_X.bin", "test_y.bin"]
lists["STL10"] = {name: md5("stl10_binary", name) for name in names}
datasets.STL10.train_list = [[name, lists["STL10"][name]] for name in names[:3]]
datasets.STL10.test_list = [[name, lists["STL10"][name]] for name in names[3:]]


def idx(array, kind, *parts, packed=False):
    data = struct.pack(">BBBB", 0, 0, kind, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    data += array.astype({8: np.uint8, 12: ">i4"}[kind]).tobytes()
    write(gzip.compress(data) if packed else data, *parts)


for split, count in (("letters", 5), ("byclass", 3)):
    for part in ("train", "test"):
        idx(bands(count, 28, 28), 8, "EMNIST", "raw", f"emnist-{split}-{part}-images-idx3-ubyte")
        idx(rng.integers(1, 27, count), 8, "EMNIST", "raw", f"emnist-{split}-{part}-labels-idx1-ubyte")
for part, count in (("qmnist-train", 4), ("qmnist-test", 3), ("xnist", 2)):
    idx(bands(count, 28, 28), 8, "QMNIST", "raw", f"{part}-images-idx3-ubyte")
    known = rng.integers(0, 70000, (count, 8))
    known[:, 0] %= 10
    idx(known, 12, "QMNIST", "raw", f"{part}-labels-idx2-int")

for name in ("cat/a.png", "cat/deep/B.JPG", "cat/deep/a.png", "dog/z.jpeg", "dog/a.webp", "ant/1.png"):
    picture("folder", *name.split("/"), mode="L" if name == "dog/z.jpeg" else "RGB")
picture("folder", "cat", "palette.png", mode="P")
write(b"no image", "folder", "cat", "notes.txt")
write(b"no class", "folder", "readme.txt")
os.makedirs(os.path.join(root, "empty", "nothing"))
picture("empty", "some", "a.png")

for category, count in (("BACKGROUND_Google", 1), ("Faces", 2), ("ant", 1)):
    for i in range(1, count + 1):
        picture("caltech101", "101_ObjectCategories", category, f"image_{i:04d}.jpg", mode="L" if category == "ant" else "RGB")
for folder, count in (("Faces_2", 2), ("ant", 1)):
    for i in range(1, count + 1):
        outline = {"box_coord": np.array([[1, 2, 3, 4]], np.uint16), "obj_contour": rng.random((2, 5 + i)) * 100}
        scipy.io.savemat(path("caltech101", "Annotations", folder, f"annotation_{i:04d}.mat"), outline)

pets = [("Abyssinian_1", 1), ("great_pyrenees_12", 2), ("Abyssinian_100", 1)]
for name, _ in pets:
    picture("oxford-iiit-pet", "images", f"{name}.jpg")
    picture("oxford-iiit-pet", "annotations", "trimaps", f"{name}.png", mode="L")
for split, chosen in (("trainval", pets), ("test", pets[1:2])):
    write("".join(f"{name} {label} 1 1\n" for name, label in chosen).encode(), "oxford-iiit-pet", "annotations", f"{split}.txt")

for i in range(1, 5):
    picture("flowers-102", "jpg", f"image_{i:05d}.jpg")
scipy.io.savemat(path("flowers-102", "imagelabels.mat"), {"labels": np.array([[7, 102, 1, 7]], np.uint8)}, do_compression=True)
scipy.io.savemat(path("flowers-102", "setid.mat"), {"trnid": np.array([[3, 1]], np.uint16), "valid": np.array([[4, 1]], np.uint16), "tstid": np.array([[2, 4, 3]], np.uint16)})
lists["Flowers102"] = {name: md5("flowers-102", name) for name in ("imagelabels.mat", "setid.mat")}
datasets.Flowers102._file_dict = {
    "image": ("102flowers.tgz", ""), "label": ("imagelabels.mat", lists["Flowers102"]["imagelabels.mat"]), "setid": ("setid.mat", lists["Flowers102"]["setid.mat"]),
}

food = {"pizza": ["pizza/10", "pizza/9"], "apple_pie": ["apple_pie/3"]}
for split in ("train", "test"):
    write(json.dumps(food if split == "train" else {"pizza": ["pizza/9"], "apple_pie": []}).encode(), "food-101", "meta", f"{split}.json")
for images in food.values():
    for image in images:
        picture("food-101", "images", f"{image}.jpg")

faces = [f"{i:06d}.jpg" for i in range(1, 7)]
for face in faces:
    picture("celeba", "img_align_celeba", face)
write("".join(f"{f} {i % 3}\n" for i, f in enumerate(faces)).encode(), "celeba", "list_eval_partition.txt")
write("".join(f"{f} {i * 7 + 1}\n" for i, f in enumerate(faces)).encode(), "celeba", "identity_CelebA.txt")
write(("5\nimage_id x_1 y_1 width height\n" + "".join(f"{f}    {i}  {i + 1}  {i + 2} {i + 3}\n" for i, f in enumerate(faces))).encode(), "celeba", "list_bbox_celeba.txt")
write(("5\n" + " ".join(f"p{i}" for i in range(10)) + "\n" + "".join(f"{f}  " + "  ".join(str(i * 10 + j) for j in range(10)) + "\n" for i, f in enumerate(faces))).encode(), "celeba", "list_landmarks_align_celeba.txt")
write(("5\nBald Young Happy \n" + "".join(f"{f} {' '.join(str(v) for v in rng.choice([-1, 1], 3))}\n" for f in faces)).encode(), "celeba", "list_attr_celeba.txt")
lists["CelebA"] = {name: md5("celeba", name) for name in sorted(os.listdir(os.path.join(root, "celeba"))) if name.endswith(".txt")}
datasets.CelebA.file_list = [("", md5sum, name) for name, md5sum in lists["CelebA"].items()]

for base in ("VOCdevkit/VOC2012", "VOCdevkit/VOC2007", "TrainVal/VOCdevkit/VOC2011"):
    for name in ("2007_000032", "2007_000039"):
        picture(*base.split("/"), "JPEGImages", f"{name}.jpg")
        picture(*base.split("/"), "SegmentationClass", f"{name}.png", mode="P")
        things = "".join(
            f"<object><name>{n}</name><pose/><difficult>0</difficult><bndbox><xmin>1</xmin><ymax>{y}</ymax></bndbox>{part}</object>"
            for n, y, part in ([("cat &amp; dog", 5, "<part><name>head</name></part><part><name>foot</name></part>")] if name.endswith("32") else [("bird", 7, ""), ("car", 8, "")])
        )
        write(f"""<?xml version="1.0"?>
<annotation>
  <folder>VOC</folder>
  <!-- a scene -->
  <source><database>The VOC Database</database><image>flickr</image></source>
  <size kind="whole">
    <width> 12 </width>
    <height>9</height>
  </size>
  {things}
</annotation>
""".encode(), *base.split("/"), "Annotations", f"{name}.xml")
    for folder in ("Segmentation", "Main"):
        for split, ids in (("train", "2007_000032\n"), ("val", "2007_000039\n"), ("trainval", "2007_000032\n2007_000039\n"), ("test", "2007_000039\n")):
            write(ids.encode(), *base.split("/"), "ImageSets", folder, f"{split}.txt")

for i in (7, 3):
    picture("coco", f"{i:012d}.jpg")
annotations = [
    {"id": 1, "image_id": 7, "category_id": 18, "bbox": [1.5, 2, 3, 4], "segmentation": [[1, 2, 3, 4]], "caption": "a cat"},
    {"id": 2, "image_id": 3, "category_id": 1, "bbox": [0, 0, 5, 5], "caption": "a dog"},
    {"id": 3, "image_id": 7, "category_id": 2, "bbox": [9, 9, 1, 1], "caption": "two"},
]
write(json.dumps({"images": [{"id": i, "file_name": f"{i:012d}.jpg"} for i in (7, 3)], "annotations": annotations}).encode(), "coco", "instances.json")


def plain(value):
    if isinstance(value, Image.Image):
        data = np.array(value).astype(np.uint8).tobytes() if value.mode != "1" else value.tobytes()
        return {"image": [value.mode, *value.size, hashlib.md5(data).hexdigest()]}
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return plain(value.tolist())
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value


cases = []


def record(name, args, kwargs=None, names=("classes", "class_to_idx", "targets", "labels", "categories", "attr_names", "ids")):
    kwargs = kwargs or {}
    data = getattr(datasets, name)(*[os.path.join(root, arg[1:]) if isinstance(arg, str) and arg.startswith("@") else arg for arg in args], **kwargs)
    known = {attribute: plain(getattr(data, attribute)) for attribute in names if getattr(data, attribute, None) is not None and not attribute.startswith("_")}
    if name.startswith("VOC"):
        known = {}
    known = json.loads(json.dumps(known).replace(root, "ROOT"))
    cases.append({"name": name, "args": args, "kwargs": kwargs, "repr": repr(data).replace(root, "ROOT"), "known": known, "samples": [plain(data[i]) for i in range(len(data))]})


for train in (True, False):
    for name in ("CIFAR10", "CIFAR100", "USPS"):
        record(name, ["@"], {"train": train})
    for split in ("letters", "byclass"):
        record("EMNIST", ["@", split], {"train": train})
for split in ("train", "test", "extra"):
    record("SVHN", ["@"], {"split": split})
for split in ("train", "train+unlabeled", "unlabeled", "test"):
    record("STL10", ["@"], {"split": split})
record("STL10", ["@"], {"folds": 2})
for what in ("train", "test", "test10k", "nist"):
    record("QMNIST", ["@"], {"what": what})
record("QMNIST", ["@"], {"compat": False, "train": False})
record("ImageFolder", ["@folder"])
record("FakeData", [3, [3, 4, 5], 7], {"random_offset": 2})
record("FakeData", [2, [1, 3, 2]])
for target in ("category", "annotation", ["annotation", "category"]):
    record("Caltech101", ["@"], {"target_type": target})
for target in ("category", "segmentation", ["category", "segmentation"], []):
    record("OxfordIIITPet", ["@"], {"target_types": target})
record("OxfordIIITPet", ["@"], {"split": "test"})
for split in ("train", "val", "test"):
    record("Flowers102", ["@"], {"split": split})
for split in ("train", "test"):
    record("Food101", ["@"], {"split": split})
for split in ("train", "valid", "test", "all"):
    record("CelebA", ["@"], {"split": split})
for target in ("identity", "bbox", ["landmarks", "attr"], []):
    record("CelebA", ["@"], {"target_type": target})
for name in ("VOCSegmentation", "VOCDetection"):
    record(name, ["@"])
    record(name, ["@"], {"image_set": "trainval", "year": "2011"})
    record(name, ["@"], {"image_set": "test", "year": "2007"})
record("CocoDetection", ["@coco", "@coco/instances.json"])
record("CocoCaptions", ["@coco", "@coco/instances.json"])

with tarfile.open(os.path.join(here, "datasets.tar.gz"), "w:gz", compresslevel=9) as archive:
    for name in sorted(os.listdir(root)):
        archive.add(os.path.join(root, name), name, filter=lambda info: info if not setattr(info, "mtime", 0) else info)

# Archives of the common kinds.
archives = {}
content = {"a.txt": b"first", "folder/b.bin": bytes(range(256)) * 40, "folder/" + "long/" * 30 + "c.txt": b"deep"}
for kind in ("w", "w:gz"):
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode=kind, format=form) as archive:
            for name, data in content.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
        archives[f"{form}.tar{'.gz' if kind == 'w:gz' else ''}"] = buffer.getvalue()
for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("folder/", b"")
        for name, data in content.items():
            with archive.open(name, "w", force_zip64=method == zipfile.ZIP_STORED) as file:
                file.write(data)
        archive.comment = b"a comment"
    archives[f"{method}.zip"] = buffer.getvalue()

texts = {"empty": b"", "one": b"a", "runs": b"a" * 1000 + b"b" * 5 + b"c" * 259, "words": " ".join(str(i * i) for i in range(1500)).encode(), "noise": rng.integers(0, 256, 5000, dtype=np.uint8).tobytes()}
bzip = {name: {"packed": bz2.compress(text, 1).hex(), "md5": hashlib.md5(text).hexdigest(), "size": len(text)} for name, text in texts.items()}
bzip["two files"] = {"packed": (bz2.compress(b"first ") + bz2.compress(b"second")).hex(), "md5": hashlib.md5(b"first second").hexdigest(), "size": 12}

result = {
    "lists": lists, "cases": cases, "bzip": bzip,
    "archives": {name: data.hex() for name, data in archives.items()},
    "content": {name: hashlib.md5(data).hexdigest() for name, data in content.items()},
}
with gzip.GzipFile(os.path.join(here, "datasets.json.gz"), "wb", mtime=0) as file:
    file.write(json.dumps(result).encode())
shutil.rmtree(root)
