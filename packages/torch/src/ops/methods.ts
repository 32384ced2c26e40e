/**
 * The operations that are methods only: there is no function of that name in `torch`, or it is called otherwise.
 * Each file of operations stands in one of the two lists, here or in functions.ts.
 */
export * from "./creation/memory.js";
export * from "./creation/newTensors.js";
export * from "./pointwise/specialMethods.js";
export * from "./random/inplace.js";
export * from "./reductions/sumToSize.js";
export * from "./shape/methodsOnly.js";
export * from "./shape/repeat.js";
