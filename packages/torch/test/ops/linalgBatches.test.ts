/** Batches of small matrices, which are decomposed many at once, have the results of the single ones. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";

const { linalg } = torch;
const dtypes: readonly DType[] = [torch.float32, torch.float64];
const orders = [2, 3, 5, 8, 9, 16, 17, 32, 33];

// Each test has its own numbers, whichever run before it.
beforeEach(() => {
  torch.manualSeed(11);
});

function single(x: Tensor, i: number): Tensor {
  return x.select(0, i);
}

function countOf(batch: Tensor): number {
  return batch.shape[0] as number;
}

/** Asserts that tensors agree to so many roundings of the largest number, NaN where the other is NaN. */
function near(actual: Tensor, expected: Tensor, roundings: number, what: string): void {
  assert.deepEqual(actual.shape, expected.shape, what);
  const size = Math.max(expected.nanToNum(0, 0, 0).norm().item(), Number.MIN_VALUE);
  const atol = roundings * torch.finfo(expected.dtype).eps * size;
  assert.ok(torch.allclose(actual, expected, { rtol: 0, atol, equalNan: true }), `${what}\n${actual}\n${expected}`);
}

function identical(actual: Tensor, expected: Tensor, what: string): void {
  assert.ok(torch.equal(actual.nanToNum(1e9), expected.nanToNum(1e9)), `${what}\n${actual}\n${expected}`);
}

/** Calls body(batch, its name) for batches of matrices: of many counts and orders, and such as lie otherwise in memory. */
function eachBatch(dtype: DType, body: (A: Tensor, what: string) => void, shift = 0): void {
  const make = (count: number, n: number) =>
    torch.randn(count, n, n, { dtype }).add(torch.eye(n, { dtype }).mul(shift));
  for (const n of orders) body(make(19, n), `19 of order ${n}`);
  for (let count = 1; count <= 40; ++count) body(make(count, 4), `${count} of order 4`);
  body(make(12, 6).mT, "transposed");
  body(torch.stack([make(12, 6), make(12, 6)], 1).select(1, 1), "with gaps");
  body(make(1, 7).expand(9, 7, 7), "expanded");
}

/** Asserts that what is computed of a batch is, but for roundings, computed of each matrix alone. */
function asSingle(dtype: DType, compute: (A: Tensor) => readonly Tensor[], roundings: number, shift = 0): void {
  eachBatch(
    dtype,
    (A, what) => {
      const together = compute(A);
      for (let i = 0; i < countOf(A); ++i) {
        for (const [k, alone] of compute(single(A, i)).entries()) {
          near(single(together[k] as Tensor, i), alone, roundings, `result ${k} of matrix ${i} of ${what}`);
        }
      }
    },
    shift,
  );
}

/** Asserts that the result of a matrix does not depend on where it stands among others, or on what they are. */
function sameAnywhere(dtype: DType, compute: (A: Tensor) => readonly Tensor[], make = (A: Tensor) => A): void {
  for (const n of [3, 8, 16]) {
    const A = make(torch.randn(37, n, n, { dtype }));
    const all = compute(A);
    for (const [begin, count] of [
      [0, 8],
      [5, 32],
      [29, 8],
    ] as const) {
      for (const [k, part] of compute(A.narrow(0, begin, count)).entries()) {
        identical(
          part,
          (all[k] as Tensor).narrow(0, begin, count),
          `result ${k} of order ${n}, ${count} from ${begin}`,
        );
      }
    }
  }
}

/** Regular matrices with some among them that are singular, not finite, tiny or huge. */
function withOdd(dtype: DType): Tensor {
  const A = torch.randn(23, 5, 5, { dtype });
  const { tiny, max } = torch.finfo(dtype);
  A.select(0, 1).fill_(0);
  A.select(0, 3).select(1, 2).fill_(0);
  A.select(0, 4).select(0, 3).select(0, 3).fill_(Number.NaN);
  A.select(0, 7).select(0, 0).select(0, 0).fill_(Number.POSITIVE_INFINITY);
  A.select(0, 9).copy_(torch.eye(5, { dtype }));
  A.select(0, 10).mul_(tiny);
  A.select(0, 12).mul_(tiny / 1e4);
  A.select(0, 13).mul_(max / 100);
  A.select(0, 15).copy_(torch.ones(5, 5, { dtype }));
  A.select(0, 22).select(0, 4).fill_(0);
  return A;
}

