/** Complex numbers: dtypes, scalars, creation, views of their parts, movement, printing. The values are PyTorch's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { Complex, type DType, F, type Tensor } from "../../src/index.js";

const { complex32, complex64, complex128, float16, float32, float64, bfloat16, int64 } = torch;
const c = (real: number, imag: number) => new Complex(real, imag);
const z = (dtype: DType = complex64) => torch.tensor([c(1, 2), c(3, -1)], { dtype });
const text = (value: unknown) => JSON.stringify(value, (_, item) => (item instanceof Complex ? String(item) : item));

describe("dtypes", () => {
  test("have names, sizes and parts", () => {
    assert.deepEqual(
      [torch.cfloat, torch.cdouble, torch.chalf].map((dtype) => [
        String(dtype),
        dtype.itemsize,
        String(dtype.toReal()),
      ]),
      [
        ["torch.complex64", 8, "torch.float32"],
        ["torch.complex128", 16, "torch.float64"],
        ["torch.complex32", 4, "torch.float16"],
      ],
    );
    assert.equal(float64.toComplex(), complex128);
    assert.equal(bfloat16.toComplex(), complex64);
    assert.throws(() => int64.toComplex(), TypeError);
    assert.equal(z().isComplex(), true);
    assert.equal(z().isFloatingPoint(), false);
    assert.equal(torch.isComplex(torch.zeros(1)), false);
    assert.equal(torch.canCast(complex64, float32), false);
    assert.equal(torch.finfo(complex64).eps, 2 ** -23);
    assert.equal(torch.finfo(complex32).dtype, "float16");
    assert.throws(() => torch.setDefaultDtype(complex64), /only floating-point types are supported/);
  });

  test("promote by their parts", () => {
    const cases: [DType, DType, DType][] = [
      [complex64, float64, complex128],
      [complex64, complex128, complex128],
      [complex32, float32, complex64],
      [complex32, float16, complex32],
      [complex32, bfloat16, complex64],
      [complex32, int64, complex32],
      [complex64, torch.bool, complex64],
    ];
    for (const [a, b, expected] of cases) {
      assert.equal(torch.promoteTypes(a, b), expected, `${a}, ${b}`);
      assert.equal(torch.promoteTypes(b, a), expected, `${b}, ${a}`);
    }
    assert.equal(torch.zeros(2).mul(c(0, 1)).dtype, complex64);
    assert.equal(torch.zeros(2, { dtype: float64 }).mul(c(0, 1)).dtype, complex128);
    assert.equal(torch.zeros(2, { dtype: int64 }).add(c(0, 1)).dtype, complex64);
    assert.equal(torch.zeros(2, { dtype: float16 }).mul(c(0, 1)).dtype, complex32);
    assert.equal(z().mul(torch.tensor(1, { dtype: float64 })).dtype, complex64);
    assert.equal(torch.zeros(2, { dtype: float64 }).mul(torch.tensor(c(0, 1))).dtype, complex128);
    assert.equal(torch.resultType(z(), 1.5), complex64);
  });
});

describe("Complex", () => {
  test("reads as Python writes it", () => {
    const shown = [c(1, 2), c(0, -1), c(-0, 2), c(1.5, Number.NaN), c(-Infinity, 0), c(1e16, 1e-5)].map(String);
    assert.deepEqual(shown, ["(1+2j)", "-1j", "(-0+2j)", "(1.5+nanj)", "(-inf+0j)", "(1e+16+1e-05j)"]);
  });

  test("is written by way of an index expression", () => {
    const items = [
      1,
      "0:2",
      torch.tensor([true, false, true]),
      torch.tensor([0, 1], { dtype: torch.int64 }),
      [2, 0],
      "...",
    ] as const;
    const places = [[1], [0, 1], [0, 2], [0, 1], [0, 2], [0, 1, 2]];
    for (const [i, item] of items.entries()) {
      const written = (x: Tensor, value: InstanceType<typeof Complex>) => {
        x.setAt(Array.isArray(item) ? [item] : (item as 1), value);
        return x.tolist() as unknown[];
      };
      for (const dtype of [torch.complex64, complex128]) {
        const expected = [0, 1, 2].map((at) => (places[i]?.includes(at) ? c(2, -1) : c(0, 0)));
        assert.deepEqual(written(torch.zeros(3, { dtype }), c(2, -1)), expected);
      }
      for (const [dtype, name] of [
        [float32, "float"],
        [torch.int64, "int64_t"],
      ] as const) {
        const x = torch.zeros(3, { dtype });
        const message = `value cannot be converted to type ${name} without overflow`;
        assert.throws(() => written(x, c(2, -1)), { name: "RangeError", message });
        assert.deepEqual(x.tolist(), [0, 0, 0]);
        assert.equal(written(x, c(2, 0)).filter((value) => value === 2).length, places[i]?.length);
      }
      const flags = written(torch.zeros(3, { dtype: torch.bool }), c(0, -1));
      assert.equal(flags.filter((flag) => flag === true).length, places[i]?.length);
    }
  });

  test("is no real number", () => {
    assert.throws(() => Number(c(1, 2)), /can't convert complex to float/);
    assert.throws(() => torch.zeros(2).fill_(c(0, 1)), /value cannot be converted to type float without overflow/);
    assert.throws(() => torch.full([2], c(0, 1), { dtype: float32 }), RangeError);
    assert.throws(() => torch.tensor([c(0, 1)], { dtype: float32 }), /can't convert complex to float/);
    assert.throws(() => torch.zeros(2).add(1, { alpha: c(0, 1) }), /alpha must not be a complex number/);
    assert.throws(() => Number(z().at(0)), TypeError);
    assert.throws(() => new Complex("1" as never), TypeError);
    assert.equal(text(torch.zeros(1).fill_(c(2, 0)).tolist()), "[2]");
  });
});

describe("creation", () => {
  test("from complex scalars, numbers and typed arrays", () => {
    assert.equal(text(z().tolist()), '["(1+2j)","(3-1j)"]');
    assert.equal(text(torch.tensor([1, c(0, 1)]).tolist()), '["(1+0j)","1j"]');
    assert.equal(text(torch.tensor([1, 2], { dtype: complex128 }).tolist()), '["(1+0j)","(2+0j)"]');
    assert.equal(text(torch.full([2], c(0, 1)).tolist()), '["1j","1j"]');
    assert.equal(text(torch.ones(1, { dtype: complex32 }).tolist()), '["(1+0j)"]');
    assert.equal(text(torch.eye(1, { dtype: complex64 }).tolist()), '[["(1+0j)"]]');
    assert.equal(z().at(1).item<Complex>().imag, -1);
    assert.deepEqual([...z(complex128).toTypedArray()], [1, 2, 3, -1]);
    assert.ok(z(complex128).asTypedArray() instanceof Float64Array);
    const shared = new Float32Array([1, 2, 3, 4]);
    const seen = torch.fromTypedArray(shared, { dtype: complex64 });
    shared[3] = 9;
    assert.equal(text(seen.tolist()), '["(1+2j)","(3+9j)"]');
    assert.throws(() => torch.fromTypedArray(new Float32Array(3), { dtype: complex64 }), Error);
    assert.throws(() => torch.arange(3, { dtype: complex64 }), /"arange_cpu" not implemented for 'ComplexFloat'/);
  });

  test("of parts, and of magnitudes and angles", () => {
    const [a, b] = [torch.tensor([3, 4]), torch.tensor([4, -3])];
    assert.equal(String(torch.complex(a, b)), "tensor([3.+4.j, 4.-3.j])");
    assert.equal(String(torch.complex(a, torch.tensor(1))), "tensor([3.+1.j, 4.+1.j])");
    assert.equal(String(torch.polar(a, b)), "tensor([-1.9609-2.2704j, -3.9600-0.5645j])");
    assert.equal(torch.complex(a.half(), b.half()).dtype, complex32);
    assert.throws(
      () => torch.complex(a, b.double()),
      /Expected object of scalar type Float but got scalar type Double/,
    );
    assert.throws(() => torch.complex(a.long(), b.long()), /Expected both inputs to be Half, Float or Double tensors/);
    assert.throws(() => torch.polar(a.half(), b.half()), /"polar_cpu" not implemented for 'Half'/);
  });

  test("random numbers are those of PyTorch", () => {
    torch.manualSeed(0);
    assert.equal(
      String(torch.randn(3, { dtype: complex64 })),
      "tensor([ 1.0896-0.2075j, -1.5406+0.4019j, -0.7669-0.9890j])",
    );
    assert.equal(String(torch.rand(2, { dtype: complex64 })), "tensor([0.0223+0.1689j, 0.2939+0.5185j])");
    assert.throws(
      () => torch.zeros(2, { dtype: complex64 }).exponential_(),
      /Exponential distribution is a continuous/,
    );
    assert.throws(() => torch.zeros(2, { dtype: complex64 }).bernoulli_(), /"bernoulli_scalar_cpu_" not implemented/);
  });
});

describe("views of the parts", () => {
  test("share memory, also through gaps", () => {
    const x = torch.stack([z(complex128), z(complex128).mul(2)]);
    torch.viewAsReal(x).at(0, 0, 1).fill_(7);
    x.T.imag.at(1).mul_(10);
    assert.equal(text(x.tolist()), '[["(1+7j)","(3-10j)"],["(2+4j)","(6-20j)"]]');
    x.real = torch.zeros(2);
    x.imag = 1;
    assert.equal(text(x.tolist()), '[["1j","1j"],["1j","1j"]]');
    const pairs = torch.zeros(3, 2);
    torch.viewAsComplex(pairs).fill_(c(1, -1));
    assert.equal(text(pairs.tolist()), "[[1,-1],[1,-1],[1,-1]]");
    assert.equal(torch.zeros(2).real.dtype, float32);
  });

  test("refuse what has no pairs", () => {
    const refused: [Tensor, RegExp][] = [
      [torch.zeros(3), /Tensor must have a last dimension of size 2/],
      [torch.tensor(1), /must have one or more dimensions/],
      [torch.zeros(3, 2, { dtype: int64 }), /only supported for half, float and double tensors, but got .* Long/],
      [torch.zeros(2, 2).T, /Tensor must have a last dimension with stride 1/],
      [torch.zeros(5).narrow(0, 1, 4).view(2, 2), /Tensor must have a storage_offset divisible by 2/],
      [torch.zeros(9).asStrided([2, 2], [3, 1]), /Tensor must have a stride divisible by 2/],
    ];
    for (const [pairs, words] of refused) assert.throws(() => torch.viewAsComplex(pairs), words);
    assert.throws(() => torch.viewAsReal(torch.zeros(2)), /view_as_real is only supported for complex tensors/);
    assert.throws(() => torch.zeros(2).imag, /imag is not implemented for tensors with non-complex dtypes/);
  });
});

describe("movement", () => {
  for (const dtype of [complex64, complex128, complex32]) {
    test(`of ${dtype.name}`, () => {
      const x = torch.stack([z(dtype), z(dtype).mul(c(0, 1))]);
      const rows = (tensor: Tensor) => text(tensor.tolist()).replaceAll('"', "");
      assert.equal(rows(x), "[[(1+2j),(3-1j)],[(-2+1j),(1+3j)]]");
      assert.equal(rows(x.T.contiguous()), "[[(1+2j),(-2+1j)],[(3-1j),(1+3j)]]");
      assert.equal(rows(x.flip(0, 1)), "[[(1+3j),(-2+1j)],[(3-1j),(1+2j)]]");
      assert.equal(rows(x.roll(1, 1)), "[[(3-1j),(1+2j)],[(1+3j),(-2+1j)]]");
      assert.equal(rows(torch.cat([x, x.T], 1)), "[[(1+2j),(3-1j),(1+2j),(-2+1j)],[(-2+1j),(1+3j),(3-1j),(1+3j)]]");
      const places = torch.tensor([[1n, 0n]]);
      assert.equal(rows(x.gather(0, places)), "[[(-2+1j),(3-1j)]]");
      assert.equal(rows(x.T.gather(1, places)), "[[(-2+1j),(1+2j)]]");
      assert.equal(rows(x.indexSelect(1, torch.tensor([1n, 1n]))), "[[(3-1j),(3-1j)],[(1+3j),(1+3j)]]");
      assert.equal(rows(x.take(torch.tensor([3n, -4n]))), "[(1+3j),(1+2j)]");
      assert.equal(rows(x.at(torch.tensor([1n]), torch.tensor([0n]))), "[(-2+1j)]");
      const mask = torch.tensor([
        [true, false],
        [false, true],
      ]);
      assert.equal(rows(x.at(mask)), "[(1+2j),(1+3j)]");
      assert.equal(rows(x.maskedFill(mask, c(0, 5))), "[[5j,(3-1j)],[(-2+1j),5j]]");
      assert.equal(rows(x.maskedScatter(mask, x.T)), "[[(1+2j),(3-1j)],[(-2+1j),(-2+1j)]]");
      assert.equal(rows(torch.where(mask, x, 1)), "[[(1+2j),(1+0j)],[(1+0j),(1+3j)]]");
      assert.equal(rows(x.scatter(0, places, x.at("1:"))), "[[(1+2j),(1+3j)],[(-2+1j),(1+3j)]]");
      assert.equal(rows(x.scatter(0, places, c(0, 5))), "[[(1+2j),5j],[5j,(1+3j)]]");
      assert.equal(rows(x.scatterAdd(1, torch.tensor([[0n, 0n]]), x)), "[[(5+3j),(3-1j)],[(-2+1j),(1+3j)]]");
      assert.equal(
        rows(x.indexAdd(0, torch.tensor([0n, 0n]), x, { alpha: 2 })),
        "[[(-1+8j),(11+3j)],[(-2+1j),(1+3j)]]",
      );
      assert.equal(rows(x.indexFill(0, torch.tensor([1n]), c(0, 5))), "[[(1+2j),(3-1j)],[5j,5j]]");
      assert.equal(
        rows(x.indexPut([torch.tensor([0n, 0n])], x, { accumulate: true })),
        "[[5j,(7+1j)],[(-2+1j),(1+3j)]]",
      );
      assert.equal(rows(x.put(torch.tensor([-1n]), x.at(0, ":1"))), "[[(1+2j),(3-1j)],[(-2+1j),(1+2j)]]");
      assert.equal(rows(x.tril()), "[[(1+2j),0j],[(-2+1j),(1+3j)]]");
      assert.equal(rows(x.expand(2, 2, 2).sum(0).clone()), "[[(2+4j),(6-2j)],[(-4+2j),(2+6j)]]");
      assert.equal(rows(F.pad(x, [1, 0], { value: 2 })), "[[(2+0j),(1+2j),(3-1j)],[(2+0j),(-2+1j),(1+3j)]]");
      assert.equal(rows(x.nonzero().at(":2")), "[[0,0],[0,1]]");
      assert.equal(rows(x.diagonal().fill_(0)), "[0j,0j]");
    });
  }

  test("between dtypes", () => {
    assert.equal(text(z().to(complex128).to(complex32).to(complex64).tolist()), '["(1+2j)","(3-1j)"]');
    assert.equal(text(z().cdouble().long().tolist()), "[1,3]");
    assert.equal(
      text(
        torch
          .tensor([c(3, 2), c(0, 2)])
          .bool()
          .tolist(),
      ),
      "[true,false]",
    );
    assert.equal(text(torch.tensor([1n, 2n]).cfloat().tolist()), '["(1+0j)","(2+0j)"]');
    assert.throws(() => torch.zeros(2).add_(z()), /result type ComplexFloat can't be cast to .* Float/);
    assert.equal(text(torch.zeros(2).copy_(z()).tolist()), "[1,3]");
  });
});

describe("printing", () => {
  const printed: [() => Tensor, string][] = [
    [() => z(), "tensor([1.+2.j, 3.-1.j])"],
    [
      () => torch.tensor([c(1.5, 1e-3), c(-0, -2)], { dtype: complex128 }),
      "tensor([1.5000+1.0000e-03j, -0.0000-2.0000e+00j], dtype=torch.complex128)",
    ],
    [() => torch.tensor([c(1e-8, 1e8), c(0, 1)]), "tensor([1.0000e-08+1.0000e+08j, 0.0000e+00+1.0000e+00j])"],
    [() => torch.tensor(c(1.5, Number.NaN)), "tensor(1.5000+nanj)"],
    [() => torch.zeros(0, { dtype: complex64 }), "tensor([], dtype=torch.complex64)"],
    [() => torch.zeros(2, { dtype: complex32 }), "tensor([0.+0.j, 0.+0.j], dtype=torch.complex32)"],
    [() => z().conj(), "tensor([1.-2.j, 3.+1.j])"],
  ];
  for (const [make, expected] of printed) test(expected, () => assert.equal(String(make()), expected));
});

test("conjugates are computed at once", () => {
  const x = torch.zeros(2);
  assert.equal(x.conj(), x);
  assert.equal(z().conj().isConj(), false);
  assert.equal(z().isNeg(), false);
  const y = z();
  assert.equal(y.resolveConj(), y);
  assert.equal(String(y.conjPhysical_()), "tensor([1.-2.j, 3.+1.j])");
  assert.equal(String(torch.stack([z(), z()]).mH), "tensor([[1.-2.j, 1.-2.j],\n        [3.+1.j, 3.+1.j]])");
});

describe("what has no order is refused", () => {
  const refused: [string, (x: Tensor) => unknown, RegExp][] = [
    ["lt", (x) => x.lt(x), /"lt" not implemented for 'ComplexFloat'/],
    ["sort", (x) => x.sort(), /"sorting_kernel_method_name" not implemented for 'ComplexFloat'/],
    ["topk", (x) => x.topk(1), /"topk_cpu" not implemented for 'ComplexFloat'/],
    ["max", (x) => x.max(), /not implemented for 'ComplexFloat'/],
    ["argmax", (x) => x.argmax(), /"argmax_cpu" not implemented for 'ComplexFloat'/],
    ["median", (x) => x.median(), /not implemented for 'ComplexFloat'/],
    ["floor", (x) => x.floor(), /floor is not supported for complex inputs/],
    ["sign", (x) => x.sign(), /Please use torch.sgn instead/],
    ["clamp", (x) => x.clamp(0, 1), /clamp is not supported for complex types/],
    ["erf", (x) => x.erf(), /"erf" not implemented for 'ComplexFloat'/],
    ["remainder", (x) => x.remainder(2), /"remainder" not implemented for 'ComplexFloat'/],
    ["floorDivide", (x) => x.floorDivide(x), /not implemented for 'ComplexFloat'/],
    ["bitwiseAnd", (x) => x.bitwiseAnd(x), /"bitwise_and_cpu" not implemented for 'ComplexFloat'/],
    ["softmax", (x) => x.softmax(0), /not implemented for 'ComplexFloat'/],
    ["abs_", (x) => x.abs_(), /In-place abs is not supported for complex tensors/],
  ];
  for (const [name, run, words] of refused) test(name, () => assert.throws(() => run(z()), words));
});

test("complex numbers where the recorded calls have none", () => {
  torch.manualSeed(0);
  const means = torch.full([3], c(1, 2), { dtype: complex64 });
  assert.equal(
    String(torch.normal(means, torch.tensor([1, 2, 3]))),
    "tensor([ 2.0896+1.7925j, -2.0813+2.8039j, -1.3006-0.9669j])",
  );
  torch.manualSeed(0);
  assert.equal(
    String(torch.normal(1, 2, [3], { dtype: complex64 })),
    "tensor([ 3.1793+0.5850j, -2.0813+1.8039j, -0.5337-0.9779j])",
  );
  assert.throws(() => torch.normal(0, means), /normal expects standard deviation to be non-complex/);
  assert.equal(String(torch.nn.init.constant_(torch.zeros(1, { dtype: complex64 }), c(0, 1))), "tensor([0.+1.j])");
  for (const out of [torch.empty(0), torch.empty(0, { dtype: int64 })]) {
    assert.throws(() => torch.linspace(c(0, 1), 2, 3, { out }), RangeError);
  }
  assert.throws(
    () => torch.linspace(c(0, 1), 2, 3, { dtype: float32 }),
    /torch\.linspace\(\): inferred dtype c10::complex<float> can't be safely cast to passed dtype Float/,
  );
  const ends = [torch.tensor(c(0, 1)), torch.tensor(2)] as const;
  assert.equal(String(torch.linspace(...ends, 2)), "tensor([0.+1.j, 2.+0.j])");
});

test("products of complex matrices are those of their parts", () => {
  torch.manualSeed(4);
  const sizes = [1, 2, 7, 33, 70];
  const ofParts = (a: Tensor, b: Tensor) => {
    const [re, im] = [
      a.real.matmul(b.real).sub(a.imag.matmul(b.imag)),
      a.real.matmul(b.imag).add(a.imag.matmul(b.real)),
    ];
    return torch.complex(re, im);
  };
  for (const dtype of [torch.complex64, torch.complex128]) {
    for (const m of sizes) {
      for (const k of [...sizes, 300]) {
        for (const n of sizes) {
          const a = torch.randn(m, k, { dtype });
          for (const b of [
            torch.randn(k, n, { dtype }),
            torch.randn(n, k, { dtype }).T,
            torch.randn(k, 2 * n, { dtype }).narrow(1, n, n),
          ]) {
            const tolerance = { rtol: 0, atol: 200 * torch.finfo(dtype).eps * Math.sqrt(k) };
            assert.ok(torch.allclose(a.matmul(b), ofParts(a, b), tolerance), `${dtype} ${m} ${k} ${n} ${b.stride()}`);
          }
        }
      }
    }
    const [a, b] = [torch.randn(3, 1, 5, 6, { dtype }), torch.randn(4, 6, 2, { dtype })];
    assert.ok(torch.allclose(a.matmul(b), ofParts(a, b), { atol: 1e-5 }), "batches");
  }
});

test("products of complex numbers at places have gradients, also second ones", () => {
  const index = torch.tensor(
    [
      [0, 1, 1],
      [1, 1, 0],
    ],
    { dtype: int64 },
  );
  const [a, b] = [0, 1].map(() => torch.randn([2, 3], { dtype: complex128, requiresGrad: true })) as [Tensor, Tensor];
  for (const reduce of ["prod", "mean", "sum"] as const) {
    for (const includeSelf of [true, false]) {
      const run = (x: Tensor, y: Tensor) => x.scatterReduce(0, index, y, reduce, { includeSelf });
      assert.ok(torch.autograd.gradcheck(run, [a, b]));
      assert.ok(torch.autograd.gradgradcheck(run, [a, b]));
    }
  }
  for (const reduce of ["amax", "amin"] as const) {
    assert.throws(() => a.detach().scatterReduce(0, index, b, reduce), /not implemented for 'ComplexDouble'/);
  }
});

test("the product so far of real parts has no gradient for the imaginary ones", () => {
  const x = torch.randn([4], { dtype: complex128, requiresGrad: true });
  x.cumprod(0, { dtype: float64 }).sum().backward();
  assert.ok(x.grad?.imag.eq(0).all().item());
  const real = x.detach().real.clone().requiresGrad_();
  real.cumprod(0).sum().backward();
  torch.testing.assertClose(x.grad?.real, real.grad);
});

test("padding and windows of complex signals have gradients", () => {
  const x = torch.randn([1, 6], { dtype: complex128, requiresGrad: true });
  for (const mode of ["reflect", "replicate", "circular"] as const) {
    const pad = (z: Tensor) => torch.nn.functional.pad(z, [2, 1], { mode });
    assert.ok(torch.autograd.gradcheck(pad, [x]));
    assert.ok(torch.autograd.gradgradcheck(pad, [x]));
  }
  const window = torch.hannWindow(4, { dtype: float64 });
  const spectrum = (z: Tensor) =>
    torch.stft(z, 4, 2, 4, window, { center: true, onesided: false, returnComplex: true });
  assert.ok(torch.autograd.gradcheck(spectrum, [x]));
  assert.ok(torch.autograd.gradgradcheck(spectrum, [x]));
});

test("complex numbers have no order", () => {
  for (const dtype of [torch.complex64, complex128]) {
    const x = torch.zeros(2, { dtype });
    const real = torch.zeros(2);
    for (const name of ["maximum", "minimum", "fmax", "fmin"] as const) {
      const message = `${name} not implemented for complex tensors.`;
      assert.throws(() => torch[name](x, x), { name: "TypeError", message });
      assert.throws(() => torch[name](real, x), { name: "TypeError", message });
    }
    const message = "clamp is not supported for complex types";
    const calls = [() => x.clamp(1), () => x.clamp({ max: x }), () => torch.clampMin(x, 1), () => x.clampMax_(1)];
    for (const call of calls) assert.throws(call, { name: "TypeError", message });
  }
});
