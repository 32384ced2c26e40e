/** `flambeau/files`: how the packages around the core write files. */
export { replaceFile, type Sink } from "./replaceFile.js";
export type { Path } from "./source.js";
