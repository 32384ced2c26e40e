/** `flambeau/arguments`: how the packages around the core read the arguments of their functions and constructors. */
export { ownPackage } from "../core/callers.js";
export { toCamelCase } from "../core/names.js";
export type { Args } from "./args.js";
export * from "./params.js";
export { describe, readArgument, Signature } from "./parse.js";
export { warn } from "./warn.js";
