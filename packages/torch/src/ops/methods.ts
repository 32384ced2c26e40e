/**
 * The operations that are methods only: there is no function of that name in `torch`, or it is called otherwise.
 * Each operation stands in one of the two lists, here or in functions.ts.
 */
export { newTensor } from "./creation/data.js";
export { newEmpty, newFull, newOnes, newZeros } from "./creation/filled.js";
export { newEmptyStrided } from "./creation/layouts.js";
export {
  apply_,
  bool,
  byte,
  char,
  contiguous,
  copy_,
  cpu,
  double,
  fill_,
  float,
  int,
  long,
  map_,
  short,
  to,
  type,
  typeAs,
  zero_,
} from "./creation/memory.js";
export * from "./pointwise/specialMethods.js";
export {
  bernoulli_,
  cauchy_,
  exponential_,
  geometric_,
  logNormal_,
  normal_,
  random_,
  uniform_,
} from "./random/inplace.js";
export { sumToSize } from "./reductions/reductions.js";
export * from "./shape/methods.js";
export { repeat } from "./shape/repeat.js";
