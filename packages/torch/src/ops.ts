/** `torch.ops`: operators of packages around PyTorch, by package. */
export * as image from "./ops/codec/index.js";
export * as torchvision from "./ops/vision/index.js";
