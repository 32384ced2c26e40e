/** `torch.autograd.functional`, against what PyTorch computes. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { vjp, jvp, vhp, hvp, jacobian, hessian } = torch.autograd.functional;

const float64 = { dtype: torch.float64 };
const x = () =>
  torch.tensor(
    [
      [0.1, 0.2],
      [0.3, 0.4],
    ],
    float64,
  );
const y = () => torch.tensor([0.5, -0.6], float64);
const directions = () => [
  torch.tensor(
    [
      [1, -1],
      [2, 0.5],
    ],
    float64,
  ),
  torch.tensor([0.3, 0.7], float64),
];

/** Two outputs of two inputs. */
const two = (a: Tensor, b: Tensor): Tensor[] => [a.exp().mv(b), a.sum().mul(b.prod())];
/** One number of two inputs. */
const one = (a: Tensor, b: Tensor): Tensor => a.exp().mv(b).sin().sum().mul(b.select(0, 0));

/** What PyTorch 1.13 computes for them. */
const expected = {
  jac: [
    [
      [
        [
          [0.5525854590378239, -0.7328416548961019],
          [0.0, -0.0],
        ],
        [
          [0.0, -0.0],
          [0.6749294037880016, -0.8950948185847621],
        ],
      ],
      [
        [1.1051709180756477, 1.2214027581601699],
        [1.3498588075760032, 1.4918246976412703],
      ],
    ],
    [
      [
        [-0.3, -0.3],
        [-0.3, -0.3],
      ],
      [-0.6, 0.5],
    ],
  ],
  vjp: [
    [[-0.180256195858278, -0.22016541479676055], -0.3],
    [
      [
        [-0.34741454096217605, -1.6328416548961018],
        [0.4498588075760033, -2.6901896371695244],
      ],
      [2.0048885332276543, 5.70505215344271],
    ],
  ],
  jvp: [
    [[-0.180256195858278, -0.22016541479676055], -0.3],
    [[2.471960320068739, 2.3515463289053122], -0.5800000000000001],
  ],
  hess: [
    [
      [
        [
          [
            [0.299188061551549, -0.036300731924888155],
            [0.0, -0.0],
          ],
          [
            [-0.03630073192488815, -0.3123417857958543],
            [0.0, -0.0],
          ],
        ],
        [
          [
            [0.0, -0.0],
            [0.37906055966671176, -0.0659678346213714],
          ],
          [
            [0.0, -0.0],
            [-0.0659678346213714, -0.3492573346360268],
          ],
        ],
      ],
      [
        [
          [1.1420084786266436, 0.06050121987481359],
          [-0.7935694671892768, 0.5205696429930906],
        ],
        [
          [1.4167586300798056, 0.10994639103561901],
          [-1.005424096159509, 0.5820955577267113],
        ],
      ],
    ],
    [
      [
        [
          [1.1420084786266436, -0.7935694671892769],
          [1.4167586300798058, -1.005424096159509],
        ],
        [
          [0.060501219874813585, 0.5205696429930906],
          [0.109946391035619, 0.5820955577267114],
        ],
      ],
      [
        [5.117534217412899, 2.9983226055813095],
        [2.9983226055813095, 0.37674748526736707],
      ],
    ],
  ],
  vhp: [
    -0.1988363360998495,
    [
      [
        [0.7204421909767997, 0.4023689638093466],
        [1.227127264771613, -0.20072467499991098],
      ],
      [7.900469247026564, 1.2140921591778664],
    ],
  ],
  hvp: [
    -0.1988363360998495,
    [
      [
        [0.7204421909767997, 0.40236896380934656],
        [1.227127264771613, -0.200724674999911],
      ],
      [7.900469247026564, 1.2140921591778664],
    ],
  ],
};

type Nested = Tensor | readonly Nested[];

