"""Records what torchvision and PIL read from image files: /usr/bin/python3 makeIo.py writes io.json.gz.

GIF and WebP files are read by later torchvisions alone, whose results follow from PIL's.
"""
import base64
import gzip
import io
import json
import os
import struct
import subprocess
import tempfile
import zlib

import numpy as np
import torch
from PIL import Image
from torchvision.io import ImageReadMode, decode_image, encode_jpeg

rng = np.random.default_rng(3)
MODES = ["UNCHANGED", "GRAY", "GRAY_ALPHA", "RGB", "RGB_ALPHA"]


def text(data):
    return base64.b64encode(bytes(data)).decode()


def picture(w, h, bands=3):
    """Smooth colours with some noise."""
    y, x = np.mgrid[0:h, 0:w]
    waves = [np.sin(x / (3 + i) + i) * np.cos(y / (4 + i)) for i in range(bands)]
    values = 128 + 90 * np.stack(waves, -1) + rng.normal(0, 12, (h, w, bands))
    return np.clip(values, 0, 255).astype(np.uint8)


def image(w, h, mode="RGB"):
    bands = len(Image.new(mode, (1, 1)).getbands())
    data = picture(w, h, bands)
    if mode == "1":
        return Image.fromarray(data[..., 0] > 128)
    return Image.frombytes(mode, (w, h), data.tobytes())


def pil(data):
    found = Image.open(io.BytesIO(data))
    found.load()
    kind = {"I;16": "<u2", "I": "<i4"}.get(found.mode, np.uint8)
    numbers = np.array(found).astype(np.uint8) * 255 if found.mode == "1" else np.frombuffer(found.tobytes(), kind)
    return {
        "mode": found.mode,
        "size": found.size,
        "data": text(numbers.tobytes()),
        "rgba": None if found.mode in ("I", "CMYK") else text(found.convert("RGBA").tobytes()),
    }


def vision(data, mode):
    try:
        result = decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), ImageReadMode[mode])
    except RuntimeError as error:
        return {"error": str(error).split("\n")[0]}
    return {"shape": list(result.shape), "data": text(result.contiguous().numpy().tobytes())}


cases = []


def add(name, data, modes=MODES):
    results = {mode: vision(data, mode) for mode in modes}
    cases.append({"name": name, "file": text(data), "pil": pil(data), "results": results})


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


# Sizes at which units and chroma end within the image, and those with too few samples for smooth chroma.
SIZES = [(1, 1), (2, 3), (3, 2), (5, 4), (8, 8), (17, 16), (16, 17), (33, 31), (41, 9)]
for w, h in SIZES:
    for sampling, name in enumerate(["444", "422", "420"]):
        for progressive in (False, True):
            kind = "progressive" if progressive else "baseline"
            data = saved(image(w, h), "JPEG", subsampling=sampling, progressive=progressive, quality=int(rng.integers(20, 101)))
            add(f"jpeg {name} {kind} {w}x{h}", data)
    add(f"jpeg grey {w}x{h}", saved(image(w, h, "L"), "JPEG"))
    add(f"jpeg inks {w}x{h}", saved(image(w, h, "CMYK"), "JPEG"), ["UNCHANGED"])
add("jpeg optimized", saved(image(40, 30), "JPEG", optimize=True, quality=95))
add("jpeg noise at best quality", saved(Image.fromarray(rng.integers(0, 256, (19, 23, 3), dtype=np.uint8)), "JPEG", quality=100))
add("jpeg at worst quality", saved(image(40, 30), "JPEG", quality=1))


HERE = os.path.dirname(os.path.abspath(__file__))
WRITER = os.path.join(tempfile.mkdtemp(), "writeJpeg")
subprocess.run(["gcc", "-o", WRITER, os.path.join(HERE, "writeJpeg.c"), "-ljpeg"], check=True)


def written(w, h, *words, space="ycc", progressive=0, restart=0):
    """A JPEG file with sampling factors, colours or restart markers that PIL does not write."""
    command = [WRITER, w, h, space, progressive, restart, *words]
    pixels = picture(w, h, 4 if space in ("cmyk", "ycck") else 3).tobytes()
    return subprocess.run([str(word) for word in command], input=pixels, capture_output=True, check=True).stdout


