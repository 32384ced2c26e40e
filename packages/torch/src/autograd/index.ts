/** `torch.autograd`. */
export { backward, grad } from "./backward.js";
export { Function, FunctionContext } from "./function.js";
export { GradcheckError, type GradcheckOptions, gradcheck, gradgradcheck } from "./gradcheck.js";
export { enableGrad, inferenceMode, noGrad, setGradEnabled } from "./modes.js";
export { Node } from "./node.js";
