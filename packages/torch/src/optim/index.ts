/** `torch.optim`: algorithms that update parameters by their gradients. */
export { Adadelta, type AdadeltaOptions } from "./adadelta.js";
export { Adafactor, type AdafactorOptions } from "./adafactor.js";
export { Adagrad, type AdagradOptions } from "./adagrad.js";
export { Adam, type AdamOptions, AdamW } from "./adam.js";
export { Adamax, type AdamaxOptions } from "./adamax.js";
export { ASGD, type ASGDOptions } from "./asgd.js";
export { LBFGS, type LBFGSOptions } from "./lbfgs.js";
export * as lrScheduler from "./lrScheduler/index.js";
export { Muon, type MuonOptions } from "./muon.js";
export { NAdam, type NAdamOptions } from "./nadam.js";
export { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
export { RAdam, type RAdamOptions } from "./radam.js";
export { RMSprop, type RMSpropOptions } from "./rmsprop.js";
export { Rprop, type RpropOptions } from "./rprop.js";
export { SGD, type SGDOptions } from "./sgd.js";
export { SparseAdam, type SparseAdamOptions } from "./sparseAdam.js";
export type { LoadableStateDict, OptimizerStateDict, ParamState } from "./stateDict.js";
export * as swaUtils from "./swaUtils.js";
