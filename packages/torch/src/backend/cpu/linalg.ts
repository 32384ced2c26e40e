/**
 * Decompositions of matrices, and what is solved by them.
 *
 * The last two dims of an operand are matrices, without gaps, whose columns are contiguous: the strides of the last two
 * dims are 1 and the number of rows. All are of one dtype, float32, float64, complex64 or complex128; what is real of complex
 * matrices, too (singular values, eigenvalues of Hermitian ones), has the real type of the same precision. Pivots and `info`
 * are int32 and contiguous.
 * Kernels that can fail tell of the first matrix with which they did.
 */
import { type DType, int32, int64 } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { type Kernel, kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional, resultAt, status } from "./launch.js";

/** A matrix of a batch that could not be decomposed: its place, and what `info` says of it. */
export interface Failure {
  readonly index: number;
  readonly info: number;
}

function failure(): Failure | undefined {
  const index = resultAt(0);
  return index < 0 ? undefined : { index, info: resultAt(1) };
}

/** A kernel for real matrices, and the one that does the same with complex ones. */
interface Kernels {
  readonly real: Kernel;
  readonly complex: Kernel;
}

function kernels(name: string): Kernels {
  return { real: kernel(name), complex: kernel(`complex.${name}`) };
}

/** Runs the one of the kernels that is for a dtype. */
function launchFor(dtype: DType, { real, complex }: Kernels, list: number): void {
  launch(dtype.isComplex ? complex : real, list);
}

/** How many matrices there are, and their sizes. */
interface Batch {
  readonly count: number;
  readonly rows: number;
  readonly cols: number;
}

function batchOf({ sizes }: ArrayView): Batch {
  const [rows, cols] = sizes.slice(-2) as [number, number];
  return { count: checkedSize(numelOf(sizes.slice(0, -2))), rows: checkedSize(rows), cols: checkedSize(cols) };
}

/** The list of arguments that begins with a batch of matrices, and their dtype as kernels know it. */
interface Begun extends Batch {
  readonly list: number;
  readonly dtype: DType;
}

/** Begins the arguments of a kernel with the dtype of matrices, how many there are, and how many rows they have. */
function beginSquares(matrices: ArrayView): Begun {
  const batch = batchOf(matrices);
  const list = begin();
  const dtype = putDType(matrices.dtype);
  put(batch.count);
  put(batch.rows);
  return { ...batch, list, dtype };
}

/** The same, and then how many columns they have. */
function beginMatrices(matrices: ArrayView): Begun {
  const begun = beginSquares(matrices);
  put(begun.cols);
  return begun;
}

/** Appends the address of matrices of which there are `count`. */
function putMatrices(view: ArrayView, dtype: DType, count: number, rows: number, cols: number): void {
  putAddress(view, dtype, count * rows * cols);
}

const runLuFactor = kernels("luFactor");

/**
 * Factors matrices in place; `pivots` count rows from 1, `info` is the first diagonal element of U that is 0, from 1.
 *
 * @param byRows whether the matrices, which are square, lie by rows before.
 */
export function luFactor(
  matrices: ArrayView,
  pivots: ArrayView,
  info: ArrayView,
  byRows: boolean,
): Failure | undefined {
  const { list, dtype, count, rows, cols } = beginMatrices(matrices);
  put(Number(byRows));
  putMatrices(matrices, dtype, count, rows, cols);
  putAddress(pivots, int32, count * Math.min(rows, cols));
  putAddress(info, int32, count);
  launchFor(dtype, runLuFactor, list);
  return failure();
}

const runLuDeterminant = kernels("luDeterminant");

/** The determinants of matrices by what `luFactor` made of them: contiguous, one for each. */
export function luDeterminant(out: ArrayView, lu: ArrayView, pivots: ArrayView): void {
  const { list, dtype, count, rows } = beginSquares(lu);
  putMatrices(lu, dtype, count, rows, rows);
  putAddress(pivots, int32, count * rows);
  putAddress(out, dtype, count);
  launchFor(dtype, runLuDeterminant, list);
}

const runLuSolve = kernels("luSolve");

/**
 * Solves A X = B in place of B, or Aᴴ X = B, by what `luFactor` made of A.
 *
 * @param byRows whether B, which is square, lies by rows before.
 */
export function luSolve(b: ArrayView, lu: ArrayView, pivots: ArrayView, adjoint: boolean, byRows: boolean): void {
  const { list, dtype, count, rows, cols } = beginMatrices(b);
  put(Number(adjoint));
  put(Number(byRows));
  putMatrices(lu, dtype, count, rows, rows);
  putAddress(pivots, int32, count * rows);
  putMatrices(b, dtype, count, rows, cols);
  launchFor(dtype, runLuSolve, list);
  if (status() === 0) return;
  const bound = status() === 1 ? "greater or equal to 1" : "smaller or equal to LU.size(-2)";
  throw new RangeError(`Pivots given to lu_solve must all be ${bound}. Did you properly pass the result of lu_factor?`);
}

