/** `torchvision.utils`: images side by side, and what is known of them drawn on top. */
export type { Color, Colors } from "./colors.js";
export { drawBoundingBoxes, drawKeypoints, drawSegmentationMasks } from "./drawing.js";
export { flowToImage } from "./flow.js";
export { type GridOptions, type Images, makeGrid, saveImage } from "./grid.js";
