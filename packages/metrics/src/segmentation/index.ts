/** How well areas of images are found. */
export * from "./segmentation.js";
