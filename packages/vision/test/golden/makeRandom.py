"""Records what torchvision's random transforms give under a seed, and how transforms print: random.json.gz beside this file.

Run by hand with a Python that has torchvision 0.14: python3 makeRandom.py
"""

import torch
import torchvision.transforms as T
from PIL import Image
from torchvision.transforms import AutoAugmentPolicy, InterpolationMode

from imageRecording import described, plain, write
from recording import camel

torch.manual_seed(11)
H, W = 11, 14
rgb = (torch.rand(3, 4, 5).repeat_interleave(3, 1).repeat_interleave(3, 2)[:, :H, :W] * 200 + torch.rand(3, H, W) * 55).to(torch.uint8)
inputs = {
    "rgb": rgb,
    "batch": torch.stack([rgb, rgb.flip(2)]),
    "float": rgb.float() / 255,
    "pil": Image.fromarray(rgb.permute(1, 2, 0).numpy()),
    "pilL": Image.fromarray(rgb[1].numpy()),
}
cases = []


def case(name, on, *args, seeds=3, **options):
    """Runs a transform under several seeds; what is drawn afterwards shows whether as much was drawn."""
    transform = getattr(T, name)(*args, **options)
    # Later versions print what 0.14 has garbled, and take antialiasing as given.
    text = str(transform).replace("), antialias=None)", ", antialias=True)").replace("antialias=None", "antialias=True")
    if name == "ElasticTransform":
        text = f"ElasticTransform(alpha={transform.alpha}, sigma={transform.sigma}, interpolation={transform.interpolation}, fill={transform.fill})"
    if name in ("Resize", "RandomResizedCrop"):
        transform.antialias = True if transform.interpolation not in (InterpolationMode.NEAREST,) else None
    results = []
    for source in on.split():
        for seed in range(seeds):
            img = inputs[source]
            img = img.copy() if isinstance(img, Image.Image) else img.clone()
            torch.manual_seed(seed)
            result = transform(img)
            results.append({"input": source, "seed": seed, "result": described(result), "next": torch.rand(1).item()})
    cases.append(
        {
            "name": name,
            "args": [plain(arg) for arg in args],
            "options": {camel(key): plain(value) for key, value in options.items()},
            "text": text,
            "results": results,
        }
    )


I = InterpolationMode
everything = "rgb batch float pil pilL"
case("Resize", "rgb pil", 8, seeds=1)
case("Resize", "rgb pil", (5, 20), interpolation=I.BICUBIC, seeds=1)
case("Resize", "rgb pil", 8, max_size=9, seeds=1)
case("CenterCrop", "rgb pil", 6, seeds=1)
case("CenterCrop", "rgb", (20, 5), seeds=1)
case("Pad", "rgb pil", 2, seeds=1)
case("Pad", "rgb pil", (1, 2), 7, padding_mode="edge", seeds=1)
case("FiveCrop", "rgb pil", (4, 5), seeds=1)
case("TenCrop", "rgb", 4, vertical_flip=True, seeds=1)
case("Grayscale", "rgb pil", seeds=1)
case("Grayscale", "rgb pil", 3, seeds=1)
case("ToTensor", "pil", seeds=1)
case("PILToTensor", "pil", seeds=1)
case("ToPILImage", "rgb float", seeds=1)
case("Normalize", "float", [0.5, 0.25, 0.1], [0.1, 1.5, 0.3], seeds=1)
n = 3 * H * W
case("RandomCrop", everything, 7)
case("RandomCrop", "rgb pil", (6, 20), (3, 4), fill=9, padding_mode="constant")
case("RandomCrop", "rgb pil", (16, 17), pad_if_needed=True, padding_mode="reflect")
case("RandomResizedCrop", everything, 9)
case("RandomResizedCrop", "rgb pil", (6, 12), (0.5, 0.9), (0.9, 1.1), interpolation=I.NEAREST)
case("RandomResizedCrop", "rgb pil", (6, 12), (2.0, 3.0), (4.0, 5.0), interpolation=I.BICUBIC)
for name in ("RandomHorizontalFlip", "RandomVerticalFlip", "RandomInvert", "RandomAutocontrast", "RandomGrayscale"):
    case(name, everything if name != "RandomGrayscale" else "rgb pil", seeds=4)
    case(name, "rgb pil", 0.9, seeds=2)
