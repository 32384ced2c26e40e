/** Scans give PyTorch's results, gradients, dtypes and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("scans", [
  ({ x }) => x.cumsum(1),
  ({ x }) => torch.cumsum(x.transpose(0, 2), -1),
  ({ m }) => m.detach().cumsum(0, { dtype: torch.float32 }),
  ({ m }) => m.clone().cumsum_(1),
  ({ s }) => s.cumsum(0),
  ({ e }) => e.cumsum(0),
  () => ints([1, 2, 3]).int().cumsum(0),
  () => torch.tensor([true, true, false]).cumsum(0),
  ({ m }) => m.cumprod(1),
  ({ m }) => m.mul(of([1, 0, 2, 0])).cumprod(1),
  ({ m }) => m.mul(of([[1], [0], [1]])).cumprod(0),
  ({ s }) => s.cumprod(-1),
  () => ints([2, 3, 4]).cumprod(0),
  ({ m }) => m.logcumsumexp(1),
  ({ x }) => torch.logcumsumexp(x, 0),
  () => torch.logcumsumexp(of([-Infinity, 1000, 1000]), 0),
  ({ x }) => x.cummax(1).values,
  ({ x }) => x.cummax(1).indices,
  ({ m }) => torch.cummin(m, 0).values,
  () => torch.cummin(of([2, 1, 1, NaN, 0]), 0).indices,
  ({ m }) => m.diff(),
  ({ m }) => torch.diff(m, 2, 0),
  ({ m }) => m.diff(9),
  ({ m, v }) => m.diff(1, 0, v.unsqueeze(0), m.narrow(0, 1, 1)),
  () => torch.tensor([true, true, false]).diff(),
  ({ m }) => torch.trapezoid(m),
  ({ m }) => torch.trapz(m, { dx: 0.5, dim: 0 }),
  ({ m }) => torch.trapezoid(m, of([0, 1, 3, 7])),
  ({ x, m }) => torch.trapezoid(x, m),
  ({ m }) => torch.cumulativeTrapezoid(m, { dim: 0 }),
]);

test("wrong calls", () => {
  assert.throws(() => torch.ones(2).cumsum(1), RangeError);
  assert.throws(() => ints([1]).logcumsumexp(0), /not implemented for 'Long'/);
  assert.throws(() => torch.ones(2).cumsum(0, { dtype: torch.bool }), /not implemented for 'Bool'/);
  assert.throws(() => torch.tensor(1).diff(), /at least one-dimensional/);
  assert.throws(() => torch.ones(2, 2).diff(1, 0, torch.ones(2)), /prepend or append to be the same dimension/);
  assert.throws(() => torch.trapezoid(torch.ones(3), torch.ones(2)), /one `x` value for each sample point/);
  // @ts-expect-error a scan needs its dim
  assert.throws(() => torch.ones(2).cumsum(), /missing 1 required argument: 'dim'/);
});
