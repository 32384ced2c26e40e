/** All kernels of the CPU, as its table in the contract. */

export * from "./attention.js";
export * from "./convolution.js";
export * from "./elementwise.js";
export * from "./indexing.js";
export * from "./loss.js";
export * from "./masking.js";
export * from "./matmul.js";
export * from "./norm.js";
export * from "./optimizer.js";
export * from "./pad.js";
export * from "./pool.js";
export * from "./random.js";
export * from "./recurrent.js";
export * from "./reduce.js";
export * from "./scan.js";
export * from "./softmax.js";
export * from "./sort.js";
