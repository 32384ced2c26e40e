/** What a kernel needs to know of a tensor: where its elements are, and of which type. */
import type { Complex } from "./complex.js";
import type { DType } from "./dtype.js";
import type { Storage } from "./storage.js";

/** Elements in memory: element `(i, j, …)` is at `offset + i * strides[0] + j * strides[1] + …` of the storage. */
export interface ArrayView {
  readonly storage: Storage;
  /** In elements, as the strides. */
  readonly offset: number;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dtype: DType;
  /** Whether the elements stand in row-major order without gaps. */
  readonly contiguousFlag: boolean;
}

/** A number as it stands beside tensors. */
export type Scalar = number | bigint | boolean | Complex;

/** A number that is not complex. */
export type RealScalar = number | bigint | boolean;
