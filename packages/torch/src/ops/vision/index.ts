/**
 * `torch.ops.torchvision`: the operators of torchvision that have kernels, by the names and arguments by which PyTorch
 * reaches them, and those that the transforms of images are made of. Programs use the functions of `@flambeau/vision`
 * that stand on them.
 *
 * Position-sensitive pooling returns its result alone, without the channels that each bin looked at.
 */
export { blendBytes, changeColours } from "../image/colour.js";
export { byteCounts, lookup, lookupPlanes } from "../image/lookup.js";
export { convertMode, type ImageMode } from "../image/modes.js";
export { nearestColours, type QuantizeMethod, type QuantizeResult, quantizeBytes } from "../image/palette.js";
export { pilResize, resizeBytes, weighNeighbours } from "../image/resample.js";
export { mapImages, sampleImages, transformBytes } from "../image/sample.js";
export { smoothBytes } from "../image/smooth.js";
export { sampleDirichlet } from "../random/dirichlet.js";
export { deformConv2d } from "./deformConv.js";
export { nms } from "./nms.js";
export { psRoiAlign, roiAlign } from "./roiAlign.js";
export { psRoiPool, type RoiPoolResult, roiPool } from "./roiPool.js";
