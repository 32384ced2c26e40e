/** `torch.optim`: algorithms that update parameters by their gradients. */
export { Adam, type AdamOptions, AdamW } from "./adam.js";
export { Optimizer, type ParamGroup, type ParamsInput } from "./optimizer.js";
export { SGD, type SGDOptions } from "./sgd.js";
export type { OptimizerStateDict, ParamState } from "./stateDict.js";
