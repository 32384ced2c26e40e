/**
 * The accuracy of elementwise mathematical functions: against JavaScript's own over many random arguments, and
 * against values computed with 40 digits (mpmath) for functions that JavaScript does not have.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type BinaryOp, binary, type UnaryOp, unary, unaryWith } from "../../src/backend/cpu/elementwise.js";
import { viewOf } from "../support/views.js";

type FloatArray = Float32ArrayConstructor | Float64ArrayConstructor;

/** The distance between neighbouring numbers of a precision around y. */
function ulp(y: number, type: FloatArray): number {
  const [digits, smallest] = type === Float32Array ? [23, -126] : [52, -1022];
  return 2 ** (Math.max(Math.floor(Math.log2(Math.abs(y))), smallest) - digits);
}

/** The largest error in units in the last place; infinite where a special value is not as expected. */
function largestError(actual: Float32Array | Float64Array, expected: (i: number) => number, type: FloatArray): number {
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const exact = expected(i);
    const rounded = type === Float32Array ? Math.fround(exact) : exact;
    const value = actual[i] as number;
    if (!Number.isFinite(rounded) || !Number.isFinite(value)) {
      if (!Object.is(rounded, value)) return Infinity;
    } else {
      worst = Math.max(worst, Math.abs(value - exact) / ulp(exact, type));
    }
  }
  return worst;
}

/** Numbers spread evenly over an interval, then ones of every magnitude in it, then its ends. */
function samples(low: number, high: number, type: FloatArray): Float32Array | Float64Array {
  const count = 20_000;
  let seed = 12345;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const result = new type(2 * count + 2);
  for (let i = 0; i < count; i++) {
    result[i] = low + random() * (high - low);
    const magnitude = Math.exp(-60 + random() * (60 + Math.log(Math.max(-low, high))));
    const signed = low < 0 && random() < 0.5 ? -magnitude : magnitude;
    result[count + i] = Math.min(Math.max(signed, low), high);
  }
  result[2 * count] = low;
  result[2 * count + 1] = high;
  return result;
}

const specials = [NaN, Infinity, -Infinity, 0, 1, -1];

/** Function, JavaScript's, the interval, and the errors allowed in float32 and float64 (see simd/math.h). */
const functions: [UnaryOp, (x: number) => number, number, number, number, number][] = [
  ["exp", Math.exp, -760, 720, 1.1, 2],
  ["exp2", (x) => 2 ** x, -1080, 1030, 0.51, 2],
  ["expm1", Math.expm1, -50, 720, 1.8, 3],
  ["log", Math.log, 0, 3e38, 0.9, 2],
  ["log", Math.log, 0.4, 2.5, 0.9, 2],
  ["log2", Math.log2, 0, 3e38, 0.51, 2],
  ["log10", Math.log10, 0, 3e38, 0.51, 3],
  ["log1p", Math.log1p, -1, 5, 0.9, 2],
  ["log1p", Math.log1p, 0, 3e38, 0.9, 2],
  ["sqrt", Math.sqrt, 0, 1e30, 0.51, 0.51],
  ["sin", Math.sin, -10, 10, 0.6, 2],
  ["sin", Math.sin, -1e20, 1e20, 1, 2],
  ["cos", Math.cos, -10, 10, 0.6, 2],
  ["cos", Math.cos, -1e20, 1e20, 1, 2],
  ["tan", Math.tan, -1e20, 1e20, 1, 2],
  ["asin", Math.asin, -1, 1, 0.51, 2],
  ["acos", Math.acos, -1, 1, 0.51, 2],
  ["atan", Math.atan, -1e30, 1e30, 0.51, 2],
  ["sinh", Math.sinh, -100, 100, 0.51, 3],
  ["cosh", Math.cosh, -100, 100, 0.51, 3],
  ["tanh", Math.tanh, -12, 12, 1.5, 4.5],
  ["asinh", Math.asinh, -1e30, 1e30, 0.51, 3],
  ["acosh", Math.acosh, 1, 1e30, 0.51, 3],
  ["atanh", Math.atanh, -1, 1, 0.51, 2],
  ["reciprocal", (x) => 1 / x, -10, 10, 0.51, 0.51],
  ["rsqrt", (x) => 1 / Math.sqrt(x), 0, 1e30, 1.5, 1.5],
];

