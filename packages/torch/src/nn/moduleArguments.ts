/** The arguments of the methods of modules. */

import type { Args } from "../arguments/args.js";
import { anything, callable, device, flag, flagOn, keyword, optional, text } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { toParams } from "../ops/creation/memory.js";

export const forwardHookArgs = new Signature("registerForwardHook", {
  hook: callable,
  prepend: flag,
  alwaysCall: flag,
});
export const hookArgs = new Signature("registerHook", { hook: callable, prepend: flag });
export const parametersArgs = new Signature("parameters", { recurse: flagOn });
const prefixParam = optional({ ...text, endsPositional: false }, "");
export const namedTensorsArgs = new Signature("namedParameters", {
  prefix: prefixParam,
  recurse: flagOn,
  removeDuplicate: flagOn,
});
export const namedModulesArgs = new Signature("namedModules", { prefix: prefixParam, removeDuplicate: flagOn });
export const bufferArgs = new Signature("registerBuffer", { name: anything, tensor: anything, persistent: flagOn });
export const stateDictArgs = new Signature("stateDict", {
  destination: keyword(optional(anything)),
  prefix: keyword(prefixParam),
  keepVars: flag,
});
export const loadStateDictArgs = new Signature("loadStateDict", { stateDict: anything, strict: flagOn, assign: flag });
export const zeroGradArgs = new Signature("zeroGrad", { setToNone: flagOn });
export const switchArgs = new Signature("train", { mode: { ...flagOn, endsPositional: false } });
export const toArgs = new Signature("to", toParams);
export const toEmptyArgs = new Signature("toEmpty", { device: keyword(device) });

export type NamedTensorsArguments = Args<
  [prefix?: string],
  ["prefix"],
  { recurse?: boolean; removeDuplicate?: boolean }
>;
export type NamedModulesArguments = Args<[prefix?: string], ["prefix"], { removeDuplicate?: boolean }>;
