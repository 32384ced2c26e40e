/** `torch.utils.checkpoint`: less memory for more time. */
export { type CheckpointOptions, checkpoint } from "./recompute.js";
export { checkpointSequential } from "./sequential.js";
