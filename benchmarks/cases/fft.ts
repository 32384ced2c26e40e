/** Fourier transforms: lengths that are a power of two, a product and a prime; of one line, of many, and of an image. */
import torch, { type Tensor } from "flambeau";
import { type Case, float64, type Input, operation, randn } from "../case.js";

/** Complex numbers whose parts are normal random numbers. */
function complex(...shape: number[]): Input {
  const parts = randn(...shape, 2);
  return {
    ...parts,
    flambeau: () => torch.viewAsComplex(parts.flambeau()),
    pytorch: `torch.view_as_complex(${parts.pytorch})`,
  };
}

function transform(
  name: string,
  shape: readonly number[],
  flambeau: (x: Tensor) => Tensor,
  pytorch: string,
  x: Input = complex(...shape),
  backward = false,
): Case[] {
  const size = shape.map((n) => n.toLocaleString("en")).join("×");
  const given = { inputs: { x }, pytorch: `torch.${pytorch}`, backward, goals: ["fft"] as const };
  return operation({ ...given, name: `${name}, ${size}`, flambeau: ({ x }) => flambeau(x) });
}

const double = ({ flambeau, pytorch, ...rest }: Input): Input => ({
  ...rest,
  flambeau: () => flambeau().to(torch.complex128),
  pytorch: `${pytorch}.to(torch.complex128)`,
});

export const fft: readonly Case[] = [
  ...[2 ** 10, 2 ** 20, 1000, 1009].flatMap((n) => [
    ...transform("fft", [n], (x) => torch.fft.fft(x), "fft.fft(x)", complex(n), n === 1000),
    ...transform("fft in double precision", [n], (x) => torch.fft.fft(x), "fft.fft(x)", double(complex(n))),
    ...transform("rfft", [n], (x) => torch.fft.rfft(x), "fft.rfft(x)", randn(n)),
  ]),
  ...transform("fft of lines", [64, 1024], (x) => torch.fft.fft(x), "fft.fft(x)"),
  ...transform("rfft of lines", [64, 1024], (x) => torch.fft.rfft(x), "fft.rfft(x)", randn(64, 1024)),
  ...transform("irfft of lines", [64, 513], (x) => torch.fft.irfft(x), "fft.irfft(x)"),
  ...transform("fft of columns", [1024, 64], (x) => torch.fft.fft(x, { dim: 0 }), "fft.fft(x, dim=0)"),
  ...transform("fft2", [512, 512], (x) => torch.fft.fft2(x), "fft.fft2(x)", complex(512, 512), true),
  ...transform(
    "fft2 in double precision",
    [512, 512],
    (x) => torch.fft.fft2(x),
    "fft.fft2(x)",
    double(complex(512, 512)),
  ),
  ...transform("rfft2", [512, 512], (x) => torch.fft.rfft2(x), "fft.rfft2(x)", randn(512, 512), true),
  ...transform(
    "rfft2 in double precision",
    [512, 512],
    (x) => torch.fft.rfft2(x),
    "fft.rfft2(x)",
    float64(randn(512, 512)),
  ),
  ...transform(
    "stft with a frame of 400",
    [8, 16000],
    (x) => torch.stft(x, 400, 160, { returnComplex: true }),
    "stft(x, 400, 160, return_complex=True)",
    randn(8, 16000),
  ),
];
