/**
 * The operations that are methods only: there is no function of that name in `torch`, or it is called otherwise.
 * Each operation stands in one of the two lists, here or in functions.ts.
 */
export { newEmpty, newFull, newOnes, newTensor, newZeros } from "./creation.js";
export { newEmptyStrided } from "./creationRanges.js";
export {
  bool,
  byte,
  char,
  contiguous,
  copy_,
  double,
  fill_,
  float,
  int,
  long,
  short,
  to,
  type,
  typeAs,
  zero_,
} from "./memory.js";
export {
  bernoulli_,
  cauchy_,
  exponential_,
  geometric_,
  logNormal_,
  normal_,
  random_,
  uniform_,
} from "./randomInplace.js";
export { sumToSize } from "./reductions.js";
export * from "./shapeMethods.js";
export { repeat } from "./shapeRepeat.js";
export * from "./specialMethods.js";