function close(actual: Nested, wanted: unknown): void {
  if (Array.isArray(actual)) {
    assert.equal(actual.length, (wanted as unknown[]).length);
    actual.forEach((item, i) => {
      close(item as Nested, (wanted as unknown[])[i]);
    });
    return;
  }
  const tensor = actual as Tensor;
  const other = torch.tensor(wanted as number[], float64);
  assert.deepEqual(tensor.shape, other.shape);
  assert.ok(torch.allclose(tensor, other, { rtol: 1e-12, atol: 1e-14 }), `${tensor} instead of ${other}`);
  assert.equal(tensor.requiresGrad, false);
}

describe("values of PyTorch", () => {
  for (const vectorize of [false, true]) {
    test(`jacobian, vectorize: ${vectorize}`, () => {
      close(jacobian(two, [x(), y()], { vectorize }), expected.jac);
      close(
        jacobian((a) => two(a, y()), x(), { vectorize }),
        [expected.jac[0]?.[0], expected.jac[1]?.[0]],
      );
      close(
        jacobian((a) => a.exp().mv(y()), x(), { vectorize }),
        expected.jac[0]?.[0],
      );
    });

    test(`hessian, vectorize: ${vectorize}`, () => {
      close(hessian(one, [x(), y()], { vectorize }), expected.hess);
      close(
        hessian((a) => one(a, y()), x(), { vectorize }),
        expected.hess[0]?.[0],
      );
    });
  }

  test("forward", () => {
    const forward = { vectorize: true, strategy: "forward-mode" } as const;
    close(jacobian(two, [x(), y()], forward), expected.jac);
    close(
      jacobian((a) => a.exp().mv(y()), x(), forward),
      expected.jac[0]?.[0],
    );
    const outer = { vectorize: true, outerJacobianStrategy: "forward-mode" } as const;
    close(hessian(one, [x(), y()], outer), expected.hess);
    close(
      hessian((a) => one(a, y()), x(), outer),
      expected.hess[0]?.[0],
    );
  });

  test("products", () => {
    close(vjp(two, [x(), y()], [torch.tensor([1, 2], float64), torch.tensor(3, float64)]), expected.vjp);
    close(jvp(two, [x(), y()], directions()), expected.jvp);
    close(vhp(one, [x(), y()], directions()), expected.vhp);
    close(hvp(one, [x(), y()], directions()), expected.hvp);
  });

  test("forms follow those of inputs and outputs; a vector of 1 may be left out", () => {
    const [value, slope] = vjp((a) => a.sum(), x());
    close(
      [value, slope],
      [
        1,
        [
          [1, 1],
          [1, 1],
        ],
      ],
    );
    close(
      jvp((a) => a.mul(2), torch.tensor(3, float64)),
      [6, 2],
    );
    close(
      vhp((a) => a.pow(3), torch.tensor(2, float64)),
      [8, 12],
    );
    close(
      hvp((a) => a.pow(3), torch.tensor(2, float64)),
      [8, 12],
    );
    close(
      jacobian((a) => a.mul(2), [torch.tensor([3], float64)]),
      [[[2]]],
    );
    assert.deepEqual(jacobian((a) => a.mul(2), torch.empty(0, float64)).shape, [0, 0]);
  });
});

describe("graphs", () => {
  test("createGraph lets derivatives reach the inputs", () => {
    const a = torch.tensor([1, 2], { dtype: torch.float64, requiresGrad: true });
    for (const vectorize of [false, true]) {
      a.grad = null;
      jacobian((b) => b.pow(3), a, { createGraph: true, vectorize })
        .sum()
        .backward();
      close(a.grad as unknown as Tensor, [6, 12]);
    }
    const results = [
      vjp((b) => b.pow(3).sum(), a, { createGraph: true })[1],
      jvp((b) => b.pow(3), a, torch.ones(2, float64), { createGraph: true })[1],
    ];
    for (const result of results) {
      a.grad = null;
      result.sum().backward();
      close(a.grad as unknown as Tensor, [6, 12]);
    }
    for (const product of [vhp, hvp]) {
      a.grad = null;
      product((b) => b.pow(3).sum(), a, torch.ones(2, float64), { createGraph: true })[1]
        .sum()
        .backward();
      close(a.grad as unknown as Tensor, [6, 6]);
    }
  });

  test("an input that the function uses besides is not taken for the argument", () => {
    const a = torch.tensor(2, { dtype: torch.float64, requiresGrad: true });
    close(
      jacobian((b) => b.mul(a), a),
      2,
    );
  });
});

