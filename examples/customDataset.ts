/** A data set of one's own: images in a folder, labels in a CSV file, read by workers, and one epoch of training. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transforms } from "@flambeau/vision";
import torch, { nn, optim } from "flambeau";
import { CustomImageDataset, labelTransform, writeClothes } from "./support/clothes.js";

const { DataLoader } = torch.utils.data;
const { Compose, ConvertImageDtype, Resize } = transforms;

const folder = mkdtempSync(join(tmpdir(), "clothes-"));
writeClothes(folder, 320);

torch.manualSeed(0);

// `readImage` gives tensors, so what follows the change of size is another dtype (`ToTensor` is for images).
const imageTransform = new Compose([new Resize([128, 128], { antialias: true }), new ConvertImageDtype(torch.float32)]);
const dataset = new CustomImageDataset(
  join(folder, "annotations.csv"),
  join(folder, "images"),
  imageTransform,
  labelTransform,
);
console.log(`${dataset.length} images`);
const [image, label] = dataset.at(0);
console.log(image.shape, label);

const loader = new DataLoader(dataset, 32, { shuffle: true, numWorkers: 2 });
const model = new nn.Sequential(
  new nn.Conv2d(1, 8, 5, { stride: 4 }),
  new nn.ReLU(),
  new nn.MaxPool2d(4),
  new nn.Flatten(),
  new nn.Linear(8 * 7 * 7, 10),
);
const lossFn = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(model.parameters(), { lr: 5e-3 });

let batch = 0;
for (const [images, labels] of loader) {
  const loss = lossFn(model(images), labels.float());
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  console.log(`batch ${batch++}  images [${images.shape}]  labels [${labels.shape}]  loss ${loss.item().toFixed(3)}`);
}
rmSync(folder, { recursive: true });
