/**
 * `nn.utils`: helpers for gradients, parameters and whole modules.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#utilities
 */
export * as rnn from "../sequences.js";
export * from "./fusion.js";
export * from "./gradients.js";
export * from "./memoryFormat.js";
export * as parametrizations from "./parametrizations.js";
export * as parametrize from "./parametrize.js";
export * as prune from "./prune.js";
export { skipInit } from "./skipInit.js";
export { removeSpectralNorm, spectralNorm } from "./spectralNorm.js";
export * as stateless from "./stateless.js";
export { removeWeightNorm, weightNorm } from "./weightNorm.js";