for (const type of [Float32Array, Float64Array] as const) {
  test(`elementary functions of ${type.name} are as accurate as promised`, () => {
    for (const [op, reference, low, high, floatError, doubleError] of functions) {
      const allowed = type === Float32Array ? floatError : doubleError;
      const x = samples(low, high, type);
      const y = new type(x.length);
      unary[op](viewOf(y), viewOf(x));
      const error = largestError(y, (i) => reference(x[i] as number), type);
      assert.ok(error <= allowed, `${op} on [${low}, ${high}] is ${error} ulp off`);
    }
  });

  test(`elementary functions of ${type.name} keep NaN, infinities and the sign of zero`, () => {
    for (const [op, reference] of functions) {
      const x = type.from([...specials, -0, -2, 1e-42]);
      const y = new type(x.length);
      unary[op](viewOf(y), viewOf(x));
      x.forEach((argument, i) => {
        const expected = type.of(reference(argument))[0] as number;
        const close = Math.abs((y[i] as number) - expected) <= 4 * ulp(expected, type);
        assert.ok(Object.is(y[i], expected) || close, `${op}(${argument}) = ${y[i]}, expected ${expected}`);
        if (expected === 0) assert.ok(Object.is(y[i], expected), `${op}(${argument}) = ${y[i]}, expected ${expected}`);
      });
    }
  });
}

