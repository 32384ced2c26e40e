/** Where a MobileNet makes images smaller: the layers whose features others build upon. */
import type { InvertedResidual, MobileNetV3 } from "./mobilenetv3.js";

/** A layer by its place, with its channels. */
export interface Stage {
  readonly index: number;
  readonly outChannels: number;
}

/** The first and last layers of a MobileNet V3, and those that halve the size. */
export function stagesOf({ features }: MobileNetV3): Stage[] {
  const layers = [...features] as InvertedResidual[];
  return layers.flatMap(({ isStrided, outChannels }, index) =>
    isStrided || index === 0 || index === layers.length - 1 ? [{ index, outChannels }] : [],
  );
}
