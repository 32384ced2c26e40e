/** `torch.func`: functions of functions. */
export { type FunctionalCallOptions, functionalCall, type TensorsByName } from "./nn/utils/stateless.js";
export { type AuxOptions, type DerivativeOptions, grad, gradAndValue, vjp } from "./transforms/derivatives.js";
export { type Dims as VmapDims, type VmapOptions, vmap } from "./transforms/vmap.js";