const values: Record<string, number[][]> = {
  erf: [
    [1.000000013351432e-10, 1.1283791821609903e-10],
    [-0.0010000000474974513, -0.0011283788445643173],
    [0.30000001192092896, 0.32862677175271543],
    [-0.75, -0.7111556336535151],
    [0.9399999976158142, 0.8162710178641962],
    [0.9599999785423279, 0.8254236400101458],
    [1.5, 0.9661051464753108],
    [-2.25, -0.9985372834133188],
    [3.5, 0.9999992569016276],
    [-4.5, -0.9999999998033839],
    [6, 1],
  ],
  erfc: [
    [-5, 1.9999999999984626],
    [-0.5, 1.5204998778130465],
    [0.0010000000474974513, 0.9988716211554357],
    [0.4000000059604645, 0.5716076392220988],
    [0.9700000286102295, 0.1701296943649664],
    [1.75, 0.013328328780817557],
    [3, 2.209049699858544e-5],
    [5.5, 7.357847917974398e-15],
    [8, 1.1224297172982926e-29],
    [9.5, 3.7692144856548797e-41],
  ],
  erfinv: [
    [9.99999993922529e-9, 8.862269200667396e-9],
    [-0.10000000149011612, -0.08885599182530649],
    [0.25, 0.2253120550121781],
    [0.5, 0.4769362762044699],
    [-0.75, -0.8134198475976185],
    [0.8999999761581421, 1.1630870719457722],
    [-0.9900000095367432, -1.8213866009002777],
    [0.9990000128746033, 2.3267563267961546],
  ],
  lgamma: [
    [9.999999747378752e-6, 11.512919718158097],
    [0.25, 1.2880225246980774],
    [0.5, 0.5723649429247001],
    [1.25, -0.09827183642181316],
    [1.5, -0.12078223763524522],
    [2.5, 0.2846828704729192],
    [3.700000047683716, 1.428072382319606],
    [11, 15.104412573075516],
    [50.5, 146.51925549072064],
    [10000, 82099.71749644238],
    [-0.5, 1.2655121234846454],
    [-1.75, 1.0160888092144358],
    [-10.300000190734863, -14.457516329306825],
  ],
  digamma: [
    [0.0010000000474974513, -1000.5755244342832],
    [0.25, -4.2274535333762655],
    [1, -0.5772156649015329],
    [2.5, 0.7031566406452432],
    [7, 1.8727843350984672],
    [33, 3.4812795305349873],
    [100000, 11.512920464961896],
    [-0.25, 2.9141391202135276],
    [-1.75, -2.322691628614361],
    [-20.299999237060547, 5.3175613922667155],
  ],
  i0: [
    [0, 1],
    [0.5, 1.0634833707413236],
    [-2, 2.2795853023360673],
    [7.25, 212.5583411627976],
    [15, 339649.3732979139],
    [19.75, 34140102.06010144],
    [20.25, 55579102.84093865],
    [45, 2.0834140751773148e18],
    [-80, 2.4751784043341704e33],
  ],
  i1: [
    [0, 0],
    [0.5, 0.25789430539089636],
    [-2, -1.5906368546373295],
    [7.25, 197.3015658656382],
    [15, 328124.92197020643],
    [19.75, 33264251.978947733],
    [20.25, 54188928.20424874],
    [45, 2.060133462081577e18],
    [-80, -2.4596595795675403e33],
  ],
  polygamma1: [
    [0.009999999776482582, 10001.621660563687],
    [0.5, 4.934802200544679],
    [1, 1.6449340668482264],
    [2.75, 0.43757125764893073],
    [12, 0.08690187287176838],
    [100, 0.010050166663333571],
    [-0.5, 8.934802200544679],
    [-3.25, 19.474085068082154],
    [-20.5, 9.82199434464988],
  ],
  polygamma2: [
    [0.009999999776482582, -2000002.4745091351],
    [0.5, -16.82879664423432],
    [1, -2.4041138063191885],
    [2.75, -0.18871463303130123],
    [12, -0.007547205368998912],
    [100, -0.00010100499983335],
    [-0.25, 122.69736678366236],
    [-3.75, -124.07972713378925],
  ],
  polygamma3: [
    [0.5, 97.40909103400244],
    [2.75, 0.16061612748946938],
    [-1.5, 194.59427621918763],
  ],
  igamma: [
    [0.5, 0.25, 0.5204998778130465],
    [0.5, 3, 0.9856941215645704],
    [1, 1, 0.6321205588285577],
    [2.5, 0.009999999776482582, 2.987601365438035e-6],
    [3, 10, 0.9972306042844884],
    [10, 9, 0.4125917556680586],
    [25, 30, 0.8427579727616084],
    [25, 12, 0.0006856332013882278],
    [200, 190, 0.2433474271006238],
    [200, 260, 0.999952499875557],
    [10000, 10100, 0.8413487504471796],
  ],
  igammac: [
    [0.5, 0.25, 0.4795001221869535],
    [0.5, 3, 0.01430587843542964],
    [1, 1, 0.36787944117144233],
    [2.5, 0.009999999776482582, 0.9999970123986346],
    [3, 10, 0.002769395715511576],
    [10, 9, 0.5874082443319414],
    [25, 30, 0.1572420272383916],
    [25, 12, 0.9993143667986117],
    [200, 190, 0.7566525728993762],
    [200, 260, 4.750012444300876e-5],
    [10000, 10100, 0.15865124955282037],
  ],
  sigmoid: [
    [-80, 1.8048513878454153e-35],
    [-20, 2.0611536181902037e-9],
    [-3, 0.04742587317756678],
    [-0.10000000149011612, 0.47502081214946074],
    [0, 0.5],
    [0.5, 0.6224593312018546],
    [4, 0.9820137900379085],
    [20, 0.9999999979388464],
  ],
  logSigmoid: [
    [-80, -80],
    [-20, -20.000000002061153],
    [-3, -3.048587351573742],
    [-0.10000000149011612, -0.7443966608558509],
    [0, -Math.LN2],
    [0.5, -0.4740769841801067],
    [4, -0.01814992791780974],
    [10, -4.539889921686465e-5],
  ],
  silu: [
    [-80, -1.4438811102763322e-33],
    [-20, -4.122307236380407e-8],
    [-3, -0.14227761953270035],
    [-0.10000000149011612, -0.04750208192278225],
    [0, 0],
    [0.5, 0.3112296656009273],
    [4, 3.928055160151634],
    [20, 19.99999995877693],
  ],
  mish: [
    [-30, -2.807286890651921e-12],
    [-20, -4.122307240628761e-8],
    [-3, -0.14564746127562458],
    [-0.10000000149011612, -0.05678857601110414],
    [0, 0],
    [0.5, 0.37524521130489513],
    [4, 3.9974128069762385],
    [19.5, 19.5],
    [21, 21],
  ],
  gelu: [
    [-2.5, -0.015524163314440337],
    [-1, -0.15865525393145705],
    [-0.10000000149011612, -0.04601721689885652],
    [0, 0],
    [0.5, 0.34573123063700656],
    [1.75, 1.67989647548832],
    [4, 3.9998733150326675],
    [20, 20],
  ],
  geluTanh: [
    [-2.5, -0.015084266089998582],
    [-1, -0.1588080093917233],
    [-0.10000000149011612, -0.04601724958112619],
    [0, 0],
    [0.5, 0.34571400982514394],
    [1.75, 1.6797953823412513],
    [4, 3.9999297540518075],
    [20, 20],
  ],
  siluBackward: [
    [1, -2.5, -0.09940111134152683],
    [2, -1, 0.14465897625702653],
    [-1, -0.10000000149011612, -0.45008320776042876],
    [1, 0, 0.5],
    [0.5, 0.5, 0.3699805936513259],
    [1, 1.75, 1.072678946044957],
    [3, 4, 3.1579938446732188],
    [1, 20, 1.0000000391619186],
  ],
  geluBackward: [
    [1, -2.5, -0.03761108590814521],
    [2, -1, -0.1666309411753726],
    [-1, -0.10000000149011612, -0.4204769067981741],
    [1, 0, 0.5],
    [0.5, 0.5, 0.4337475623280814],
    [1, 1.75, 1.110926151082578],
    [3, 4, 3.0015109489836793],
    [1, 20, 1],
  ],
  geluTanhBackward: [
    [1, -2.5, -0.037951576212666184],
    [2, -1, -0.1659281676915651],
    [-1, -0.10000000149011612, -0.4204782095512054],
    [1, 0, 0.5],
    [0.5, 0.5, 0.43368495176732114],
    [1, 1.75, 1.1115969813872029],
    [3, 4, 3.001005369591368],
    [1, 20, 1],
  ],
};

