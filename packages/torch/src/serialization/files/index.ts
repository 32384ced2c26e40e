/** `flambeau/files`: how the packages around the core read and write files. */
export { writablePath } from "../paths.js";
export { replaceFile, type Sink } from "./replaceFile.js";
export { type Path, pathOf, withSource } from "./source.js";
