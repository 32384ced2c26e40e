/**
 * `torch.onnx`: models in ONNX files, for ONNX Runtime and all else that reads them.
 *
 * Source: https://pytorch.org/docs/stable/onnx.html
 */
import { ownPackage } from "flambeau/arguments";

export { exportModel as export } from "./export/index.js";
export { type DynamicAxes, type ExportOptions, TrainingMode } from "./export/options.js";
export { type LoadOptions, load } from "./import/load.js";
export { type OnnxInputs, OnnxModule, type OnnxOutputs } from "./import/module.js";
export { loadProto, saveProto } from "./proto/files.js";

ownPackage(import.meta.url);
