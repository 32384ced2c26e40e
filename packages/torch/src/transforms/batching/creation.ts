/** Making tensors like others, and writing into them. */
import type { Tensor } from "../../core/tensor.js";
import type { Rule } from "./rules.js";

/** A new tensor of some size of the kind of another: one for each entry. */
const ofSize: Rule = (call) => call.run({ size: [call.size, ...(call.arg("size") as readonly number[])] });

const newFull: Rule = (call) => {
  if (call.isBatched("fillValue")) return undefined;
  return ofSize(call);
};

const newTensor: Rule = (call) => {
  const made = call.run() as Tensor;
  return made.expand([call.size, ...made.sizes]).clone();
};

/** Rules of what makes tensors, by id. */
export const creationRules: Readonly<Record<string, Rule>> = {
  newZeros: ofSize,
  newOnes: ofSize,
  newEmpty: ofSize,
  newFull,
  newTensor,
};
