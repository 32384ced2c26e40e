/** FashionMNIST for the examples: found or fetched, and where neither works the sample that ships with the library. */
import { datasets, transforms } from "@flambeau/vision";

/** Training and test data, with images as float tensors from 0 to 1. */
export function openFashionMNIST(root: string) {
  const transform = new transforms.ToTensor();
  const open = (folder: string, download: boolean) => ({
    trainingData: new datasets.FashionMNIST(folder, { train: true, download, transform }),
    testData: new datasets.FashionMNIST(folder, { train: false, download, transform }),
  });
  try {
    return open(root, true);
  } catch (error) {
    console.warn(`FashionMNIST could not be fetched (${(error as Error).message}).`);
    console.warn("Training on the sample of 6,000 + 1,000 images that ships with the library instead.\n");
    return open(datasets.sampleRoot, false);
  }
}
