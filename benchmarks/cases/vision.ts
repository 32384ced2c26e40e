/** Images: networks in evaluation, transforms of a batch, and an epoch over files of JPEG with the usual augmentation. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { datasets, io, models, transforms } from "@flambeau/vision";
import torch, { F, optim, type Tensor } from "flambeau";
import { type Case, operation, program, randn } from "../case.js";

/** A network's scores of images of 224×224. */
function inference(name: string, make: () => (images: Tensor) => Tensor, python: string, batch: number): Case {
  return program({
    name: `${name}, inference of ${batch} of 224²`,
    flambeau: () => {
      const model = make() as ReturnType<typeof models.resnet18>;
      model.eval();
      const images = torch.randn(batch, 3, 224, 224);
      return () => torch.noGrad(() => model(images));
    },
    pytorch: {
      setup: `import torchvision\nmodel = torchvision.models.${python}().eval()\nimages = torch.randn(${batch}, 3, 224, 224)`,
      run: "with torch.no_grad(): model(images)",
    },
  });
}

/** A step of training ResNet 18 on 8 images of 64×64. */
const step: Case = program({
  name: "ResNet 18, a training step on 8 of 64²",
  flambeau: () => {
    const model = models.resnet18();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
    const [images, labels] = [torch.randn(8, 3, 64, 64), torch.randint(0, 1000, [8])];
    return () => {
      optimizer.zeroGrad();
      F.crossEntropy(model(images), labels).backward();
      optimizer.step();
    };
  },
  pytorch: {
    setup: `
import torchvision
model = torchvision.models.resnet18()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
images, labels = torch.randn(8, 3, 64, 64), torch.randint(0, 1000, (8,))`,
    run: `
optimizer.zero_grad()
torch.nn.functional.cross_entropy(model(images), labels).backward()
optimizer.step()`,
  },
});

const files = 320;

/** A folder with JPEG files of about 400×300 in two classes, which is made once. */
function jpegFolder(): string {
  const folder = join(tmpdir(), `flambeau-benchmark-jpegs-${files}`);
  if (existsSync(folder)) return folder;
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  const draw = torch.Generator === undefined ? undefined : new torch.Generator().manualSeed(0);
  for (let i = 0; i < files; i++) {
    const [height, width] = [300 + ((i * 7) % 60) - 30, 400 + ((i * 13) % 80) - 40];
    const coarse = torch.rand(1, 3, 38, 50, { generator: draw }).mul(160).add(48);
    const fine = torch.randn(1, 1, height, width, { generator: draw }).mul(6);
    const image = F.interpolate(coarse, [height, width], { mode: "bicubic" }).add(fine).clamp(0, 255);
    const place = join(part, `class${i % 2}`);
    mkdirSync(place, { recursive: true });
    io.writeJpeg(image.squeeze(0).to(torch.uint8), join(place, `${i}.jpg`), 90);
  }
  renameSync(part, folder);
  return folder;
}

/** An epoch over them; workers are there before and stay. */
function epoch(numWorkers: number): Case {
  const augmentation = () =>
    new transforms.Compose([
      new transforms.RandomResizedCrop(224),
      new transforms.RandomHorizontalFlip(),
      new transforms.ColorJitter(0.4, 0.4, 0.4, 0.1),
      new transforms.ToTensor(),
      new transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ]);
  return {
    name: `${files} JPEGs of 400×300, augmented, ${numWorkers} workers`,
    flambeau: () => {
      const dataset = new datasets.ImageFolder(jpegFolder(), { transform: augmentation() });
      const options = { batchSize: 32, shuffle: true, numWorkers, persistentWorkers: numWorkers > 0 };
      const loader = new torch.utils.data.DataLoader(dataset, options);
      const run = () => {
        for (const _ of loader);
      };
      run();
      return run;
    },
    pytorch: {
      setup: `
import os, tempfile
from torchvision import datasets, transforms as T
transform = T.Compose([T.RandomResizedCrop(224), T.RandomHorizontalFlip(), T.ColorJitter(0.4, 0.4, 0.4, 0.1), T.ToTensor(),
    T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
dataset = datasets.ImageFolder(os.path.join(tempfile.gettempdir(), "flambeau-benchmark-jpegs-${files}"), transform)
loader = torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True, num_workers=${numWorkers}, persistent_workers=${numWorkers > 0 ? "True" : "False"})
for _ in loader: pass`,
      run: "for _ in loader: pass",
    },
  };
}

/** An operation on a batch of 8 tensors of 3×256×256; Python's expression begins in `torchvision.transforms.functional`. */
function ofBatch(name: string, flambeau: (x: Tensor) => Tensor, python: string): Case[] {
  return operation({
    name: `${name}, 8 of 3×256²`,
    inputs: { x: randn(8, 3, 256, 256) },
    flambeau: ({ x }) => flambeau(x),
    pytorch: `__import__("torchvision").transforms.functional.${python}`,
    backward: false,
  });
}

const { functional } = transforms;

export const vision: readonly Case[] = [
  ...[1, 16].flatMap((batch) => [
    inference("ResNet 18", models.resnet18, "resnet18", batch),
    inference("MobileNet V3 large", models.mobilenetV3Large, "mobilenet_v3_large", batch),
    inference("MobileNet V3 small", models.mobilenetV3Small, "mobilenet_v3_small", batch),
  ]),
  step,
  ...ofBatch("resize to 224²", (x) => functional.resize(x, [224, 224]), "resize(x, [224, 224], antialias=True)"),
  ...ofBatch(
    "affine",
    (x) => functional.affine(x, 30, [10, 5], 1.2, [5, 0], { interpolation: "bilinear" }),
    'affine(x, 30, [10, 5], 1.2, [5, 0], interpolation=__import__("torchvision").transforms.InterpolationMode.BILINEAR)',
  ),
  ...ofBatch("gaussian blur of 5", (x) => functional.gaussianBlur(x, 5), "gaussian_blur(x, 5)"),
  program(epoch(0)),
  epoch(2),
];
