/** Builders of detectors: a backbone with or without weights, and what stands on it. */
import { nn } from "flambeau";
import type { Layer } from "../../ops/layer.js";
import { FrozenBatchNorm2d } from "../../ops/misc.js";
import { type Builder, builder, type WeightsOption } from "../builder.js";
import type { AnyWeightsEnum } from "../weights.js";
import { validateTrainableLayers } from "./backbones.js";

/** What builders of detectors take, beside the options of their classes. */
export interface DetectorOptions {
  /** How many classes there are, the background among them. */
  numClasses?: number;
  /**
   * The weights that the backbone begins with, where the detector has none: those that are published, by default, for
   * most detectors; `null` for random ones.
   */
  weightsBackbone?: WeightsOption;
  /** How many layers of a backbone with weights learn, counted from the last one. */
  trainableBackboneLayers?: number | null;
}

/** A backbone as it is wanted. */
export interface BackboneSettings {
  readonly numClasses: number;
  /** Options of the classifier's builder: its weights, and norms that are frozen where any weights were learned. */
  readonly classifier: { readonly weights: WeightsOption };
  readonly normLayer: Layer;
  readonly trainableLayers: number;
}

interface Defaults {
  readonly numClasses?: number;
  readonly weightsBackbone: WeightsOption;
  /** How many layers a backbone has that may learn, and how many do where it has weights. */
  readonly layers: number;
  readonly trainableLayers: number;
}

/** A builder of a detector that begins with a classifier. */
export function detectorBuilder<M extends nn.Module, O extends object>(
  modelName: string,
  weights: AnyWeightsEnum,
  defaults: Defaults,
  make: (settings: BackboneSettings, options: O) => M,
  finish: (model: M) => void = () => {},
): Builder<M, O & DetectorOptions> {
  return builder(
    modelName,
    weights,
    (given: O & DetectorOptions, hasWeights) => {
      const { numClasses = defaults.numClasses ?? 91, weightsBackbone, trainableBackboneLayers, ...options } = given;
      const wanted = weightsBackbone === undefined ? defaults.weightsBackbone : weightsBackbone;
      const backboneWeights = hasWeights ? null : wanted;
      const isTrained = hasWeights || backboneWeights !== null;
      const settings: BackboneSettings = {
        numClasses,
        classifier: { weights: backboneWeights },
        normLayer: isTrained ? FrozenBatchNorm2d : nn.BatchNorm2d,
        trainableLayers: validateTrainableLayers(
          isTrained,
          trainableBackboneLayers,
          defaults.layers,
          defaults.trainableLayers,
        ),
      };
      return make(settings, options as unknown as O);
    },
    { finish },
  );
}

/** Frozen norms divide by the bare deviation, as those did with which the first published weights were learned. */
export function withoutEps(model: nn.Module): void {
  for (const module of model.modules()) if (module instanceof FrozenBatchNorm2d) module.eps = 0;
}
