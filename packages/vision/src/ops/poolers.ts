/** RoIAlign over the levels of a feature pyramid: each box at the level that fits its size. */
import torch, { nn, type Tensor } from "flambeau";
import { int, keyword, listOf, optional, Signature, sizeOrSizes, text } from "flambeau/arguments";
import { boxArea, indicesOf } from "./boxes.js";
import type { FeatureMaps } from "./featurePyramid.js";
import { type OutputSize, outputSizes, regionsOf } from "./regions.js";
import { roiAlign } from "./roiAlign.js";

/** Height and width of an image. */
export type ImageSize = readonly [height: number, width: number];

/** The levels of a pyramid: how they are scaled, and the numbers of the first and the last. */
interface Levels {
  readonly scales: readonly number[];
  readonly first: number;
  readonly last: number;
}

/** How much smaller a map is than the images: a power of two. */
function scaleOf(map: Tensor, size: ImageSize): number {
  return 2 ** Math.round(Math.log2((map.shape.at(-2) as number) / size[0]));
}

function levelsOf(maps: readonly Tensor[], imageShapes: readonly ImageSize[]): Levels {
  if (imageShapes.length === 0) throw new Error("images list should not be empty");
  const most = (dim: 0 | 1) => Math.max(...imageShapes.map((shape) => shape[dim]));
  const largest: ImageSize = [most(0), most(1)];
  const scales = maps.map((map) => scaleOf(map, largest));
  const level = (scale: number | undefined) => Math.trunc(-Math.log2(scale as number));
  return { scales, first: level(scales[0]), last: level(scales.at(-1)) };
}

/** Which of the maps each box is pooled from. */
function levelsOfBoxes(boxes: readonly Tensor[], { first, last }: Levels, pooler: MultiScaleRoIAlign): Tensor {
  const side = torch.sqrt(torch.cat(boxes.map((own) => boxArea(own))));
  const level = torch.log2(side.div(pooler.canonicalScale)).add(pooler.canonicalLevel).add(1e-6).floor();
  return level.clamp(first, last).to(torch.int64).sub(first);
}

const params = {
  featmapNames: listOf("list of strs", text),
  outputSize: sizeOrSizes,
  samplingRatio: int,
  canonicalScale: keyword(optional(int, 224)),
  canonicalLevel: keyword(optional(int, 4)),
};

/**
 * `roiAlign` of boxes at the level of a feature pyramid that fits their size: `[K, C, rows, columns]`.
 *
 * @param featmapNames the maps that are looked at.
 * @param options.canonicalScale a box with sides of this length, 224 by default,
 * @param options.canonicalLevel is pooled at this level, 4 by default: the one that is 2⁴ times smaller than the image.
 * @example
 * const pooler = new ops.MultiScaleRoIAlign(["feat1", "feat3"], 3, 2);
 * pooler({ feat1, feat2, feat3 }, [boxes], [[512, 512]]);
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.MultiScaleRoIAlign.html
 */
export class MultiScaleRoIAlign extends nn.Module {
  declare featmapNames: readonly string[];
  declare outputSize: readonly [number, number];
  declare samplingRatio: number;
  declare canonicalScale: number;
  declare canonicalLevel: number;
  /** Found out from the first images, and kept. */
  declare levels: Levels | null;

  constructor(
    ...args: [
      featmapNames: readonly string[],
      outputSize: OutputSize,
      samplingRatio: number,
      options?: { canonicalScale?: number; canonicalLevel?: number },
    ]
  ) {
    super();
    const given = new Signature(new.target.name, params).parse(args);
    Object.assign(this, given, { outputSize: outputSizes(given.outputSize), levels: null });
  }

  override forward(x: FeatureMaps, boxes: readonly Tensor[], imageShapes: readonly ImageSize[]): Tensor {
    const maps = Object.entries(x)
      .filter(([name]) => this.featmapNames.includes(name))
      .map(([, map]) => map);
    if (maps.length === 0) throw new Error(`MultiScaleRoIAlign: none of ${this.featmapNames.join(", ")} was given`);
    this.levels ??= levelsOf(maps, imageShapes);
    const { scales } = this.levels;
    const rois = regionsOf(boxes);
    const pool = (map: Tensor, own: Tensor, scale: number) =>
      roiAlign(map, own, this.outputSize, scale, this.samplingRatio);
    if (maps.length === 1) return pool(maps[0] as Tensor, rois, scales[0] as number);
    const levels = levelsOfBoxes(boxes, this.levels, this);
    const [first] = maps as [Tensor];
    const sizes = [rois.shape[0] as number, first.shape[1] as number, ...this.outputSize];
    let result = torch.zeros(sizes, { dtype: first.dtype, device: first.device });
    for (const [level, map] of maps.entries()) {
      const own = indicesOf(levels.eq(level));
      const pooled = pool(map, rois.at(own), scales[level] as number);
      result = result.indexPut([own], pooled.to(result.dtype));
    }
    return result;
  }

  override extraRepr(): string {
    const names = this.featmapNames.map((name) => `'${name}'`).join(", ");
    return `featmap_names=[${names}], output_size=(${this.outputSize.join(", ")}), sampling_ratio=${this.samplingRatio}`;
  }
}
