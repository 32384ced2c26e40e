/** Operations that ONNX lacks, made of others: with open sizes, and those that draw numbers by what they draw. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as onnx from "@flambeau/onnx";
import { ops } from "@flambeau/vision";
import torch, { F, type Tensor } from "flambeau";
import { checkOpen, type OpenCase } from "./support/openCase.js";
import { noRuntime, RunningModel } from "./support/runtime.js";

const randn = (...shape: number[]) => torch.randn(shape);

const square = { input: { 0: "batch", 1: "rows", 2: "columns" } };

/** Offsets and masks are made of the images, as networks do it. */
function deformed(groups: number, offsetGroups: number, usesMask: boolean): OpenCase {
  const geometry = { stride: [2, 1], padding: [1, 0], dilation: [1, 2] } as const;
  const [weight, bias] = [randn(6, 4 / groups, 3, 2), randn(6)];
  const places = offsetGroups * 6;
  const [toOffset, toMask] = [randn(2 * places, 4, 3, 2).div(3), randn(places, 4, 3, 2)];
  const program = (x: Tensor) => {
    const offset = F.conv2d(x, toOffset, null, geometry);
    const mask = usesMask ? F.conv2d(x, toMask, null, geometry).sigmoid() : null;
    return ops.deformConv2d(x, offset, weight, bias, { ...geometry, mask });
  };
  return {
    program,
    inputs: [randn(2, 4, 6, 7)],
    others: [[randn(1, 4, 9, 5)], [randn(3, 4, 4, 8)]],
    dynamicAxes: { input: { 0: "batch", 2: "height", 3: "width" } },
  };
}

