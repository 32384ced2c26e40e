/** What modules of activation functions share. */
import { flag } from "../../arguments/params.js";
import type { Inplace } from "../../ops/activation/define.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";

/** What is printed of `inplace`: nothing unless it is set. */
export function inplaceText(inplace: boolean): string {
  return inplace ? ", inplace=True" : "";
}

/** A function without parameters. */
export abstract class BareActivation extends Module {
  constructor(...args: []) {
    super();
    read(this, {}, args);
  }
}

/** An activation function that has no parameters but may overwrite its input. */
export abstract class PlainActivation extends Module {
  inplace: boolean;

  constructor(...args: [options?: Inplace]) {
    super();
    this.inplace = read(this, { inplace: flag }, args).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }
}
