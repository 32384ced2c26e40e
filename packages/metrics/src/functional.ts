/** The metrics as functions. */
export * from "./classification/index.js";
export * from "./regression/index.js";
