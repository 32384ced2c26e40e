/** How near images are to those that they should be. */
export * from "./errors.js";
export {
  type DataRange,
  MultiScaleStructuralSimilarityIndexMeasure,
  type MultiscaleOptions,
  multiscaleStructuralSimilarityIndexMeasure,
  type SsimOptions,
  StructuralSimilarityIndexMeasure,
  structuralSimilarityIndexMeasure,
  UniversalImageQualityIndex,
  type UqiOptions,
  universalImageQualityIndex,
} from "./similarity.js";
export type { ImageReduction, ReductionOption } from "./values.js";
