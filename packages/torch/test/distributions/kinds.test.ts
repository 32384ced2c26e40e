/** Wrong kinds of arguments to transforms and constraints: errors that name the argument, not JavaScript's own. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { distributions, type Tensor } from "../../src/index.js";

const { transforms: T, constraints } = distributions;
const normal = () => new distributions.Normal(0, 1);

const all = [
  new T.AbsTransform(),
  new T.AffineTransform(0, 1),
  new T.CatTransform([new T.ExpTransform(), new T.ExpTransform()]),
  new T.ComposeTransform([new T.ExpTransform()]),
  new T.CorrCholeskyTransform(),
  new T.CumulativeDistributionTransform(normal()),
  new T.ExpTransform(),
  new T.ExpTransform().inv,
  new T.IndependentTransform(new T.ExpTransform(), 1),
  new T.LowerCholeskyTransform(),
  new T.PositiveDefiniteTransform(),
  new T.PowerTransform(2),
  new T.ReshapeTransform([2], [1, 2]),
  new T.SigmoidTransform(),
  new T.SoftmaxTransform(),
  new T.SoftplusTransform(),
  new T.StackTransform([new T.ExpTransform()]),
  new T.StickBreakingTransform(),
  new T.TanhTransform(),
];

const wrong: readonly unknown[] = [undefined, null, "x", {}, 1n, Symbol("s"), () => 1, true, Number.NaN];

describe("transforms", () => {
  for (const transform of all) {
    test(String(transform.constructor.name), () => {
      const loose = transform as unknown as Record<string, (...args: unknown[]) => unknown>;
      for (const value of wrong) {
        const expected = { name: "TypeError", message: /argument '(x|y|shape)' must be|missing \d required argument/ };
        assert.throws(() => loose.logAbsDetJacobian?.(value, torch.ones(2)), expected);
        assert.throws(() => loose.logAbsDetJacobian?.(torch.ones(2), value), expected);
        assert.throws(() => loose.apply?.(value), expected);
        assert.throws(() => loose.applyInverse?.(value), expected);
        assert.throws(() => loose.forwardShape?.(value), expected);
        assert.throws(() => loose.inverseShape?.(value), expected);
        assert.throws(() => (transform as unknown as (x: unknown) => unknown)(value), { name: "TypeError" });
      }
      assert.throws(() => loose.logAbsDetJacobian?.(), {
        name: "TypeError",
        message: /missing 1 required argument: 'x'/,
      });
    });
  }

  test("of one's own read their arguments themselves", () => {
    class Twice extends T.ExpTransform {
      override logAbsDetJacobian(x: unknown) {
        return torch.tensor(x === undefined ? 1 : 0);
      }
    }
    assert.equal((new Twice() as unknown as { logAbsDetJacobian(): torch.Tensor }).logAbsDetJacobian().item(), 1);
  });
});

describe("constraints", () => {
  const made = {
    ...Object.fromEntries(Object.entries(constraints).filter(([, one]) => one instanceof constraints.Constraint)),
    cat: constraints.cat([constraints.real]),
    greaterThan: constraints.greaterThan(0),
    greaterThanEq: constraints.greaterThanEq(0),
    halfOpenInterval: constraints.halfOpenInterval(0, 1),
    independent: constraints.independent(constraints.real, 1),
    integerInterval: constraints.integerInterval(0, 1),
    interval: constraints.interval(0, 1),
    lessThan: constraints.lessThan(0),
    multinomial: constraints.multinomial(3),
    stack: constraints.stack([constraints.real]),
  };
  for (const [name, constraint] of Object.entries(made)) {
    test(name, () => {
      const { check } = constraint as unknown as { check(...args: unknown[]): unknown };
      for (const value of wrong) {
        assert.throws(() => check.call(constraint, value), {
          name: "TypeError",
          message: /^check\(\)(: argument 'value' must be Tensor| missing 1 required argument)/,
        });
      }
      assert.throws(() => check.call(constraint), /check\(\) missing 1 required argument: 'value'/);
    });
  }

  test("of others than constraints", () => {
    for (const value of wrong) {
      const expected = { name: "TypeError", message: /expected a (list of Constraints|Constraint), but got/ };
      assert.throws(() => constraints.independent(value as never, 1), expected);
      for (const make of [constraints.cat, constraints.stack]) {
        assert.throws(() => make(value as never), expected);
        assert.throws(() => make([constraints.real, value as never]), expected);
      }
    }
    assert.throws(() => constraints.independent(constraints.real, "x" as never), /reinterpretedBatchNdims/);
  });
});

test("values of densities", () => {
  for (const distribution of [new distributions.Chi2(1), new distributions.HalfCauchy(1), normal()]) {
    for (const value of wrong.filter((one) => typeof one !== "number")) {
      assert.throws(() => distribution.logProb(value as never), {
        name: "TypeError",
        message: /value argument to log_prob must be a Tensor/,
      });
    }
  }
});

test("the middle of ContinuousBernoulli", () => {
  const loose = new distributions.ContinuousBernoulli(0.3) as unknown as {
    isStable(...args: unknown[]): Tensor;
  };
  const expected = { name: "TypeError", message: /^isStable\(\): argument '(value|shift)' must be/ };
  for (const value of ["x", Symbol("s"), () => 1]) {
    assert.throws(() => loose.isStable(value), expected);
    assert.throws(() => loose.isStable(torch.ones(2), value), expected);
  }
  assert.equal(loose.isStable().item(), 1);
});
