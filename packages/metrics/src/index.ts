/**
 * torchmetrics' part of Flambeau: measures of how well a model does.
 *
 * Every metric is there as a function, `functional.accuracy` and also `accuracy`, and as a class, `Accuracy`, which is
 * updated batch by batch.
 *
 * @example
 * import { Accuracy, MetricCollection } from "@flambeau/metrics";
 *
 * const accuracy = new Accuracy({ task: "multiclass", numClasses: 10 });
 * for (const [images, labels] of loader) accuracy.update(model(images), labels);
 * console.log(accuracy.compute());
 */
import { ownPackage } from "flambeau/arguments";

export * from "./aggregation/aggregation.js";
export * from "./classification/index.js";
export * from "./clustering/index.js";
export * as functional from "./functional.js";
export * from "./image/index.js";
export { type CollectionOptions, MetricCollection, type Metrics } from "./metric/collection.js";
export { CompositionalMetric, type Operand } from "./metric/composition.js";
export { Metric, type MetricOptions } from "./metric/metric.js";
export type { Reduction, State } from "./metric/state.js";
export * from "./nominal/index.js";
export * from "./pairwise/index.js";
export type { Plot, PlotOptions } from "./plot/plot.js";
export * from "./regression/index.js";
export * from "./report/classificationReport.js";
export * from "./report/classificationSummary.js";
export * from "./retrieval/index.js";
export * from "./segmentation/index.js";
export * from "./text/index.js";
export * from "./wrappers/index.js";

ownPackage(import.meta.url);
