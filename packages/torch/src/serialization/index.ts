/** `torch.serialization`: saving and loading, and what files may name. */

export type { Path, Readable } from "./files/source.js";
export { type LoadOptions, load } from "./load.js";
export { save } from "./save.js";
export type { MapLocation } from "./torchFiles/mapLocation.js";
export {
  addSafeGlobals,
  clearSafeGlobals,
  getSafeGlobals,
  type Maker,
  removeSafeGlobals,
  type SafeGlobal,
} from "./torchFiles/safeGlobals.js";
