/** `torch.autograd`: gradients of programs, and of functions. */
export * from "./autograd/index.js";
export * as forwardAd from "./transforms/forwardAd.js";
export * as functional from "./transforms/functional.js";
export { GradcheckError, type GradcheckOptions, gradcheck, gradgradcheck } from "./transforms/gradcheck.js";
