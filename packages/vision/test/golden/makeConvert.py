"""Records what PIL gives for conversions between modes: /usr/bin/python3 makeConvert.py writes convert.json.gz."""
import gzip
import json
import warnings

import numpy as np
from PIL import Image

warnings.simplefilter("ignore")
rng = np.random.default_rng(7)
W, H = 17, 11
MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "HSV", "I;16", "I", "F"]


def colours(bands):
    """Random bytes, with pixels that are grey, black, white and of pure colours among them."""
    data = rng.integers(0, 256, (H, W, bands), dtype=np.uint8)
    data[0, :, :] = data[0, :, :1]
    data[1, :, :] = rng.choice([0, 255], (W, bands))
    return data


def make(mode):
    if mode == "1":
        return Image.fromarray(colours(1)[..., 0] > 127)
    if mode in ("L", "P"):
        image = Image.fromarray(colours(1)[..., 0], "L")
        if mode == "P":
            image = Image.frombytes("P", (W, H), image.tobytes())
            image.putpalette(rng.integers(0, 256, 768, dtype=np.uint8).tobytes())
        return image
    if mode == "I;16":
        values = rng.integers(0, 65536, (H, W)).astype(np.uint16)
        values[0] %= 300
        return Image.frombytes("I;16", (W, H), values.astype("<u2").tobytes())
    if mode == "I":
        values = rng.integers(-400, 70000, (H, W)).astype(np.int32)
        values[0] %= 300
        return Image.fromarray(values, "I")
    if mode == "F":
        values = (rng.random((H, W)) * 400 - 50).astype(np.float32)
        return Image.fromarray(values, "F")
    bands = colours(len(Image.new(mode, (1, 1)).getbands()))
    return Image.frombytes(mode, (W, H), bands.tobytes())


def numbers(image):
    kind = {"I;16": "<u2", "I": "<i4", "F": "<f4"}.get(image.mode, np.uint8)
    if image.mode == "1":
        return (np.array(image).reshape(-1) * 255).tolist()
    return np.frombuffer(image.tobytes(), kind).tolist()


cases = []
for mode in MODES:
    image = make(mode)
    case = {"mode": mode, "size": [W, H], "data": numbers(image), "results": {}}
    if mode == "P":
        case["palette"] = image.getpalette("RGB")
    for target in MODES:
        # Colours with opacity get a palette of their own there.
        if target == mode or (mode, target) == ("RGBA", "P"):
            continue
        for dither in ([3, 0] if target in ("1", "P") else [3]):
            try:
                result = image.convert(target, dither=dither)
            except ValueError as error:
                print(mode, target, error)
                continue
            case["results"][f"{target}{'' if dither else ' plain'}"] = numbers(result)
    cases.append(case)
with gzip.GzipFile("convert.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps(cases).encode())
