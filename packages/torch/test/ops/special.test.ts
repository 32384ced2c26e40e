/** Special functions: their accuracy over the whole range, their ends, and what of them has derivatives. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

interface Values {
  readonly arguments: number;
  /** The arguments, the value, and the height of a wave where that is larger. */
  readonly rows: readonly (readonly number[])[];
}

type Operand = Tensor | number;
type Function = (...operands: readonly (Operand | object)[]) => Tensor;

/** Values by mpmath, made by conformance/special/accuracy.py. */
const golden = JSON.parse(
  readFileSync(new URL("../../../test/ops/golden-special.json", import.meta.url), "utf8"),
) as Record<string, Values>;

const special = torch.special as unknown as Record<string, Function>;
const camelCase = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const functionOf = (name: string) => special[camelCase(name)] as Function;

/** Units in the last place of float64 that a value may be off; for polynomials and sums of many terms it is more. */
function allowed(name: string): number {
  if (/polynomial/.test(name)) return 45;
  return /^gammainc/.test(name) ? 80 : 8;
}

function ulp(y: number, digits: number, smallest: number): number {
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(y))), smallest) - digits);
}

describe("the accuracy of special functions", () => {
  for (const [name, { arguments: count, rows }] of Object.entries(golden)) {
    test(name, () => {
      assert.ok(rows.length >= 9);
      const columns = Array.from({ length: count }, (_, i) =>
        torch.tensor(
          rows.map((row) => row[i] as number),
          { dtype: torch.float64 },
        ),
      );
      const values = functionOf(name)(...columns).toTypedArray() as Float64Array;
      rows.forEach((row, i) => {
        const exact = row[count] as number;
        const error =
          Math.abs((values[i] as number) - exact) / ulp(Math.max(Math.abs(exact), row[count + 1] ?? 0), 52, -1022);
        assert.ok(
          error <= allowed(name),
          `${name}(${row.slice(0, count)}) = ${values[i]}, expected ${exact}: ${error} ulp`,
        );
      });
    });
  }

  test("float32 is rounded once", () => {
    for (const name of ["besselJ0", "airyAi", "erfcx", "ndtri", "logNdtr", "modifiedBesselK1"]) {
      const x = torch.linspace(0.01, 0.99, 500);
      const double = functionOf(name)(x.double());
      assert.ok(functionOf(name)(x).equal(double.float()), name);
      assert.ok(functionOf(name)(x.half()).equal(functionOf(name)(x.half().float()).half()), name);
    }
  });
});

