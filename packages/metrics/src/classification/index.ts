/** How well classes are told apart. */
export * from "./accuracy.js";
export * from "./calibration.js";
export * from "./confusion/index.js";
export * from "./curves/index.js";
export * from "./exactMatch.js";
export * from "./fScore.js";
export * from "./hamming.js";
export * from "./hinge.js";
export type { Average, CommonOptions, Task, ThresholdOption, Thresholds } from "./options.js";
export * from "./precisionRecall.js";
export * from "./ranking.js";
export * from "./rates.js";
export type {
  AverageOption,
  BinaryStatOptions,
  MulticlassStatOptions,
  MultidimOption,
  MultilabelStatOptions,
  TaskOptions,
  TopKOption,
} from "./statFamily.js";
export * from "./statScores.js";
export type { MultidimAverage } from "./stats.js";
