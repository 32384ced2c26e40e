/**
 * `torch.onnx`: models in ONNX files, for ONNX Runtime and all else that reads them.
 *
 * Source: https://pytorch.org/docs/stable/onnx.html
 */
export { loadProto, saveProto } from "./proto/files.js";
