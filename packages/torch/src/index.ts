/**
 * Flambeau: PyTorch for TypeScript.
 *
 * @example
 * import torch, { nn, optim } from "flambeau";
 */
import * as torch from "./torch.js";
import "./autograd/autogradMembers.js";
import "./members/conversions.js";
import "./members/equality.js";
import "./members/printing.js";
import "./members/values.js";
import { keepsNothing } from "./nn/forward.js";
import "./ops/index.js";
import "./ops/indexing/expressions.js";
import "./ops/indexing/selection.js";
import "./ops/creation/storageMembers.js";
import "./ops/shape/shapeMembers.js";

keepsNothing(torch.nn);

export * from "./data/index.js";
export * as F from "./nn/functional/index.js";
export * from "./torch.js";
export { torch, torch as default };
