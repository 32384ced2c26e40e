/** Medians, quantiles, covariances and distances give PyTorch's results, gradients and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("statistics", [
  ({ x }) => x.median(),
  ({ x }) => x.median(1).values,
  ({ x }) => torch.median(x, -1, { keepdim: true }).indices,
  () => of([1, NaN, 3]).median(),
  () => torch.nanmedian(of([1, NaN, 3, 2])),
  ({ m }) => m.nanmedian(0).values,
  () => torch.median(of([])),
  () =>
    torch.mode(
      ints([
        [1, 2, 2],
        [3, 1, 3],
      ]),
    ).indices,
  ({ m }) => m.mode(0).values,
  ({ x }) => x.quantile(0.3),
  ({ x }) => x.quantile(of([0.1, 0.5, 0.9]), 1),
  ({ m }) => torch.quantile(m, 0.25, 0, { keepdim: true }),
  ({ m }) => m.quantile(0.4, 1, { interpolation: "lower" }),
  ({ m }) => m.quantile(0.4, 1, { interpolation: "higher" }),
  ({ m }) => m.quantile(0.4, 1, { interpolation: "nearest" }),
  ({ m }) => m.quantile(0.4, 1, { interpolation: "midpoint" }),
  () =>
    of([
      [1, NaN, 3],
      [4, 5, 6],
    ]).quantile(0.5, 1),
  () =>
    torch.nanquantile(
      of([
        [1, NaN, 3],
        [4, 5, 6],
      ]),
      0.5,
      1,
    ),
  () => torch.nanquantile(of([NaN, NaN]), 0.5),
  ({ m }) => m.cov(),
  ({ m }) => torch.cov(m, { correction: 0 }),
  ({ m }) => m.cov({ fweights: ints([1, 2, 1, 3]), aweights: of([0.5, 1, 2, 1]) }),
  ({ v }) => v.cov(),
  ({ m }) => m.corrcoef(),
  ({ m, v }) => torch.dist(m, v, 3),
  ({ m, v }) => m.dist(v),
  ({ m, y }) => torch.cdist(m, y.mul(0.5)),
  ({ m, v }) => torch.cdist(m, v.unsqueeze(0), 1),
  ({ x, m }) => torch.cdist(x, m, 3),
  ({ x, m }) => torch.cdist(x, m, { p: 2, computeMode: "use_mm_for_euclid_dist" }),
  ({ m }) => m.renorm(2, 0, 3),
  ({ x }) => torch.renorm(x, 1, 1, 5),
  ({ m }) => m.clone().renorm_(3, 1, 2),
]);

test("distances of many rows by a matrix product are those by differences", () => {
  const generator = new torch.Generator().manualSeed(2);
  const [a, b] = [
    torch.randn(2, 40, 3, { generator, dtype: torch.float64 }),
    torch.randn(30, 3, { generator, dtype: torch.float64 }),
  ];
  const direct = torch.cdist(a, b, { computeMode: "donot_use_mm_for_euclid_dist" });
  assert.ok(torch.allclose(torch.cdist(a, b), direct, 1e-10));
});

test("wrong calls", () => {
  const x = torch.ones(3);
  assert.throws(() => x.quantile(1.5), /q must be in the range \[0, 1\] but got 1.5/);
  assert.throws(() => x.quantile(of([0.5])), /q tensor must be same dtype as the input tensor/);
  assert.throws(() => torch.zeros(0).quantile(0.5), /input tensor must be non-empty/);
  assert.throws(() => ints([1]).quantile(0.5), /must be either float or double dtype/);
  assert.throws(() => torch.zeros(2, 0).median(1), /Expected reduction dim 1 to have non-zero size/);
  assert.throws(() => torch.ones(2, 2, 2).cov(), /two or fewer dimensions/);
  assert.throws(() => x.cov({ fweights: torch.ones(3) }), /fweights to have integral dtype/);
  assert.throws(() => torch.cdist(torch.ones(2, 3), torch.ones(2, 4)), /same number of columns/);
  assert.throws(() => x.renorm(2, 0, 1), /at least 2 dimensions/);
  assert.throws(() => torch.ones(2, 2).renorm(2, 0, -1), /maxnorm to be >= 0/);
});
