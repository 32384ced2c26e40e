/** Complex numbers and their parts, and Fourier transforms. */
import type { BatchedCall } from "./call.js";
import { dimsAt } from "./dims.js";
import { elementwise, type Rule } from "./rules.js";

// They are elementwise, but what they do to a change is not what their derivative does to it.
const pointwise = "abs sgn conjugates conjPhysical complex polar";
const transforms = "_fftC2c _fftR2c _fftR2cWhole _fftC2r";

/** Rules of complex numbers, by id. */
export const complexRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(pointwise.split(" ").map((id) => [id, elementwise])),
  ...Object.fromEntries(transforms.split(" ").map((id) => [id, dimsAt("dims")])),
  viewAsReal: (call: BatchedCall) => call.run(),
  viewAsComplex: (call: BatchedCall) => (call.rank("input") === 0 ? undefined : call.run()),
};
