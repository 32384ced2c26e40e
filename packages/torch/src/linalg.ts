/** `torch.linalg`: linear algebra. */
export { LinAlgError } from "./ops/linalg/checks.js";
export { cholesky, choleskyEx, ldlFactor, ldlFactorEx, ldlSolve } from "./ops/linalg/cholesky.js";
export { cond } from "./ops/linalg/cond.js";
export { eig, eigvals } from "./ops/linalg/eig.js";
export { eigh, eigvalsh } from "./ops/linalg/eigen.js";
export { matrixExp, matrixPower, tensorinv, tensorsolve } from "./ops/linalg/functions.js";
export { det, inv, invEx, slogdet, solve, solveEx } from "./ops/linalg/inverse.js";
export { lstsq } from "./ops/linalg/lstsq.js";
export { lu, luFactor, luFactorEx, luSolve } from "./ops/linalg/lu.js";
export { matrixNorm, norm, vectorNorm } from "./ops/linalg/norms.js";
export { cross, diagonal, multiDot, vander, vecdot } from "./ops/linalg/products.js";
export { householderProduct, qr } from "./ops/linalg/qr.js";
export { matrixRank, pinv, svd, svdvals } from "./ops/linalg/svd.js";
export { solveTriangular } from "./ops/linalg/triangular.js";
export { matmul } from "./ops/products/products.js";