/** Operations with results that may be less exact than the others', as relative errors in float64. */
const tolerances: Record<string, number> = {
  igamma: 1e-11,
  igammac: 1e-11,
  lgamma: 2e-14,
  digamma: 2e-14,
  geluTanhBackward: 1e-13,
};

test("erfinv near 1: exact in float64, PyTorch's bits in float32, which are not", () => {
  const of = (type: typeof Float32Array | typeof Float64Array) => {
    const y = new type(1);
    unary.erfinv(viewOf(y), viewOf(new type([0.9999989867210388])));
    return y[0] as number;
  };
  assert.ok(Math.abs(of(Float64Array) - 3.45707472603595) < 1e-14);
  assert.equal(of(Float32Array), 3.4570882320404053);
});

for (const type of [Float32Array, Float64Array] as const) {
  for (const [op, rows] of Object.entries(values)) {
    test(`${op} of ${type.name} agrees with 40 digits`, () => {
      // Repeated, so that both whole blocks and the rest are seen.
      const repeated = Array.from({ length: 5 }, () => rows).flat();
      const y = new type(repeated.length);
      const arity = (rows[0] as number[]).length - 1;
      const operand = (k: number) => viewOf(new type(repeated.map((row) => row[k] as number)));
      if (arity === 2) binary[op as BinaryOp](viewOf(y), operand(0), operand(1));
      else if (op.startsWith("polygamma")) unaryWith("polygamma", viewOf(y), operand(0), Number(op.at(-1)));
      else unary[op as UnaryOp](viewOf(y), operand(0));
      // Products such as x·Φ(x) inherit the absolute error of a factor that is near 1.
      const relative = type === Float32Array ? 4e-7 : (tolerances[op] ?? 4e-15);
      const absolute = /elu|silu|mish/.test(op) ? relative : ulp(0, type);
      repeated.forEach((row, i) => {
        const expected = row[arity] as number;
        const error = Math.abs((y[i] as number) - expected);
        const message = `${op}(${row.slice(0, -1)}) = ${y[i]}, expected ${expected}`;
        assert.ok(error <= relative * Math.abs(expected) + absolute, message);
      });
    });
  }
}

