/** `torch.linalg`: linear algebra. */
export { matrixNorm, norm, vectorNorm } from "./ops/reductions/linearNorms.js";
