/** `torch.fx`: programs as data, by recording what they do. */
export { capture } from "./capture.js";
export {
  type AttributeValue,
  Graph,
  type GraphArgument,
  type GraphNode,
  GraphValue,
  type ValueKind,
} from "./graph.js";
export {
  type NodeKind,
  type ObserveCopyOptions,
  type ObservedNode,
  type ObserveOptions,
  observe,
  observeCopy,
  wrap,
} from "./observe.js";
