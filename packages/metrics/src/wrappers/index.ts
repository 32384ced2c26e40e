/** Metrics made of other metrics. */
export { MetricTracker } from "./tracker.js";
export { WrapperMetric } from "./wrapper.js";
export * from "./wrappers.js";
