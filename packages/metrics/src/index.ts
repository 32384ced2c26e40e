/** torchmetrics' part of Flambeau: measures of how well a model does. */
export * from "./aggregation/aggregation.js";
export * from "./classification/index.js";
export * as functional from "./functional.js";
export { Metric, type MetricOptions } from "./metric/metric.js";
export type { Reduction, State } from "./metric/state.js";
export * from "./regression/index.js";
