/**
 * torchvision's part of Flambeau: images from files, data sets, transforms, networks, and operators on them.
 *
 * @example
 * import { datasets, transforms } from "@flambeau/vision";
 *
 * const trainingData = new datasets.FashionMNIST("data", { download: true, transform: new transforms.ToTensor() });
 */
import { ownPackage } from "flambeau/arguments";

export * as datasets from "./datasets/index.js";
export { Image, ImageBatch, type ImageMode } from "./image.js";
export * as io from "./io/index.js";
export * as models from "./models/index.js";
export * as ops from "./ops/index.js";
export * as transforms from "./transforms/index.js";
export * as tvTensors from "./tvTensors.js";
export * as utils from "./utils/index.js";

ownPackage(import.meta.url);
