/** `datasets`: collections of labelled images. */
import { fileURLToPath } from "node:url";

export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from "./mnist.js";
export { type TransformFunction, VisionDataset } from "./visionDataset.js";

/**
 * A folder with a tenth of FashionMNIST, 6,000 images to train with and 1,000 to test, for use where the whole set
 * cannot be fetched.
 *
 * @example new FashionMNIST(datasets.sampleRoot, { transform: new ToTensor() })
 */
export const sampleRoot: string = fileURLToPath(new URL("../../../assets", import.meta.url));
