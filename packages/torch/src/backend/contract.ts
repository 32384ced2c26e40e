/**
 * What a device gives: memory, kernels on it, and a way for the host to see and to set its numbers.
 *
 * A kernel takes the places of its results, its operands and its parameters: `(out, ...inputs, parameters)`. Its
 * operands have the dtypes that its comment asks for, and whoever calls it has checked shapes and dtypes. Which kernels
 * there are, and what they compute, is written beside those of the CPU (backend/cpu), the reference for all others.
 */
import type { Complex } from "../core/complex.js";
import type { TypedArray } from "../core/dtype.js";
import type { Allocator } from "../core/storage.js";
import type { Tensor } from "../core/tensor.js";

/** The kernels of a device by name. */
export type Kernels = Readonly<typeof import("./cpu/kernels.js")>;

/** A device: where memory is, and what computes there. */
export interface DeviceBackend {
  /** Gives memory with undefined content; it is released by the collector, or by `Storage.release`. */
  readonly allocate: Allocator;
  readonly kernels: Kernels;
  /** The element at a distance from the first one; an int64 as a bigint, a complex one as a `Complex`. Throws if the device cannot answer at once. */
  readonly readElement: (tensor: Tensor, index: number) => number | bigint | Complex;
  /** The elements in row-major order in an array of the host. Throws if the device cannot answer at once. */
  readonly readSync: (tensor: Tensor) => TypedArray;
  /** The same for a device that answers later. */
  readonly read: (tensor: Tensor) => Promise<TypedArray>;
  /** Sets the elements to those of a tensor on the CPU, which broadcasts and is converted. */
  readonly write: (tensor: Tensor, source: Tensor) => void;
}
