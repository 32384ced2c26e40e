/** Numbers that stand for others by a scale and a zero point. */
import torch, { type DType, type Tensor } from "flambeau";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { convolve } from "./conv.js";
import { dtypeIn } from "./creation.js";
import { type Family, Outputs } from "./define.js";
import { along, dimOf } from "./dims.js";
import { windowSettings } from "./windows.js";

/** Rounds and keeps to the range of a dtype. */
function saturated(x: Tensor, dtype: DType): Tensor {
  const { min, max } = torch.iinfo(dtype);
  return x.clamp(Number(min), Number(max)).to(dtype);
}

/** Scales or zero points as they are broadcast: one for all, one for each place of an axis, or one for each block of it. */
function spread(values: Tensor, x: Tensor, axis: number, blockSize: number): Tensor {
  if (values.numel() === 1) return values.reshape([]);
  const dim = dimOf(axis, x.dim());
  if (values.dim() <= 1) return along(values, dim, x.dim());
  return values.repeatInterleave(blockSize, dim).narrow(dim, 0, x.shape[dim] as number);
}

function quantize(x: Tensor, scale: Tensor, zero: Tensor | undefined, dtype: DType): Tensor {
  const rounded = x.to(scale.dtype).div(scale).round();
  return saturated(zero === undefined ? rounded : rounded.add(zero.to(scale.dtype)), dtype);
}

function dequantize(x: Tensor, scale: Tensor, zero: Tensor | undefined): Tensor {
  const wide = x.to(scale.dtype);
  return (zero === undefined ? wide : wide.sub(zero.to(scale.dtype))).mul(scale);
}

function quantizeLinear(node: NodeReader) {
  const [axis, blockSize] = [node.int("axis", 1), node.int("block_size", 0)];
  const chosen = node.int("output_dtype", 0) === 0 ? undefined : dtypeIn(node, "output_dtype");
  return (inputs: Inputs) => {
    const [x, scale, zero] = [tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2)];
    const dtype = zero?.dtype ?? chosen ?? torch.uint8;
    return quantize(x, spread(scale, x, axis, blockSize), zero && spread(zero, x, axis, blockSize), dtype);
  };
}

function dequantizeLinear(node: NodeReader) {
  const [axis, blockSize] = [node.int("axis", 1), node.int("block_size", 0)];
  return (inputs: Inputs) => {
    const [x, scale, zero] = [tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2)];
    return dequantize(x, spread(scale, x, axis, blockSize), zero && spread(zero, x, axis, blockSize));
  };
}

/** Finds scale and zero point in the data; zero has a number of its own. */
function dynamicQuantizeLinear(inputs: Inputs) {
  const x = tensorAt(inputs, 0);
  const zero = torch.zeros([], { dtype: x.dtype });
  const [low, high] = [x.amin().minimum(zero), x.amax().maximum(zero)];
  const scale = high.sub(low).div(255);
  const zeroPoint = saturated(low.neg().div(scale).round(), torch.uint8);
  return new Outputs(quantize(x, scale, zeroPoint, torch.uint8), scale, zeroPoint);
}

/** Whole numbers less their zero points, exact as floats of 64 bits. */
function centered(x: Tensor, zero: Tensor | undefined): Tensor {
  return zero === undefined ? x.double() : x.double().sub(zero.double());
}

/** The zero points of the rows of a matrix. */
function ofRows(zero: Tensor | undefined): Tensor | undefined {
  return zero !== undefined && zero.dim() === 1 && zero.numel() > 1 ? zero.unsqueeze(-1) : zero;
}

function matMulInteger(inputs: Inputs) {
  const a = centered(tensorAt(inputs, 0), ofRows(optionalTensorAt(inputs, 2)));
  return a.matmul(centered(tensorAt(inputs, 1), optionalTensorAt(inputs, 3))).to(torch.int32);
}

/** The product of two scales over a third one turns sums into numbers of the result. */
function requantize(sums: Tensor, scales: Tensor, outScale: Tensor, outZero: Tensor): Tensor {
  return saturated(sums.mul(scales.double()).div(outScale.double()).round().add(outZero.double()), outZero.dtype);
}

function qLinearMatMul(inputs: Inputs) {
  const at = (place: number) => tensorAt(inputs, place);
  const a = centered(at(0), ofRows(at(2)));
  const sums = a.matmul(centered(at(3), at(5)));
  return requantize(sums, (ofRows(at(1)) as Tensor).mul(at(4)), at(6), at(7));
}

/** The zero points of the channels of a weight. */
function ofChannels(values: Tensor | undefined, dims: number): Tensor | undefined {
  return values !== undefined && values.numel() > 1 ? along(values, 0, dims) : values?.reshape([]);
}

function convInteger(node: NodeReader) {
  const [settings, groups] = [windowSettings(node), node.int("group", 1)];
  return (inputs: Inputs) => {
    const weight = tensorAt(inputs, 1);
    const x = centered(tensorAt(inputs, 0), optionalTensorAt(inputs, 2));
    const w = centered(weight, ofChannels(optionalTensorAt(inputs, 3), weight.dim()));
    return convolve(x, w, undefined, settings, groups).to(torch.int32);
  };
}

function qLinearConv(node: NodeReader) {
  const [settings, groups] = [windowSettings(node), node.int("group", 1)];
  return (inputs: Inputs) => {
    const at = (place: number) => tensorAt(inputs, place);
    const weight = at(3);
    const w = centered(weight, ofChannels(at(5), weight.dim()));
    const bias = optionalTensorAt(inputs, 8)?.double();
    const sums = convolve(centered(at(0), at(2)), w, bias, settings, groups);
    const scales = at(4).numel() > 1 ? along(at(4), 1, weight.dim()) : at(4).reshape([]);
    return requantize(sums, at(1).double().reshape([]).mul(scales.double()), at(6), at(7));
  };
}

export const quantization: Family = {
  ConvInteger: convInteger,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: () => dynamicQuantizeLinear,
  MatMulInteger: () => matMulInteger,
  QLinearConv: qLinearConv,
  QLinearMatMul: () => qLinearMatMul,
  QuantizeLinear: quantizeLinear,
};