case("RandomEqualize", "rgb batch pil pilL", seeds=4)
case("RandomPosterize", "rgb pil", 3)
case("RandomSolarize", "rgb pil", 100.5, 0.7)
case("RandomAdjustSharpness", everything, 2.5)
case("RandomRotation", everything, 30)
case("RandomRotation", "rgb pil", (10.0, 80.0), interpolation=I.BILINEAR, expand=True, fill=12)
case("RandomRotation", "rgb pil", 45.5, center=(2, 3), fill=(1, 2, 3))
case("RandomAffine", everything, 15)
case("RandomAffine", "rgb pil", (5.0, 20.0), (0.1, 0.3), (0.8, 1.25), 10.0, interpolation=I.BILINEAR, fill=99)
case("RandomAffine", "rgb pil", 0, shear=(-5.0, 5.0, 10.0, 20.0), center=(1, 1))
case("RandomPerspective", everything, 0.6, 0.8)
case("RandomPerspective", "rgb pil", interpolation=I.NEAREST, fill=(10, 20, 30))
case("ElasticTransform", "rgb batch pil", 30.0, 1.0)
case("ElasticTransform", "rgb pil", [20.0, 60.0], [0.5, 0.25], interpolation=I.NEAREST, fill=5)
case("GaussianBlur", everything, 3)
case("GaussianBlur", "rgb", (5, 3), (0.5, 0.75))
case("ColorJitter", everything, 0.4, 0.3, 0.5, 0.1, seeds=6)
case("ColorJitter", "rgb pil", brightness=(0.5, 1.25), hue=(-0.2, 0.3))
case("ColorJitter", "rgb", 0.25)
case("RandomErasing", "rgb batch float", 0.9)
case("RandomErasing", "float", 0.9, (0.1, 0.2), (0.5, 2.0), "random", seeds=4)
case("RandomErasing", "float", 0.75, value=(0.25, 0.5, 0.75), inplace=True)
for policy in AutoAugmentPolicy:
    case("AutoAugment", "rgb pil", policy=policy, seeds=25)
case("AutoAugment", "rgb pil", interpolation=I.BILINEAR, fill=(7, 8, 9), seeds=8)
case("RandAugment", "rgb pil", seeds=16)
case("RandAugment", "rgb pil", 3, 5, 11, interpolation=I.BILINEAR, fill=40, seeds=8)
case("TrivialAugmentWide", "rgb pil", seeds=25)
case("TrivialAugmentWide", "rgb pil", 5, interpolation=I.BILINEAR, fill=(3, 2, 1), seeds=8)
case("AugMix", "rgb batch pil", seeds=6)
case("AugMix", "rgb", 5, 2, 2, 0.5, all_ops=False, interpolation=I.NEAREST, seeds=6)

containers = {
    "compose": str(T.Compose([T.Resize(8), T.RandomHorizontalFlip(), T.ToTensor()])),
    "apply": str(T.RandomApply([T.RandomRotation(5), T.Grayscale()], 0.25)),
    "choice": str(T.RandomChoice([T.RandomRotation(5), T.Grayscale()])),
    "choiceOf": str(T.RandomChoice([T.RandomRotation(5), T.Grayscale()], [0.5, 0.5])),
    "order": str(T.RandomOrder([T.RandomRotation(5), T.Grayscale()])),
    "lambda": str(T.Lambda(lambda x: x)),
    "dtype": str(T.ConvertImageDtype(torch.uint8)),
    "pil": str(T.ToPILImage("RGB")),
    "linear": str(T.LinearTransformation(torch.tensor([[0.5, 0.1], [0.0, 1.0]]), torch.tensor([1.0, 0.3]))),
}
containers = {key: text.replace("antialias=None", "antialias=True") for key, text in containers.items()}

write("random.json.gz", inputs, cases, texts=containers)
