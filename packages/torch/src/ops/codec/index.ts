/**
 * `torch.ops.image`: what files of images are packed and unpacked with. Programs use `io` of `@flambeau/vision`, which
 * stands on it.
 */
export { decodeJpeg, encodeJpeg, type JpegHeader, jpegHeader } from "./jpeg.js";
export { filterPng, unfilterPng } from "./png.js";
