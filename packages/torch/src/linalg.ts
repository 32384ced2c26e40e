/** `torch.linalg`: linear algebra. */
export { LinAlgError } from "./ops/linalg/checks.js";
export { cholesky, choleskyEx, ldlFactor, ldlFactorEx, ldlSolve } from "./ops/linalg/cholesky.js";
export { det, inv, invEx, slogdet, solve, solveEx } from "./ops/linalg/inverse.js";
export { lu, luFactor, luFactorEx, luSolve } from "./ops/linalg/lu.js";
export { cross, diagonal, multiDot, vander, vecdot } from "./ops/linalg/products.js";
export { solveTriangular } from "./ops/linalg/triangular.js";
export { matmul } from "./ops/products/products.js";
export { matrixNorm, norm, vectorNorm } from "./ops/reductions/linearNorms.js";
