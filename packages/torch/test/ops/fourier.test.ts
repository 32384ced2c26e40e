/** `torch.fft`, `stft` and `istft` by what has to hold of them; what PyTorch computes is replayed in conformance. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { fft } = torch;
const float64 = { dtype: torch.float64 } as const;

torch.manualSeed(0);

/** Complex numbers whose parts are normal random numbers. */
function waves(...shape: number[]): Tensor {
  return torch.viewAsComplex(torch.randn([...shape, 2], float64));
}

function assertClose(actual: Tensor, expected: Tensor, tolerance = 1e-12): void {
  assert.deepEqual(actual.shape, expected.shape);
  assert.equal(actual.dtype, expected.dtype);
  if (actual.numel() === 0) return;
  const error = Number(actual.sub(expected).abs().max().item());
  const size = Math.max(1, Number(expected.abs().max().item()));
  assert.ok(error <= tolerance * size, `differs by ${error}`);
}

/** e^(-2πi jk/n) as a matrix. */
function matrix(n: number): Tensor {
  const j = torch.arange(n, float64);
  const angles = j
    .unsqueeze(1)
    .mul(j)
    .remainder(n)
    .mul((-2 * Math.PI) / n);
  return torch.viewAsComplex(torch.stack([angles.cos(), angles.sin()], -1));
}

/** A complex matrix times a vector, by its parts. */
function applied(m: Tensor, x: Tensor): Tensor {
  const [a, b, c, d] = [m.real, m.imag, x.real, x.imag];
  return torch.complex(a.mv(c).sub(b.mv(d)), a.mv(d).add(b.mv(c)));
}

const norms = ["backward", "forward", "ortho"] as const;

describe("transforms along one dim", () => {
  test("fft is the matrix of roots, for all sizes up to 64 and some primes", () => {
    for (const n of [...Array.from({ length: 64 }, (_, i) => i + 1), 97, 127, 211]) {
      const x = waves(n);
      assertClose(fft.fft(x), applied(matrix(n), x));
    }
  });

  test("each inverse gives back what went in, in every norm", () => {
    for (const n of [1, 2, 3, 8, 12, 30, 37, 101, 128]) {
      for (const norm of norms) {
        const [x, r] = [waves(3, n), torch.randn([3, n], float64)];
        assertClose(fft.ifft(fft.fft(x, { norm }), { norm }), x);
        assertClose(fft.fft(fft.ifft(x, { norm }), { norm }), x);
        assertClose(fft.irfft(fft.rfft(r, { norm }), n, { norm }), r);
        assertClose(fft.hfft(fft.ihfft(r, { norm }), n, { norm }), r);
      }
    }
  });

  test("the energy is the same before and after, and sums go through", () => {
    for (const n of [5, 16, 30, 67, 1000]) {
      const [x, y] = [waves(n), waves(n)];
      const energy = (z: Tensor) => Number(torch.viewAsReal(z).square().sum().item());
      assert.ok(Math.abs(energy(fft.fft(x, { norm: "ortho" })) / energy(x) - 1) < 1e-12);
      assertClose(fft.fft(x.add(y)), fft.fft(x).add(fft.fft(y)));
    }
  });

  test("half of the transform of real numbers is that of complex ones", () => {
    for (const n of [1, 2, 7, 10, 31, 74]) {
      const r = torch.randn([2, n], float64);
      const whole = fft.fft(r);
      const half = Math.floor(n / 2) + 1;
      assertClose(fft.rfft(r), whole.narrow(-1, 0, half));
      assertClose(fft.ihfft(r), fft.ifft(r).narrow(-1, 0, half));
      assertClose(fft.hfft(fft.ifft(r).narrow(-1, 0, half), n), r);
    }
  });

  test("zeros are added to what is shorter, and what is longer is cut off", () => {
    const x = waves(2, 5);
    assertClose(fft.fft(x, 8), fft.fft(torch.cat([x, torch.zerosLike(x).narrow(1, 0, 3)], 1)));
    assertClose(fft.fft(x, 3), fft.fft(x.narrow(1, 0, 3)));
    assertClose(fft.ifft(x, 1, 0), x.narrow(0, 0, 1));
    const r = torch.randn([5], float64);
    assertClose(fft.rfft(r, 9), fft.rfft(torch.cat([r, torch.zeros([4], float64)])));
    assertClose(fft.irfft(x, 6), fft.irfft(x.narrow(1, 0, 4), 6));
  });

  test("any dim of any layout", () => {
    const x = waves(4, 3, 6);
    for (const dim of [0, 1, 2, -1, -3]) {
      const wanted = fft.fft(x.movedim(dim, -1).contiguous()).movedim(-1, dim);
      assertClose(fft.fft(x, { dim }), wanted);
      assertClose(fft.fft(x.permute(2, 0, 1), { dim: 1 }), fft.fft(x, { dim: 0 }).permute(2, 0, 1));
      assertClose(fft.fft(x.at(":", ":", "::2"), { dim: 0 }), fft.fft(x, { dim: 0 }).at(":", ":", "::2"));
    }
    assertClose(fft.fft(x.narrow(0, 0, 1).expand(4, 3, 6)), fft.fft(x.narrow(0, 0, 1)).expand(4, 3, 6));
    assert.deepEqual(fft.fft(torch.zeros([0, 3])).shape, [0, 3]);
  });

  test("numbers of every dtype become floating and complex ones", () => {
    for (const dtype of [torch.int64, torch.uint8, torch.bool, torch.float32]) {
      const x = torch.ones([4], { dtype });
      assert.equal(fft.fft(x).dtype, torch.complex64);
      assert.equal(fft.rfft(x).dtype, torch.complex64);
      assert.equal(fft.irfft(x).dtype, torch.float32);
    }
    assert.equal(fft.fft(torch.ones([4], float64)).dtype, torch.complex128);
    assert.equal(fft.hfft(waves(4)).dtype, torch.float64);
  });
});

