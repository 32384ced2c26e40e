/** The QR decomposition, and products of the reflections of which Q is made. */
import { flag, keyword, optional, refusing, tensor, word } from "../../arguments/params.js";
import {
  clearTriangle,
  copy,
  qrFactor as qrFactorKernel,
  reflectionApply as reflectionApplyKernel,
  reflectionProduct as reflectionProductKernel,
} from "../../backend/kernels.js";
import { Complex } from "../../core/complex.js";
import { scalarTypeName } from "../../core/dtype.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import { differentiate } from "../differentiate.js";
import { cat } from "../shape/joining.js";
import type { FunctionOp, Out } from "../types.js";
import { checkMatrix, checkPrecise } from "./checks.js";
import { batchOf, copyColumns, emptyColumns, eyeLike, inColumns, matrixSizes, unitLower } from "./matrices.js";
import { solveTriangular } from "./triangular.js";

/** Which part of Q is given: as many columns as there are steps, all, or none. */
export type QrMode = "reduced" | "complete" | "r";
export type Orthogonal = Named<{ readonly Q: Tensor; readonly R: Tensor }>;
export type Reflections = Named<{ readonly a: Tensor; readonly tau: Tensor }>;

/** R, and below its diagonal the reflections that make Q, as LAPACK's geqrf gives them. Not recorded. */
export function reflectionsOf(A: Tensor): { a: Tensor; tau: Tensor } {
  const a = copyColumns(A);
  const tau = Tensor.empty([...batchOf(A), Math.min(...matrixSizes(A))], A.dtype);
  qrFactorKernel(a, tau);
  return { a, tau };
}

/** Takes the imaginary parts on the diagonals of `inner` off matrices: the diagonal of R is real. */
function withoutTurns(x: Tensor, inner: Tensor): Tensor {
  if (!inner.dtype.isComplex) return x;
  return x.sub(inner.diagonal(0, -2, -1).imag.mul(new Complex(0, 1)).diagEmbed());
}

const factorNode: FunctionOp<(A: Tensor, options: { mode: QrMode }) => Orthogonal> = op({
  name: "qr",
  id: "linalg.qr.node",
  nodeName: "LinalgQrBackward0",
  variants: "function",
  params: { A: tensor, mode: keyword(word("reduced", "complete", "r")) },
  ownConjugation: true,
  forward: ({ A, mode }) => {
    const { a, tau } = reflectionsOf(A);
    const [rows, columns] = matrixSizes(A);
    const height = mode === "complete" ? rows : Math.min(rows, columns);
    const R = emptyColumns([...batchOf(A), height, columns], A.dtype);
    copy(R, a.narrow(-2, 0, height));
    clearTriangle(R, 0, false);
    if (mode === "r") return named({ Q: Tensor.empty([0], A.dtype), R });
    const Q = emptyColumns([...batchOf(A), rows, height], A.dtype);
    reflectionProductKernel(Q, a, tau);
    return named({ Q, R });
  },
  saves: ["results"],
  backward: ([gradQ, gradR], { results, mode }) => {
    const [Q, R] = results as [Tensor, Tensor];
    const [height, columns] = matrixSizes(R);
    if (mode === "r") {
      throw new Error(
        "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to require gradients",
      );
    }
    if (mode === "complete" && height > columns) {
      throw new Error("The QR decomposition is not differentiable when mode='complete' and nrows > ncols");
    }
    if (gradQ === undefined && gradR === undefined) return {};
    const fromR = gradR?.matmul(R.mH);
    const fromQ = gradQ && Q.mH.matmul(gradQ);
    const inner = (fromR ?? (fromQ as Tensor).mul(0)).sub(fromQ ?? 0);
    if (height >= columns) {
      const upper = inner.triu();
      const through = Q.matmul(withoutTurns(upper.add(upper.triu(1).mH), inner));
      const sum = gradQ === undefined ? through : through.add(gradQ);
      return { A: solveTriangular(R.mH, sum, { upper: false, left: false }) };
    }
    const square = R.narrow(-1, 0, height);
    const below = withoutTurns(inner.mH.sub(inner).tril(-1), inner);
    const lower = solveTriangular(square.mH, below, { upper: false, left: false });
    const padded = cat([lower, lower.newZeros([...batchOf(lower), height, columns - height])], -1);
    return { A: Q.matmul(gradR === undefined ? padded : padded.add(gradR)) };
  },
});

const modeOrWords = refusing(
  word("reduced", "complete", "r"),
  (given) => `qr received unrecognized mode '${given}' but expected one of 'reduced' (default), 'r', or 'complete'`,
);

/**
 * The QR decomposition: A = Q R with orthonormal columns in Q and an upper triangle R.
 *
 * @param options.mode `"reduced"` (the default): Q has as many columns as there are steps; `"complete"`: Q is square;
 * `"r"`: R alone, with an empty Q.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.qr.html
 */
export const qr: FunctionOp<(A: Tensor, options?: { mode?: QrMode; out?: readonly [Tensor, Tensor] }) => Orthogonal> =
  op({
    name: "qr",
    id: "linalg.qr",
    variants: "function",
    params: { A: tensor, mode: optional(modeOrWords, "reduced") },
    out: 2,
    overlap: "any",
    composite: ({ A, mode }) => {
      checkMatrix("linalg.qr", A);
      checkPrecise("linalg.qr", A);
      return factorNode(A, { mode });
    },
  });