/** Matrices, and where what becomes of them is to be, which may be in their place. */
export interface Taken<View> {
  readonly source: View;
  readonly result: View;
  /** Whether they are square and lie by rows before. */
  readonly byRows: boolean;
}

const runLuFactorAndSolve = kernels("luFactorAndSolve");

/** `luFactor` of A, and the solution of A X = B by it. */
export function luFactorAndSolve(
  A: Taken<ArrayView>,
  B: Taken<ArrayView>,
  pivots: ArrayView,
  info: ArrayView,
): Failure | undefined {
  const { list, dtype, count, rows, cols } = beginMatrices(B.result);
  put(Number(A.byRows));
  put(Number(B.byRows));
  putMatrices(A.source, dtype, count, rows, rows);
  putMatrices(B.source, dtype, count, rows, cols);
  putMatrices(A.result, dtype, count, rows, rows);
  putAddress(pivots, int32, count * rows);
  putAddress(info, int32, count);
  putMatrices(B.result, dtype, count, rows, cols);
  launchFor(dtype, runLuFactorAndSolve, list);
  return failure();
}

const runPivotsToOrder = kernel("pivotsToOrder");

/** The order in which the exchanges of `luFactor` leave the rows: int64, contiguous, one for each row. */
export function pivotsToOrder(order: ArrayView, pivots: ArrayView): void {
  const count = checkedSize(numelOf(order.sizes.slice(0, -1)));
  const [rows, steps] = [order.sizes.at(-1) as number, pivots.sizes.at(-1) as number];
  const list = begin();
  put(count);
  put(checkedSize(rows));
  put(checkedSize(steps));
  putAddress(pivots, int32, count * steps);
  putAddress(order, int64, count * rows);
  if (steps > rows) throw new RangeError(`there are ${steps} pivots for ${rows} rows`);
  launch(runPivotsToOrder, list);
  if (status() !== 0) {
    throw new RangeError(
      "pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive. Did you properly pass the result of lu_factor?",
    );
  }
}

const runTriangularSolve = kernels("triangularSolve");

/** What `triangularSolve` is told of the triangle. */
export interface TriangleOptions {
  readonly upper: boolean;
  /** The diagonal is of ones, and is not read. */
  readonly unit: boolean;
  /** Aᵀ X = B is solved. */
  readonly transposed: boolean;
}

/** Solves A X = B in place of B; of A only the triangle is read. */
export function triangularSolve(b: ArrayView, a: ArrayView, { upper, unit, transposed }: TriangleOptions): void {
  const { list, dtype, count, rows, cols } = beginMatrices(b);
  put(Number(upper));
  put(Number(unit));
  put(Number(transposed));
  putMatrices(a, dtype, count, rows, rows);
  putMatrices(b, dtype, count, rows, cols);
  launchFor(dtype, runTriangularSolve, list);
}

const runCholeskyFactor = kernels("choleskyFactor");

/**
 * A = L Lᴴ in place, of which the lower triangles are read; `info` is the order of the first minor that is not positive.
 * What is above the diagonal is 0 afterwards.
 *
 * @param byRows whether the matrices lie by rows before.
 */
export function choleskyFactor(matrices: ArrayView, info: ArrayView, byRows: boolean): Failure | undefined {
  const { list, dtype, count, rows } = beginSquares(matrices);
  put(Number(byRows));
  putMatrices(matrices, dtype, count, rows, rows);
  putAddress(info, int32, count);
  launchFor(dtype, runCholeskyFactor, list);
  return failure();
}

const runLdlFactor = kernels("ldlFactor");

/**
 * A = L D Lᵀ in the lower triangles of symmetric matrices, or L D Lᴴ of Hermitian ones, in place, with pivots as LAPACK's
 * sytrf and hetrf have them.
 */
export function ldlFactor(
  matrices: ArrayView,
  pivots: ArrayView,
  info: ArrayView,
  hermitian: boolean,
): Failure | undefined {
  const { list, dtype, count, rows } = beginSquares(matrices);
  put(Number(hermitian));
  putMatrices(matrices, dtype, count, rows, rows);
  putAddress(pivots, int32, count * rows);
  putAddress(info, int32, count);
  launchFor(dtype, runLdlFactor, list);
  return failure();
}

const runLdlSolve = kernels("ldlSolve");

/** Solves A X = B in place of B, by what `ldlFactor` made of A. */
export function ldlSolve(b: ArrayView, ld: ArrayView, pivots: ArrayView, hermitian: boolean): void {
  const { list, dtype, count, rows, cols } = beginMatrices(b);
  put(Number(hermitian));
  putMatrices(ld, dtype, count, rows, rows);
  putAddress(pivots, int32, count * rows);
  putMatrices(b, dtype, count, rows, cols);
  launchFor(dtype, runLdlSolve, list);
  if (status() !== 0) throw new RangeError("ldl_solve: the pivots are none that ldl_factor gives");
}

const runQrFactor = kernels("qrFactor");

