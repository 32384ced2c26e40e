/** `torch.ops`: operators of packages around PyTorch, by package. */
export * as torchvision from "./ops/vision/index.js";