/** The product of reflections by one after the other, for derivatives. */
function reflected(a: Tensor, tau: Tensor, start: Tensor, inverse: boolean): Tensor {
  const count = tau.sizes.at(-1) as number;
  const unit = unitLower(a, count);
  let result = start;
  for (let step = 0; step < count; step++) {
    const i = inverse ? step : count - 1 - step;
    const v = unit.narrow(-1, i, 1);
    const factor = tau.narrow(-1, i, 1).unsqueeze(-1);
    result = result.sub(v.mul(inverse ? factor.conj() : factor).matmul(v.mH.matmul(result)));
  }
  return result;
}

/**
 * The first columns of the product of reflections, which stand below the diagonal of A as `geqrf` gives them.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.householder_product.html
 */
export const householderProduct: FunctionOp<(A: Tensor, tau: Tensor, options?: Out) => Tensor> = op({
  name: "householderProduct",
  id: "linalg.householderProduct",
  nodeName: "LinalgHouseholderProductBackward0",
  variants: "function",
  params: { A: tensor, tau: tensor },
  out: "cast",
  overlap: "any",
  ownConjugation: true,
  forward: ({ A, tau }) => {
    const name = "torch.linalg.householder_product";
    checkMatrix(name, A, "input");
    const [rows, columns] = matrixSizes(A);
    if (rows < columns) throw new Error(`${name}: input.shape[-2] must be greater than or equal to input.shape[-1]`);
    if ((tau.sizes.at(-1) ?? 0) > columns) {
      throw new Error(`${name}: input.shape[-1] must be greater than or equal to tau.shape[-1]`);
    }
    checkTau(name, A, tau);
    const Q = emptyColumns(A.sizes, A.dtype);
    reflectionProductKernel(Q, inColumns(A), tau.contiguous());
    return Q;
  },
  saves: ["A", "tau"],
  backward: (grads, { A, tau }, needs) => {
    const compose = ([a, factors]: readonly (Tensor | null | undefined)[]) => {
      return [reflected(a as Tensor, factors as Tensor, eyeLike(A, ...matrixSizes(A)), false)];
    };
    const [gradA, gradTau] = differentiate(compose, [A, tau], [needs.A, needs.tau], grads);
    return { A: gradA, tau: gradTau };
  },
});

/** Throws unless the factors belong to the matrices. */
function checkTau(name: string, A: Tensor, tau: Tensor): void {
  if (tau.sizes.length !== A.sizes.length - 1) {
    throw new Error(
      `${name}: Expected tau to have one dimension less than input, but got tau.ndim equal to ${tau.sizes.length} and input.ndim is equal to ${A.sizes.length}`,
    );
  }
  if (!sameShape(tau.sizes.slice(0, -1), batchOf(A))) {
    throw new Error(
      `${name}: Expected batch dimensions of tau to be equal to input.shape[:-2], but got ${formatShape(tau.sizes.slice(0, -1))}`,
    );
  }
  if (tau.dtype !== A.dtype) {
    throw new TypeError(
      `${name}: tau dtype ${scalarTypeName(tau.dtype)} does not match input dtype ${scalarTypeName(A.dtype)}`,
    );
  }
  checkPrecise(name, A);
}

/** Products with reflections from the left. */
const applyNode: FunctionOp<(a: Tensor, tau: Tensor, other: Tensor, options: { inverse: boolean }) => Tensor> = op({
  name: "ormqr",
  id: "ormqr.left",
  nodeName: "OrmqrBackward0",
  variants: "function",
  params: { a: tensor, tau: tensor, other: tensor, inverse: flag },
  ownConjugation: true,
  forward: ({ a, tau, other, inverse }) => {
    const result = copyColumns(other);
    reflectionApplyKernel(result, inColumns(a), tau.contiguous(), inverse);
    return result;
  },
  saves: ["a", "tau", "other"],
  backward: (grads, { a, tau, other, inverse }, needs) => {
    const [grad] = grads;
    if (!needs.a && !needs.tau) return { other: grad && applyNode(a, tau, grad, { inverse: !inverse }) };
    const compose = ([v, factors, c]: readonly (Tensor | null | undefined)[]) => [
      reflected(v as Tensor, factors as Tensor, c as Tensor, inverse),
    ];
    const [gradA, gradTau, gradOther] = differentiate(
      compose,
      [a, tau, other],
      [needs.a, needs.tau, needs.other],
      grads,
    );
    return { a: gradA, tau: gradTau, other: gradOther };
  },
});

/** Matrices multiplied by the product of reflections from the left or the right. */
export function multiplied(a: Tensor, tau: Tensor, other: Tensor, left: boolean, transpose: boolean): Tensor {
  const name = "torch.ormqr";
  checkMatrix(name, a, "input");
  checkMatrix(name, other, "other");
  const side = left ? -2 : -1;
  const [rows, columns] = matrixSizes(a);
  if (other.sizes.at(side) !== rows) {
    throw new Error(`${name}: other.shape[${side}] must be equal to input.shape[-2]`);
  }
  if ((tau.sizes.at(-1) ?? 0) > Math.min(rows, columns)) {
    throw new Error(`${name}: other.shape[${side}] must be greater than or equal to tau.shape[-1]`);
  }
  checkTau(name, a, tau);
  if (!sameShape(batchOf(other), batchOf(a))) {
    throw new Error(
      `${name}: Expected batch dimensions of other to be equal to input.shape[:-2], but got ${formatShape(batchOf(other))}`,
    );
  }
  if (other.dtype !== a.dtype) {
    throw new TypeError(
      `${name}: Expected input and other to have the same dtype, but input has dtype ${scalarTypeName(a.dtype)} and other has dtype ${scalarTypeName(other.dtype)}`,
    );
  }
  if (left) return applyNode(a, tau, other, { inverse: transpose });
  return applyNode(a, tau, other.mH, { inverse: !transpose }).mH;
}
