/** Places, segments, rows of a fixed number, and the settings that programs of PyTorch make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F } from "../../src/index.js";

test("unravelIndex tells the place in each dim, floored as remainders are", () => {
  const places = torch.unravelIndex(
    torch.tensor([
      [4n, 2n],
      [5n, -1n],
    ]),
    [3, 2],
  );
  assert.deepEqual(
    places.map((place) => place.tolist()),
    [
      [
        [2, 1],
        [2, 2],
      ],
      [
        [0, 0],
        [1, 1],
      ],
    ],
  );
  assert.deepEqual(
    torch.unravelIndex(torch.tensor(5n), 7).map((place) => place.item()),
    [5],
  );
  const source = torch.rand(3, 4, 5);
  const flat = torch.randint(60, [10]);
  assert.ok(source.at(...torch.unravelIndex(flat, [3, 4, 5])).equal(source.flatten().at(flat)));
  assert.deepEqual(
    torch.unravelIndex(torch.tensor([1n], { dtype: torch.int32 }), [2]).map(({ dtype }) => dtype),
    [torch.int32],
  );
  assert.throws(() => torch.unravelIndex(torch.tensor([1.5]), [2]), {
    name: "TypeError",
    message: /expected 'indices' to be integer dtype/,
  });
  assert.throws(() => torch.unravelIndex(torch.tensor([true]), [2]), TypeError);
  assert.throws(() => torch.unravelIndex(torch.tensor([1n]), [2, -1]), {
    name: "RangeError",
    message: /cannot have negative values/,
  });
});

test("segmentReduce by offsets leaves out what is before the first and after the last", () => {
  const data = torch.arange(1, 7).float();
  const offsets = torch.tensor([1n, 2n, 2n, 5n]);
  const sums = torch.segmentReduce(data, "sum", { offsets, unsafe: true });
  assert.deepEqual(sums.tolist(), [2, 0, 12]);
  const batch = torch.segmentReduce(torch.stack([data, data]), "max", {
    offsets: torch.stack([offsets, offsets.add(1)]),
    axis: 1,
    unsafe: true,
  });
  assert.deepEqual(batch.tolist(), [
    [2, -Infinity, 5],
    [3, -Infinity, 6],
  ]);
});

test("segmentReduce has the gradients of what it computes", () => {
  const lengths = torch.tensor([2n, 0n, 3n]);
  for (const how of ["sum", "mean", "max", "min", "prod"] as const) {
    const data = torch.tensor([0.5, -1.25, 2, 1.5, -0.75], { dtype: torch.float64, requiresGrad: true });
    const run = (x: torch.Tensor) => torch.segmentReduce(x, how, { lengths, initial: 0.25 });
    assert.ok(torch.autograd.gradcheck(run, [data]), how);
  }
});

test("segmentReduce refuses lengths that do not fit, before anything is computed", () => {
  const data = torch.ones(2, 6);
  const one = torch.tensor([2n, 4n]);
  assert.throws(
    () => torch.segmentReduce(data, "sum", { lengths: one, axis: 1 }),
    /Expected axis to be the last dimension of lengths/,
  );
  assert.throws(
    () => torch.segmentReduce(torch.ones(3, 6), "sum", { lengths: torch.stack([one, one]), axis: 1 }),
    /Expected lengths to have the sizes/,
  );
  assert.throws(() => torch.segmentReduce(data, "sum", { lengths: one.float() }), TypeError);
});

test("nonzeroStatic has as many rows as were asked for", () => {
  const x = torch.tensor([
    [0, 5],
    [7, 0],
  ]);
  assert.deepEqual(torch.nonzeroStatic(x, { size: 1 }).tolist(), [[0, 1]]);
  assert.deepEqual(x.nonzeroStatic({ size: 3, fillValue: -7 }).tolist(), [
    [0, 1],
    [1, 0],
    [-7, -7],
  ]);
  assert.deepEqual(torch.nonzeroStatic(torch.tensor(3), { size: 2 }).shape, [2, 0]);
  assert.deepEqual(torch.nonzeroStatic(x.to("meta"), { size: 4 }).shape, [4, 2]);
  assert.throws(() => torch.nonzeroStatic(x, { size: -1 }), RangeError);
});

test("histogramdd on meta has the shapes of its result", () => {
  const { hist, binEdges } = torch.histogramdd(torch.rand(5, 2).to("meta"), [3, 4]);
  assert.deepEqual([hist.shape, ...binEdges.map(({ shape }) => shape)], [[3, 4], [4], [5]]);
});

test("the older names of interpolate", () => {
  const x = torch.rand(1, 2, 3, 4);
  assert.ok(F.upsample(x, 5).equal(F.interpolate(x, 5)));
  assert.ok(
    F.upsample(x, undefined, 2, { mode: "bilinear" }).equal(F.interpolate(x, undefined, 2, { mode: "bilinear" })),
  );
  assert.ok(F.upsampleNearest(x, undefined, 2).equal(F.interpolate(x, undefined, 2)));
  assert.ok(F.upsampleBilinear(x, [6, 7]).equal(F.interpolate(x, [6, 7], { mode: "bilinear", alignCorners: true })));
});

test("map2_, unsafeSplitWithSizes, normExceptDim, dimOrder", () => {
  const x = torch.tensor([1, 2]);
  assert.deepEqual(x.map2_(torch.tensor([3, 4]), torch.tensor([5]), (a, b, c) => a * b + c).tolist(), [8, 13]);
  const leaf = torch.ones(5, { requiresGrad: true });
  const [first, second] = leaf.mul(1).unsafeSplitWithSizes([2, 3]) as [torch.Tensor, torch.Tensor];
  first.mul_(3);
  first.sum().add(second.sum()).backward();
  assert.deepEqual(leaf.grad?.tolist(), [3, 3, 1, 1, 1]);
  assert.deepEqual(torch.normExceptDim(torch.full([2, 3, 4], 2), 2, 1).tolist(), [
    [[Math.fround(Math.sqrt(32))], [Math.fround(Math.sqrt(32))], [Math.fround(Math.sqrt(32))]],
  ]);
  assert.equal(torch.normExceptDim(torch.full([4], 2), 2, -1).item(), 4);
  assert.deepEqual(torch.normExceptDim(torch.tensor([-2, 3])).tolist(), [2, 3]);
  assert.deepEqual(torch.ones(2, 3, 4).permute(2, 0, 1).dimOrder(), [1, 2, 0]);
  assert.deepEqual(torch.ones(2, 1, 4).dimOrder(), [0, 1, 2]);
});

test("where a tensor is", () => {
  const x = torch.ones(1);
  assert.deepEqual([x.isCpu, x.isCuda, x.isSparse, x.isQuantized, x.getDevice()], [true, false, false, false, -1]);
  assert.equal(x.to("meta").isCpu, false);
});

test("settings that change nothing on a CPU are kept", () => {
  torch.useDeterministicAlgorithms(true);
  assert.equal(torch.areDeterministicAlgorithmsEnabled(), true);
  assert.equal(torch.getDeterministicDebugMode(), 2);
  torch.useDeterministicAlgorithms(true, { warnOnly: true });
  assert.equal(torch.isDeterministicAlgorithmsWarnOnlyEnabled(), true);
  torch.setDeterministicDebugMode("default");
  assert.equal(torch.areDeterministicAlgorithmsEnabled(), false);
  assert.throws(() => torch.setDeterministicDebugMode("loud" as "warn"), /invalid value of debug_mode/);
  assert.throws(() => torch.setDeterministicDebugMode(3 as 2), /invalid value of debug_mode/);
  assert.throws(() => torch.useDeterministicAlgorithms(1 as unknown as boolean), TypeError);
  assert.equal(torch.getFloat32MatmulPrecision(), "highest");
  torch.setFloat32MatmulPrecision("medium");
  assert.equal(torch.getFloat32MatmulPrecision(), "medium");
  torch.setFloat32MatmulPrecision("highest");
  for (const wrong of ["low", Symbol("low"), null, 3]) {
    assert.throws(() => torch.setFloat32MatmulPrecision(wrong as "high"), /expects "highest", "high" or "medium"/);
  }
  assert.equal(torch.setFlushDenormal(true), false);
});

test("setWarnAlways has a warning appear each time", async () => {
  const seen: string[] = [];
  const listen = (warning: Error) => seen.push(warning.message);
  process.on("warning", listen);
  const once = () => F.upsampleNearest(torch.ones(1, 1, 2), undefined, 2);
  once();
  once();
  torch.setWarnAlways(true);
  assert.equal(torch.isWarnAlwaysEnabled(), true);
  once();
  torch.setWarnAlways(false);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  assert.equal(seen.filter((message) => message.includes("upsampleNearest")).length, 2);
});
