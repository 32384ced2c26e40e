/** Values of metrics: tensors, and arrays and objects of them. */
import torch, { type Tensor } from "flambeau";

/** The same structure with another tensor in the place of each one. */
export function mapTensors(value: unknown, change: (tensor: Tensor) => Tensor): unknown {
  if (value instanceof torch.Tensor) return change(value);
  if (Array.isArray(value)) return value.map((one) => mapTensors(one, change));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTensors(one, change)]));
}

/** Whether a value is an object of no class. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** A tensor of one element has no dims. */
export function squeezeScalar(tensor: Tensor): Tensor {
  return tensor.numel() === 1 && tensor.ndim > 0 ? tensor.squeeze() : tensor;
}
