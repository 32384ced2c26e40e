/** Tensors as a data set. */
import { describe } from "../arguments/parse.js";
import { int64 } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import { tensor } from "../ops/creation/data.js";
import { Dataset } from "./dataset.js";
import { type Index, placeOf } from "./indices.js";
import { shareable } from "./workers/shareable.js";

/**
 * Samples along the first dim of tensors: sample `i` is `[a.at(i), b.at(i), …]`.
 *
 * @throws Error if the first dims differ in size; TypeError for anything but tensors.
 * @example new TensorDataset(inputs, targets)
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
 */
export class TensorDataset<T extends readonly Tensor[] = Tensor[]> extends Dataset<T> {
  readonly tensors: T;

  constructor(...tensors: T) {
    super();
    if (tensors.length === 0) throw new TypeError("TensorDataset() needs at least one tensor");
    for (const item of tensors) {
      if (!(item instanceof Tensor)) throw new TypeError(`TensorDataset() expects tensors, got ${describe(item)}`);
    }
    const sizes = tensors.map((item) => item.length);
    if (sizes.some((size) => size !== sizes[0])) {
      throw new Error(`Size mismatch between tensors: first dims are ${sizes.join(", ")}`);
    }
    this.tensors = tensors;
  }

  get length(): number {
    return (this.tensors[0] as Tensor).length;
  }

  at(index: Index): T {
    const place = placeOf(index, this.length);
    return this.tensors.map((item) => item.select(0, place)) as unknown as T;
  }

  getBatch(indices: readonly Index[]): T {
    const { length } = this;
    const rows = tensor(
      Float64Array.from(indices, (index) => placeOf(index, length)),
      { dtype: int64 },
    );
    return this.tensors.map((item) => item.indexSelect(0, rows)) as unknown as T;
  }
}

shareable(import.meta.url, { TensorDataset });
