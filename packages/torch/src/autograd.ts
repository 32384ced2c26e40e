/** `torch.autograd`: gradients of programs, and of functions. */
export * from "./autograd/index.js";
export * as functional from "./transforms/functional.js";
