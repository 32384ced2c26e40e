/** Everything that the layers above the tensor itself add to it: autograd's members, and every operation. */
import type { AutogradMembers } from "./autograd/members.js";
import type { ValueMembers } from "./core/values.js";
import type { OperationMethods } from "./ops/index.js";
import type { IndexingMembers } from "./ops/indexing/indexing.js";
import type { SelectionMembers } from "./ops/indexing/methods.js";
import type { ShapeMembers } from "./ops/shape/members.js";

export interface TensorMembers
  extends AutogradMembers,
    IndexingMembers,
    OperationMethods,
    SelectionMembers,
    ShapeMembers,
    ValueMembers {}
