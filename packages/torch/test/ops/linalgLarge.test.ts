/** Decompositions of matrices of 1,000 rows: random, graded, nearly singular ones have residuals of a few roundings. */
import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";
import { difficult, isOrthonormal, isProduct, near, norm, scalesOf, solves } from "../support/matrices.js";

const { linalg } = torch;
const n = 1000;
/** Errors of n additions each grow as the root of n, for LAPACK's too; its own tests allow 30 n. */
const roundings = 2 * Math.sqrt(n);

beforeEach(() => {
  torch.manualSeed(5);
});

/** A matrix with these singular values; symmetric, with these eigenvalues, where wanted. */
function withValues(values: Tensor, symmetric: boolean): Tensor {
  const { dtype } = values;
  const factor = () => linalg.qr(torch.randn(n, n, { dtype })).Q;
  const U = factor();
  return U.mul(values).matmul((symmetric ? U : factor()).mT);
}

/** Random matrices, scaled ones and nearly singular ones; of the kinds each dtype has some, for time. */
function kinds(dtype: DType): Record<string, Tensor> {
  const { rows, columns, nearly } = difficult(n, dtype);
  return dtype === torch.float32 ? { rows, nearly } : { columns, graded: withValues(scalesOf(n, dtype), false) };
}

for (const dtype of [torch.float32, torch.float64] as readonly DType[]) {
  describe(`${dtype}`, () => {
    let matrices: [string, Tensor][];
    before(() => {
      torch.manualSeed(6);
      matrices = Object.entries(kinds(dtype));
    });

    test("LU, and what is solved by it", () => {
      const b = torch.randn(n, 7, { dtype });
      for (const [kind, a] of matrices) {
        const { P, L, U } = linalg.lu(a);
        isProduct(P.matmul(L).matmul(U), a, kind, roundings);
        assert.ok(L.abs().max().item() <= 1, kind);
        solves(a, linalg.solve(a, b), b, kind);
        const inverse = linalg.inv(a);
        near(a.matmul(inverse), torch.eye(n, { dtype }), norm(a) * norm(inverse), 20, `inverse of ${kind}`);
      }
    });

    test("Cholesky factors, also of matrices that are hardly positive", () => {
      const b = torch.randn(n, 7, { dtype });
      const scales = scalesOf(n, dtype);
      const x = torch.randn(n, n, { dtype });
      const positive = x.matmul(x.mT).add(torch.eye(n, { dtype }));
      const graded = positive.mul(scales).mul(scales.unsqueeze(1));
      const hardly = withValues(scales.add(8 * Math.sqrt(n) * torch.finfo(dtype).eps), true);
      for (const [kind, a] of Object.entries({ graded, hardly })) {
        const L = linalg.cholesky(a);
        const whole = a.tril().add(a.tril(-1).mT);
        isProduct(L.matmul(L.mT), whole, kind);
        solves(whole, torch.choleskySolve(b, L), b, kind);
      }
    });

    test("L D Lᵀ of indefinite matrices", () => {
      const b = torch.randn(n, 7, { dtype });
      for (const [kind, x] of matrices) {
        const a = x.add(x.mT);
        const { LD, pivots } = linalg.ldlFactor(a.tril());
        solves(a, linalg.ldlSolve(LD, pivots, b), b, kind, 20 * Math.sqrt(n));
      }
    });

    test("Q R", () => {
      for (const [kind, a] of matrices) {
        const { Q, R } = linalg.qr(a);
        isProduct(Q.matmul(R), a, kind);
        isOrthonormal(Q, kind);
      }
    });

    test("singular values and vectors", () => {
      for (const [kind, a] of matrices) {
        const { U, S, Vh } = linalg.svd(a);
        isProduct(U.mul(S).matmul(Vh), a, kind, roundings);
        isOrthonormal(U, `U of ${kind}`, roundings);
        isOrthonormal(Vh.mT, `V of ${kind}`, roundings);
        if (kind === "graded") isProduct(S, scalesOf(n, dtype), "values that the matrix was made of", roundings);
      }
    });

    test("eigenvalues and eigenvectors of symmetric matrices", () => {
      const { nearly } = difficult(n, dtype);
      const graded = withValues(scalesOf(n, dtype), true);
      for (const [kind, x] of Object.entries({ nearly, graded })) {
        const a = x.add(x.mT).div(2);
        const { eigenvalues, eigenvectors: V } = linalg.eigh(a);
        isProduct(V.mul(eigenvalues).matmul(V.mT), a, kind, roundings);
        isOrthonormal(V, kind, roundings);
        if (kind === "graded") isProduct(eigenvalues.flip(0), scalesOf(n, dtype), "values it was made of", roundings);
      }
    });

    test("least squares", () => {
      const a = torch.randn(n, 300, { dtype }).mul(scalesOf(300, dtype));
      const b = torch.randn(n, 3, { dtype });
      for (const driver of ["gels", "gelsy", "gelsd", "gelss"] as const) {
        const rest = a.matmul(linalg.lstsq(a, b, { driver }).solution).sub(b);
        near(a.mT.matmul(rest), torch.zeros(300, 3, { dtype }), norm(a) * norm(b), roundings, driver);
      }
    });
  });
}

test("eigenvectors of matrices of any kind", () => {
  const { nearly: a } = difficult(n, torch.float32);
  const { eigenvalues, eigenvectors } = linalg.eig(a);
  near(a.to(torch.complex64).matmul(eigenvectors), eigenvectors.mul(eigenvalues), norm(a), roundings, "residual");
});

test("complex matrices", () => {
  const dtype = torch.complex64;
  const { rows, nearly } = difficult(n / 2, dtype);
  const b = torch.randn(n / 2, 3, { dtype });
  for (const [kind, a] of Object.entries({ rows, nearly })) {
    const { P, L, U } = linalg.lu(a);
    isProduct(P.matmul(L).matmul(U), a, `LU of ${kind}`, roundings);
    solves(a, linalg.solve(a, b), b, kind);
    const { Q, R } = linalg.qr(a);
    isProduct(Q.matmul(R), a, `Q R of ${kind}`);
    isOrthonormal(Q, `Q of ${kind}`);
  }
  const hermitian = nearly.add(nearly.mH);
  const { eigenvalues, eigenvectors: V } = linalg.eigh(hermitian);
  isProduct(V.mul(eigenvalues).matmul(V.mH), hermitian, "eigenvectors", roundings);
  isOrthonormal(V, "eigenvectors", roundings);
});
