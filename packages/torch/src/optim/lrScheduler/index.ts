/** `torch.optim.lr_scheduler`: schedules of the learning rate. */
export { ChainedScheduler, SequentialLR } from "./combined.js";
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from "./cosine.js";
export { CyclicLR, type CyclicLROptions, type ScaleFn } from "./cyclic.js";
export { ExponentialLR, LinearLR, PolynomialLR } from "./decay.js";
export { LambdaLR, type LrLambda, MultiplicativeLR } from "./lambda.js";
export { OneCycleLR, type OneCycleLROptions } from "./oneCycle.js";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./plateau.js";
export { LRScheduler, type SchedulerStateDict } from "./scheduler.js";
export { ConstantLR, MultiStepLR, StepLR } from "./steps.js";
