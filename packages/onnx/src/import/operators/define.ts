/**
 * How an operator is defined: a function that reads the attributes of a node once, and gives what computes its outputs.
 * Where versions of the operator set differ, an operator has one such function for each version that changed it.
 */

import type { NodeReader } from "../nodeReader.js";
import type { Run } from "../run.js";
import type { Inputs, Value } from "../values.js";

/** Computes the outputs of a node; one that is no array stands for itself. */
export type Compute = (inputs: Inputs, run: Run) => Value | Outputs;

/** Several outputs, in order. */
export class Outputs {
  readonly values: readonly (Value | undefined)[];

  constructor(...values: (Value | undefined)[]) {
    this.values = values;
  }
}

/** Reads a node, and gives what it computes. */
export type Operator = (node: NodeReader) => Compute;

/** Operators by name. */
export type Family = Readonly<Record<string, Operator>>;

/** An operator that changed: its definitions by the versions of the operator set from which they hold. */
export function versions(definitions: Readonly<Record<number, Operator>>): Operator {
  const since = Object.keys(definitions)
    .map(Number)
    .sort((a, b) => b - a);
  return (node) => {
    const known = since.find((version) => version <= node.version);
    if (known === undefined) throw new Error(`it does not exist before version ${since.at(-1)} of the operator set`);
    return (definitions[known] as Operator)(node);
  };
}
