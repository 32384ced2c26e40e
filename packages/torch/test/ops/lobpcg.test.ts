/** `lobpcg` finds the pairs that the whole decomposition has, and their derivatives. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;
const float64 = { dtype: torch.float64 };

before(() => {
  torch.manualSeed(3);
});

/** A symmetric matrix whose eigenvalues are those. */
function withEigenvalues(values: Tensor): Tensor {
  const n = values.numel();
  const { Q } = torch.linalg.qr(torch.randn(n, n, { dtype: values.dtype }));
  return Q.mul(values).matmul(Q.mT);
}

function positive(n: number): Tensor {
  const x = torch.randn(n, n, float64);
  return x.matmul(x.mT).div(n).add(torch.eye(n, float64));
}

function isNear(actual: Tensor, expected: Tensor, tolerance: number, what: string): void {
  const error = actual.sub(expected).abs().max().item();
  assert.ok(error <= tolerance, `${what}: ${error} instead of at most ${tolerance}`);
}

describe("pairs", () => {
  for (const method of ["ortho", "basic"] as const) {
    for (const largest of [true, false]) {
      for (const dtype of [torch.float64, torch.float32]) {
        test(`${largest ? "largest" : "smallest"} ones by ${method} in ${dtype}`, () => {
          const tolerance = dtype === torch.float32 ? 2e-2 : 1e-5;
          const values = torch.linspace(1, 30, 60, { dtype });
          const A = withEigenvalues(values);
          const [E, X] = torch.lobpcg(A, 3, { largest, method });
          assert.deepEqual([E.shape, X.shape], [[3], [60, 3]]);
          isNear(E, largest ? values.flip(0).narrow(0, 0, 3) : values.narrow(0, 0, 3), tolerance, "eigenvalues");
          isNear(A.matmul(X), X.mul(E), tolerance, "vectors");
          isNear(X.mT.matmul(X), torch.eye(3, { dtype }), tolerance, "orthonormal");
        });
      }

      test(`${largest ? "largest" : "smallest"} ones of two matrices by ${method}`, () => {
        const [A, B] = [withEigenvalues(torch.linspace(1, 9, 30, float64)), positive(30)];
        const { E, X } = torch.lobpcg(A, { k: 2, B, largest, method });
        isNear(A.matmul(X), B.matmul(X).mul(E), 1e-5, "vectors");
        isNear(X.mT.matmul(B).matmul(X), torch.eye(2, float64), 1e-6, "orthonormal");
      });
    }
  }

  test("a preconditioner, a start and options make fewer steps of it", () => {
    const values = torch.logspace(0, 3, 60, float64);
    const A = torch.diag(values).add(positive(60).mul(0.01));
    const steps = (options: object) => {
      let count = 0;
      torch.lobpcg(A, { k: 2, X, largest: false, tracker: ({ ivars }) => (count = ivars.istep), ...options });
      return count;
    };
    const X = torch.randn(60, 2, float64);
    assert.ok(steps({ iK: torch.diag(values.reciprocal()) }) < steps({}));
    assert.equal(steps({ niter: 4 }), 4);
    const { eigenvectors } = torch.linalg.eigh(A);
    assert.equal(steps({ X: eigenvectors.narrow(1, 0, 2) }), 1);
    assert.ok(steps({ tol: 1e-2 }) < steps({ tol: 1e-8 }));
    const drops = {
      orthoIparams: { orthoIMax: 5 },
      orthoFparams: { orthoTol: 1e-9 },
      orthoBparams: { orthoUseDrop: true },
    };
    assert.ok(steps(drops) <= 1000);
    const stopped = { tracker: (worker: { bvars: { forceStop: boolean } }) => (worker.bvars.forceStop = true) };
    assert.deepEqual(torch.lobpcg(A, 2, stopped).E.shape, [2]);
  });

  test("batches", () => {
    const A = torch.stack([positive(12), positive(12).mul(2), positive(12), positive(12)]).view([2, 2, 12, 12]);
    const { E, X } = torch.lobpcg(A, 2);
    assert.deepEqual(
      [E.shape, X.shape],
      [
        [2, 2, 2],
        [2, 2, 12, 2],
      ],
    );
    isNear(E, torch.linalg.eigvalsh(A).flip(-1).narrow(-1, 0, 2), 1e-6, "eigenvalues");
    assert.deepEqual(torch.lobpcg(A.narrow(0, 0, 0), 2).X.shape, [0, 2, 12, 2]);
  });

  test("what cannot be done is said before", () => {
    const A = positive(6);
    assert.throws(() => torch.lobpcg(A, 3), /the number of A rows \(=6\) is smaller than 3 x the number of requested/);
    assert.throws(() => torch.lobpcg(A.narrow(0, 0, 3)), /must be batches of square matrices/);
    assert.throws(() => torch.lobpcg(A, { B: positive(5) }), /must have the same shapes/);
    assert.throws(() => torch.lobpcg(A, { X: torch.ones(5, 1, float64) }), /X of shape \[5, 1\]/);
    assert.throws(() => torch.lobpcg(A, 0), RangeError);
    assert.throws(() => torch.lobpcg(A.to(torch.complex128)), TypeError);
  });
});

describe("derivatives", () => {
  const pairs = (A: Tensor, B?: Tensor, largest = true) => {
    const X = torch.ones(6, 2, float64);
    X.select(1, 1).mul_(torch.arange(1, 7));
    const { E, X: vectors } = torch.lobpcg(A, { k: 2, B, X, niter: 60, tol: 1e-11, largest });
    return [E, vectors.abs()];
  };

  test("of pairs of one matrix", () => {
    for (const largest of [true, false]) {
      const A = withEigenvalues(torch.linspace(1, 6, 6, float64)).requiresGrad_();
      assert.ok(gradcheck((x: Tensor) => pairs(x, undefined, largest), [A]));
      assert.ok(gradgradcheck((x: Tensor) => pairs(x, undefined, largest), [A]));
    }
  });

  test("of pairs of two", () => {
    const [A, B] = [withEigenvalues(torch.linspace(1, 6, 6, float64)), positive(6)];
    assert.ok(gradcheck((a: Tensor, b: Tensor) => pairs(a, b), [A.requiresGrad_(), B.requiresGrad_()]));
  });

  test("a gradient is symmetric", () => {
    const A = positive(9).requiresGrad_();
    torch.lobpcg(A, 1).E.sum().backward();
    const grad = A.grad as Tensor;
    isNear(grad, grad.mT, 1e-12, "gradient");
  });
});

describe("lu under its older name", () => {
  test("gives info where it is asked for, and does not throw", () => {
    const A = torch.stack([torch.eye(2), torch.zeros(2, 2)]);
    const { LU, pivots, info } = torch.lu(A, { getInfos: true });
    assert.deepEqual(info?.tolist(), [0, 1]);
    assert.deepEqual(A.lu().LU.tolist(), LU.tolist());
    assert.deepEqual(pivots.tolist(), [
      [1, 2],
      [1, 2],
    ]);
    assert.throws(() => torch.lu(A, { pivot: false }), /LU without pivoting is not implemented on the CPU/);
    const regular = A.select(0, 0).add(torch.eye(2));
    const found = torch.lu(regular);
    const { P, L, U } = torch.luUnpack(found.LU, found.pivots);
    isNear(P.matmul(L).matmul(U), regular, 1e-6, "P L U");
  });
});
