/** Everything that the layers above the tensor itself add to it: autograd's members, and every operation. */
import type { AutogradMembers } from "./autograd/members.js";
import type { OperationMethods } from "./ops/index.js";
import type { IndexingMembers } from "./ops/indexing.js";
import type { SelectionMembers } from "./ops/indexingMethods.js";
import type { ShapeMembers } from "./ops/shapeMembers.js";
import type { ValueMembers } from "./core/values.js";

export interface TensorMembers extends AutogradMembers, IndexingMembers, OperationMethods, SelectionMembers, ShapeMembers, ValueMembers {}
