/** The metrics as functions. */
export * from "./classification/index.js";
export * from "./clustering/index.js";
export * from "./image/index.js";
export * from "./nominal/index.js";
export * from "./pairwise/index.js";
export * from "./regression/index.js";
export * from "./report/classificationReport.js";
export * from "./retrieval/index.js";
export * from "./segmentation/index.js";
export * from "./text/index.js";
