/** `datasets`: collections of labelled images. */
import { fileURLToPath } from "node:url";

export { Caltech101, type Caltech101Options } from "./caltech101.js";
export { CelebA, type CelebAOptions } from "./celebA.js";
export { CIFAR10, CIFAR100, type CIFAROptions } from "./cifar.js";
export { type CocoAnnotation, CocoCaptions, CocoDetection } from "./coco.js";
export { EMNIST, QMNIST, type QMNISTOptions } from "./emnist.js";
export { FakeData } from "./fakeData.js";
export { Flowers102, type Flowers102Options } from "./flowers102.js";
export { DatasetFolder, IMG_EXTENSIONS, ImageFolder } from "./folder.js";
export { Food101, type Food101Options } from "./food101.js";
export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from "./mnist.js";
export { OxfordIIITPet, type OxfordIIITPetOptions } from "./oxfordIIITPet.js";
export { STL10, type STL10Options } from "./stl10.js";
export { SVHN, type SVHNOptions } from "./svhn.js";
export { USPS } from "./usps.js";
export * as utils from "./utils.js";
export { type TransformFunction, VisionDataset } from "./visionDataset.js";
export { type VOCAnnotation, VOCDetection, type VOCOptions, VOCSegmentation } from "./voc.js";

/**
 * A folder with a tenth of FashionMNIST, 6,000 images to train with and 1,000 to test, for use where the whole set
 * cannot be fetched.
 *
 * @example new FashionMNIST(datasets.sampleRoot, { transform: new ToTensor() })
 */
export const sampleRoot: string = fileURLToPath(new URL("../../../assets", import.meta.url));
