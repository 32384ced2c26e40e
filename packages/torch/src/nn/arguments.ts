/** How constructors of modules read their arguments. */
import { device, dtype as dtypeParam, optional, type Params, type ValuesOf } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Device } from "../core/devices.js";
import type { DType } from "../core/dtype.js";
import { empty } from "../ops/creation/filled.js";
import type { Module } from "./module.js";
import { Parameter } from "./parameter.js";

/** The arguments of a constructor by name; messages have the name of the class. */
export function read<P extends Params>(module: Module, params: P, args: readonly unknown[]): ValuesOf<P> {
  return new Signature(module.constructor.name, params).parse(args);
}

/** Options of modules that have parameters. */
export interface FactoryOptions {
  device?: Device;
  dtype?: DType;
}

export const factoryParams = { device: optional(device), dtype: optional(dtypeParam) };

/** A parameter of undefined content. */
export function emptyParameter(sizes: readonly number[], factory: ValuesOf<typeof factoryParams>): Parameter {
  return new Parameter(empty(sizes, factory as FactoryOptions));
}