for factors in ("12 11 11", "41 11 11", "42 11 11", "14 11 11", "22 21 21", "22 12 12", "22 21 11", "11 12 11", "21 22 11"):
    for w, h in [(1, 1), (3, 5), (17, 16), (37, 29)]:
        progressive = int(w % 3 == 0)
        add(f"jpeg {factors} progressive {progressive} {w}x{h}", written(w, h, *factors.split(), progressive=progressive))
add("jpeg restarts", written(70, 40, "22", "11", "11", restart=3))
add("jpeg restarts progressive", written(70, 40, "22", "11", "11", restart=3, progressive=1))
add("jpeg rgb", written(21, 13, space="rgb"))
add("jpeg ycck", written(21, 13, "22", "11", "11", "22", space="ycck"), ["UNCHANGED"])
add("jpeg cmyk progressive", written(21, 13, space="cmyk", progressive=1), ["UNCHANGED"])


def restarted(w, h, interval, change=lambda segments: segments):
    """A grey JPEG file of flat blocks with restart markers, the segments between which may be changed."""
    source = saved(Image.new("L", (w, h)), "JPEG")
    scan = source.index(b"\xff\xda")
    codes = {0: "00", 1: "010", 2: "011", 3: "100", 4: "101", 5: "110", 6: "1110", 7: "11110", 8: "111110"}
    values = rng.integers(-60, 60, -(-w // 8) * -(-h // 8))
    segments = []
    for begin in range(0, len(values), interval):
        bits, last = "", 0
        for value in values[begin : begin + interval]:
            difference = int(value) - last
            last = int(value)
            size = abs(difference).bit_length()
            bits += codes[size]
            if size:
                bits += format(difference if difference > 0 else difference + (1 << size) - 1, f"0{size}b")
            bits += "1010"
        bits += "1" * (-len(bits) % 8)
        packed = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
        segments.append(packed + bytes([0xFF, 0xD0 + len(segments) % 8]))
    segments[-1] = segments[-1][:-2]
    head = source[:scan] + b"\xff\xdd\0\x04" + struct.pack(">H", interval) + source[scan : scan + 10]
    return head + b"".join(change(segments)) + b"\xff\xd9"


for interval in (1, 2, 7):
    add(f"jpeg restarted after {interval}", restarted(90, 41, interval))
add("jpeg without one segment", restarted(90, 41, 2, lambda all: all[:5] + all[6:]), ["UNCHANGED"])
add("jpeg without two segments", restarted(90, 41, 2, lambda all: all[:5] + all[7:]), ["UNCHANGED"])
add("jpeg with a segment twice", restarted(90, 41, 2, lambda all: all[:5] + all[4:]), ["UNCHANGED"])
add("jpeg with bytes between segments", restarted(90, 41, 3, lambda all: all[:4] + [all[4][:-2] + b"\x12\x34" + all[4][-2:]] + all[5:]), ["UNCHANGED"])
add("jpeg that ends too early", restarted(90, 41, 3, lambda all: all[:9]), ["UNCHANGED"])


def png(w, h, depth, kind, samples, palette=None, transparency=None, interlace=0):
    """A PNG file of samples that need not be of a mode that PIL writes."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    def rows(part):
        out = b""
        for row in part:
            values = row.reshape(-1)
            if depth == 16:
                packed = values.astype(">u2").tobytes()
            elif depth == 8:
                packed = values.astype(np.uint8).tobytes()
            else:
                bits = "".join(format(int(v), f"0{depth}b") for v in values)
                bits += "0" * (-len(bits) % 8)
                packed = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
            out += b"\0" + packed
        return out

    samples = samples.reshape(h, w, channels)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in passes] if interlace else [samples]
    body = b"".join(rows(part) for part in parts if part.size)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, interlace))
    if palette is not None:
        data += chunk(b"PLTE", palette)
    if transparency is not None:
        data += chunk(b"tRNS", transparency)
    return data + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


for mode in ["1", "L", "LA", "P", "RGB", "RGBA"]:
    for w, h in [(1, 1), (13, 9), (33, 20)]:
        one = image(w, h, mode)
        if mode == "P":
            one.putpalette(rng.integers(0, 256, 768, dtype=np.uint8).tobytes())
        # torchvision reads no small depth unchanged, and where it should add an opacity to these, it does not.
        add(f"png {mode} {w}x{h}", saved(one, "PNG"), {"1": ["GRAY", "RGB"], "P": ["UNCHANGED", "GRAY", "RGB"]}.get(mode, MODES))
for interlace in (0, 1):
    for w, h in [(1, 1), (3, 2), (9, 7), (20, 13)]:
        for depth in (1, 2, 4):
            values = rng.integers(0, 2**depth, (h, w))
            add(f"png grey {depth} bits {w}x{h} interlaced {interlace}", png(w, h, depth, 0, values, interlace=interlace), ["GRAY", "RGB"])
            colours = rng.integers(0, 256, 3 * 2**depth, dtype=np.uint8).tobytes()
            add(f"png palette {depth} bits {w}x{h} interlaced {interlace}", png(w, h, depth, 3, values, colours, interlace=interlace), ["GRAY", "RGB"])
        for kind, channels in ((0, 1), (2, 3), (4, 2), (6, 4)):
            values = rng.integers(0, 256, (h, w, channels))
            add(f"png type {kind} {w}x{h} interlaced {interlace}", png(w, h, 8, kind, values, interlace=interlace))
for kind, channels in ((0, 1), (2, 3), (4, 2), (6, 4)):
    values = rng.integers(0, 65536, (7, 9, channels))
    add(f"png 16 bits type {kind}", png(9, 7, 16, kind, values), [])
    cases[-1]["samples"] = {"shape": [channels, 7, 9], "data": values.transpose(2, 0, 1).reshape(-1).tolist()}
colours = rng.integers(0, 256, 48, dtype=np.uint8).tobytes()
add("png palette with opacity", png(8, 6, 4, 3, rng.integers(0, 16, (6, 8)), colours, bytes([0, 40, 255, 3])), ["GRAY", "RGB", "RGB_ALPHA"])
add("png rgb with a transparent colour", png(4, 4, 8, 2, np.tile([[1, 2, 3], [4, 5, 6]], (8, 1)), transparency=struct.pack(">3H", 4, 5, 6)), ["UNCHANGED"])
add("png grey with a transparent colour", png(4, 4, 8, 0, np.arange(16), transparency=struct.pack(">H", 7)), ["UNCHANGED"])

for mode, options in (("RGB", {}), ("RGB", {"lossless": True}), ("RGBA", {}), ("RGBA", {"lossless": True})):
    add(f"webp {mode} {options}", saved(image(21, 17, mode), "WEBP", **options), [])
palette = image(23, 19).quantize(37)
add("gif palette", saved(palette, "GIF"), [])
add("gif interlaced", saved(palette, "GIF", interlace=True), [])
add("gif grey", saved(image(70, 50, "L"), "GIF"), [])
add("gif with transparency", saved(palette, "GIF", transparency=3), [])
add("gif noise", saved(Image.fromarray(rng.integers(0, 256, (90, 80), dtype=np.uint8)).convert("P"), "GIF"), [])
add("gif of few colours", saved(image(60, 60).quantize(2), "GIF"), [])

for mode in ("1", "L", "P", "RGB"):
    one = image(13, 7, mode)
    if mode == "P":
        one.putpalette(rng.integers(0, 256, 768, dtype=np.uint8).tobytes())
    add(f"bmp {mode}", saved(one, "BMP"), [])
    if mode != "P":
        add(f"ppm {mode}", saved(one, "PPM"), [])
add("bmp of 32 bits", saved(image(13, 7, "RGBA"), "BMP"), [])
add("ppm of 16 bits", b"P5\n# a comment\n5 3\n65535\n" + rng.integers(0, 65536, 15).astype(">u2").tobytes(), [])
add("ppm up to 100", b"P6 4 2 100\n" + bytes(range(0, 96, 4)), [])

encoded = []
for w, h in SIZES:
    for bands in (1, 3):
        for quality in (1, 40, 75, 100):
            pixels = torch.from_numpy(picture(w, h, bands)).permute(2, 0, 1).contiguous()
            file = encode_jpeg(pixels, quality)
            encoded.append({"shape": list(pixels.shape), "data": text(pixels.numpy().tobytes()), "quality": quality, "file": text(file.numpy().tobytes())})

inks = []
for w, h in SIZES:
    for quality in (1, 75, 100):
        one = image(w, h, "CMYK")
        inks.append({"size": [w, h], "data": text(one.tobytes()), "quality": quality, "file": text(saved(one, "JPEG", quality=quality))})

with gzip.GzipFile("io.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps({"decode": cases, "encode": encoded, "inks": inks}).encode())
