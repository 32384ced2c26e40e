/** Signals: windows, Fourier transforms, filters. A complex number is two numbers in the last dim. */
import torch, { type Tensor } from "flambeau";
import { checkedCount } from "../limits.js";
import { type NodeReader, optionalTensorAt, tensorAt, tensorOfDims } from "../nodeReader.js";
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

/** The numbers of the last dim as one, of 64 bits: a complex number, or a real one where there is one alone. */
function complexOf(x: Tensor): Tensor {
  const wide = x.double();
  return x.shape.at(-1) === 2 ? torch.viewAsComplex(wide.contiguous()) : wide.select(-1, 0);
}

/** The Fourier transform of a dim; of a length to which it is cut, or filled with zeros. */
function dft(node: NodeReader, axisOf: (inputs: Inputs) => number) {
  const [isInverse, isOneSided, lengths] = [node.flag("inverse"), node.flag("onesided"), node.numberIn(1)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dim = dimOf(axisOf(inputs), x.dim());
    const size = x.shape[dim] as number;
    const isReal = isInverse && isOneSided;
    const length = lengths(inputs) ?? (isReal ? 2 * (size - 1) : size);
    checkedCount([...x.shape, length], torch.float64, "a transform");
    const given = complexOf(x);
    // The half of a spectrum is one of a real signal.
    if (isReal) return torch.fft.irfft(given, length, dim).unsqueeze(-1).to(x.dtype);
    if (isInverse) return torch.viewAsReal(torch.fft.ifft(given, length, dim)).to(x.dtype);
    if (!isOneSided) return torch.viewAsReal(torch.fft.fft(given, length, dim)).to(x.dtype);
    const signal = given.isComplex()
      ? torch.fft.fft(given, length, dim).narrow(dim, 0, Math.floor(length / 2) + 1)
      : torch.fft.rfft(given, length, dim);
    return torch.viewAsReal(signal).to(x.dtype);
  };
}

/** Transforms of windows that slide over a signal. */
function stft(node: NodeReader) {
  const isOneSided = node.flag("onesided", true);
  const [steps, lengths] = [node.numberIn(1), node.numberIn(3)];
  return (inputs: Inputs) => {
    const [signal, window] = [tensorOfDims(inputs, 0, 3), optionalTensorAt(inputs, 2)];
    const length = lengths(inputs) ?? window?.numel() ?? 0;
    const frames = signal.unfold(1, length, steps(inputs) ?? 0).transpose(-1, -2);
    const weighted = complexOf(window === undefined ? frames : frames.mul(window.unsqueeze(-1)));
    const isHalf = isOneSided && !weighted.isComplex();
    const spectrum = isHalf ? torch.fft.rfft(weighted, length, 2) : torch.fft.fft(weighted, length, 2);
    const kept = isOneSided ? spectrum.narrow(2, 0, Math.floor(length / 2) + 1) : spectrum;
    return torch.viewAsReal(kept).to(signal.dtype);
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
