/** `torchvision.ops`: blocks of networks. */
export { Conv2dNormActivation, Conv3dNormActivation } from "./convNormActivation.js";
export type { ActivationLayer, Layer, MakeLayer } from "./layer.js";
export { FrozenBatchNorm2d, MLP, Permute, SqueezeExcitation } from "./misc.js";
export { StochasticDepth, type StochasticDepthMode, stochasticDepth } from "./stochasticDepth.js";
