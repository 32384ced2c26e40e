/** Iterating over a data set, and looking at it: samples in a grid, and the first picture of a batch. */
import plt, { matplotlib } from "@flambeau/pyplot";
import { datasets, transforms } from "@flambeau/vision";
import torch from "flambeau";

const { DataLoader } = torch.utils.data;

// "TkAgg" for a window, which here is a page in the browser
matplotlib.use("Agg");

torch.manualSeed(0);

const trainingData = new datasets.FashionMNIST(datasets.sampleRoot, {
  train: true,
  transform: new transforms.ToTensor(),
});

const labelsMap = new Map([
  [0, "T-Shirt"],
  [1, "Trouser"],
  [2, "Pullover"],
  [3, "Dress"],
  [4, "Coat"],
  [5, "Sandal"],
  [6, "Shirt"],
  [7, "Sneaker"],
  [8, "Bag"],
  [9, "Ankle Boot"],
]);

const figure = plt.figure({ figsize: [8, 8] });
const [cols, rows] = [3, 3];
for (let i = 1; i <= cols * rows; i++) {
  const sampleIdx = torch.randint(trainingData.length, [1]).item();
  const [img, imgLabel] = trainingData.at(sampleIdx);
  figure.addSubplot(rows, cols, i);
  const title = labelsMap.get(imgLabel) as string;
  plt.title(title);
  plt.axis("off");
  plt.imshow(img.squeeze(), { cmap: "gray" });
  console.log(sampleIdx, title);
}
plt.show();

// A batch of features and labels
const trainLoader = new DataLoader(trainingData, 64, { shuffle: true });
const [trainFeatures, trainLabels] = trainLoader[Symbol.iterator]().next().value as [torch.Tensor, torch.Tensor];
const img = trainFeatures.at(0).squeeze();
const imgLabel = trainLabels.at(0);
console.log(img.shape, imgLabel, labelsMap.get(imgLabel.item()));
plt.figure();
plt.imshow(img, { cmap: "gray" });
plt.show();