describe("the ends of special functions", () => {
  const ends: Record<string, readonly [x: readonly number[], y: readonly number[]]> = {
    airyAi: [
      [NaN, Infinity, -Infinity, 110],
      [NaN, 0, 0, 0],
    ],
    besselJ0: [
      [NaN, 0, Infinity, -Infinity],
      [NaN, 1, 0, 0],
    ],
    besselJ1: [
      [NaN, 0, -0, Infinity],
      [NaN, 0, -0, 0],
    ],
    besselY0: [
      [NaN, 0, -1, Infinity],
      [NaN, -Infinity, NaN, 0],
    ],
    besselY1: [
      [NaN, 0, -1, Infinity],
      [NaN, -Infinity, NaN, 0],
    ],
    modifiedBesselI0: [
      [NaN, 0, Infinity, 800],
      [NaN, 1, Infinity, Infinity],
    ],
    modifiedBesselI1: [
      [NaN, 0, Infinity, -Infinity],
      [NaN, 0, Infinity, -Infinity],
    ],
    i0e: [
      [NaN, 0, Infinity],
      [NaN, 1, 0],
    ],
    i1e: [
      [NaN, 0, -Infinity],
      [NaN, 0, -0],
    ],
    modifiedBesselK0: [
      [NaN, 0, -1, Infinity, 800],
      [NaN, Infinity, NaN, 0, 0],
    ],
    modifiedBesselK1: [
      [NaN, 0, -1, Infinity, 800],
      [NaN, Infinity, NaN, 0, 0],
    ],
    scaledModifiedBesselK0: [
      [NaN, 0, -1, Infinity],
      [NaN, Infinity, NaN, 0],
    ],
    scaledModifiedBesselK1: [
      [NaN, 0, -1, Infinity],
      [NaN, Infinity, NaN, 0],
    ],
    sphericalBesselJ0: [
      [NaN, 0, Infinity],
      [NaN, 1, 0],
    ],
    entr: [
      [NaN, 0, -0, -1, Infinity],
      [NaN, 0, 0, -Infinity, -Infinity],
    ],
    erfcx: [
      [NaN, Infinity, -Infinity, -27],
      [NaN, 0, Infinity, Infinity],
    ],
    ndtr: [
      [NaN, Infinity, -Infinity, -40],
      [NaN, 1, 0, 0],
    ],
    logNdtr: [
      [NaN, Infinity, -Infinity],
      [NaN, 0, -Infinity],
    ],
    ndtri: [
      [NaN, 0, 1, -0.1, 1.5, 0.5],
      [NaN, -Infinity, Infinity, NaN, NaN, 0],
    ],
  };
  for (const [name, [x, y]] of Object.entries(ends)) {
    test(name, () => {
      for (const dtype of [torch.float64, torch.float32]) {
        const values = [...functionOf(name)(torch.tensor([...x], { dtype })).toTypedArray()].map(Number);
        assert.deepEqual(
          values.map((v) => v + 0),
          y.map((v) => v + 0),
        );
      }
    });
  }

  test("zeta has its poles at 1 and at whole numbers that are not positive, and is NaN for powers below 1", () => {
    const zeta = (s: number, q: number) => torch.special.zeta(s, torch.tensor([q], { dtype: torch.float64 })).item();
    assert.equal(zeta(1, 3), Infinity);
    assert.equal(zeta(2, 0), Infinity);
    assert.equal(zeta(3, -4), Infinity);
    assert.ok(Number.isNaN(zeta(0.5, 1)));
    assert.ok(Number.isNaN(zeta(2.5, -0.5)));
    // 1/0.25 + 1/0.25 + the sum from 1.5 on
    assert.ok(Math.abs(zeta(2, -0.5) - (Math.PI ** 2 / 2 + 4)) < 1e-14);
  });

  test("polynomials of a negative degree are 0, a fraction of a degree is cut off, and long sums end in infinity", () => {
    for (const name of Object.keys(special).filter((key) => /Polynomial/.test(key))) {
      const f = special[name] as Function;
      assert.equal(f(torch.tensor([0.3]), -1).item(), 0, name);
      assert.equal(f(torch.tensor([0.3]), 4.9).item(), f(torch.tensor([0.3]), 4).item(), name);
      assert.equal(f(torch.tensor([0.3]), -0.5).item(), 1, name);
      assert.equal(
        f(torch.tensor([NaN]), torch.tensor([-1, 0, 1, 90]))
          .tolist()
          .toString(),
        "0,1,NaN,NaN",
        name,
      );
      assert.equal(f(torch.tensor([1e300], { dtype: torch.float64 }), 400).item(), Infinity, name);
      assert.equal(
        f(torch.tensor([Infinity]), torch.tensor([0, 4]))
          .tolist()
          .toString(),
        "1,Infinity",
        name,
      );
    }
    const huge = torch.tensor([-1e300], { dtype: torch.float64 });
    assert.equal(torch.special.hermitePolynomialH(huge, 401).item(), -Infinity);
    assert.equal(torch.special.chebyshevPolynomialV(huge, 401).item(), -Infinity);
    assert.equal(torch.special.laguerrePolynomialL(huge, 401).item(), Infinity);
    assert.equal(torch.special.laguerrePolynomialL(huge.neg(), 401).item(), -Infinity);
    // A degree that no loop could reach.
    assert.equal(
      torch.special
        .chebyshevPolynomialT(torch.tensor([1, -1]), 2 ** 52)
        .tolist()
        .toString(),
      "1,1",
    );
    assert.ok(Number.isNaN(torch.special.legendrePolynomialP(torch.tensor([0.5]), 1e18).item() as number));
  });
});

