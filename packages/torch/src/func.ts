/** `torch.func`: functions of functions. */
export { type FunctionalCallOptions, functionalCall, type TensorsByName } from "./nn/utils/stateless.js";
export { type AuxOptions, type DerivativeOptions, grad, gradAndValue, vjp } from "./transforms/derivatives.js";