/** Factors matrices in place: R from the diagonal on, and below it the reflections that `tau` belongs to. */
export function qrFactor(matrices: ArrayView, tau: ArrayView): void {
  const { list, dtype, count, rows, cols } = beginMatrices(matrices);
  putMatrices(matrices, dtype, count, rows, cols);
  putAddress(tau, dtype, count * Math.min(rows, cols));
  launchFor(dtype, runQrFactor, list);
}

/**
 * Runs a kernel that writes products with reflections. They stand below the diagonal of `a`, as many as `tau` has numbers;
 * `mismatch` is what is said of those that have not the rows of the product.
 */
function reflect(
  run: Kernels,
  product: ArrayView,
  a: ArrayView,
  tau: ArrayView,
  mismatch: string,
  inverse?: boolean,
): void {
  const { count, rows, cols } = batchOf(product);
  const { rows: height, cols: width } = batchOf(a);
  const reflections = checkedSize(tau.sizes.at(-1) as number);
  if (reflections > Math.min(height, width))
    throw new RangeError(`${height}x${width} has no ${reflections} reflections`);
  if (height !== rows) throw new RangeError(`reflections of ${height} rows ${mismatch} ${rows}`);
  const list = begin();
  const dtype = putDType(product.dtype);
  put(count);
  put(rows);
  put(width);
  put(reflections);
  put(cols);
  if (inverse !== undefined) put(Number(inverse));
  putMatrices(a, dtype, count, rows, width);
  putAddress(tau, dtype, count * reflections);
  putMatrices(product, dtype, count, rows, cols);
  launchFor(dtype, run, list);
}

const runReflectionProduct = kernels("reflectionProduct");

/** The first columns of products of reflections. */
export function reflectionProduct(out: ArrayView, a: ArrayView, tau: ArrayView): void {
  reflect(runReflectionProduct, out, a, tau, "have no product of");
}

const runReflectionApply = kernels("reflectionApply");

/** Multiplies matrices in place, from the left, by products of reflections or by their inverses. */
export function reflectionApply(matrices: ArrayView, a: ArrayView, tau: ArrayView, inverse: boolean): void {
  reflect(runReflectionApply, matrices, a, tau, "multiply no", inverse);
}

const runSymmetricEigen = kernels("symmetricEigen");

/**
 * The eigenvalues of symmetric or Hermitian matrices in ascending order; the matrices, of which the lower triangle is read, become their
 * eigenvectors or are lost. `info` is -1 for elements that are not finite, and 1 where the iteration does not end.
 */
export function symmetricEigen(
  values: ArrayView,
  matrices: ArrayView,
  info: ArrayView,
  wantsVectors: boolean,
): Failure | undefined {
  const { list, dtype, count, rows } = beginSquares(matrices);
  put(Number(wantsVectors));
  putMatrices(matrices, dtype, count, rows, rows);
  putAddress(values, dtype.toReal(), count * rows);
  putAddress(info, int32, count);
  launchFor(dtype, runSymmetricEigen, list);
  return failure();
}

const runSingularValues = kernels("singularValues");

/** Where `singularValues` puts singular vectors: U has as many columns as the matrices, or as many as they have rows. */
export interface SingularVectors {
  readonly u: ArrayView;
  readonly v: ArrayView;
}

/** Singular values in descending order of matrices with no more columns than rows, which are lost; `info` as above. */
export function singularValues(
  values: ArrayView,
  matrices: ArrayView,
  info: ArrayView,
  vectors?: SingularVectors,
): Failure | undefined {
  const { list, dtype, count, rows, cols } = beginMatrices(matrices);
  if (rows < cols) throw new RangeError("singularValues takes matrices with no more columns than rows");
  const width = vectors === undefined ? 0 : checkedSize(vectors.u.sizes.at(-1) as number);
  if (vectors !== undefined && width !== cols && width !== rows) throw new RangeError(`U cannot have ${width} columns`);
  put(width);
  putMatrices(matrices, dtype, count, rows, cols);
  putAddress(values, dtype.toReal(), count * cols);
  putOptional(vectors?.u, dtype, count * rows * width);
  putOptional(vectors?.v, dtype, count * cols * cols);
  putAddress(info, int32, count);
  launchFor(dtype, runSingularValues, list);
  return failure();
}

const runGeneralEigen = kernels("generalEigen");

/**
 * The eigenvalues of matrices of any kind, which are lost, and their eigenvectors; both are complex numbers. `info` is as
 * with `symmetricEigen`.
 */
export function generalEigen(
  values: ArrayView,
  matrices: ArrayView,
  info: ArrayView,
  vectors?: ArrayView,
): Failure | undefined {
  const { list, dtype, count, rows } = beginSquares(matrices);
  const complex = dtype.toComplex();
  putMatrices(matrices, dtype, count, rows, rows);
  putAddress(values, complex, count * rows);
  putOptional(vectors, complex, count * rows * rows);
  putAddress(info, int32, count);
  launchFor(dtype, runGeneralEigen, list);
  return failure();
}
