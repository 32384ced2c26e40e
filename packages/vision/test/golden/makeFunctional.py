"""Records what torchvision's functional transforms give: functional.json.gz beside this file.

Run by hand with a Python that has torchvision 0.14: python3 makeFunctional.py
"""

import numpy as np
import torch
import torchvision.transforms.functional as F
from PIL import Image
from torchvision.transforms import InterpolationMode

from imageRecording import described, plain, write
from recording import camel

torch.manual_seed(7)

H, W = 11, 13
# Neither noise nor a plain ramp: patches with edges, and some noise.
rgb = (torch.rand(3, 4, 5).repeat_interleave(4, 1).repeat_interleave(4, 2)[:, :H, :W] * 200 + torch.rand(3, H, W) * 55).to(torch.uint8)
other = torch.randint(0, 256, (3, H, W), dtype=torch.uint8)
inputs = {
    "rgb": rgb,
    "grey": rgb[1:2].clone(),
    "batch": torch.stack([rgb, other]),
    "float": rgb.float() / 255,
    "double": (rgb.float() / 255).double(),
    "floats": torch.rand(2, 3, H, W),
    "pil": Image.fromarray(rgb.permute(1, 2, 0).numpy()),
    "pilL": Image.fromarray(rgb[1].numpy()),
    "pilRGBA": Image.fromarray(np.concatenate([rgb.permute(1, 2, 0).numpy(), other[:1].permute(1, 2, 0).numpy()], 2)),
}
cases = []


def case(name, on, *args, **options):
    for source in on.split():
        img = inputs[source]
        img = img.copy() if isinstance(img, Image.Image) else img.clone()
        result = getattr(F, name)(img, *args, **options)
        cases.append(
            {
                "name": camel(name),
                "input": source,
                "args": [plain(arg) for arg in args],
                "options": {camel(key): plain(value) for key, value in options.items()},
                "result": described(result),
            }
        )


tensors = "rgb grey batch float double floats"
pils = "pil pilL"
everything = f"{tensors} {pils}"
modes = {mode.value: mode for mode in InterpolationMode}

for size in ([7, 9], [20, 31], [13, 8], 6, [25]):
    for mode in ("nearest", "bilinear", "bicubic"):
        for antialias in (False, True) if mode != "nearest" else (False,):
            on = "rgb batch float" if size != [7, 9] else tensors
            case("resize", on, size, interpolation=modes[mode], antialias=antialias)
    for mode in modes.values():
        case("resize", pils + (" pilRGBA" if size == [7, 9] else ""), size, interpolation=mode, antialias=True)
case("resize", "rgb pil", 10, max_size=11, antialias=True)
for mode in ("nearest", "bilinear", "bicubic"):
    case("resized_crop", "rgb float pil pilL", 2, 3, 8, 10, [5, 12], interpolation=modes[mode], antialias=False if mode == "nearest" else True)

for box in ((2, 3, 5, 6), (-2, -3, 9, 30), (10, 12, 9, 9), (0, 0, H, W)):
    case("crop", everything, *box)
for size in (5, [8], [6, 9], [20, 9], [20, 30], [5, 4]):
    case("center_crop", "rgb floats pil pilL", size)
case("five_crop", "rgb floats pil", [5, 6])
case("ten_crop", "rgb pil", 4)
case("ten_crop", "rgb pil", [4, 5], vertical_flip=True)
for padding in (2, [3], [1, 3], [1, 2, 3, 4]):
    for mode in ("constant", "edge", "reflect", "symmetric"):
        case("pad", "rgb batch double pil pilL", padding, padding_mode=mode)
case("pad", "rgb float pil pilL", [1, 2], 9)
case("pad", "pil", [1, 2], (9, 100, 250))
for mode in ("edge", "reflect", "symmetric"):
    case("pad", "pil", [-1, 2, 3, -2], padding_mode=mode)
case("pad", "rgb", [-1, 2, 3, -2])
for name in ("hflip", "vflip"):
    case(name, everything)

