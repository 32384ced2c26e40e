/**
 * torch.utils.tensorboard's part of Flambeau: what happens in a training, as files that TensorBoard reads.
 *
 * @example
 * import { SummaryWriter } from "@flambeau/tensorboard";
 *
 * using writer = new SummaryWriter("runs/first");
 * writer.addScalar("loss/train", loss.item(), step);
 */
export type { EmbeddingOptions } from "./embedding.js";
export type { Bins } from "./histogram.js";
export type { CustomLayout, HParam } from "./summaries.js";
export { type At, type Drawable, SummaryWriter, type SummaryWriterOptions, type Value } from "./writer.js";