for (const type of [Float32Array, Float64Array] as const) {
  const [allowedPow, allowedOther] = type === Float32Array ? [0.51, 0.51] : [1, 2];
  const binaryReferences: [BinaryOp, (a: number, b: number) => number, number][] = [
    ["pow", Math.pow, allowedPow],
    ["atan2", Math.atan2, allowedOther],
    ["hypot", Math.hypot, allowedOther],
  ];
  test(`functions of two ${type.name} are accurate, and right for special values`, () => {
    const special = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, -2, 3, 0.5, -0.5, -3.5, 1e30, -1e30, 2 ** 24 + 2, -7];
    const pairs = special.flatMap((a) => special.map((b) => [a, b]));
    const random = samples(-20, 20, type);
    for (let i = 0; i + 1 < random.length; i += 2) pairs.push([Math.abs(random[i] as number), random[i + 1] as number]);
    const a = new type(pairs.map(([x]) => x as number));
    const b = new type(pairs.map(([, y]) => y as number));
    const y = new type(a.length);
    for (const [op, reference, allowed] of binaryReferences) {
      binary[op](viewOf(y), viewOf(a), viewOf(b));
      a.forEach((x, i) => {
        let expected = reference(x, b[i] as number);
        // As IEEE 754 has it; JavaScript gives NaN.
        if (op === "pow" && (x === 1 || (x === -1 && Math.abs(b[i] as number) === Infinity))) expected = 1;
        const error = largestError(y.subarray(i, i + 1), () => expected, type);
        assert.ok(error <= allowed, `${op}(${x}, ${b[i]}) = ${y[i]}, expected ${expected}`);
      });
    }
  });
}

test("float32 error function is as accurate as promised, and gelu as the error function allows", () => {
  const x = samples(-6, 6, Float32Array) as Float32Array;
  const wide = Float64Array.from(x);
  const [y, exact] = [new Float32Array(x.length), new Float64Array(x.length)];
  unary.erf(viewOf(y), viewOf(x));
  unary.erf(viewOf(exact), viewOf(wide));
  const error = largestError(y, (i) => exact[i] as number, Float32Array);
  assert.ok(error <= 1.3, `erf is ${error} ulp off`);

  // Near -∞ its factor 1 + erf has no more than the digits of 1.
  const allowed = (i: number) => 2 ** -23 * Math.max(Math.abs(x[i] as number), 2 ** -126);
  unary.gelu(viewOf(y), viewOf(x));
  unary.gelu(viewOf(exact), viewOf(wide));
  y.forEach((value, i) => assert.ok(Math.abs(value - (exact[i] as number)) <= allowed(i), `gelu(${x[i]}) = ${value}`));
  const ones = [new Float32Array(x.length).fill(1), new Float64Array(x.length).fill(1)] as const;
  binary.geluBackward(viewOf(y), viewOf(ones[0]), viewOf(x));
  binary.geluBackward(viewOf(exact), viewOf(ones[1]), viewOf(wide));
  y.forEach((value, i) => assert.ok(Math.abs(value - (exact[i] as number)) <= 2.5e-7, `slope at ${x[i]}: ${value}`));
});

test("the slope of gelu far from 0", () => {
  for (const type of [Float32Array, Float64Array] as const) {
    const x = type.of(-40, -14, 14, 40, 1e30, -1e30, NaN);
    const y = new type(x.length);
    binary.geluBackward(viewOf(y), viewOf(new type(x.length).fill(1)), viewOf(x));
    y.subarray(0, 6).forEach((value, i) =>
      assert.ok(Math.abs(value - Number((x[i] as number) > 0)) < 1e-37, `${value}`),
    );
    assert.ok(Number.isNaN(y[6]));
  }
});