for (const dtype of dtypes) {
  describe(`batches of LU in ${dtype}`, () => {
    const factors = (A: Tensor) => {
      const { LU, pivots, info } = linalg.luFactorEx(A);
      return [LU, pivots, info];
    };

    test("factors are those of the single matrices", () => {
      eachBatch(dtype, (A, what) => {
        const [LU, pivots] = factors(A) as [Tensor, Tensor];
        const { P, L, U } = linalg.lu(A);
        near(P.matmul(L).matmul(U), A, 20, what);
        for (let i = 0; i < countOf(A); ++i) {
          const [aloneLU, alonePivots] = factors(single(A, i)) as [Tensor, Tensor];
          identical(single(pivots, i), alonePivots, `pivots of matrix ${i} of ${what}`);
          near(single(LU, i), aloneLU, 1000, `matrix ${i} of ${what}`);
        }
      });
    });

    test("of matrices that are not square too", () => {
      for (const [rows, columns] of [
        [2, 7],
        [7, 2],
        [31, 9],
        [9, 31],
        [1, 5],
        [5, 1],
      ] as const) {
        const A = torch.randn(21, rows, columns, { dtype });
        const { P, L, U } = linalg.lu(A);
        near(P.matmul(L).matmul(U), A, 20, `${rows}x${columns}`);
      }
    });

    test("do not depend on the other matrices", () => {
      sameAnywhere(dtype, factors);
      sameAnywhere(dtype, (A) => [linalg.inv(A), linalg.det(A), linalg.solve(A, A.mT)]);
    });

    test("solve, inv and det are those of the single matrices", () => {
      asSingle(dtype, (A) => [linalg.inv(A), linalg.det(A), linalg.solve(A, A.mT.narrow(-1, 0, 1))], 200, 8);
    });

    test("solutions satisfy their equations, from both sides", () => {
      eachBatch(
        dtype,
        (A, what) => {
          const B = torch.randn([...A.shape], { dtype });
          const { LU, pivots } = linalg.luFactor(A);
          near(A.matmul(linalg.solve(A, B)), B, 200, what);
          near(linalg.solve(A, B, { left: false }).matmul(A), B, 200, what);
          near(A.mT.matmul(linalg.luSolve(LU, pivots, B, { adjoint: true })), B, 200, what);
          near(linalg.luSolve(LU, pivots, B, { left: false }).matmul(A), B, 200, what);
        },
        8,
      );
    });

    test("triangles are solved", () => {
      eachBatch(
        dtype,
        (A, what) => {
          const B = torch.randn([...A.shape], { dtype });
          for (const upper of [false, true]) {
            const T = upper ? A.triu() : A.tril();
            near(T.matmul(linalg.solveTriangular(A, B, { upper })), B, 200, what);
            near(linalg.solveTriangular(A.mT, B, { upper: !upper, left: false }).matmul(T.mT), B, 200, what);
            const unit = (upper ? A.triu(1) : A.tril(-1)).div(30);
            const X = linalg.solveTriangular(A.div(30), B, { upper, unitriangular: true });
            near(unit.matmul(X).add(X), B, 200, what);
          }
        },
        30,
      );
    });

    test("odd matrices have the results that they have alone", () => {
      const A = withOdd(dtype);
      const together = factors(A);
      for (let i = 0; i < countOf(A); ++i) {
        const alone = factors(single(A, i));
        for (const k of [1, 2]) identical(single(together[k] as Tensor, i), alone[k] as Tensor, `matrix ${i}`);
        near(single(together[0] as Tensor, i), alone[0] as Tensor, 100, `matrix ${i}`);
      }
      const singular = [1, 3, 15, 22];
      const { inverse, info } = linalg.invEx(A);
      for (let i = 0; i < countOf(A); ++i) {
        assert.equal(single(info, i).item() !== 0, singular.includes(i), `matrix ${i}`);
        if (singular.includes(i)) continue;
        near(single(inverse, i), linalg.invEx(single(A, i)).inverse, 1000, `inverse ${i}`);
      }
    });

    test("determinants have the sign of the exchanges, and digits where products on the way overflow", () => {
      const large = dtype === torch.float32 ? 1e30 : 1e150;
      const diagonal = torch.tensor([large, large, 1 / large, 3 / large], { dtype }).diag();
      const A = torch.stack([diagonal, diagonal.flip(0), diagonal.at([1, 0, 2, 3])]).expand(3, 4, 4);
      near(linalg.det(A), torch.tensor([3, 3, -3], { dtype }), 8, "determinants");
      assert.deepEqual(linalg.det(torch.empty([2, 0, 0], { dtype })).tolist(), [1, 1]);
    });

    test("systems are read where they lie, and stay as they are", () => {
      const [A, B] = [torch.randn(19, 5, 5, { dtype }), torch.randn(19, 5, 5, { dtype })];
      A.at(3).fill_(0);
      const before = [A.clone(), B.clone()];
      const { result, info } = linalg.solveEx(A, B);
      for (const [i, x] of [A, B].entries()) identical(x, before[i] as Tensor, `input ${i}`);
      assert.deepEqual([info.at(3).item(), info.countNonzero().item()], [1, 1]);
      assert.ok(!result.at(3).isfinite().any().item());
      for (let i = 0; i < 19; i++) if (i !== 3) near(A.at(i).matmul(result.at(i)), B.at(i), 500, `system ${i}`);
      const broadcast = linalg.solve(A.narrow(0, 4, 12), B.at(0));
      near(broadcast, linalg.solve(A.narrow(0, 4, 12), B.at(0).expand(12, 5, 5)), 1, "one right-hand side for all");
      const several = linalg.solve(A.at(7), B);
      for (let i = 0; i < 19; i++)
        near(A.at(7).matmul(several.at(i)), B.at(i), 500, `one matrix, right-hand side ${i}`);
    });

    test("systems without right-hand sides have empty solutions", () => {
      const A = torch.randn(9, 4, 4, { dtype });
      const B = torch.empty([9, 4, 0], { dtype });
      assert.deepEqual(linalg.solve(A, B).shape, [9, 4, 0]);
      assert.deepEqual(linalg.solveTriangular(A, B, { upper: true }).shape, [9, 4, 0]);
    });

    test("the first singular matrix is named", () => {
      const A = withOdd(dtype);
      assert.throws(() => linalg.inv(A), /\(Batch element 1\): The diagonal element 1 is zero/);
      assert.throws(() => linalg.solve(A.narrow(0, 2, 20), A.narrow(0, 2, 20)), /\(Batch element 1\)/);
    });
  });

  describe(`batches of Cholesky in ${dtype}`, () => {
    const positive = (A: Tensor) => A.matmul(A.mT).add(torch.eye(A.shape.at(-1) as number, { dtype }));
    const factor = (A: Tensor, upper = false) => linalg.choleskyEx(A, { upper });

    test("factors are those of the single matrices", () => {
      asSingle(dtype, (A) => [factor(positive(A)).L, factor(positive(A), true).L], 100);
    });

    test("do not depend on the other matrices", () => {
      sameAnywhere(dtype, (A) => [factor(A).L], positive);
    });

    test("only one triangle is read", () => {
      const A = positive(torch.randn(20, 6, 6, { dtype }));
      const above = torch.full([6, 6], Number.NaN, { dtype }).triu(1);
      identical(factor(A.add(above.nanToNum(3e7))).L, factor(A).L, "what is above the diagonal");
      identical(factor(A.add(above.mT.nanToNum(3e7)), true).L, factor(A, true).L, "what is below it");
    });

    test("the first minor that is not positive is told", () => {
      const A = positive(torch.randn(21, 5, 5, { dtype }));
      A.select(0, 2).select(0, 3).select(0, 3).fill_(-1);
      A.select(0, 7).fill_(0);
      A.select(0, 20).select(0, 0).select(0, 0).fill_(Number.NaN);
      A.select(0, 11).mul_(-1);
      A.select(0, 13).select(0, 4).fill_(0);
      const { info } = factor(A);
      for (let i = 0; i < 21; ++i) identical(single(info, i), factor(single(A, i)).info, `matrix ${i}`);
      assert.deepEqual(
        [2, 7, 20, 11, 13].map((i) => single(info, i).item()),
        [4, 1, 1, 1, 5],
      );
      assert.throws(() => linalg.cholesky(A), /\(Batch element 2\).*leading minor of order 4 is not positive-definite/);
    });
  });

  describe(`batches of QR in ${dtype}`, () => {
    const factors = (A: Tensor) => {
      const { Q, R } = linalg.qr(A);
      return [Q, R];
    };

    test("factors are those of the single matrices", () => {
      asSingle(dtype, factors, 2000);
    });

    test("do not depend on the other matrices", () => {
      sameAnywhere(dtype, factors);
    });

    test("Q is orthogonal and Q R the matrix, for all shapes", () => {
      for (const [rows, columns] of [
        [2, 9],
        [9, 2],
        [16, 7],
        [7, 16],
        [16, 16],
        [1, 6],
        [6, 1],
      ] as const) {
        const A = torch.randn(25, rows, columns, { dtype });
        for (const mode of ["reduced", "complete"] as const) {
          const { Q, R } = linalg.qr(A, { mode });
          near(Q.matmul(R), A, 20, `${rows}x${columns}`);
          near(Q.mT.matmul(Q), torch.eye(Q.shape[2] as number, { dtype }).expand(25, -1, -1), 20, `${rows}x${columns}`);
          identical(R, R.triu(), `${rows}x${columns}`);
        }
      }
    });

    test("odd matrices have the results that they have alone", () => {
      const A = withOdd(dtype);
      const [Q, R] = factors(A) as [Tensor, Tensor];
      for (let i = 0; i < countOf(A); ++i) {
        const [aloneQ, aloneR] = factors(single(A, i)) as [Tensor, Tensor];
        near(single(R, i), aloneR, 100, `R of matrix ${i}`);
        if (![1, 3, 15].includes(i)) near(single(Q, i), aloneQ, 2000, `Q of matrix ${i}`);
        // Of numbers that are hardly normal, products have few digits.
        if (![4, 7, 10, 12].includes(i)) near(single(Q, i).matmul(single(R, i)), single(A, i), 20, `matrix ${i}`);
      }
    });

    test("products of reflections are those of the single ones", () => {
      eachBatch(dtype, (A, what) => {
        const tau = torch.rand([countOf(A), (A.shape[1] as number) - 1], { dtype });
        const together = linalg.householderProduct(A, tau);
        for (let i = 0; i < countOf(A); ++i) {
          near(single(together, i), linalg.householderProduct(single(A, i), single(tau, i)), 100, `${i} of ${what}`);
        }
      });
    });
  });

  describe(`batches of symmetric matrices in ${dtype}`, () => {
    const symmetric = (A: Tensor) => A.add(A.mT);
    const { eps } = torch.finfo(dtype);

    /** Asserts that values and vectors are what `eigh` promises of a batch. */
    function isDecomposed(A: Tensor, what: string): void {
      const { eigenvalues, eigenvectors } = linalg.eigh(A);
      const identity = torch.eye(A.shape[2] as number, { dtype });
      assert.ok(torch.equal(eigenvalues, torch.sort(eigenvalues, -1)[0]), `${what}: the order`);
      for (let i = 0; i < countOf(A); ++i) {
        const [own, V, values] = [single(A, i), single(eigenvectors, i), single(eigenvalues, i)];
        near(V.mul(values).matmul(V.mT), own, 20, `matrix ${i} of ${what}`);
        near(V.mT.matmul(V), identity, 20, `vectors of matrix ${i} of ${what}`);
        near(values, linalg.eigh(own).eigenvalues, 20, `values of matrix ${i} of ${what}`);
      }
      near(linalg.eigvalsh(A), eigenvalues, 20, what);
    }

    test("are decomposed", () => {
      eachBatch(dtype, (A, what) => isDecomposed(symmetric(A), what));
    });

    test("graded, of low rank, with repeated eigenvalues, diagonal, and at the ends of the range", () => {
      const n = 8;
      const scales = torch.logspace(0, dtype === torch.float32 ? -5 : -12, n, { dtype });
      const random = torch.randn(20, n, n, { dtype });
      const thin = torch.randn(20, n, 2, { dtype });
      const { Q } = linalg.qr(random);
      isDecomposed(symmetric(random).mul(scales).mul(scales.unsqueeze(-1)), "graded");
      isDecomposed(symmetric(random).mul(scales.flip(0)).mul(scales.flip(0).unsqueeze(-1)), "graded upwards");
      isDecomposed(thin.matmul(thin.mT), "of low rank");
      isDecomposed(symmetric(Q.mul(torch.tensor([1, 1, 1, 2, 2, -1, -1, 0], { dtype })).matmul(Q.mT)), "repeated");
      isDecomposed(torch.randn(20, n, { dtype }).diagEmbed(), "diagonal");
      isDecomposed(torch.ones(9, n, n, { dtype }), "ones");
      isDecomposed(torch.zeros(9, n, n, { dtype }), "zeros");
      isDecomposed(symmetric(random).add(torch.eye(n, { dtype }).mul(1 / eps)), "near the identity");
      for (const exponent of dtype === torch.float32 ? [-30, -15, 15, 30] : [-290, -150, 150, 290]) {
        const size = 10 ** exponent;
        const { eigenvalues, eigenvectors } = linalg.eigh(symmetric(random).mul(size));
        const values = linalg.eigh(symmetric(random)).eigenvalues;
        near(eigenvalues.div(size), values, 40, `scaled by ${size}`);
        near(eigenvectors.mT.matmul(eigenvectors), torch.eye(n, { dtype }).expand(20, -1, -1), 20, `scaled by ${size}`);
      }
    });

    test("have orthogonal vectors where elements are of all magnitudes", () => {
      const [most, least, spread] = dtype === torch.float32 ? [80, -103, 40] : [600, -740, 320];
      for (const [n, count] of [
        [4, 1500],
        [9, 100],
      ] as const) {
        const logs = torch.randn(count, n, n, { dtype }).mul(spread).clamp(least, most);
        const A = symmetric(torch.randn(count, n, n, { dtype }).mul(logs.exp()));
        const together = linalg.eigh(A).eigenvectors;
        const alone = torch.stack(Array.from({ length: count }, (_, i) => linalg.eigh(single(A, i)).eigenvectors));
        for (const V of [together, alone]) {
          const errors = V.mT.matmul(V).sub(torch.eye(n, { dtype })).abs();
          assert.ok(errors.max().item() < 40 * eps, `order ${n}: ${errors.max().item()}`);
        }
      }
    });

    test("do not depend on the other matrices", () => {
      const compute = (A: Tensor) => {
        const { eigenvalues, eigenvectors } = linalg.eigh(A);
        return [eigenvalues, eigenvectors, linalg.eigvalsh(A)];
      };
      sameAnywhere(dtype, compute, symmetric);
    });

    test("only one triangle is read", () => {
      const A = symmetric(torch.randn(20, 6, 6, { dtype }));
      const other = torch.full([6, 6], Number.POSITIVE_INFINITY, { dtype }).triu(1);
      for (const [UPLO, odd] of [
        ["L", other],
        ["U", other.mT],
      ] as const) {
        identical(linalg.eigvalsh(A.add(odd), { UPLO }), linalg.eigvalsh(A, { UPLO }), UPLO);
      }
    });

    test("what is not finite is named", () => {
      for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const A = symmetric(torch.randn(20, 5, 5, { dtype }));
        A.select(0, 13).select(0, 3).select(0, 1).fill_(odd);
        assert.throws(() => linalg.eigh(A), /\(Batch element 13\).*non-finite values/);
        assert.throws(() => linalg.eigvalsh(A), /\(Batch element 13\).*non-finite values/);
      }
    });
  });

  describe(`batches of singular values in ${dtype}`, () => {
    /** Asserts that values and vectors are what `svd` promises of a batch. */
    function isDecomposed(A: Tensor, what: string): void {
      const { U, S, Vh } = linalg.svd(A, { fullMatrices: false });
      const identity = torch.eye(S.shape[1] as number, { dtype });
      assert.ok(torch.equal(S, torch.sort(S, -1, { descending: true })[0]), `${what}: the order`);
      for (let i = 0; i < countOf(A); ++i) {
        const [own, left, values, right] = [single(A, i), single(U, i), single(S, i), single(Vh, i)];
        near(left.mul(values).matmul(right), own, 20, `matrix ${i} of ${what}`);
        near(left.mT.matmul(left), identity, 20, `left vectors of matrix ${i} of ${what}`);
        near(right.matmul(right.mT), identity, 20, `right vectors of matrix ${i} of ${what}`);
        near(values, linalg.svdvals(own), 20, `values of matrix ${i} of ${what}`);
      }
      near(linalg.svdvals(A), S, 20, what);
    }

    test("are those of the single matrices", () => {
      eachBatch(dtype, isDecomposed);
      for (const [rows, columns] of [
        [9, 2],
        [2, 9],
        [16, 7],
        [7, 16],
        [1, 5],
      ] as const) {
        const A = torch.randn(25, rows, columns, { dtype });
        isDecomposed(A, `${rows}x${columns}`);
        const { U, S, Vh } = linalg.svd(A);
        const steps = Math.min(rows, columns);
        near(
          U.narrow(-1, 0, steps)
            .mul(S.unsqueeze(1))
            .matmul(Vh.narrow(-2, 0, steps)),
          A,
          20,
          "full",
        );
        near(U.mT.matmul(U), torch.eye(rows, { dtype }).expand(25, -1, -1), 20, "full");
      }
    });

    test("graded, of low rank, with repeated values, and at the ends of the range", () => {
      const n = 8;
      const scales = torch.logspace(0, dtype === torch.float32 ? -5 : -12, n, { dtype });
      const random = torch.randn(20, n, n, { dtype });
      const { Q } = linalg.qr(random);
      isDecomposed(random.mul(scales), "graded columns");
      isDecomposed(random.mul(scales.unsqueeze(-1)), "graded rows");
      isDecomposed(random.mul(torch.logspace(0, dtype === torch.float32 ? -30 : -290, n, { dtype })), "steep");
      isDecomposed(torch.randn(20, n, 2, { dtype }).matmul(torch.randn(20, 2, n, { dtype })), "of low rank");
      isDecomposed(Q, "orthogonal");
      isDecomposed(torch.ones(9, n, n, { dtype }), "ones");
      isDecomposed(torch.zeros(9, n, n, { dtype }), "zeros");
      isDecomposed(torch.randn(20, n, { dtype }).diagEmbed(), "diagonal");
      for (const exponent of dtype === torch.float32 ? [-30, -15, 15, 30] : [-290, -150, 150, 290]) {
        const size = 10 ** exponent;
        near(linalg.svd(random.mul(size)).S.div(size), linalg.svdvals(random), 40, `scaled by ${size}`);
      }
    });

    test("do not depend on the other matrices", () => {
      const compute = (A: Tensor) => {
        const { U, S, Vh } = linalg.svd(A);
        return [U, S, Vh, linalg.svdvals(A)];
      };
      sameAnywhere(dtype, compute);
    });

    test("what is not finite is named", () => {
      for (const odd of [Number.NaN, Number.NEGATIVE_INFINITY]) {
        const A = torch.randn(20, 5, 5, { dtype });
        A.select(0, 13).select(0, 3).select(0, 1).fill_(odd);
        assert.throws(() => linalg.svd(A), /\(Batch element 13\).*non-finite values/);
        assert.throws(() => linalg.svdvals(A), /\(Batch element 13\).*non-finite values/);
      }
    });
  });
}
