/** `torch.linalg`: linear algebra. */
export { cross, diagonal, multiDot, vander, vecdot } from "./ops/linalg/products.js";
export { matmul } from "./ops/products/products.js";
export { matrixNorm, norm, vectorNorm } from "./ops/reductions/linearNorms.js";
