/** What detectors take and give. */
import type { Tensor } from "flambeau";
import type { ImageSize } from "../../ops/poolers.js";

export type { FeatureMaps } from "../../ops/featurePyramid.js";
export type { ImageSize } from "../../ops/poolers.js";

/** What is known of one image: boxes `[N, 4]` and labels `[N]` (int64), and masks `[N, H, W]` or keypoints `[N, K, 3]`. */
export interface Target {
  readonly boxes: Tensor;
  readonly labels: Tensor;
  readonly masks?: Tensor;
  readonly keypoints?: Tensor;
  readonly [other: string]: unknown;
}

/** What was found in one image, by falling score; `masks` `[N, 1, H, W]` and `keypoints` `[N, K, 3]` of models that give them. */
export interface Detection {
  readonly boxes: Tensor;
  readonly labels: Tensor;
  readonly scores: Tensor;
  readonly masks?: Tensor;
  readonly keypoints?: Tensor;
  readonly keypoints_scores?: Tensor;
}

/** Losses by name. */
export type Losses = Record<string, Tensor>;

/** Several images in one tensor, each padded to the size of the largest, with their own sizes. */
export class ImageList {
  constructor(
    /** `[N, C, H, W]` */
    readonly tensors: Tensor,
    readonly imageSizes: readonly ImageSize[],
  ) {}

  to(device: Parameters<Tensor["to"]>[0]): ImageList {
    return new ImageList(this.tensors.to(device as never), this.imageSizes);
  }
}