const cases: Record<string, OpenCase> = {
  "diagonals of open matrices": {
    program: (x: Tensor) => [
      x.diagonal(0, 1, 2),
      x.diagonal(1, 2, 1),
      x.diagonal(-1, 0, 2).mul(2),
      torch.diagEmbed(x, 1, 0, 2),
      torch.diagEmbed(x.select(0, 0), -2),
      x.select(0, 0).trace(),
    ],
    inputs: [randn(3, 4, 5)],
    others: [[randn(2, 6, 3)], [randn(5, 5, 5)], [randn(1, 2, 7)]],
    dynamicAxes: square,
  },
  "diagonals that are written": {
    program: (x: Tensor, y: Tensor) => [
      torch.diagonalScatter(x.repeat(1, 2), y, 1, 0, 1),
      torch.diagonalScatter(x, y, 0, 0, 1),
      x.repeat(1, 2).fillDiagonal_(3),
      x.repeat(2, 1).fillDiagonal_(3, { wrap: true }),
      torch.blockDiag(x, y, torch.ones(2)),
    ],
    inputs: [randn(4, 4), randn(4)],
    others: [
      [randn(2, 2), randn(2)],
      [randn(7, 7), randn(7)],
    ],
    dynamicAxes: { input0: { 0: "n", 1: "n" }, input1: { 0: "n" } },
  },
  "what goes on along an open dim": {
    program: (x: Tensor) => [
      x.logcumsumexp(1),
      x.cumprod(1),
      ...x.cummax(1),
      ...x.cummin(0),
      x.mul(40).logcumsumexp(0),
    ],
    inputs: [randn(3, 5)],
    others: [[randn(1, 1)], [randn(8, 33)]],
    dynamicAxes: { input: { 0: "n", 1: "steps" } },
  },
  "distances of pairs": {
    program: (x: Tensor) => torch.pdist(x, 3),
    inputs: [randn(4, 3)],
    others: [[randn(7, 3)], [randn(2, 3)]],
    dynamicAxes: { input: { 0: "n" } },
  },
  counts: {
    program: (x: Tensor) => [
      x.histc(5),
      x.histc(4, -1, 1),
      ...torch.histogram(x.flatten(), 6),
      x.mul(3).round().abs().to(torch.int64).flatten().bincount(),
      ...(torch.uniqueConsecutive(x.gt(0).flatten(), { returnInverse: true, returnCounts: true }) as Tensor[]),
      x.nanmedian(1).values,
    ],
    inputs: [randn(4, 6)],
    others: [[randn(7, 3)], [randn(2, 10)]],
    dynamicAxes: { input: { 0: "n", 1: "m" } },
  },
  "systems of equations": {
    program: (x: Tensor, y: Tensor) => {
      const definite = x.matmul(x.mT).add(torch.eye(4));
      const factor = torch.linalg.cholesky(definite);
      return [
        x.inverse().matmul(x),
        torch.linalg.solve(definite, y),
        factor,
        torch.linalg.cholesky(definite, { upper: true }),
        torch.linalg.solveTriangular(factor, y, { upper: false }),
        torch.linalg.solveTriangular(factor.mT, y, { upper: true, unitriangular: true }),
        definite.logdet(),
        ...torch.linalg.slogdet(definite.neg()),
      ];
    },
    inputs: [randn(2, 4, 4).add(torch.eye(4).mul(5)), randn(2, 4, 3)],
    others: [[randn(5, 4, 4).add(torch.eye(4).mul(5)), randn(5, 4, 3)]],
    dynamicAxes: { input0: { 0: "batch" }, input1: { 0: "batch" } },
  },
  "parts whose sizes are numbers of a tensor": {
    program: (x: Tensor, repeats: Tensor, places: Tensor) => [
      x.repeatInterleave(repeats, 0),
      torch.repeatInterleave(repeats).mul(2),
      ...torch.tensorSplit(x, places, 1).map((part) => part.sum(1)),
    ],
    inputs: [randn(3, 5), torch.tensor([1n, 2n, 3n]), torch.tensor([1n, 3n])],
    others: [[randn(2, 5), torch.tensor([4n, 0n]), torch.tensor([2n, 2n])]],
    dynamicAxes: { input0: { 0: "n" }, input1: { 0: "n" } },
  },
  "places of maxima in uneven parts": {
    program: (x: Tensor) => [
      ...F.adaptiveMaxPool2d(x, [2, 3], { returnIndices: true }),
      ...F.adaptiveMaxPool1d(x.select(2, 0), 3, { returnIndices: true }),
    ],
    inputs: [randn(2, 3, 5, 7)],
    others: [[randn(4, 3, 5, 7)]],
    dynamicAxes: { input: { 0: "batch" } },
  },
  "whether matrices could be solved": {
    program: (x: Tensor) => [
      torch.linalg.invEx(x).info,
      torch.linalg.solveEx(x, x).info,
      torch.linalg.choleskyEx(x).info,
    ],
    inputs: [
      torch.tensor([
        [
          [2, 1],
          [1, 3],
        ],
        [
          [1, 2],
          [2, 4],
        ],
      ]),
    ],
    others: [
      [
        torch.tensor([
          [
            [0, 0],
            [0, 1],
          ],
          [
            [1, 0],
            [0, -1],
          ],
          [
            [1, 0],
            [0, 1],
          ],
        ]),
      ],
    ],
    dynamicAxes: { input: { 0: "batch" } },
  },
  polynomials: {
    program: (x: Tensor) => {
      const { special } = torch;
      return [
        special.chebyshevPolynomialT(x, 5),
        special.chebyshevPolynomialU(x, 4),
        special.chebyshevPolynomialV(x, 3),
        special.chebyshevPolynomialW(x, 2),
        special.shiftedChebyshevPolynomialT(x, 3),
        special.hermitePolynomialH(x, 4),
        special.hermitePolynomialHe(x, 5),
        special.laguerrePolynomialL(x, 4),
        special.legendrePolynomialP(x, 4),
        special.legendrePolynomialP(x, 0),
        special.legendrePolynomialP(x, 1),
      ];
    },
    inputs: [torch.linspace(-0.9, 0.9, 7)],
    others: [[torch.linspace(-1.5, 0.8, 4)]],
    dynamicAxes: { input: [0] },
  },
  "ranges by steps that depend on sizes": {
    program: (x: Tensor) => [torch.logspace(0, 2, x.size(0)), torch.linspace(1, 3, x.size(0)).add(x)],
    inputs: [randn(4)],
    others: [[randn(9)], [randn(1)]],
    dynamicAxes: { input: { 0: "n" } },
  },
  "deformable convolution": deformed(1, 1, false),
  "deformable convolution with groups and a mask": deformed(2, 2, true),
};

checkOpen("what is made of other operators computes the same with other sizes", cases, [13, 17, 20]);

test("regions whose places have channels of their own", { skip: noRuntime }, async () => {
  const program = (x: Tensor, boxes: Tensor) =>
    ops.psRoiAlign(x, boxes, [2, 3], { spatialScale: 0.5, samplingRatio: 2 });
  const dynamicAxes = { input0: { 0: "batch", 2: "h" }, input1: { 0: "boxes" } };
  const boxes = torch.tensor([
    [0, 1, 2, 9, 11],
    [1, 0, 0, 5, 4],
  ]);
  const model = await RunningModel.open(onnx.export(program, [randn(2, 12, 8, 8), boxes], undefined, { dynamicAxes }));
  for (const given of [
    [randn(2, 12, 8, 8), boxes],
    [randn(3, 12, 6, 8), boxes.at(":1")],
  ] as const)
    torch.testing.assertClose((await model.run(...given))[0] as Tensor, program(...given), { rtol: 1e-4, atol: 1e-4 });
  await model.close();
});

