/** Metrics made of other metrics: by class, by output, with extremes, over a window, or with bootstrapped uncertainty. */
export * from "./bootStrapper.js";
export * from "./classwise.js";
export * from "./minMax.js";
export * from "./multioutput.js";
export * from "./multitask.js";
export * from "./running.js";
export { MetricTracker } from "./tracker.js";
export { WrapperMetric } from "./wrapper.js";