describe("transforms along several dims", () => {
  test("are those along one after the other", () => {
    const [x, r] = [waves(3, 4, 5), torch.randn([3, 4, 5], float64)];
    for (const norm of norms) {
      const one = { norm, dim: 0 } as const;
      assertClose(fft.fftn(x, null, [0, 2], { norm }), fft.fft(fft.fft(x, { norm }), one));
      assertClose(fft.ifftn(x, null, [2, 0], { norm }), fft.ifft(fft.ifft(x, { norm }), one));
      assertClose(fft.rfftn(r, null, [0, 2], { norm }), fft.fft(fft.rfft(r, { norm }), one));
      assertClose(fft.irfftn(x, null, [0, 2], { norm }), fft.irfft(fft.ifft(x, one), { norm }));
      assertClose(fft.hfftn(x, null, [0, 2], { norm }), fft.hfft(fft.fft(x, one), { norm }));
      assertClose(fft.ihfftn(r, null, [0, 2], { norm }), fft.ifft(fft.ihfft(r, { norm }), one));
      assertClose(fft.irfftn(fft.rfftn(r, { norm }), [3, 4, 5], { norm }), r);
    }
    assertClose(fft.fft2(x), fft.fftn(x, null, [-2, -1]));
    assertClose(fft.rfft2(r, [2, 6]), fft.rfftn(r, [2, 6]));
    assertClose(fft.ifft2(fft.fft2(x)), x);
    assertClose(fft.irfft2(fft.rfft2(r), [4, 5]), r);
    assertClose(fft.hfft2(fft.ihfft2(r), [4, 5]), r);
    assertClose(fft.fftn(x, [4, -1], [0, 1]), fft.fft(fft.fft(x, { dim: 1 }), 4, 0));
    assertClose(fft.fftn(x, null, []), x);
  });
});

test("frequencies, and their order", () => {
  assert.deepEqual(fft.fftfreq(5, 0.5, float64).tolist(), [0, 0.4, 0.8, -0.8, -0.4]);
  assert.deepEqual(fft.rfftfreq(6, float64).mul(6).round().tolist(), [0, 1, 2, 3]);
  assert.deepEqual(fft.fftshift(torch.arange(5)).tolist(), [3, 4, 0, 1, 2]);
  assert.deepEqual(fft.ifftshift(torch.arange(5)).tolist(), [2, 3, 4, 0, 1]);
  const x = torch.arange(24).view(2, 3, 4);
  assert.ok(torch.equal(fft.ifftshift(fft.fftshift(x, [0, -1]), [0, -1]), x));
  assert.equal(fft.fftfreq(4, { requiresGrad: true }).requiresGrad, true);
});

