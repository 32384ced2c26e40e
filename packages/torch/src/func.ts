/** `torch.func`: functions of functions. */

export { replaceAllBatchNormModules_ } from "./nn/utils/batchNormModules.js";
export { stackModuleState } from "./nn/utils/stackModuleState.js";
export { type FunctionalCallOptions, functionalCall, type TensorsByName } from "./nn/utils/stateless.js";
export { type AuxOptions, type DerivativeOptions, grad, gradAndValue, vjp } from "./transforms/derivatives.js";
export { functionalize } from "./transforms/functionalize.js";
export {
  hessian,
  type JacobianFunctionOptions,
  type JacobianOf,
  type JvpOptions,
  jacfwd,
  jacrev,
  jvp,
  linearize,
} from "./transforms/jacobians.js";
export { type Dims as VmapDims, type VmapOptions, vmap } from "./transforms/vmap.js";
