/** What all detectors do with images and targets before and after their own work. */
import torch, { nn, type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import type { GeneralizedRCNNTransform } from "./transform.js";
import type { Detection, FeatureMaps, ImageList, ImageSize, Losses, Target } from "./types.js";

/** Images that were made ready, and what a backbone makes of them. */
export interface Prepared {
  readonly images: ImageList;
  readonly targets: Target[] | null;
  readonly features: FeatureMaps;
}

/**
 * A detector: images `[C, H, W]` of any sizes, with values from 0 to 1, to detections; in training, with targets, to
 * losses.
 *
 * @throws Error in training without targets, for boxes without height or width; TypeError for images that are not floating.
 */
export abstract class Detector extends nn.Module {
  declare transform: GeneralizedRCNNTransform;
  declare backbone: nn.Module;

  /** In training the losses, otherwise what was found in each image. */
  override forward(images: readonly Tensor[], targets: readonly Target[] | null = null): Losses | Detection[] {
    if (this.training) checkTargets(targets);
    const sizes = images.map(sizeOf);
    const [batch, moved] = this.transform(images, targets);
    checkBoxes(moved);
    const features: unknown = this.backbone(batch.tensors);
    const named = features instanceof torch.Tensor ? { 0: features } : (features as FeatureMaps);
    const result = this.detect({ images: batch, targets: moved, features: named });
    return Array.isArray(result) ? this.transform.postprocess(result, batch.imageSizes, sizes) : result;
  }

  /** In training the losses, otherwise what was found in the resized images. */
  protected abstract detect(prepared: Prepared): Losses | Detection[];
}

function sizeOf(image: Tensor): ImageSize {
  if (!(image instanceof torch.Tensor)) throw new TypeError(`images should be Tensors, got ${describe(image)}`);
  if (image.ndim < 2) {
    throw new Error(
      `expecting the last two dimensions of the Tensor to be H and W instead got [${image.shape.join(", ")}]`,
    );
  }
  return image.shape.slice(-2) as unknown as ImageSize;
}

function checkTargets(targets: readonly Target[] | null): void {
  if (targets === null) throw new Error("targets should not be none when in training mode");
  for (const target of targets) {
    const boxes: unknown = target.boxes;
    if (!(boxes instanceof torch.Tensor))
      throw new TypeError(`Expected target boxes to be of type Tensor, got ${describe(boxes)}.`);
    if (boxes.ndim === 2 && boxes.shape[1] === 4) continue;
    throw new Error(`Expected target boxes to be a tensor of shape [N, 4], got [${boxes.shape.join(", ")}].`);
  }
}

function checkBoxes(targets: readonly Target[] | null): void {
  for (const [i, { boxes }] of (targets ?? []).entries()) {
    const isFlat = boxes.at(":", "2:").le(boxes.at(":", ":2")).any(1);
    if (!isFlat.any().item()) continue;
    const [wrong] = boxes.at(isFlat).tolist() as number[][];
    throw new Error(
      `All bounding boxes should have positive height and width. Found invalid box [${wrong?.join(", ")}] for target at index ${i}.`,
    );
  }
}
