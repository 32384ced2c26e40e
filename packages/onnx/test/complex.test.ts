/** Complex numbers, Fourier transforms and what else is made of other operators, in ONNX Runtime and read again. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as onnx from "@flambeau/onnx";
import torch, { type Tensor } from "flambeau";
import { noRuntime, RunningModel } from "./support/runtime.js";

const { complex, fft, special } = torch;
const real = torch.viewAsReal;
const number = new torch.Complex(0.5, -2);

type Program = (x: Tensor, y: Tensor) => Tensor;

/** Programs of two tensors `[batch, 6, 8]`. */
const programs: Readonly<Record<string, Program>> = {
  abs: (x, y) => complex(x, y).abs(),
  angle: (x, y) => complex(x, y).angle(),
  conj: (x, y) => real(complex(x, y).conj()),
  "real and imag": (x, y) => complex(x, y).real.sub(complex(y, x).imag),
  polar: (x, y) => real(torch.polar(x.abs(), y)),
  exp: (x, y) => real(complex(x, y).exp()),
  neg: (x, y) => real(complex(x, y).neg()),
  sum: (x, y) => real(complex(x, y).sum({ dim: -1, keepdim: true })),
  mul: (x, y) => real(complex(x, y).mul(complex(y, x))),
  "mul by a real tensor": (x, y) => real(y.mul(complex(x, y)).mul(x)),
  "mul by numbers": (x, y) => real(complex(x, y).mul(3).mul(number)),
  "a real tensor by a complex number": (x) => real(x.mul(number)),
  "mul, broadcast": (x, y) => real(complex(x, y).mul(complex(x, y).at(":", 0, ":1").unsqueeze(-1))),
  add: (x, y) => real(complex(x, y).add(complex(y, x), { alpha: 2 }).add(x).add(1.5)),
  sub: (x, y) => real(complex(x, y).sub(number)),
  div: (x, y) => real(complex(x, y).div(complex(y, x).add(3)).div(y.abs().add(1))),
  matmul: (x, y) => real(complex(x, y).matmul(complex(y, x).mT)),
  mm: (x, y) => real(complex(x, y).at(0).mm(complex(y, x).at(0).mT)),
  transpose: (x, y) => real(complex(x, y).transpose(-1, 0)),
  permute: (x, y) => real(complex(x, y).permute(-1, 0, 1)),
  view: (x, y) => real(complex(x, y).view(-1, 48)),
  slice: (x, y) => real(complex(x, y).at(":", "1:3", -1)),
  cat: (x, y) => real(torch.cat([complex(x, y), complex(y, x)], -1)),
  stack: (x, y) => real(torch.stack([complex(x, y), complex(y, x)], -1)),
  "cat of real and complex tensors": (x, y) => real(torch.cat([x, complex(x, y)], 1)),
  "complex of parts that are broadcast": (x, y) => real(complex(x, y.at(0, 0))),
  unsqueeze: (x, y) => real(complex(x, y).unsqueeze(-1).expand(-1, -1, -1, 3)),
  roll: (x, y) => real(complex(x, y).roll(2, -1)),
  "to and from complex128": (x, y) => real(complex(x, y).to(torch.complex128)).to(torch.float32),
  "a real tensor to complex64": (x) => real(x.to(torch.complex64)),
  viewAsComplex: (x) => torch.viewAsComplex(x.unflatten(-1, [4, 2])).abs(),
  "a constant": (x, y) => real(complex(x, y).mul(torch.tensor([number, new torch.Complex(1, 1)]).repeat(4))),
  rfft: (x) => real(fft.rfft(x)),
  "rfft of the first dim": (x) => real(fft.rfft(x, { dim: 1, norm: "ortho" })),
  rfft2: (x) => real(fft.rfft2(x)),
  "fft of real numbers": (x) => real(fft.fft(x)),
  fft: (x, y) => real(fft.fft(complex(x, y), { dim: 1 })),
  ifft: (x, y) => real(fft.ifft(complex(x, y))),
  fft2: (x, y) => real(fft.fft2(complex(x, y))),
  ifft2: (x, y) => real(fft.ifft2(complex(x, y))),
  irfft: (x, y) => fft.irfft(complex(x, y)),
  "irfft of an odd size": (x, y) => fft.irfft(complex(x, y), { n: 15 }),
  irfft2: (x, y) => fft.irfft2(complex(x, y)),
  hfft: (x, y) => fft.hfft(complex(x, y)),
  ihfft: (x) => real(fft.ihfft(x)),
  fftshift: (x) => real(fft.fftshift(fft.fft(x), { dim: -1 })),
  "a convolution": (x, y) => fft.irfft(fft.rfft(x, { n: 16 }).mul(fft.rfft(y, { n: 16 })), { n: 16 }),
  stft: (x) => torch.stft(x.flatten(1), 16, { window: torch.hannWindow(16), returnComplex: true }).abs(),
  "stft with both sides": (x) => real(torch.stft(x.flatten(1), 16, { onesided: false, returnComplex: true })),
  det: (x) => torch.linalg.det(x.at("...", ":6")),
  ndtr: (x) => special.ndtr(x),
  entr: (x) => special.entr(x),
  xlog1py: (x, y) => special.xlog1py(x, y.abs()),
};

