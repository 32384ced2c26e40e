/**
 * The operations that are methods only: there is no function of that name in `torch`, or it is called otherwise.
 * A file of operations stands in one of the two lists, here or in functions.ts; those of functions that PyTorch has in
 * `nn.functional` are listed in nn/functional/index.ts.
 */
export * from "./creation/memory.js";
export * from "./creation/newTensors.js";
export * from "./pointwise/specialMethods.js";
export * from "./random/inplace.js";
export * from "./reductions/sumToSize.js";
export * from "./shape/methodsOnly.js";
export * from "./shape/repeat.js";
