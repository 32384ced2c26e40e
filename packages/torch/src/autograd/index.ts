/** `torch.autograd`. */
export { backward, grad } from "./backward.js";
export { Function, FunctionContext } from "./function.js";
export { enableGrad, inferenceMode, noGrad, setGradEnabled } from "./modes.js";
export { Node } from "./node.js";
