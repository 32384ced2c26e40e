/** `torch.utils.data`: data sets, samplers and the data loader. */
export { type Collated, type Converted, defaultCollate, defaultConvert } from "./collate.js";
export { DataLoader, type DataLoaderOptions } from "./dataloader.js";
export {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  type LoadableDataset,
  type MapDataset,
  type MapDatasetLike,
} from "./dataset.js";
export { type Index, placeOf } from "./indices.js";
export type { DataLoaderState } from "./position.js";
export { releaseMemory } from "./releaseMemory.js";
export {
  BatchSampler,
  type Indices,
  RandomSampler,
  type RandomSamplerOptions,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from "./sampler.js";
export { serves } from "./samples.js";
export { StackDataset } from "./stackDataset.js";
export { randomSplit, Subset } from "./subset.js";
export { TensorDataset } from "./tensorDataset.js";
export { getWorkerInfo, type WorkerInfo } from "./workers/info.js";
export { shareable } from "./workers/shareable.js";