describe("derivatives", () => {
  /** A function of complex numbers as one of real ones. */
  const ofParts = (f: (x: Tensor) => Tensor) => (parts: Tensor) => {
    const result = f(torch.viewAsComplex(parts));
    return result.dtype.isComplex ? torch.viewAsReal(result) : result;
  };
  const asParts = (f: (x: Tensor) => Tensor) => (x: Tensor) => torch.viewAsReal(f(x));
  const check = (f: (x: Tensor) => Tensor, ...shape: number[]) => {
    const leaf = torch.randn(shape, { ...float64, requiresGrad: true });
    assert.ok(torch.autograd.gradcheck(f, [leaf]));
    assert.ok(torch.autograd.gradgradcheck(f, [leaf]));
  };

  test("of complex numbers", () => {
    for (const norm of norms)
      check(
        ofParts((x) => fft.fft(x, 4, 0, { norm })),
        3,
        2,
        2,
      );
    check(
      ofParts((x) => fft.ifft(x, 3)),
      4,
      2,
    );
    check(
      ofParts((x) => fft.fftn(x)),
      3,
      2,
      2,
    );
    check(
      ofParts((x) => fft.ifft2(x, { norm: "ortho" })),
      2,
      3,
      2,
    );
  });

  test("from real numbers and to them", () => {
    for (const n of [4, 5]) {
      check(
        asParts((x) => fft.rfft(x, { norm: "ortho" })),
        n,
      );
      check(
        asParts((x) => fft.ihfft(x)),
        n,
      );
      check(
        asParts((x) => fft.rfft2(x, [3, n])),
        2,
        4,
      );
      check(
        ofParts((x) => fft.irfft(x, n)),
        3,
        2,
      );
      check(
        ofParts((x) => fft.hfft(x, n, { norm: "forward" })),
        3,
        2,
      );
      check(
        ofParts((x) => fft.irfftn(x, [2, n])),
        3,
        3,
        2,
      );
      check(
        ofParts((x) => fft.hfft2(x, [2, n])),
        3,
        3,
        2,
      );
    }
    check(
      asParts((x) => fft.fft(x)),
      4,
    );
  });

  test("of short-time transforms", () => {
    const window = torch.hannWindow(4, float64).add(0.1);
    check(
      asParts((x) => torch.stft(x, 4, 2, 4, window, { returnComplex: true })),
      8,
    );
    check(
      ofParts((x) => torch.istft(x, 4, 2, 4, window)),
      3,
      3,
      2,
    );
    check(
      (w) => torch.istft(torch.stft(torch.ones([9], float64), 4, 1, 4, w.abs().add(1), { returnComplex: true }), 4),
      4,
    );
  });

  test("have PyTorch's names", () => {
    const r = torch.randn([4], { requiresGrad: true });
    assert.equal(fft.rfft(r).gradFn?.name(), "FftR2CBackward0");
    assert.equal(fft.irfft(fft.rfft(r)).gradFn?.name(), "FftC2RBackward0");
    assert.equal(fft.fft(fft.rfft(r)).gradFn?.name(), "FftC2CBackward0");
  });
});

describe("short-time transforms", () => {
  test("are the transforms of the windowed frames", () => {
    const [x, window] = [torch.randn([2, 30], float64), torch.rand([6], float64)];
    const result = torch.stft(x, 8, 3, 6, window, { center: false, returnComplex: true });
    const whole = torch.cat([torch.zeros([1], float64), window, torch.zeros([1], float64)]);
    assert.deepEqual(result.shape, [2, 5, 8]);
    for (let t = 0; t < 8; t++) assertClose(result.select(2, t), fft.rfft(x.narrow(1, 3 * t, 8).mul(whole)));
  });

  test("istft undoes stft", () => {
    const window = torch.hannWindow(16, float64);
    for (const shape of [[100], [3, 100]]) {
      const x = torch.randn(shape, float64);
      for (const normalized of [false, true]) {
        for (const onesided of [false, true]) {
          const there = torch.stft(x, 16, 4, 16, window, { normalized, onesided, returnComplex: true });
          assertClose(torch.istft(there, 16, 4, 16, window, { normalized, onesided, length: 100 }), x);
        }
      }
      const z = torch.viewAsComplex(torch.randn([...shape, 2], float64));
      const back = torch.istft(torch.stft(z, 16, 4), 16, 4, { returnComplex: true });
      assertClose(back, z);
    }
    assert.deepEqual(torch.stft(torch.randn([40]), 8, { returnComplex: false }).shape, [5, 21, 2]);
  });
});

