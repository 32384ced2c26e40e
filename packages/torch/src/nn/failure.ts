/** Says in the message of an error in which layer of a network it happened, and what the layer was given. */
import { describe } from "../arguments/parse.js";
import { atCaller, isOurError, reword } from "../core/callers.js";
import { formatShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { Module } from "./module.js";

/** @internal What a layer says that it wants: `last dim 8`. */
export const expected: unique symbol = Symbol("expected");

interface Failure {
  readonly words: string;
  readonly layer: Module;
  readonly inputs: readonly unknown[];
}

const failures = new WeakMap<Error, Failure>();

/** `Linear(in_features=8, out_features=3, bias=True)`, or the name alone of what has layers in it. */
function nameOf(layer: Module): string {
  const { name } = layer.constructor;
  return layer.children().length > 0 ? name : `${name}(${layer.extraRepr()})`;
}

function describeInput(input: unknown): string {
  return input instanceof Tensor ? formatShape(input.sizes) : describe(input);
}

/** `in Net.out, Linear(…): expected last dim 8, got [8, 16]`, as seen from a module around the layer. */
function placeOf(module: Module, { layer, inputs }: Failure): string {
  const path = module === layer ? undefined : module.namedModules().find(([, one]) => one === layer)?.[0];
  const place = path === undefined ? nameOf(layer) : `${module.constructor.name}.${path}, ${nameOf(layer)}`;
  const wanted = (layer as { [expected]?: () => string })[expected]?.();
  return `in ${place}: ${wanted === undefined ? "" : `expected ${wanted}, `}got ${inputs.map(describeInput).join(", ") || "nothing"}`;
}

/** An error that leaves a module; those of the library say where it happened. */
export function inModule(thrown: unknown, module: Module, inputs: readonly unknown[]): unknown {
  const error = atCaller(thrown);
  if (!isOurError(error)) return error;
  const failure = failures.get(error) ?? { words: error.message, layer: module, inputs };
  failures.set(error, failure);
  reword(error, `${failure.words}\n${placeOf(module, failure)}`);
  return error;
}
