/** Properties of a tensor that are views with other dims: `T`, `mT`, `H`, `mH`. */
import { installMembers } from "../core/members.js";
import type { Tensor } from "../core/tensor.js";

function transposedMatrix(tensor: Tensor, name: string): Tensor {
  const ndim = tensor.sizes.length;
  if (ndim < 2) {
    throw new Error(`tensor.${name} is only supported on matrices or batches of matrices. Got ${ndim}-D tensor.`);
  }
  return tensor.transpose(-2, -1);
}

export class ShapeMembers {
  /** The dims in reverse order. */
  get T(): Tensor {
    const tensor = self(this);
    return tensor.permute(tensor.sizes.map((_, d) => tensor.sizes.length - 1 - d));
  }

  /** The last two dims exchanged. */
  get mT(): Tensor {
    return transposedMatrix(self(this), "mT");
  }

  /** The matrix transposed, and conjugated if complex. */
  get H(): Tensor {
    const tensor = self(this);
    const ndim = tensor.sizes.length;
    if (ndim !== 0 && ndim !== 2) {
      throw new Error(`tensor.H is only supported on matrices (2-D tensors). Got ${ndim}-D tensor. For batches of matrices, consider using tensor.mH`);
    }
    return ndim === 0 ? tensor : transposedMatrix(tensor, "H");
  }

  /** The last two dims exchanged, and the elements conjugated if complex. */
  get mH(): Tensor {
    return transposedMatrix(self(this), "mH");
  }
}

function self(members: ShapeMembers): Tensor {
  return members as unknown as Tensor;
}

installMembers(ShapeMembers);
