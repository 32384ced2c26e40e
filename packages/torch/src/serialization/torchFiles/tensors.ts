/** Tensors in a file: where their elements are in its memory, which is checked when they are found. */
import { backendOf } from "../../backend/devices.js";
import type { DType } from "../../core/dtype.js";
import { isCount } from "../../core/kinds.js";
import { extentOf, isContiguous, maxDims, maxNumel, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { Parameter } from "../../nn/parameter.js";
import type { Placement, StorageRef } from "./storages.js";

interface Geometry {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dtype: DType;
}

/** A tensor that waits for its memory. */
export class StoredTensor {
  constructor(
    readonly geometry: Geometry,
    readonly offset: number,
    /** Undefined for a tensor on the device `meta`. */
    readonly storage: StorageRef | undefined,
    readonly requiresGrad: boolean,
    readonly isParameter = false,
  ) {
    checkGeometry(geometry, offset, storage?.numel);
  }

  /** The same as a parameter. */
  asParameter(requiresGrad: boolean): StoredTensor {
    return new StoredTensor(this.geometry, this.offset, this.storage, requiresGrad, true);
  }

  /** The tensor itself. */
  bring(placement: Placement): Tensor {
    const { sizes, strides, dtype } = this.geometry;
    const reach = extentOf(sizes, strides) * dtype.itemsize;
    const storage = this.storage?.memory.bring(placement) ?? backendOf("meta").allocate(reach);
    const offset = this.offset + (this.storage?.offset ?? 0);
    const tensor = new Tensor(storage, offset, sizes, strides, dtype, isContiguous(sizes, strides));
    if (this.isParameter) return new Parameter(tensor, { requiresGrad: this.requiresGrad });
    return this.requiresGrad ? tensor.requiresGrad_() : tensor;
  }
}

/** Throws for a tensor whose elements are not in its memory. */
function checkGeometry({ sizes, strides, dtype }: Geometry, offset: number, available: number | undefined): void {
  const fail = (what: string) => {
    const [size, stride] = [sizes, strides].map((list) => `[${list.slice(0, maxDims)}]`);
    throw new Error(`a tensor of size ${size}, strides ${stride} and offset ${offset} ${what}`);
  };
  const isGeometry = sizes.length <= maxDims && sizes.length === strides.length;
  if (!isGeometry || ![...sizes, ...strides, offset].every(isCount)) return fail("cannot be");
  const extent = extentOf(sizes, strides);
  // One of no elements may begin anywhere.
  const end = extent === 0 ? 0 : offset + extent;
  const limit = available ?? Number.MAX_SAFE_INTEGER / dtype.itemsize;
  if (numelOf(sizes) > maxNumel || end > limit) fail(`reaches outside of its memory of ${available} elements`);
}
