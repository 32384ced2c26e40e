/**
 * `io`: images from files, as tensors, and back. Everything is there when a call returns. Videos are not read.
 *
 * @see https://pytorch.org/vision/stable/io.html
 */
export { getMaxPixels, setMaxPixels } from "../codecs/limit.js";
export { type DecodeOptions, decodeGif, decodeImage, decodeJpeg, decodePng, decodeWebp, readImage } from "./decode.js";
export { encodeJpeg, encodePng, writeJpeg, writePng } from "./encode.js";
export { readFile, writeFile } from "./files.js";
export { ImageReadMode } from "./readMode.js";
