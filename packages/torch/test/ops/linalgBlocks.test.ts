/** Decompositions and systems of all the sizes at which blocks, vectors and threads begin and end. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import torch, { type DType, type Tensor } from "../../src/index.js";

const { linalg } = torch;
const dtypes: readonly DType[] = [torch.float32, torch.float64];
const orders = [1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 100, 129, 200, 300];

beforeEach(() => {
  torch.manualSeed(3);
});

/** The largest difference of two tensors, in roundings of a size. */
function roundings(actual: Tensor, expected: Tensor, size: number): number {
  return actual.sub(expected).abs().max().item() / (torch.finfo(expected.dtype).eps * size);
}

function largest(x: Tensor): number {
  return x.abs().max().item();
}

for (const dtype of dtypes) {
  describe(`${dtype}`, () => {
    const matrix = (rows: number, cols: number) => torch.randn(rows, cols, { dtype });

    test("the factors of a matrix make it, and no multiplier is above 1", () => {
      for (const n of orders) {
        for (const [rows, cols] of [
          [n, n],
          [n, n + 19],
          [n + 19, n],
        ] as const) {
          const A = matrix(rows, cols);
          const { P, L, U } = linalg.lu(A);
          const error = roundings(P.matmul(L).matmul(U), A, largest(A) * n);
          assert.ok(error < 8, `${rows} x ${cols}: ${error}`);
          assert.ok(largest(L) <= 1, `${rows} x ${cols}`);
        }
      }
    });

    test("a column without a pivot is told, and those behind it are eliminated", () => {
      for (const n of [5, 16, 40, 70]) {
        const A = matrix(n, n);
        A.select(1, 3).zero_();
        const { LU, pivots, info } = linalg.luFactorEx(A);
        assert.equal(info.item(), 4, `order ${n}`);
        const { P, L, U } = torch.luUnpack(LU, pivots);
        assert.ok(roundings(P.matmul(L).matmul(U), A, largest(A) * n) < 8, `order ${n}`);
      }
    });

    test("a NaN stays where elimination takes it", () => {
      const A = matrix(40, 40);
      A.select(1, 20).fill_(Number.NaN);
      const { LU } = linalg.luFactorEx(A);
      assert.ok(!LU.narrow(1, 0, 20).isnan().any().item());
      assert.ok(LU.select(1, 20).isnan().any().item());
    });

    test("systems have residues of roundings, for any number of right-hand sides and either side", () => {
      for (const n of orders) {
        const A = matrix(n, n).add(torch.eye(n, { dtype }).mul(n));
        for (const k of [1, 3, 4, 15, 16, 17, 70]) {
          const B = matrix(n, k);
          const X = linalg.solve(A, B);
          assert.ok(roundings(A.matmul(X), B, largest(A) * largest(X) * n) < 8, `order ${n}, ${k} columns`);
          const Y = linalg.solve(A, B.mT, { left: false });
          assert.ok(roundings(Y.matmul(A), B.mT, largest(A) * largest(Y) * n) < 8, `order ${n}, ${k} rows`);
        }
      }
    });

    test("triangles are solved whichever half they are, with ones on the diagonal or not", () => {
      for (const n of orders) {
        const A = matrix(n, n).div(n).add(torch.eye(n, { dtype }).mul(2));
        const B = matrix(n, 21);
        for (const upper of [false, true]) {
          for (const unitriangular of [false, true]) {
            const half = upper ? A.triu(unitriangular ? 1 : 0) : A.tril(unitriangular ? -1 : 0);
            const T = unitriangular ? half.add(torch.eye(n, { dtype })) : half;
            const X = linalg.solveTriangular(A, B, { upper, unitriangular });
            const what = `order ${n}, upper ${upper}, unit ${unitriangular}`;
            assert.ok(roundings(T.matmul(X), B, largest(T) * largest(X) * n) < 8, what);
          }
        }
      }
    });

    test("determinants are products of pivots with the sign of the exchanges, and keep their range on the way", () => {
      for (const n of [1, 2, 7, 16, 33]) {
        const order = torch.randperm(n);
        const P = torch.eye(n, { dtype }).indexSelect(0, order);
        const D = torch.randn(n, { dtype });
        const inversions = order.unsqueeze(0).lt(order.unsqueeze(1)).triu(1).sum().item();
        const expected = D.prod().item() * (-1) ** inversions;
        const found = linalg.det(P.mul(D)).item();
        assert.ok(Math.abs(found - expected) <= 1e-5 * Math.abs(expected), `order ${n}: ${found}, not ${expected}`);
      }
      const large = torch.tensor([1e30, 1e30, 1e-30, 1e-30], { dtype }).diag();
      assert.ok(Math.abs(linalg.det(large).item() - 1) < 1e-5);
      assert.equal(linalg.det(torch.zeros(3, 3, { dtype })).item(), 0);
      assert.deepEqual(linalg.det(torch.empty(2, 0, 0, { dtype })).tolist(), [1, 1]);
      assert.deepEqual(linalg.det(torch.empty(0, 3, 3, { dtype })).shape, [0]);
      assert.ok(Number.isNaN(linalg.det(torch.full([3, 3], Number.NaN, { dtype })).item()));
    });

    test("eigenvectors are orthogonal, of graded, clustered and glued matrices too", () => {
      const Q = (n: number) => linalg.qr(matrix(n, n)).Q;
      const spectrum = (values: Tensor) => {
        const own = Q(values.numel());
        const A = own.mul(values).matmul(own.mT);
        return A.add(A.mT).div(2);
      };
      // The eigenvalues of Wilkinson's matrix are in pairs that agree to all digits, and gluing makes many of each.
      const wilkinson = (copies: number, glue: number) => {
        const diagonal = torch.arange(-10, 11, { dtype }).abs().repeat(copies);
        const beside = torch.ones(21 * copies - 1, { dtype });
        for (let i = 20; i < beside.numel(); i += 21) beside.select(0, i).fill_(glue);
        return torch.diag(diagonal).add(torch.diag(beside, 1)).add(torch.diag(beside, -1));
      };
      const { eps } = torch.finfo(dtype);
      const cases: [string, Tensor][] = [
        ["graded down", spectrum(torch.logspace(0, -12, 130, { dtype }))],
        ["graded diagonal", torch.logspace(8, -8, 90, { dtype }).diag().add(matrix(90, 90).mul(1e-9))],
        ["clustered", spectrum(torch.cat([torch.ones(60, { dtype }), torch.ones(60, { dtype }).mul(1 + 4 * eps)]))],
        ["few values", spectrum(torch.arange(150, { dtype }).remainder(3))],
        ["glued", wilkinson(7, eps)],
        ["glued less", wilkinson(7, Math.sqrt(eps))],
        ["diagonal", matrix(70, 1).flatten().diag()],
        ["zero", torch.zeros(40, 40, { dtype })],
        ["tiny", matrix(40, 40).mul(torch.finfo(dtype).tiny)],
        ["huge", matrix(40, 40).mul(torch.finfo(dtype).max / 1e3)],
        ...[65, 128, 129, 300].map((n): [string, Tensor] => [`order ${n}`, matrix(n, n)]),
      ];
      for (const [what, any] of cases) {
        const A = any.tril().add(any.tril(-1).mT);
        const n = A.shape[0] as number;
        const { eigenvalues, eigenvectors: V } = linalg.eigh(A);
        assert.ok(roundings(V.mT.matmul(V), torch.eye(n, { dtype }), n) < 8, `${what}: orthogonality`);
        const size = Math.max(largest(A), torch.finfo(dtype).tiny);
        const [B, values] = [A.div(size), eigenvalues.div(size)];
        assert.ok(roundings(B.matmul(V), V.mul(values), n) < 8, `${what}: residue`);
        assert.ok(eigenvalues.diff().ge(0).all().item(), `${what}: order`);
        const only = linalg.eigvalsh(A).div(size);
        assert.ok(roundings(only, values, n) < 8, `${what}: values alone`);
      }
    });

    test("diagonals at both ends of the range divide without leaving it", () => {
      const { tiny, max } = torch.finfo(dtype);
      for (const [diagonal, side] of [
        [tiny / 4, tiny / 8],
        [max / 2, max / 4],
      ] as const) {
        const A = torch.eye(16, { dtype }).mul(diagonal);
        const B = torch.full([16, 16], side, { dtype });
        const X = linalg.solveTriangular(A, B, { upper: false });
        assert.deepEqual(X.tolist(), torch.full([16, 16], 0.5, { dtype }).tolist(), `${diagonal}`);
      }
    });

    test("a zero on the diagonal makes infinities and NaN, as a division does", () => {
      const A = torch.eye(16, { dtype });
      A.select(0, 15).zero_();
      const B = torch.ones(16, 16, { dtype });
      B.select(1, 7).zero_();
      const last = linalg.solveTriangular(A, B, { upper: false }).select(0, 15);
      assert.equal(last.isinf().sum().item(), 15);
      assert.ok(Number.isNaN(last.select(0, 7).item()));
    });
  });
}
