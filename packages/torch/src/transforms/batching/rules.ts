/** How each operation is computed for all entries of a batch at once. */
import { Tensor } from "../../core/tensor.js";
import type { Operation } from "../../ops/define.js";
import type { Result } from "../../ops/results.js";
import { aligned } from "./align.js";
import type { BatchedCall } from "./call.js";

/**
 * Computes the results of all entries: tensors with the batch as their first dim. Undefined for a call that the rule does
 * not cover.
 */
export type Rule = (call: BatchedCall) => Result | undefined;

/** The same function made of other operations, as an entry sees it: what the library has a kernel for, in its parts. */
export type Composition = (args: never) => Result;

let rules: ReadonlyMap<string, Rule> | undefined;
let compositions: ReadonlyMap<string, Composition> | undefined;
let transparent: ReadonlyMap<string, Composition> | undefined;

let depth = 0;

/** Whether functions run in a batch. */
export function isBatching(): boolean {
  return depth > 0;
}

/** In how many batches functions run. */
export function batches(): number {
  return depth;
}

/** Runs a function that runs in one batch more. */
export function inBatch<T>(body: () => T): T {
  depth++;
  try {
    return body();
  } finally {
    depth--;
  }
}

/** Gives the tables, which are made when the first function runs in a batch. */
export function setTables(made: {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly compositions: ReadonlyMap<string, Composition>;
  readonly transparent: ReadonlyMap<string, Composition>;
}): void {
  rules = made.rules;
  transparent = made.transparent;
  compositions = made.compositions;
}

/** What an elementwise operation does: the ranks of an entry, behind the batch. */
export const elementwise: Rule = (call) => {
  // The kernels of gradients know one shape, which is that of all their tensors.
  const isGradient = call.operation.id.endsWith("Backward");
  const args = isGradient
    ? call.given.map((arg) => (arg instanceof Tensor ? call.level.full(arg) : arg))
    : aligned(call);
  // An order of the dims in memory that an entry has would be one of other dims here.
  const format = call.operation.signature.names.indexOf("memoryFormat");
  if (format >= 0 && args[format] !== "contiguous") args[format] = undefined;
  return call.operation.invoke("call", args);
};

/** The rule of an operation, if it has one. */
export function ruleOf(operation: Operation): Rule | undefined {
  return operation.definition.elementwise ? elementwise : rules?.get(operation.id);
}

/** What an operation is made of, where its own parts can not be told for all entries. */
export function compositionOf(id: string): Composition | undefined {
  return compositions?.get(id);
}

/** Whether there is a rule or a composition for an id: for a composite that need not be taken apart, too. */
export function isKnown(id: string): boolean {
  return (rules?.has(id) || compositions?.has(id)) ?? false;
}

/**
 * What has to be taken apart before its derivative is recorded, where it runs in a batch: its gradient knows a kernel, or
 * a tensor that its forward wrote to, and neither knows of entries.
 */
export function transparentOf(id: string): Composition | undefined {
  return transparent?.get(id);
}