describe("programs with complex numbers", { skip: noRuntime }, () => {
  torch.manualSeed(5);
  const inputs = [torch.randn([4, 6, 8]), torch.randn([4, 6, 8])] as const;
  const others = inputs.map((tensor) => torch.cat([tensor, tensor.neg(), tensor])) as [Tensor, Tensor];
  for (const [name, program] of Object.entries(programs)) {
    for (const opsetVersion of [17, 20]) {
      test(`${name} in opset ${opsetVersion}`, async () => {
        const axes = { 0: "batch" };
        const bytes = onnx.export(program, inputs.slice(0, program.length), undefined, {
          inputNames: ["x", "y"].slice(0, program.length),
          dynamicAxes: program.length === 1 ? { x: axes } : { x: axes, y: axes },
          opsetVersion,
        });
        const given = others.slice(0, program.length);
        const expected = program(...others);
        const running = await RunningModel.open(bytes);
        const [found] = await running.run(...given);
        await running.close();
        torch.testing.assertClose(found as Tensor, expected, { rtol: 1e-4, atol: 1e-4 });
        torch.testing.assertClose(onnx.load(bytes)(...given), expected, { rtol: 1e-4, atol: 1e-4 });
      });
    }
  }
});

test("errors name the call that a person wrote, its part that ONNX does not have, and the line", () => {
  const x = torch.randn([4, 4]);
  const here = String.raw`called at \S*complex\.test\.\w+:\d+:\d+`;
  const cases: [Program, string][] = [
    [(x) => torch.linalg.qr(x)[0], "linalg.qr, @: ONNX has no counterpart of it in opset 17"],
    [(x) => torch.linalg.cond(x), "linalg.cond, @: ONNX has no counterpart of linalg.svdvals in opset 17"],
    [(x) => torch.linalg.pinv(x), "linalg.pinv, @: ONNX has no counterpart of it in opset 17"],
    [(x) => torch.linalg.svd(x)[0], "linalg.svd, @: ONNX has no counterpart of it in opset 17"],
    [(x) => torch.linalg.eigvals(x).abs(), "linalg.eigvals, @: ONNX has no counterpart of it in opset 17"],
    [(x) => special.i1e(x), "special.i1e, @: ONNX has no counterpart of it in opset 17"],
    [(x) => torch.mvlgamma(x, 2), "mvlgamma, @: ONNX has no counterpart of lgamma in opset 17"],
    [(x) => complex(x, x).tan().abs(), "tan, @: ONNX has no counterpart of it for complex numbers in opset 17"],
    [(x) => complex(x, x).cumprod(0).abs(), "cumprod, @: ONNX has no counterpart of it for complex"],
  ];
  for (const [program, words] of cases) {
    const [before, after] = words.replace(/[.()]/g, "\\$&").split("@") as [string, string];
    assert.throws(
      () => onnx.export(program, [x]),
      new RegExp(`^Error: onnx\\.export: ${before}${here}${after}`),
      words,
    );
  }
  assert.throws(
    () => onnx.export((x: Tensor) => fft.rfft(x).abs(), [x], undefined, { opsetVersion: 16 }),
    /rfft, .*opset 16/,
  );
});

test("complex inputs and outputs are refused, with what to do", () => {
  const z = torch.zeros([2], { dtype: torch.complex64 });
  assert.throws(
    () => onnx.export((x: Tensor) => x.abs(), [z], undefined, { inputNames: ["z"] }),
    /input 'z' is torch\.complex64, and runtimes have no such tensors; take torch\.viewAsReal of it/,
  );
  assert.throws(() => onnx.export((x: Tensor) => fft.fft(x), [z.abs()]), /output 'output' is torch\.complex64/);
});