describe("strict", () => {
  const strict = { strict: true };
  const constant = () => torch.ones(1, float64);
  const a = torch.ones(1, float64);

  test("throws where there is nothing to differentiate", () => {
    for (const run of [vjp, jvp, jacobian, hessian, vhp, hvp]) {
      const args = run === jacobian || run === hessian ? [strict] : [torch.ones(1, float64), strict];
      assert.throws(
        () => (run as (...all: unknown[]) => unknown)(constant, a, ...args),
        /Output 0 of the user-provided function does not require gradients/,
      );
    }
  });

  test("throws where one input has no part in it", () => {
    const first = (b: Tensor, _c: Tensor) => b.pow(2);
    assert.throws(() => vjp(first, [a, a], a, strict), /independent of input 1/);
    assert.throws(() => jvp(first, [a, a], [a, a], strict), /independent of input 1/);
    assert.throws(
      () => jacobian(first, [a, a], strict),
      /Output 0 of the user-provided function is independent of input 1/,
    );
    assert.throws(
      () => hessian((b) => b.sum(), a, strict),
      /jacobian of the user-provided function is independent of input 0/,
    );
    assert.throws(
      () => jacobian((b) => b.mul(2), a.clone().requiresGrad_(), { ...strict, createGraph: true }),
      /when createGraph: true/,
    );
    close(vjp(first, [a, a], a)[1], [[2], [0]]);
  });
});

test("what does not fit", () => {
  const a = torch.ones(2);
  assert.throws(() => vjp((b) => b, a), /The vector v can only be None if the user-provided function returns/);
  assert.throws(() => jvp((b) => b, a), /The vector v can only be None if the input to the user-provided function is/);
  assert.throws(() => vjp((b) => b, a, torch.ones(3)), /v has invalid size: should be \[2\] but got \[3\]/);
  assert.throws(() => jvp((b) => b, [a], [torch.ones(3)]), /Entry 0 in v has invalid size/);
  assert.throws(() => jvp((b) => b, [a], [a, a]), /v is a tuple of invalid length: should be 1 but got 2/);
  assert.throws(() => vjp((b) => b, 3 as never, a), {
    name: "TypeError",
    message: /The inputs given to vjp must be either a Tensor/,
  });
  assert.throws(() => jacobian((() => [1]) as never, a), /outputs of the user-provided function given to jacobian/);
  assert.throws(() => hessian((b) => b, a), /should contain a single element/);
  assert.throws(
    () => vhp(((b: Tensor) => [b.sum()]) as never, a, a),
    /The function given to vhp should return a single Tensor/,
  );
  assert.throws(() => jacobian((b) => b, a, { strict: true, vectorize: true }), /`strict: true` and `vectorize: true`/);
  assert.throws(() => jacobian((b) => b, a, { strategy: "forward-mode", strict: true }), /are not supported together/);
  assert.throws(() => jacobian((b) => b, a, { strategy: "forward-mode" }), /only implemented for `vectorize: true`/);
  assert.throws(() => jacobian((b) => b, a, { strategy: "sideways" as never }), { name: "TypeError" });
});

test("the Jacobian of complex functions, of complex numbers and of real ones", () => {
  const c = (real: number, imag: number) => new torch.Complex(real, imag);
  const z = torch.tensor([c(1, 2), c(3, -1)]);
  for (const vectorize of [false, true]) {
    const squares = jacobian((x: Tensor) => x.square(), z, { vectorize }) as Tensor;
    const expected = [
      [c(2, -4), c(0, 0)],
      [c(0, 0), c(6, 2)],
    ];
    assert.ok(squares.allclose(torch.tensor(expected)), `${squares}`);
    const parts = jacobian((x: Tensor) => torch.complex(x, x.mul(2)), torch.ones(1), { vectorize }) as Tensor;
    assert.deepEqual(parts.tolist(), [[1]]);
  }
});
