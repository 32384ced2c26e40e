/** Batch norms without running statistics, which `vmap` cannot change in place. */
import { Module } from "../module.js";
import { BatchNorm } from "../modules/batchNorm.js";

/**
 * Lets all batch norms of a module work without running statistics: each normalizes by its batch, in evaluation, too.
 * The module itself is changed.
 *
 * @returns the module.
 * @example
 * const net = torch.func.replaceAllBatchNormModules_(new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3)));
 * @see https://pytorch.org/docs/stable/generated/torch.func.replace_all_batch_norm_modules_.html
 */
export function replaceAllBatchNormModules_<M extends Module>(root: M): M {
  if (!(root instanceof Module)) throw new TypeError("replaceAllBatchNormModules_(): argument 'root' must be Module");
  for (const module of root.modules()) {
    if (!(module instanceof BatchNorm)) continue;
    module.runningMean = null;
    module.runningVar = null;
    module.numBatchesTracked = null;
    module.trackRunningStats = false;
  }
  return root;
}
