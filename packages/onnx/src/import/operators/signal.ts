/** Signals: windows, Fourier transforms, filters. A complex number is two numbers in the last dim. */
import torch, { F, type Tensor } from "flambeau";
import { checkedCount } from "../limits.js";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { dtypeIn } from "./creation.js";
import { type Family, type Operator, versions } from "./define.js";
import { dimOf } from "./dims.js";

/** A window of cosines with some factors. */
function cosineWindow(factors: readonly number[]): Operator {
  return (node) => {
    const [dtype, isPeriodic, sizes] = [
      dtypeIn(node, "output_datatype") ?? torch.float32,
      node.flag("periodic", true),
      node.numberIn(0),
    ];
    return (inputs) => {
      const size = sizes(inputs) ?? 0;
      checkedCount([size], torch.float64, "a window");
      const angles = torch
        .arange(size)
        .double()
        .mul((2 * Math.PI) / (isPeriodic ? size : size - 1));
      const terms = factors.map((factor, k) => angles.mul(k).cos().mul(factor));
      return terms.reduce((sum, term) => sum.add(term)).to(dtype);
    };
  };
}

/** Triangles on the mel scale, which turn the bins of a spectrogram into those of a mel spectrogram. */
function melWeightMatrix(node: NodeReader) {
  const dtype = dtypeIn(node, "output_datatype") ?? torch.float32;
  const numbers = [0, 1, 2, 3, 4].map((place) => node.numberIn(place));
  return (inputs: Inputs) => {
    const [bins, length, rate, lowest, highest] = numbers.map((number) => number(inputs) ?? 0) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const spectrum = Math.floor(length / 2) + 1;
    checkedCount([spectrum, bins], dtype, "a matrix");
    const toMel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
    const step = (toMel(highest) - toMel(lowest)) / (bins + 2);
    const edgeOf = (i: number) => {
      const hertz = 700 * (10 ** ((i * step + toMel(lowest)) / 2595) - 1);
      return Math.max(0, Math.min(Math.floor(((length + 1) * hertz) / rate), spectrum));
    };
    const weights = new Float64Array(spectrum * bins);
    for (let i = 0; i < bins; i++) {
      const [low, middle, high] = [edgeOf(i), edgeOf(i + 1), edgeOf(i + 2)];
      if (middle === low && middle < spectrum) weights[middle * bins + i] = 1;
      for (let j = low; j <= middle && j < spectrum && middle > low; j++)
        weights[j * bins + i] = (j - low) / (middle - low);
      for (let j = middle; j < high && j < spectrum; j++) weights[j * bins + i] = (high - j) / (high - middle);
    }
    return torch.fromTypedArray(weights, [spectrum, bins]).to(dtype);
  };
}

interface Transform {
  readonly length: number;
  readonly isInverse: boolean;
  readonly isOneSided: boolean;
}

/** The discrete Fourier transform of the last dim but one. */
function transform(x: Tensor, { length, isInverse, isOneSided }: Transform): Tensor {
  const count = isOneSided ? Math.floor(length / 2) + 1 : length;
  checkedCount([count, length], torch.float64, "a matrix of the Fourier transform");
  const given = x.shape.at(-2) as number;
  const sized = given >= length ? x.narrow(-2, 0, length) : F.pad(x, [0, 0, 0, length - given]);
  const [real, imaginary] = [
    sized.select(-1, 0).double(),
    x.shape.at(-1) === 2 ? sized.select(-1, 1).double() : undefined,
  ];
  // Angles stay small by what a full turn adds nothing to.
  const turns = torch.arange(length).unsqueeze(1).mul(torch.arange(count)).remainder(Math.max(length, 1));
  const angles = turns.double().mul((isInverse ? 2 : -2) * (Math.PI / length));
  const [cos, sin] = [angles.cos(), angles.sin()];
  const re = imaginary === undefined ? real.matmul(cos) : real.matmul(cos).sub(imaginary.matmul(sin));
  const im = imaginary === undefined ? real.matmul(sin) : real.matmul(sin).add(imaginary.matmul(cos));
  const pairs = torch.stack([re, im], -1);
  return (isInverse ? pairs.div(length) : pairs).to(x.dtype);
}

/** The real signal of which a transform has the first half; the other half is its mirror image. */
function realInverse(x: Tensor, length: number): Tensor {
  const half = Math.floor(length / 2) + 1;
  checkedCount([half], torch.float64, "half of a transform");
  const given = x.shape.at(-2) as number;
  const sized = given >= half ? x.narrow(-2, 0, half) : F.pad(x, [0, 0, 0, half - given]);
  const mirrored = sized.narrow(-2, 1, length - half).flip([-2]);
  const whole = torch.cat([sized, torch.stack([mirrored.select(-1, 0), mirrored.select(-1, 1).neg()], -1)], -2);
  return transform(whole, { length, isInverse: true, isOneSided: false }).narrow(-1, 0, 1);
}

function dft(node: NodeReader, axisOf: (inputs: Inputs) => number) {
  const [isInverse, isOneSided, lengths] = [node.flag("inverse"), node.flag("onesided"), node.numberIn(1)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dim = dimOf(axisOf(inputs), x.dim());
    const size = x.shape[dim] as number;
    const moved = x.transpose(dim, -2);
    if (isInverse && isOneSided) return realInverse(moved, lengths(inputs) ?? 2 * (size - 1)).transpose(dim, -2);
    const length = lengths(inputs) ?? size;
    return transform(moved, { length, isInverse, isOneSided }).transpose(dim, -2);
  };
}

/** Transforms of windows that slide over a signal. */
function stft(node: NodeReader) {
  const isOneSided = node.flag("onesided", true);
  const [steps, lengths] = [node.numberIn(1), node.numberIn(3)];
  return (inputs: Inputs) => {
    const [signal, window] = [tensorAt(inputs, 0), optionalTensorAt(inputs, 2)];
    const length = lengths(inputs) ?? window?.numel() ?? 0;
    const frames = signal.unfold(1, length, steps(inputs) ?? 0).transpose(-1, -2);
    const weighted = window === undefined ? frames : frames.mul(window.unsqueeze(-1));
    return transform(weighted, { length, isInverse: false, isOneSided });
  };
}

export const signals: Family = {
  BlackmanWindow: cosineWindow([0.42, -0.5, 0.08]),
  DFT: versions({
    17: (node) => {
      const axis = node.int("axis", 1);
      return dft(node, () => axis);
    },
    20: (node) => {
      const axis = node.numberIn(2);
      return dft(node, (inputs) => axis(inputs) ?? -2);
    },
  }),
  HammingWindow: cosineWindow([25 / 46, -21 / 46]),
  HannWindow: cosineWindow([0.5, -0.5]),
  MelWeightMatrix: melWeightMatrix,
  STFT: stft,
};
