"""Records what PIL makes of images in few colours: /usr/bin/python3 makePalettes.py writes palettes.json.gz."""
import base64
import gzip
import hashlib
import json

import numpy as np
from PIL import Image

rng = np.random.default_rng(11)
METHODS = ["mediancut", "maxcoverage", "fastoctree"]


def text(data):
    return base64.b64encode(data).decode()


def photo(w, h, bands):
    y, x = np.mgrid[:h, :w]
    waves = [120 + 90 * np.sin(x / (5 + 2 * b)) * np.cos(y / (4 + b)) for b in range(bands)]
    return np.clip(np.stack(waves, -1) + rng.normal(0, 9, (h, w, bands)), 0, 255).astype(np.uint8)


def noise(w, h, bands):
    return rng.integers(0, 256, (h, w, bands), dtype=np.uint8)


def image(mode, values):
    return Image.frombytes(mode, values.shape[1::-1], values.tobytes())


few = noise(3, 1, 3)[0][rng.integers(0, 3, (9, 14))]
glass = noise(24, 18, 4)
glass[..., 3] = np.where(rng.random((18, 24)) < 0.3, 0, glass[..., 3])
IMAGES = {
    "photo": image("RGB", photo(41, 33, 3)),
    "noise": image("RGB", noise(37, 29, 3)),
    "few colours": image("RGB", few),
    "one colour": Image.new("RGB", (5, 4), (200, 7, 90)),
    "one pixel": image("RGB", noise(1, 1, 3)),
    "blacks": image("RGB", noise(20, 20, 3) // 40),
    "grey": image("L", photo(40, 20, 1)),
    "places": image("RGB", photo(30, 20, 3)).convert("P"),
    "glass": image("RGBA", glass),
    "opaque": image("RGB", photo(30, 22, 3)).convert("RGBA"),
    "clear": Image.new("RGBA", (3, 3), (9, 8, 7, 0)),
}
cases = []


def record(name, call, given, **words):
    one = IMAGES[name]
    result = call(one)
    bands = 4 if result.palette.mode == "RGBA" else 3
    cases.append({"image": name, **given, **words, "places": text(result.tobytes()), "bands": bands, "palette": text(bytes(result.getpalette("RGBA" if bands == 4 else "RGB")))})


for name, one in IMAGES.items():
    for number, method in enumerate(METHODS):
        if one.mode == "RGBA" and method != "fastoctree":
            continue
        for colours in (1, 2, 5, 16, 100, 256):
            for means in [0] if method == "fastoctree" else [0, 1, 4]:
                given = {"colors": colours, "method": method, "kmeans": means}
                record(name, lambda i: i.quantize(colours, number, means), given)
# PIL 9.4 fills the palette of a quantized image up with black, which it then takes too; later versions do not.
palette = Image.new("P", (1, 1))
palette.putpalette(IMAGES["photo"].quantize(12).getpalette()[:36])
for name in ("photo", "noise", "blacks", "one pixel", "grey"):
    for dither in (True, False):
        record(name, lambda i: i.quantize(palette=palette, dither=3 if dither else 0), {"dither": dither})

# An image of more colours than are told apart, and colours whose counts are large.
many = (np.arange(330 * 260, dtype=np.int64) * 40503 % 16777259).astype(np.uint32)
many = Image.frombytes("RGB", (330, 260), np.stack([many >> 16 & 255, many >> 8 & 255, many & 255], -1).astype(np.uint8).tobytes())
large = []
for number, method in enumerate(METHODS):
    result = many.quantize(64, number)
    large.append({"method": method, "places": hashlib.sha256(result.tobytes()).hexdigest(), "palette": text(bytes(result.getpalette()[:192]))})

images = {
    name: {"mode": one.mode, "size": one.size, "data": text(one.tobytes()), "palette": text(bytes(one.getpalette())) if one.mode == "P" else None}
    for name, one in IMAGES.items()
}
with gzip.GzipFile("palettes.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps({"images": images, "cases": cases, "colours": text(bytes(palette.getpalette()[:36])), "large": large}).encode())
