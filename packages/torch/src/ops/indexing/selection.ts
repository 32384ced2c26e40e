/** Methods of indexing whose arguments or types differ from those of the function. */
import type { Operand } from "../../arguments/params.js";
import { installMembers } from "../../core/installMembers.js";
import type { Tensor } from "../../core/tensor.js";
import { nonzero, where } from "./masks.js";

export class SelectionMembers {
  /**
   * The elements of this tensor where the condition holds, and of another operand elsewhere.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.where.html
   */
  where(this: Tensor, condition: Tensor, other: Operand): Tensor {
    return where(condition, this, other);
  }

  /** The indices of the elements that are not zero; see `torch.nonzero`. */
  nonzero(this: Tensor, options: { asTuple: true }): Tensor[];
  nonzero(this: Tensor, options?: { asTuple?: false }): Tensor;
  nonzero(this: Tensor, options?: { asTuple?: boolean }): Tensor | Tensor[] {
    return nonzero(this, options as { asTuple?: false });
  }
}

installMembers(SelectionMembers);

declare module "../../core/tensor.js" {
  interface Tensor extends SelectionMembers {}
}