describe("derivatives of special functions", () => {
  test("nodes have PyTorch's names", () => {
    const x = torch.tensor([0.5], { requiresGrad: true });
    const nodes = ["entr", "erfcx", "i0e", "i1", "i1e", "logNdtr", "ndtri"].map((name) => functionOf(name)(x).gradFn);
    assert.equal(
      String(nodes),
      "<SpecialEntrBackward0>,<SpecialErfcxBackward0>,<SpecialI0EBackward0>,<SpecialI1Backward0>," +
        "<SpecialI1EBackward0>,<SpecialLogNdtrBackward0>,<SpecialNdtriBackward0>",
    );
    const { xlog1py, zeta } = torch.special;
    const binary = [xlog1py(x, x), xlog1py(2, x), xlog1py(x, 2), zeta(2, x)].map(({ gradFn }) => gradFn);
    assert.equal(
      String(binary),
      "<SpecialXlog1PyBackward0>,<SpecialXlog1PyBackward1>,<SpecialXlog1PyBackward2>,<SpecialZetaBackward1>",
    );
  });

  test("what PyTorch cannot differentiate is not recorded, or says so", () => {
    const x = torch.tensor([0.5, 2], { requiresGrad: true });
    const one = "airyAi besselJ0 besselJ1 besselY0 besselY1 modifiedBesselI0 modifiedBesselI1 modifiedBesselK0";
    const more = "modifiedBesselK1 scaledModifiedBesselK0 scaledModifiedBesselK1 sphericalBesselJ0";
    for (const name of `${one} ${more}`.split(" ")) assert.equal(functionOf(name)(x).requiresGrad, false, name);
    for (const name of Object.keys(special).filter((key) => /Polynomial/.test(key)))
      assert.equal(functionOf(name)(x, x).requiresGrad, false, name);
    assert.throws(() => torch.special.zeta(x, 2).sum().backward(), /the derivative for 'zeta' is not implemented/);
    assert.throws(() => torch.special.gammainc(x, x).sum().backward(), /the derivative for 'igamma: input'/);
    assert.throws(() => torch.special.gammaincc(x, x).sum().backward(), /the derivative for 'igammac: input'/);
  });

  test("first and second derivatives are those that small differences show", () => {
    const inside = torch.tensor([0.07, 0.3, 0.6, 0.93], { dtype: torch.float64, requiresGrad: true });
    const wide = torch.tensor([-3.1, -0.7, 0.4, 2.9], { dtype: torch.float64, requiresGrad: true });
    for (const name of ["entr", "ndtri"]) check(functionOf(name), inside);
    for (const name of ["erfcx", "i0e", "i1", "i1e", "logNdtr", "ndtr"]) check(functionOf(name), wide);
    check((x) => torch.special.zeta(2.5, x), inside);
    check((x) => torch.special.xlog1py(x, x), inside);
  });

  test("those of i1 and i1e at 0 are their limits", () => {
    for (const f of [torch.special.i1, torch.special.i1e]) {
      const x = torch.zeros(1, { dtype: torch.float64, requiresGrad: true });
      const [slope] = torch.autograd.grad([f(x)], [x]);
      assert.equal(slope?.item(), 0.5);
    }
  });

  function check(f: (x: Tensor) => Tensor, x: Tensor): void {
    assert.ok(torch.autograd.gradcheck((input: Tensor) => f(input), [x]));
    assert.ok(torch.autograd.gradgradcheck((input: Tensor) => f(input), [x]));
  }
});
