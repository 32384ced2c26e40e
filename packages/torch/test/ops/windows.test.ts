/** Window functions of signal processing, whose values were recorded from SciPy, and what they refuse. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

type Options = Record<string, unknown>;
const windows = torch.signal.windows as unknown as Record<string, (length: number, options?: Options) => Tensor>;
const windowOf = (name: string, length: number, options: Options = {}) =>
  (windows[name] as (length: number, options?: Options) => Tensor)(length, options);

const values: [name: string, options: Options, values: number[]][] = [
  ["bartlett", { sym: true }, [0.0, 0.4, 0.8, 0.8, 0.4, 0.0]],
  ["bartlett", { sym: false }, [0.0, 0.4, 0.8, 0.8, 0.4]],
  [
    "blackman",
    { sym: true },
    [
      -1.38777878078145e-17, 0.200770143262531, 0.84922985673747, 0.84922985673747, 0.200770143262531,
      -1.38777878078145e-17,
    ],
  ],
  [
    "blackman",
    { sym: false },
    [-1.38777878078145e-17, 0.200770143262531, 0.84922985673747, 0.84922985673747, 0.200770143262531],
  ],
  [
    "cosine",
    { sym: true },
    [0.258819045102521, Math.SQRT1_2, 0.965925826289068, 0.965925826289069, Math.SQRT1_2, 0.258819045102521],
  ],
  ["cosine", { sym: false }, [0.258819045102521, Math.SQRT1_2, 0.965925826289068, 0.965925826289069, Math.SQRT1_2]],
  [
    "hamming",
    { sym: true },
    [
      0.0800000000000001, 0.397852182587524, 0.912147817412476, 0.912147817412476, 0.397852182587524,
      0.0800000000000001,
    ],
  ],
  [
    "hamming",
    { sym: false },
    [0.0800000000000001, 0.397852182587524, 0.912147817412476, 0.912147817412476, 0.397852182587524],
  ],
  ["hann", { sym: true }, [0.0, 0.345491502812526, 0.904508497187474, 0.904508497187474, 0.345491502812526, 0.0]],
  ["hann", { sym: false }, [0.0, 0.345491502812526, 0.904508497187474, 0.904508497187474, 0.345491502812526]],
  [
    "nuttall",
    { sym: true },
    [
      0.000362800000000038, 0.110515253049872, 0.798258096950128, 0.798258096950128, 0.110515253049872,
      0.000362800000000038,
    ],
  ],
  [
    "nuttall",
    { sym: false },
    [0.000362800000000038, 0.110515253049872, 0.798258096950128, 0.798258096950128, 0.110515253049872],
  ],
  [
    "gaussian",
    { std: 1.5, sym: true },
    [0.249352208777296, 0.606530659712633, 0.945959468906765, 0.945959468906765, 0.606530659712633, 0.249352208777296],
  ],
  [
    "gaussian",
    { std: 1.5, sym: false },
    [0.249352208777296, 0.606530659712633, 0.945959468906765, 0.945959468906765, 0.606530659712633],
  ],
  [
    "kaiser",
    { beta: 5, sym: true },
    [0.0367108922712867, 0.414903639243367, 0.9138124838692, 0.9138124838692, 0.414903639243367, 0.0367108922712867],
  ],
  [
    "kaiser",
    { beta: 5, sym: false },
    [0.0367108922712867, 0.414903639243367, 0.9138124838692, 0.9138124838692, 0.414903639243367],
  ],
  ["kaiser", { beta: 0, sym: true }, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]],
  ["kaiser", { beta: 0, sym: false }, [1.0, 1.0, 1.0, 1.0, 1.0]],
  [
    "generalHamming",
    { alpha: 0.7, sym: true },
    [0.4, 0.607294901687516, 0.942705098312484, 0.942705098312484, 0.607294901687516, 0.4],
  ],
  [
    "generalHamming",
    { alpha: 0.7, sym: false },
    [0.4, 0.607294901687516, 0.942705098312484, 0.942705098312484, 0.607294901687516],
  ],
  [
    "generalCosine",
    { a: [0.46, 0.23, 0.31], sym: true },
    [0.54, 0.138130823037528, 0.741869176962472, 0.741869176962472, 0.138130823037528, 0.54],
  ],
  [
    "generalCosine",
    { a: [0.46, 0.23, 0.31], sym: false },
    [0.54, 0.138130823037528, 0.741869176962472, 0.741869176962472, 0.138130823037528],
  ],
  ["exponential", { tau: 2 }, [0.367879441171442, 0.606530659712633, 1.0, 0.606530659712633, 0.367879441171442]],
  ["exponential", { tau: 2, sym: false }, [0.367879441171442, 0.606530659712633, 1.0, 0.606530659712633]],
  ["exponential", { center: 1, tau: 0.5, sym: false }, [0.135335283236613, 1.0, 0.135335283236613, 0.0183156388887342]],
];

test("windows have SciPy's values", () => {
  for (const [name, options, expected] of values) {
    const double = windowOf(name, expected.length, { ...options, dtype: torch.float64 });
    torch.testing.assertClose(double, torch.tensor(expected, { dtype: torch.float64 }), { rtol: 1e-13, atol: 1e-15 });
    const single = windowOf(name, expected.length, options);
    assert.ok(single.equal(double.float()), name);
  }
});

test("windows of no and of one element, by their defaults", () => {
  for (const name of Object.keys(windows)) {
    const options = name === "generalCosine" ? { a: [0.5, 0.5] } : {};
    assert.deepEqual(windowOf(name, 0, options).shape, [0], name);
    assert.deepEqual(windowOf(name, 1, options).tolist(), [1], name);
    assert.deepEqual(windowOf(name, 1, { ...options, sym: false }).tolist(), [1], name);
    assert.equal(windowOf(name, 4, { ...options, requiresGrad: true }).requiresGrad, true);
    assert.deepEqual(windowOf(name, 4, { ...options, device: "meta" }).shape, [4]);
    const periodic = windowOf(name, 8, { ...options, sym: false });
    if (name !== "cosine")
      assert.ok(periodic.at(torch.tensor([1n, 2n, 3n])).allclose(periodic.at(torch.tensor([7n, 6n, 5n]))), name);
  }
});

test("windows agree with the older ones", () => {
  const { hann, hamming, blackman, bartlett, kaiser } = torch.signal.windows;
  for (const sym of [true, false]) {
    const options = { dtype: torch.float64 };
    const older = { periodic: !sym, ...options };
    assert.ok(hann(9, { sym, ...options }).allclose(torch.hannWindow(9, older)));
    assert.ok(hamming(9, { sym, ...options }).allclose(torch.hammingWindow(9, older)));
    assert.ok(blackman(9, { sym, ...options }).allclose(torch.blackmanWindow(9, older)));
    assert.ok(bartlett(9, { sym, ...options }).allclose(torch.bartlettWindow(9, older)));
    assert.ok(kaiser(9, { beta: 7, sym, ...options }).allclose(torch.kaiserWindow(9, { beta: 7, ...older })));
  }
});

test("windows refuse lengths, dtypes and parameters that mean nothing", () => {
  const { hann, gaussian, exponential, kaiser, generalCosine } = torch.signal.windows;
  assert.throws(() => hann(-1), { name: "RangeError", message: /hann requires non-negative window length, got M=-1/ });
  assert.throws(() => hann(3, { dtype: torch.int64 }), {
    name: "TypeError",
    message: /expects float32 or float64 dtypes/,
  });
  assert.throws(() => hann(1, { dtype: torch.float16 }), TypeError);
  assert.throws(() => hann(2.5), TypeError);
  assert.throws(() => gaussian(3, { std: 0 }), /Standard deviation must be positive, got: 0 instead/);
  assert.throws(() => exponential(3, { tau: -1 }), /Tau must be positive, got: -1 instead/);
  assert.throws(() => exponential(3, { center: 1 }), /Center must be None for symmetric windows/);
  assert.throws(() => kaiser(3, { beta: -1 }), /beta must be non-negative, got: -1 instead/);
  assert.throws(() => generalCosine(3, { a: [] }), /Coefficients cannot be empty/);
  assert.throws(() => generalCosine(3), { name: "TypeError", message: /missing 1 required argument: 'a'/ });
});
