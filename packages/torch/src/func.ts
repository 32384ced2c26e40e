/** `torch.func`: functions of functions. */
export { type FunctionalCallOptions, functionalCall, type TensorsByName } from "./nn/utils/stateless.js";