for mode in ("nearest", "bilinear"):
    interpolation = modes[mode]
    for fill in (None, 40, [10, 100, 200]):
        small = None if fill is None else 0.25 if fill == 40 else [0.1, 0.4, 0.8]
        for on, colour in (("rgb batch pil", fill), ("float double floats", small), ("grey pilL", None if fill is None else 40)):
            if on == "grey pilL" and isinstance(fill, list):
                continue
            case("rotate", on, 23.5, interpolation=interpolation, fill=colour)
            case("affine", on, -17.0, [2, -3], 1.2, [8.0, -5.0], interpolation=interpolation, fill=colour)
            case("perspective", on, [[0, 0], [12, 0], [12, 10], [0, 10]], [[1, 2], [11, 1], [10, 9], [2, 8]], interpolation=interpolation, fill=colour)
    case("rotate", "rgb float pil", 23.5, interpolation=interpolation, expand=True)
    case("rotate", "rgb float pil", -60, interpolation=interpolation, center=[3, 4])
    for angle in (0, 90, 180, 270, 45, -450):
        case("rotate", "rgb pil pilL", angle, interpolation=interpolation)
        case("rotate", "pil", angle, interpolation=interpolation, expand=True)
    case("affine", "rgb float pil", 30.0, [0, 0], 0.8, 12.0, interpolation=interpolation, center=[2, 5])
    case("affine", "rgb pil", 0.0, [3, 2], 1.0, [0.0, 0.0], interpolation=interpolation)
    case("affine", "rgb pil", 0.0, [0, 0], 1.7, [0.0, 0.0], interpolation=interpolation)
    displacement = (torch.rand(1, H, W, 2) - 0.5) * 0.4
    case("elastic_transform", "rgb batch float pil pilL", displacement, interpolation=interpolation, fill=0)
    case("elastic_transform", "rgb float", displacement, interpolation=interpolation, fill=[0.5])
bicubic = modes["bicubic"]
case("rotate", "pil pilL pilRGBA", 23.5, interpolation=bicubic, expand=True, fill=None)
case("affine", "pil pilRGBA", -17.0, [2, -3], 1.2, [8.0, -5.0], interpolation=bicubic)
case("perspective", "pil pilL", [[0, 0], [12, 0], [12, 10], [0, 10]], [[1, 2], [11, 1], [10, 9], [2, 8]], interpolation=bicubic)

for size, sigma in ((3, None), ([3, 7], None), (5, 1.3), ([5, 3], [0.5, 2.0]), ([1, 5], [0.7])):
    case("gaussian_blur", "rgb batch float double pil pilL", size, sigma=sigma)

for factor in (0.0, 0.4, 1.0, 1.7, 3.0):
    for name in ("brightness", "contrast", "saturation", "sharpness"):
        case(f"adjust_{name}", everything, factor)
    case("adjust_gamma", everything, factor)
    case("adjust_gamma", "rgb pil", factor, 1.5)
for factor in (-0.5, -0.21, 0.0, 0.1, 0.37, 0.5):
    case("adjust_hue", everything, factor)
for bits in range(0, 9):
    case("posterize", "rgb grey batch pil", bits)
for threshold in (0, 64.5, 128, 255):
    case("solarize", "rgb batch pil pilL", threshold)
for threshold in (0.0, 0.3, 1.0):
    case("solarize", "float double", threshold)
inputs["narrow"] = (rgb // 3 + 40).clone()
inputs["pilNarrow"] = Image.fromarray((rgb // 3 + 40).permute(1, 2, 0).numpy())
inputs["flat"] = torch.full((3, 4, 5), 9, dtype=torch.uint8)
inputs["large"] = torch.randint(0, 99, (3, 40, 50), dtype=torch.uint8) + rgb[:, :1, :1]
inputs["pilLarge"] = Image.fromarray(inputs["large"].permute(1, 2, 0).numpy())
case("equalize", "rgb grey batch pil pilL narrow pilNarrow flat large pilLarge")
case("autocontrast", f"{everything} narrow pilNarrow flat")
case("invert", everything)
for channels in (1, 3):
    # torchvision gives a grey tensor one channel whatever is asked for.
    case("rgb_to_grayscale", everything if channels == 1 else everything.replace("grey ", ""), num_output_channels=channels)
    case("to_grayscale", "pil pilL pilRGBA", num_output_channels=channels)
case("to_tensor", "pil pilL pilRGBA")
case("pil_to_tensor", "pil pilL pilRGBA")
case("to_pil_image", "rgb grey float double")
case("normalize", "float floats double", [0.4, 0.5, 0.6], [0.2, 0.3, 0.25])
case("erase", "rgb floats", 2, 3, 4, 5, torch.tensor([7.0, 8.0, 9.0])[:, None, None])
case("convert_image_dtype", "rgb batch", dtype=torch.float32)
case("convert_image_dtype", "rgb batch", dtype=torch.int16)
case("convert_image_dtype", "float double", dtype=torch.uint8)
for name in ("get_dimensions", "get_image_size", "get_image_num_channels"):
    case(name, everything)

write("functional.json.gz", inputs, cases)
