/** How constructors of modules read their arguments. */
import { device, dtype as dtypeParam, optional, type Params, type ValuesOf } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { type DType, getDefaultDtype } from "../core/dtype.js";
import { checkSizes } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { Module } from "./module.js";
import { Parameter } from "./parameter.js";

/** The arguments of a constructor by name; messages have the name of the class. */
export function read<P extends Params>(module: Module, params: P, args: readonly unknown[]): ValuesOf<P> {
  return new Signature(module.constructor.name, params).parse(args);
}

/** Options of modules that have parameters. */
export interface FactoryOptions {
  device?: "cpu";
  dtype?: DType;
}

export const factoryParams = { device: optional(device), dtype: optional(dtypeParam) };

/** A parameter of undefined content. */
export function emptyParameter(sizes: readonly number[], dtype: DType = getDefaultDtype()): Parameter {
  checkSizes(sizes);
  return new Parameter(Tensor.empty(sizes, dtype));
}