test("wrong calls are refused in PyTorch's words", () => {
  const [x, c] = [torch.ones([3, 4]), waves(3, 4)];
  const calls: [call: () => unknown, message: RegExp][] = [
    [() => fft.fft(c, 0), /^Error: Invalid number of data points \(0\) specified/],
    [() => fft.fft(c, -1), /^Error: Invalid number of data points \(-1\) specified/],
    [() => fft.fft(torch.zeros([3, 0])), /^Error: Invalid number of data points \(0\)/],
    [() => fft.irfft(torch.zeros([3, 1])), /^Error: Invalid number of data points \(0\)/],
    [() => fft.fft(c, 4, 2), /^RangeError: Dimension out of range \(expected to be in range of \[-2, 1\], but got 2\)/],
    [() => fft.fft(c, { norm: "other" as never }), /^Error: Invalid normalization mode: "other"/],
    [() => fft.fft(x.half()), /^TypeError: Unsupported dtype Half/],
    [() => fft.rfft(c), /^TypeError: rfft expects a real input tensor, but got ComplexDouble/],
    [() => fft.rfft2(c), /^TypeError: rfftn expects a real-valued input tensor, but got ComplexDouble/],
    [() => fft.fft2(x, [2]), /^Error: When given, dim and shape arguments must have the same length/],
    [() => fft.fft2(x, null, [0, -2]), /^Error: FFT dims must be unique/],
    [() => fft.fftn(x, [2, 2, 2]), /^Error: Got shape with 3 values but input tensor only has 2 dimensions\./],
    [() => fft.irfftn(c, null, []), /^Error: irfftn must transform at least one axis/],
    [() => fft.fft(x, { out: torch.zeros([3, 4]) }), /^TypeError: fft expects a complex output tensor, but got Float/],
    [
      () => fft.irfft(c, { out: c.clone() }),
      /^TypeError: irfft expects a floating point output tensor, but got Complex/,
    ],
    [() => fft.fftfreq(4, { dtype: torch.int64 }), /^TypeError: fftfreq requires a floating point or complex dtype/],
    [() => fft.fftfreq(-1), /^RangeError: Trying to create tensor with negative dimension -1: \[-1\]/],
    [() => torch.stft(x.at(0), 2), /^Error: stft requires the return_complex parameter be given for real inputs/],
    [
      () => torch.stft(torch.ones([40]), 8, 3, 6, torch.ones([8]), { returnComplex: true }),
      /^Error: stft\(torch\.FloatTensor\[48\], n_fft=8, hop_length=3, win_length=6, window=torch\.FloatTensor\{\[8\]\}, normalized=0, onesided=None, return_complex=1\) : expected a 1D window tensor of size equal to win_length=6, but got window with size \[8\]/,
    ],
    [
      () => torch.stft(c.at(0), 4, { onesided: true }),
      /^Error: Cannot have onesided output if window or input is complex/,
    ],
    [() => torch.istft(x, 8), /^TypeError: istft requires a complex-valued input tensor/],
    [
      () => torch.istft(waves(2, 5, 21), 8, 2, 8, torch.zeros([8])),
      /^Error: istft\(CPUComplexDoubleType\[2, 5, 21\], n_fft=8, hop_length=2, .* window overlap add min: 1/,
    ],
  ];
  for (const [call, message] of calls) {
    assert.throws(
      call,
      (error) => message.test(String(error)) || assert.fail(`${String(error)} instead of ${message}`),
    );
  }
});

test("out has any precision, and may be what is transformed", () => {
  const x = waves(3, 4);
  const wanted = fft.fft(x);
  const out = torch.zeros([2], { dtype: torch.complex64 });
  assert.equal(fft.fft(x, { out }), out);
  assertClose(out, wanted.to(torch.complex64), 1e-6);
  const same = x.clone();
  fft.fft(same, { out: same });
  assertClose(same, wanted);
});

test("on meta there are shapes alone", () => {
  const x = torch.zeros([3, 8], { device: "meta" });
  assert.deepEqual(fft.rfft(x).shape, [3, 5]);
  assert.equal(fft.fft(x).dtype, torch.complex64);
  assert.deepEqual(fft.irfftn(fft.rfftn(x)).shape, [3, 8]);
  assert.deepEqual(torch.stft(x, 4, { returnComplex: true }).shape, [3, 3, 9]);
});

test("frames of half types are refused, as transforms of them are", () => {
  for (const dtype of [torch.float16, torch.bfloat16]) {
    const signal = torch.randn(40).to(dtype);
    assert.throws(() => torch.stft(signal, 8, { returnComplex: true }), /^TypeError: Unsupported dtype/);
    assert.throws(() => torch.fft.fft(signal), /^TypeError: Unsupported dtype/);
  }
  assert.throws(() => torch.istft(torch.ones([5, 4], { dtype: torch.complex32 }), 8), /^TypeError: Unsupported dtype/);
});
