/** Decompositions hold: what they give multiplies to the matrix, to the last digits, at all sizes and scales. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";
import { difficult, isOrthonormal, isProduct, near, norm, scalesOf, solves } from "../support/matrices.js";

const { linalg } = torch;
const sizes = [1, 2, 3, 5, 8, 9, 16, 17, 31, 33, 64, 65, 100, 129, 200, 300];
const dtypes: readonly DType[] = [torch.float32, torch.float64];

// Each test has its own numbers, whichever run before it.
beforeEach(() => {
  torch.manualSeed(7);
});

for (const dtype of dtypes) {
  describe(`LU in ${dtype}`, () => {
    test("P L U is the matrix, for all shapes", () => {
      for (const n of sizes) {
        for (const [rows, columns] of [
          [n, n],
          [n, n + 5],
          [n + 5, n],
          [n, 2 * n],
          [2 * n, n],
        ] as const) {
          const matrix = torch.randn(rows, columns, { dtype });
          const { P, L, U } = linalg.lu(matrix);
          isProduct(P.matmul(L).matmul(U), matrix, `${rows}x${columns}`);
          assert.ok(L.abs().max().item() <= 1, "elements of L are at most 1");
        }
      }
    });

    test("solutions have small residuals, whatever the scale of the matrix", () => {
      for (const n of sizes) {
        const b = torch.randn(n, 7, { dtype });
        for (const [kind, a] of Object.entries(difficult(n, dtype))) {
          solves(a, linalg.solve(a, b), b, `${kind} ${n}`);
          const { LU, pivots } = linalg.luFactor(a);
          solves(a.mT, linalg.luSolve(LU, pivots, b, { adjoint: true }), b, `${kind} ${n} transposed`);
        }
      }
    });

    test("inverses", () => {
      for (const n of sizes) {
        const a = torch.randn(n, n, { dtype });
        const inverse = linalg.inv(a);
        near(a.matmul(inverse), torch.eye(n, { dtype }), norm(a) * norm(inverse), 20, `${n}`);
      }
    });

    test("a triangle is solved in each of its positions, and the rest is not read", () => {
      for (const n of sizes) {
        const columns = torch.randn(n, 4, { dtype });
        const matrix = torch.rand(n, n, { dtype }).div(n).add(torch.eye(n, { dtype }));
        for (const a of [matrix, matrix.mT, matrix.mT.contiguous().mT]) {
          for (const upper of [true, false]) {
            for (const left of [true, false]) {
              for (const unitriangular of [true, false]) {
                const b = left ? columns : columns.mT;
                const x = linalg.solveTriangular(a, b, { upper, left, unitriangular });
                const part = unitriangular ? 1 : 0;
                const read = upper ? a.triu(part) : a.tril(-part);
                const triangle = unitriangular ? read.add(torch.eye(n, { dtype })) : read;
                isProduct(
                  left ? triangle.matmul(x) : x.matmul(triangle),
                  b,
                  `${n} ${upper} ${left} ${unitriangular}`,
                  60,
                );
              }
            }
          }
        }
      }
    });
  });

  describe(`symmetric matrices in ${dtype}`, () => {
    test("the Cholesky factor", () => {
      for (const n of sizes) {
        const x = torch.randn(n, n, { dtype });
        const matrix = x.matmul(x.mT).add(torch.eye(n, { dtype }));
        const b = torch.randn(n, 3, { dtype });
        for (const upper of [false, true]) {
          // The other triangle is not read.
          const given = upper ? matrix.triu() : matrix.tril();
          const factor = linalg.cholesky(given, { upper });
          const L = upper ? factor.mT : factor;
          isProduct(L.matmul(L.mT), matrix, `${n}`);
          solves(matrix, torch.choleskySolve(b, factor, { upper }), b, `${n}`);
        }
      }
    });

    test("indefinite ones", () => {
      for (const n of sizes) {
        const x = torch.randn(n, n, { dtype });
        const zeros = x.add(x.mT);
        zeros.diagonal().zero_();
        for (const matrix of [x.add(x.mT), zeros]) {
          if (n === 1 && matrix.item() === 0) continue;
          const b = torch.randn(n, 3, { dtype });
          const { LD, pivots } = linalg.ldlFactor(matrix.tril());
          solves(matrix, linalg.ldlSolve(LD, pivots, b), b, `${n}`, 20 * Math.sqrt(n));
        }
      }
    });
  });
}

for (const dtype of dtypes) {
  const shapes = sizes.flatMap(
    (n) =>
      [
        [n, n],
        [n, n + 5],
        [n + 5, n],
        [n, 3 * n],
        [3 * n, n],
      ] as const,
  );

  describe(`orthogonal factors in ${dtype}`, () => {
    test("Q R is the matrix, and Q orthogonal", () => {
      for (const [rows, columns] of shapes) {
        const matrix = torch.randn(rows, columns, { dtype });
        for (const mode of ["reduced", "complete"] as const) {
          const { Q, R } = linalg.qr(matrix, { mode });
          isProduct(Q.matmul(R), matrix, `${rows}x${columns}`);
          isOrthonormal(Q, `${rows}x${columns} ${mode}`);
          assert.ok(R.tril(-1).eq(0).all().item());
        }
      }
    });

    test("products with Q are had from its reflections", () => {
      for (const [rows, columns] of shapes) {
        const matrix = torch.randn(rows, columns, { dtype });
        const { a, tau } = torch.geqrf(matrix);
        const { Q } = linalg.qr(matrix, { mode: "complete" });
        const other = torch.randn(rows, 4, { dtype });
        for (const transpose of [false, true]) {
          const factor = transpose ? Q.mT : Q;
          near(torch.ormqr(a, tau, other, { transpose }), factor.matmul(other), norm(other), 30, `${rows}x${columns}`);
          const right = torch.ormqr(a, tau, other.mT, { left: false, transpose });
          near(right, other.mT.matmul(factor), norm(other), 30, `${rows}x${columns}`);
        }
      }
    });

    test("U S Vh is the matrix, U and Vh are orthogonal, and S descends", () => {
      for (const [rows, columns] of shapes) {
        const matrix = torch.randn(rows, columns, { dtype });
        for (const fullMatrices of [false, true]) {
          const { U, S, Vh } = linalg.svd(matrix, { fullMatrices });
          const count = S.numel();
          const product = U.narrow(1, 0, count)
            .mul(S)
            .matmul(Vh.narrow(0, 0, count));
          isProduct(product, matrix, `${rows}x${columns}`, 100);
          isOrthonormal(U, `U of ${rows}x${columns}`);
          isOrthonormal(Vh.mT, `V of ${rows}x${columns}`);
          assert.ok(count < 2 || S.diff().max().item() <= 0);
          near(linalg.svdvals(matrix), S, norm(S), 20, `${rows}x${columns}`);
        }
      }
    });

    test("eigenvectors of symmetric matrices, of which one triangle is read", () => {
      for (const n of sizes) {
        const x = torch.randn(n, n, { dtype });
        const matrix = x.add(x.mT);
        for (const UPLO of ["L", "U"] as const) {
          const { eigenvalues, eigenvectors } = linalg.eigh(UPLO === "L" ? matrix.tril() : matrix.triu(), { UPLO });
          isProduct(eigenvectors.mul(eigenvalues).matmul(eigenvectors.mT), matrix, `${n}`, 100);
          isOrthonormal(eigenvectors, `${n}`);
          assert.ok(n < 2 || eigenvalues.diff().min().item() >= 0);
          near(linalg.eigvalsh(matrix), eigenvalues, norm(matrix), 20, `${n}`);
        }
      }
    });

    test("least squares by all drivers", () => {
      for (const [rows, columns] of shapes.filter(([m, n]) => Math.max(m, n) < 100)) {
        const scale = torch.eye(rows, columns, { dtype }).mul(4 * Math.sqrt(rows + columns));
        const matrix = torch.randn(rows, columns, { dtype }).add(scale);
        const b = torch.randn(rows, 3, { dtype });
        const expected = linalg.pinv(matrix).matmul(b);
        for (const driver of ["gels", "gelsy", "gelsd", "gelss"] as const) {
          near(
            linalg.lstsq(matrix, b, { driver }).solution,
            expected,
            norm(expected),
            200,
            `${rows}x${columns} ${driver}`,
          );
        }
      }
    });

    test("matrices that are difficult: scaled, nearly singular, of low rank, with equal eigenvalues, tiny, huge", () => {
      const largest = torch.finfo(dtype).max;
      for (const n of [2, 8, 33, 64, 100]) {
        const half = torch.randn(n, Math.ceil(n / 2), { dtype });
        const kinds = {
          ...difficult(n, dtype),
          zero: torch.zeros(n, n, { dtype }),
          ones: torch.ones(n, n, { dtype }),
          identity: torch.eye(n, { dtype }),
          lowRank: half.matmul(torch.randn(Math.ceil(n / 2), n, { dtype })),
          tiny: torch.randn(n, n, { dtype }).mul(torch.finfo(dtype).tiny * 1e4),
          huge: torch.rand(n, n, { dtype }).mul(largest / (4 * n)),
          bidiagonal: torch.eye(n, { dtype }).add(torch.diag(torch.ones(n - 1, { dtype }), 1)),
        };
        for (const [kind, matrix] of Object.entries(kinds)) {
          // What the norm of huge ones would not hold is compared after they are made smaller.
          const down = kind === "huge" ? 1 / largest : kind === "tiny" ? 1 / (torch.finfo(dtype).tiny * 1e4) : 1;
          const { U, S, Vh } = linalg.svd(matrix);
          isProduct(U.mul(S.mul(down)).matmul(Vh), matrix.mul(down), `svd of ${kind} ${n}`, 100);
          isOrthonormal(U, `U of ${kind} ${n}`, 100);
          isOrthonormal(Vh.mT, `V of ${kind} ${n}`, 100);
          const symmetric = matrix.add(matrix.mT).div(2);
          const { eigenvalues, eigenvectors } = linalg.eigh(symmetric);
          const product = eigenvectors.mul(eigenvalues.mul(down)).matmul(eigenvectors.mT);
          isProduct(product, symmetric.mul(down), `eigh of ${kind} ${n}`, 100);
          isOrthonormal(eigenvectors, `eigenvectors of ${kind} ${n}`, 100);
          const { Q, R } = linalg.qr(matrix);
          isProduct(Q.matmul(R.mul(down)), matrix.mul(down), `qr of ${kind} ${n}`, 100);
          isOrthonormal(Q, `Q of ${kind} ${n}`, 100);
        }
      }
    });
  });
}

test("small singular values of a bidiagonal matrix are as accurate as large ones", () => {
  // diag(1, 1e-5, 1e-10, …) with ones' worth of what is beside: the product of all is the determinant.
  const scales = torch.logspace(0, -30, 7, { dtype: torch.float64 });
  const matrix = torch.diag(scales).add(torch.diag(scales.narrow(0, 0, 6).mul(0.5), 1));
  const product = linalg.svdvals(matrix).log().sum().item();
  assert.ok(Math.abs(product - scales.log().sum().item()) < 1e-11, `${product}`);
});

test("derivatives of what depends on no choice of signs", () => {
  const { gradcheck, gradgradcheck } = torch.autograd;
  const leaf = (...shape: number[]) => torch.randn(shape, { dtype: torch.float64 }).requiresGrad_();
  const outer = torch.randn(4, 4, { dtype: torch.float64 });
  const functions: Record<string, [(...inputs: Tensor[]) => Tensor[], Tensor[]]> = {
    projections: [
      (x) => {
        const { eigenvalues, eigenvectors } = linalg.eigh(x.add(x.mT));
        const first = eigenvectors.narrow(1, 0, 2);
        return [first.matmul(first.mT), eigenvalues];
      },
      [leaf(4, 4)],
    ],
    singular: [
      (x) => {
        const { U, S, Vh } = linalg.svd(x, { fullMatrices: false });
        return [U.narrow(-1, 0, 1).matmul(Vh.narrow(-2, 0, 1)), U.narrow(-1, 0, 1).matmul(U.narrow(-1, 0, 1).mT), S];
      },
      [leaf(2, 4, 3)],
    ],
    wide: [
      (x) => {
        const { U, Vh } = linalg.svd(x, { fullMatrices: false });
        return [U.narrow(-1, 0, 2).matmul(Vh.narrow(-2, 0, 2)), Vh.narrow(-2, 0, 2).mT.matmul(Vh.narrow(-2, 0, 2))];
      },
      [leaf(3, 5)],
    ],
    turned: [
      (x) => {
        const { a, tau } = torch.geqrf(outer);
        return [torch.ormqr(a, tau, x), torch.ormqr(a, tau, x, { left: false, transpose: true })];
      },
      [leaf(4, 4)],
    ],
    reflections: [(a, tau, x) => [torch.ormqr(a, tau, x), torch.orgqr(a, tau)], [leaf(4, 2), leaf(2), leaf(4, 3)]],
    leastSquares: [(a, b) => [linalg.lstsq(a, b, { driver: "gels" }).solution], [leaf(5, 3), leaf(5, 2)]],
    lowRank: [(x) => [linalg.pinv(x.matmul(x.mT).matmul(x))], [leaf(4, 2)]],
  };
  for (const [name, [body, leaves]] of Object.entries(functions)) {
    assert.ok(gradcheck(body, leaves), name);
    assert.ok(gradgradcheck(body, leaves), name);
  }
});

test("eigenvalues of matrices of any kind are complex, and their vectors of length 1", () => {
  for (const dtype of dtypes) {
    for (const n of [1, 2, 3, 5, 8, 16, 31, 64, 100]) {
      const x = torch.randn(n, n, { dtype });
      const kinds = {
        ...difficult(n, dtype),
        symmetric: x.add(x.mT),
        skew: x.sub(x.mT),
        nilpotent: x.triu(1),
        ones: torch.ones(n, n, { dtype }),
        shift: torch.eye(n, { dtype }).roll(1, 0),
      };
      // Rows and columns are balanced before eigenvectors are looked for, and it is then that the residuals are small.
      const root = scalesOf(n, dtype).sqrt();
      const balances: Record<string, Tensor> = { columns: root, rows: root.reciprocal() };
      for (const [kind, matrix] of Object.entries(kinds)) {
        const { eigenvalues, eigenvectors } = linalg.eig(matrix);
        const squares = eigenvectors.abs().square();
        near(squares.sum(0), torch.ones(n, { dtype }), Math.sqrt(n), 30, `${kind} ${n}`);
        const balance = (balances[kind] ?? torch.ones(n, { dtype })).unsqueeze(1);
        const lengths = squares.mul(balance.square()).sum(0).sqrt();
        const vectors = eigenvectors.mul(balance.div(lengths));
        const balanced = matrix.mul(balance).div(balance.mT).to(vectors.dtype);
        const scale = norm(matrix) * Math.sqrt(n);
        near(
          balanced.matmul(vectors),
          vectors.mul(eigenvalues),
          norm(balanced.abs()) * Math.sqrt(n),
          20,
          `${kind} ${n}`,
        );
        near(torch.real(linalg.eigvals(matrix)).sum(), matrix.trace(), scale, 50, `${kind} ${n}`);
      }
    }
  }
  const wrong = torch.eye(3).mul(Number.NaN);
  assert.throws(() => linalg.eig(wrong), /input tensor should not contain infs or NaNs/);
});

test("symeig is eigh under its older name, of the upper triangle", () => {
  const matrix = torch.randn(3, 5, 5, { dtype: torch.float64, requiresGrad: true });
  for (const [upper, UPLO] of [
    [true, "U"],
    [false, "L"],
  ] as const) {
    const [found, expected] = [matrix.symeig({ eigenvectors: true, upper }), linalg.eigh(matrix, { UPLO })];
    assert.ok(found.eigenvalues.equal(expected.eigenvalues) && found.eigenvectors.equal(expected.eigenvectors));
    const [values, none] = torch.symeig(matrix, { upper });
    near(values, expected.eigenvalues, norm(values), 10, "eigenvalues");
    assert.deepEqual(none.shape, [0]);
    const [grad] = torch.autograd.grad(found.eigenvalues.square().sum(), [matrix]);
    const [alike] = torch.autograd.grad(values.square().sum(), [matrix]);
    near(grad as Tensor, alike as Tensor, norm(matrix), 50, "gradient");
  }
  assert.throws(() => torch.symeig(torch.ones(2, 3)), /must be batches of square matrices/);
});

test("a few random directions find the largest singular values", () => {
  const factors = linalg.qr(torch.randn(60, 60, { dtype: torch.float64 })).Q;
  const S = torch.logspace(2, -4, 30, { dtype: torch.float64 });
  for (const matrix of [factors.narrow(1, 0, 30).mul(S), factors.narrow(1, 0, 30).mul(S).mT]) {
    const found = torch.svdLowrank(matrix, 8);
    near(found.S.narrow(0, 0, 4), S.narrow(0, 0, 4), 1, 1e8, "values");
    isOrthonormal(found.U, "U");
    isOrthonormal(found.V, "V");
    const centered = matrix.sub(matrix.mean(0, { keepdim: true }));
    near(torch.pcaLowrank(matrix, 8).S.narrow(0, 0, 3), linalg.svdvals(centered).narrow(0, 0, 3), 1, 1e8, "components");
  }
  assert.throws(() => torch.pcaLowrank(torch.ones(3, 4), 5), RangeError);
});

test("elements that are not finite are refused, not searched for ever", () => {
  for (const wrong of [Number.NaN, Infinity, -Infinity]) {
    const matrix = torch.eye(4);
    matrix.select(0, 2).select(0, 1).fill_(wrong);
    const words = /The algorithm failed to converge because the input matrix contained non-finite values/;
    for (const run of [linalg.svd, linalg.svdvals, linalg.eigh, linalg.eigvalsh]) {
      assert.throws(() => run(torch.stack([torch.eye(4), matrix])), words);
    }
  }
});

test("a batch has what each of its matrices has", () => {
  const batch = torch.randn(40, 3, 12, 12, { dtype: torch.float64 });
  const b = torch.randn(12, 2, { dtype: torch.float64 });
  const positive = batch.matmul(batch.mT);
  const [inverse, solution, factor, det] = [
    linalg.inv(batch),
    linalg.solve(batch, b),
    linalg.cholesky(positive),
    linalg.det(batch),
  ];
  for (const [i, j] of [
    [0, 0],
    [17, 1],
    [39, 2],
  ] as const) {
    const at = (x: Tensor) => x.select(0, i).select(0, j);
    assert.ok(linalg.inv(at(batch)).equal(at(inverse)));
    assert.ok(linalg.solve(at(batch), b).equal(at(solution)));
    assert.ok(linalg.cholesky(at(positive)).equal(at(factor)));
    assert.ok(linalg.det(at(batch)).equal(at(det)));
  }
});

test("the matrix that fails is told, in PyTorch's words", () => {
  const batch = torch.stack([torch.eye(3), torch.zeros(3, 3)]);
  const wants = (name: string) => ({ name: "LinAlgError", message: name });
  assert.throws(
    () => linalg.inv(batch),
    wants(
      "linalg.inv: (Batch element 1): The diagonal element 1 is zero, the inversion could not be completed because the input matrix is singular.",
    ),
  );
  assert.throws(
    () => linalg.solve(batch, torch.ones(2, 3)),
    wants("torch.linalg.solve: (Batch element 1): The solver failed because the input matrix is singular."),
  );
  assert.throws(
    () => linalg.cholesky(torch.eye(3).neg()),
    wants(
      "linalg.cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order 1 is not positive-definite).",
    ),
  );
  assert.deepEqual(linalg.invEx(batch).info.tolist(), [0, 1]);
  assert.throws(() => linalg.invEx(batch, { checkErrors: true }), linalg.LinAlgError);
});

test("pivots that are no rows are refused", () => {
  const b = torch.ones(3, 1);
  for (const wrong of [0, -1, 4, 2 ** 31 - 1, -(2 ** 31)]) {
    const pivots = torch.tensor([1, wrong, 3], { dtype: torch.int32 });
    assert.throws(() => linalg.luSolve(torch.eye(3), pivots, b), RangeError);
    assert.throws(() => torch.luUnpack(torch.eye(3), pivots), RangeError);
    if (wrong !== -1) assert.throws(() => linalg.ldlSolve(torch.eye(3), pivots, b), RangeError);
  }
});

test("the determinant of a singular matrix has the cofactors for its gradient, and second derivatives", () => {
  const values = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  const matrix = torch.tensor(values, { dtype: torch.float64 }).sub(0).requiresGrad_();
  matrix
    .detach()
    .select(0, 2)
    .copy_(torch.tensor([3, 4, 5], { dtype: torch.float64 }));
  matrix
    .detach()
    .select(0, 1)
    .copy_(torch.tensor([2, 4, 6], { dtype: torch.float64 }));
  const [gradient] = torch.autograd.grad([linalg.det(matrix)], [matrix], undefined, { createGraph: true }) as [Tensor];
  const expected = torch.tensor(
    [
      [-4, 8, -4],
      [2, -4, 2],
      [0, 0, 0],
    ],
    { dtype: torch.float64 },
  );
  assert.ok(gradient.allclose(expected, 1e-4, 1e-4), `${gradient}`);
  const [plain] = torch.autograd.grad([linalg.det(matrix)], [matrix]) as [Tensor];
  assert.ok(plain.allclose(expected, 1e-9, 1e-9), `${plain}`);
  const [second] = torch.autograd.grad([gradient.select(0, 0).select(0, 0)], [matrix]) as [Tensor];
  const minors = torch.tensor(
    [
      [0, 0, 0],
      [0, 5, -4],
      [0, -6, 4],
    ],
    { dtype: torch.float64 },
  );
  assert.ok(second.allclose(minors, 1e-3, 1e-3), `${second}`);
});

test("factorizations without derivatives say so, and what they give still asks for gradients", () => {
  const matrix = torch.eye(3).add(1).requiresGrad_(true);
  const { a, tau } = torch.geqrf(matrix);
  const { LD } = linalg.ldlFactor(matrix);
  const { LD: withInfo, pivots } = linalg.ldlFactorEx(matrix);
  for (const [result, message] of [
    [a, "the derivative for 'geqrf' is not implemented."],
    [tau, "the derivative for 'geqrf' is not implemented."],
    [LD, "derivative for aten::linalg_ldl_factor_ex is not implemented"],
    [withInfo, "derivative for aten::linalg_ldl_factor_ex is not implemented"],
  ] as const) {
    assert.ok(result.requiresGrad);
    assert.throws(() => result.sum().backward(), { message });
  }
  assert.equal(String(a.gradFn), "<GeqrfBackward0>");
  assert.ok(!pivots.requiresGrad);
  assert.throws(
    () => torch.func.jvp((x: Tensor) => torch.geqrf(x).a, [matrix.detach()], [torch.ones(3, 3)]),
    /'geqrf'/,
  );
  assert.ok(!torch.noGrad(() => torch.geqrf(matrix)).a.requiresGrad);
});

test("words that functions do not know are refused as PyTorch does it", () => {
  const A = torch.eye(2);
  const wrong: [() => unknown, string][] = [
    [
      () => linalg.qr(A, { mode: "x" as never }),
      "qr received unrecognized mode 'x' but expected one of 'reduced' (default), 'r', or 'complete'",
    ],
    [() => linalg.eigh(A, { UPLO: "X" as never }), "Expected UPLO argument to be 'L' or 'U', but got X"],
    [() => linalg.eigvalsh(A, { UPLO: "Lower" as never }), "Expected UPLO argument to be 'L' or 'U', but got Lower"],
    [
      () => linalg.lstsq(A, A, { driver: "foo" as never }),
      "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)",
    ],
    [() => linalg.norm(A, "foo" as never), "linalg.matrix_norm: Order foo not supported."],
    [() => linalg.matrixNorm(A, "foo" as never), "linalg.matrix_norm: Order foo not supported."],
    [() => linalg.cond(A, "foo" as never), "linalg.cond got an invalid norm type: foo"],
  ];
  for (const [call, message] of wrong) assert.throws(call, { name: "TypeError", message });
  // What is no text at all is a wrong kind of argument.
  assert.throws(() => linalg.qr(A, { mode: 3 as never }), /argument 'mode' must be one of "reduced"/);
  assert.throws(() => linalg.matrixNorm(A, {} as never, [0, 1]), TypeError);
});

test("dims, dtypes and sizes that do not fit are refused in PyTorch's words", () => {
  const [matrix, batch] = [torch.ones(2, 3), torch.ones(2, 3, 4)];
  const wrong: [() => unknown, string][] = [
    [
      () => linalg.norm(batch, 2),
      "linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got 3D.",
    ],
    [() => linalg.norm(batch, null, []), "linalg.norm: If dim is specified, it must be of length 1 or 2. Got []"],
    [() => linalg.matrixNorm(batch, 1, [0, -3]), "linalg.matrix_norm: dims must be different. Got (0, -3)"],
    [
      () => linalg.vectorNorm(matrix, { dtype: torch.complex64 }),
      "linalg.vector_norm: dtype should be real for real inputs, but got ComplexFloat",
    ],
    [
      () => linalg.matrixNorm(matrix.double(), { dtype: torch.float32 }),
      "linalg.matrix_norm: the dtype of the input (Double) should be convertible without narrowing to the specified dtype (Float)",
    ],
    [
      () => linalg.matrixNorm(matrix, { dtype: torch.int64 }),
      "linalg.matrix_norm: dtype should be floating point or complex, but got Long",
    ],
    [
      () => linalg.vectorNorm(matrix.long()),
      "linalg.vector_norm: Expected a floating point or complex tensor as input. Got Long",
    ],
    [
      () => linalg.lstsq(batch, torch.ones(3)),
      "torch.linalg.lstsq: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1",
    ],
    [() => linalg.lstsq(batch, torch.ones(2, 4)), "torch.linalg.lstsq: input.size(-2) should match other.size(-1)"],
    [
      () => linalg.tensorsolve(torch.ones(2, 3, 6), torch.ones(2, 2)),
      "Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got 6 != 4",
    ],
    [() => linalg.lu(torch.ones(3)), "linalg.lu: Expected tensor with 2 or more dimensions. Got size: [3] instead"],
    [() => torch.amax(torch.ones(2, 0), -1), "amax(): Expected reduction dim -1 to have non-zero size."],
  ];
  for (const [call, message] of wrong) assert.throws(call, { message });
});
