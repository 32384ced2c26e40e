/** Decompositions of complex matrices hold at all sizes, and derivatives of what has phases are those that differences show. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";
import { isOrthonormal, isProduct, near, norm, solves } from "../support/matrices.js";

const { linalg } = torch;
const { gradcheck, gradgradcheck } = torch.autograd;
const sizes = [1, 2, 3, 8, 9, 17, 33, 65, 129];

before(() => {
  torch.manualSeed(7);
});

for (const dtype of [torch.complex64, torch.complex128] as readonly DType[]) {
  const shapes = sizes.flatMap((n) => [
    [n, n] as const,
    [n, n + 5] as const,
    [n + 5, n] as const,
    [n, 3 * n] as const,
    [3 * n, n] as const,
  ]);

  describe(`decompositions in ${dtype}`, () => {
    test("LU, and what is solved by it", () => {
      for (const [rows, columns] of shapes) {
        const matrix = torch.randn(rows, columns, { dtype });
        const { P, L, U } = linalg.lu(matrix);
        isProduct(P.matmul(L).matmul(U), matrix, `${rows}x${columns}`);
      }
      for (const n of sizes) {
        const [a, b] = [torch.randn(n, n, { dtype }), torch.randn(n, 7, { dtype })];
        solves(a, linalg.solve(a, b), b, `${n}`);
        const { LU, pivots } = linalg.luFactor(a);
        solves(a.mH, linalg.luSolve(LU, pivots, b, { adjoint: true }), b, `${n} adjoint`);
        const triangle = torch.rand(n, n, { dtype }).div(n).add(torch.eye(n, { dtype }));
        for (const t of [triangle, triangle.mT, triangle.mT.contiguous().mT]) {
          solves(t.triu(), linalg.solveTriangular(t, b, { upper: true }), b, `${n} upper`);
          solves(t.tril(), linalg.solveTriangular(t, b, { upper: false }), b, `${n} lower`);
        }
      }
    });

    test("Cholesky and LDL read one triangle", () => {
      for (const n of sizes) {
        const [x, b] = [torch.randn(n, n, { dtype }), torch.randn(n, 3, { dtype })];
        const positive = x.matmul(x.mH).add(torch.eye(n, { dtype }));
        for (const upper of [false, true]) {
          const factor = linalg.cholesky(upper ? positive.triu() : positive.tril(), { upper });
          isProduct(upper ? factor.mH.matmul(factor) : factor.matmul(factor.mH), positive, `${n}`);
          solves(positive, torch.choleskySolve(b, factor, { upper }), b, `${n}`);
        }
        for (const hermitian of [false, true]) {
          const matrix = x.add(hermitian ? x.mH : x.mT);
          const { LD, pivots } = linalg.ldlFactor(matrix.tril(), { hermitian });
          solves(matrix, linalg.ldlSolve(LD, pivots, b, { hermitian }), b, `${n} ${hermitian}`);
        }
      }
    });

    test("Q R, and products with Q", () => {
      for (const [rows, columns] of shapes) {
        const [matrix, other] = [torch.randn(rows, columns, { dtype }), torch.randn(rows, 4, { dtype })];
        for (const mode of ["reduced", "complete"] as const) {
          const { Q, R } = linalg.qr(matrix, { mode });
          isProduct(Q.matmul(R), matrix, `${rows}x${columns}`);
          isOrthonormal(Q, `${rows}x${columns} ${mode}`);
          assert.ok(R.diagonal().imag.eq(0).all().item());
        }
        const { Q } = linalg.qr(matrix, { mode: "complete" });
        const { a, tau } = torch.geqrf(matrix);
        for (const transpose of [false, true]) {
          const factor = transpose ? Q.mH : Q;
          near(torch.ormqr(a, tau, other, { transpose }), factor.matmul(other), norm(other), 30, `${rows}`);
          const right = torch.ormqr(a, tau, other.mT, { left: false, transpose });
          near(right, other.mT.matmul(factor), norm(other), 30, `${rows}x${columns}`);
        }
      }
    });

    test("singular values and vectors", () => {
      for (const [rows, columns] of shapes) {
        const matrix = torch.randn(rows, columns, { dtype });
        for (const fullMatrices of [false, true]) {
          const { U, S, Vh } = linalg.svd(matrix, { fullMatrices });
          assert.equal(S.dtype, dtype.toReal());
          const count = S.numel();
          const product = U.narrow(1, 0, count)
            .mul(S)
            .matmul(Vh.narrow(0, 0, count));
          isProduct(product, matrix, `${rows}x${columns}`, 100);
          isOrthonormal(U, `U of ${rows}x${columns}`);
          isOrthonormal(Vh.mH, `V of ${rows}x${columns}`);
        }
      }
    });

    test("eigenvalues and eigenvectors", () => {
      for (const n of sizes) {
        const x = torch.randn(n, n, { dtype });
        const matrix = x.add(x.mH);
        for (const UPLO of ["L", "U"] as const) {
          const { eigenvalues, eigenvectors } = linalg.eigh(UPLO === "L" ? matrix.tril() : matrix.triu(), { UPLO });
          assert.equal(eigenvalues.dtype, dtype.toReal());
          isProduct(eigenvectors.mul(eigenvalues).matmul(eigenvectors.mH), matrix, `${n}`, 100);
          isOrthonormal(eigenvectors, `${n}`);
        }
        const { eigenvalues, eigenvectors } = linalg.eig(x);
        near(x.matmul(eigenvectors), eigenvectors.mul(eigenvalues), norm(x), 100, `${n}`);
        near(eigenvectors.norm(2, 0), torch.ones(n, { dtype: dtype.toReal() }), 1, 60, `${n}`);
      }
    });

    test("numbers near the ends of the range", () => {
      const scale = dtype === torch.complex64 ? 1e30 : 1e250;
      for (const factor of [scale, 1 / scale]) {
        const matrix = torch.randn(9, 9, { dtype }).mul(factor);
        // Products are taken of what has been brought back.
        const back = matrix.div(factor);
        const { U, S, Vh } = linalg.svd(matrix);
        isProduct(U.mul(S.div(factor)).matmul(Vh), back, `${factor}`, 100);
        const { eigenvalues, eigenvectors } = linalg.eig(matrix);
        near(back.matmul(eigenvectors), eigenvectors.mul(eigenvalues.div(factor)), norm(back), 100, `${factor}`);
        const { Q, R } = linalg.qr(matrix);
        isProduct(Q.matmul(R.div(factor)), back, `${factor}`);
      }
    });
  });
}

describe("what cannot be computed", () => {
  test("complex32 and singular or infinite matrices are refused", () => {
    const narrow = torch.zeros(2, 2, { dtype: torch.complex32 });
    assert.throws(() => linalg.inv(narrow), /Low precision dtypes not supported\. Got ComplexHalf/);
    const zeros = torch.zeros(2, 2, { dtype: torch.complex64 });
    assert.throws(() => linalg.inv(zeros), linalg.LinAlgError);
    assert.throws(() => linalg.solve(zeros, zeros), linalg.LinAlgError);
    const infinite = torch.complex(torch.full([2, 2], Number.POSITIVE_INFINITY), torch.zeros(2, 2));
    for (const decompose of [linalg.svd, linalg.eigh, linalg.eig])
      assert.throws(() => decompose(infinite), linalg.LinAlgError);
  });
});

describe("derivatives", () => {
  const inputs = {
    real: torch.tensor([1, 2, -1, -3, 2, 1.5, -2, 0.25, -1.5], { dtype: torch.float64 }).view(3, 3),
    complex: torch.complex(
      torch.tensor([1, 2, -1, 0.5, 3, 1.5, -2, 0.25, -1.5], { dtype: torch.float64 }).view(3, 3),
      torch.tensor([0.5, -1, 2, 1, 0.25, -0.75, 1.5, 2, -1], { dtype: torch.float64 }).view(3, 3),
    ),
  };
  for (const [kind, matrix] of Object.entries(inputs)) {
    const leaf = () => matrix.clone().requiresGrad_();
    const checks = (body: (A: Tensor) => Tensor | readonly Tensor[]) => {
      assert.ok(gradcheck((A) => [body(A)].flat(), [leaf()]));
      assert.ok(gradgradcheck((A) => [body(A)].flat(), [leaf()]));
    };

    test(`eigenvalues of ${kind} matrices, and what does not depend on phases`, () => {
      checks((A) => linalg.eigvals(A));
      checks((A) => linalg.eigvals(A.matmul(A).unsqueeze(0)));
      checks((A) => linalg.eig(A).eigenvectors.abs());
      checks((A) => {
        const { eigenvalues, eigenvectors } = linalg.eig(A);
        return eigenvectors.abs().mul(eigenvalues.abs());
      });
    });

    test(`projections on singular vectors and eigenvectors of ${kind} matrices`, () => {
      checks((A) => {
        const { U, Vh } = linalg.svd(A);
        return U.narrow(1, 0, 2).matmul(Vh.narrow(0, 0, 2));
      });
      checks((A) => linalg.svd(A.narrow(0, 0, 2), { fullMatrices: false }).Vh.abs());
      checks((A) => linalg.svd(A.narrow(1, 0, 2), { fullMatrices: false }).U.abs());
      checks((A) => {
        const { eigenvectors, eigenvalues } = linalg.eigh(A.add(A.mH));
        return eigenvectors.abs().mul(eigenvalues);
      });
    });

    test(`triangles, reflections and symmetric systems of ${kind} matrices`, () => {
      checks((A) => {
        const { L, U } = linalg.lu(A);
        return [L, U];
      });
      checks((A) => {
        const { Q, R } = linalg.qr(A.narrow(0, 0, 2));
        return [Q, R];
      });
      checks((A) => linalg.matrixExp(A.div(4)));
      const b = matrix.narrow(1, 0, 1).detach();
      for (const hermitian of [false, true]) {
        const symmetric = hermitian ? matrix.add(matrix.mH) : matrix.add(matrix.mT);
        const { LD, pivots } = linalg.ldlFactor(symmetric, { hermitian });
        checks((A) => linalg.ldlSolve(LD, pivots, A.matmul(b), { hermitian }));
      }
      checks((A) => linalg.householderProduct(A.narrow(1, 0, 2), A.select(0, 1).narrow(0, 0, 2)));
      checks((A) => torch.ormqr(A.narrow(1, 0, 2), A.select(0, 1).narrow(0, 0, 2), A, { transpose: true }));
      checks((A) => torch.logdet(A.matmul(A.mH)).real);
    });
  }

  test("a function that depends on phases has none", () => {
    const A = inputs.complex.clone().requiresGrad_();
    const depends = /specified up to multiplication by e\^\{i phi\}.*ill-defined/;
    assert.throws(() => linalg.eig(A).eigenvectors.sum().abs().backward(), depends);
    assert.throws(() => linalg.eigh(A).eigenvectors.sum().abs().backward(), depends);
    assert.throws(() => linalg.svd(A).U.sum().abs().backward(), depends);
  });

  test("of a sign, which for complex matrices is a direction", () => {
    const A = inputs.complex;
    assert.ok(gradcheck((x: Tensor) => linalg.slogdet(x).sign, [A.clone().requiresGrad_()]));
    const real = inputs.real.clone().requiresGrad_();
    const { sign, logabsdet } = linalg.slogdet(real);
    sign.add(logabsdet).backward();
    near(real.grad as Tensor, linalg.inv(inputs.real).mT, 1, 100, "the sign adds nothing");
  });
});

describe("functions of functions", () => {
  test("vmap of decompositions is the loop", () => {
    for (const dtype of [torch.float64, torch.complex128]) {
      const batch = torch.randn(3, 4, 4, { dtype });
      for (const name of ["eigvals", "svdvals", "eigvalsh", "matrixExp", "inv"] as const) {
        const mapped = torch.func.vmap(linalg[name] as (A: Tensor) => Tensor)(batch);
        const looped = torch.stack([...batch].map((A) => (linalg[name] as (A: Tensor) => Tensor)(A)));
        near(mapped as Tensor, looped, norm(looped), 10, name);
      }
    }
  });
});
