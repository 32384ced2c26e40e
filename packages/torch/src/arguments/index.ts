/** `flambeau/arguments`: how the packages around the core read the arguments of their functions and constructors. */
export * from "./params.js";
export { describe, isOptions, readArgument, Signature } from "./parse.js";