/** What a program that draws numbers gives in ONNX Runtime. */
async function drawn(program: (x: Tensor) => unknown, x: Tensor, others: readonly Tensor[] = []): Promise<Tensor[]> {
  const bytes = onnx.export(program, x, undefined, { dynamicAxes: { input: { 0: "batch" } } });
  const model = await RunningModel.open(bytes);
  const results = await model.run(x);
  const again = await model.run(x);
  assert.ok(!torch.equal(results[0] as Tensor, again[0] as Tensor), "numbers are drawn each time");
  for (const other of others) {
    const [result] = await model.run(other);
    assert.equal(result?.shape[0], other.shape[0]);
  }
  await model.close();
  return results;
}

const near = (actual: Tensor, expected: number | readonly number[], atol: number) =>
  torch.testing.assertClose(actual.double(), torch.tensor(expected as number[], { dtype: torch.float64 }), {
    rtol: 0,
    atol,
  });

describe("operations that draw numbers", { skip: noRuntime }, () => {
  const weights = torch.tensor([1, 0, 3, 6]);
  const rows = weights.expand(2000, 4).contiguous();

  test("multinomial with replacement draws columns by their weights", async () => {
    const [columns] = await drawn((x) => x.multinomial(10, { replacement: true }), rows, [rows.at(":7")]);
    const counts = (columns as Tensor).flatten().bincount(undefined, 4).div(20_000);
    near(counts, [0.1, 0, 0.3, 0.6], 0.02);
    assert.equal(columns?.dtype, torch.int64);
  });

  test("multinomial without replacement draws no column twice, and the first by its weight", async () => {
    const [columns] = await drawn((x) => x.multinomial(3), rows, [rows.at(":7")]);
    const { values } = (columns as Tensor).sort(1);
    assert.ok(
      values
        .eq(torch.tensor([0n, 2n, 3n]))
        .all()
        .item(),
    );
    near((columns as Tensor).select(1, 0).bincount(undefined, 4).div(2000), [0.1, 0, 0.3, 0.6], 0.05);
    // Behind a 6 the 3 is three times as likely as the 1.
    const second = (columns as Tensor).at(columns?.select(1, 0).eq(3) as Tensor).select(1, 1);
    near(second.eq(2).double().mean(), 0.75, 0.06);
  });

  test("of one row, and of float64", async () => {
    const bytes = onnx.export(
      (x: Tensor) => [x.multinomial(2), x.double().multinomial(500, { replacement: true })],
      weights,
    );
    const model = await RunningModel.open(bytes);
    const [two, many] = (await model.run(weights)) as [Tensor, Tensor];
    assert.deepEqual([two.shape, many.shape], [[2], [500]]);
    assert.ok(torch.cat([two, many]).ne(1).all().item());
    await model.close();
  });

  test("normal with tensors and numbers for mean and deviation", async () => {
    const x = torch.full([4000, 2], 5);
    const results = await drawn(
      (x) => [
        torch.normal(x, 2),
        torch.normal(x, x),
        torch.normal(1, x),
        torch.normal(x),
        torch.normal(3, 4, [x.size(0), 2]),
      ],
      x,
      [x.at(":3")],
    );
    for (const [i, [mean, std]] of (
      [
        [5, 2],
        [5, 5],
        [1, 5],
        [5, 1],
        [3, 4],
      ] as const
    ).entries()) {
      near((results[i] as Tensor).mean(), mean, 0.3);
      near((results[i] as Tensor).std(), std, 0.3);
    }
  });

  test("numbers that are drawn in place", async () => {
    const x = torch.zeros(20_000);
    const results = await drawn(
      (x) => [
        x.clone().exponential_(2),
        x.clone().geometric_(0.25),
        x.clone().cauchy_(1, 2),
        x.clone().logNormal_(0, 0.5),
        x.clone().random_(3, 7),
        x.clone().random_(4),
        torch.randperm(50),
      ],
      x,
      [x.at(":3")],
    );
    const [exponential, geometric, cauchy, logNormal, from, below, order] = results as [
      Tensor,
      ...Tensor[],
    ] as Tensor[];
    near(exponential?.mean() as Tensor, 0.5, 0.03);
    assert.ok(exponential?.ge(0).all().item());
    near(geometric?.mean() as Tensor, 4, 0.2);
    assert.equal(geometric?.min().item(), 1);
    assert.ok(geometric?.eq(geometric.round()).all().item());
    near(cauchy?.median() as Tensor, 1, 0.15);
    near(cauchy?.sub(1).abs().median() as Tensor, 2, 0.2);
    near(logNormal?.log().std() as Tensor, 0.5, 0.03);
    assert.deepEqual(from?.unique().tolist(), [3, 4, 5, 6]);
    assert.deepEqual(below?.unique().tolist(), [0, 1, 2, 3]);
    assert.deepEqual(
      order?.sort().values.tolist(),
      Array.from({ length: 50 }, (_, i) => i),
    );
  });
});
