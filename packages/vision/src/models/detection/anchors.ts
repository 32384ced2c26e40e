/** Boxes of a few sizes and proportions at every place of feature maps, of which detections are made. */
import torch, { type DType, nn, type Tensor } from "flambeau";
import {
  type Args,
  flagOn,
  invalid,
  listOf,
  nullable,
  number,
  numbers,
  optional,
  type Param,
  Signature,
} from "flambeau/arguments";
import { pyBool, pyFloat } from "../../python.js";
import type { ImageList } from "./types.js";

type PerMap = readonly (readonly number[])[];
/** Numbers for each feature map, or some that all have (proportions), or one for each (sizes). */
type Anchors = readonly number[] | PerMap;

const perMap: Param<PerMap> = listOf("tuple of tuples of floats", numbers);
const anchorParam: Param<Anchors> = {
  ...(perMap as Param<Anchors>),
  read: (value) => {
    const nested = perMap.read(value);
    return nested === invalid ? numbers.read(value) : nested;
  },
};

function isNested(values: Anchors): values is PerMap {
  return Array.isArray(values[0]);
}

/**
 * Anchors `[A, 4]` for each image, around every place of feature maps: of all sizes with all proportions.
 *
 * @param sizes the square roots of areas, for each feature map; `[[128, 256, 512]]` by default.
 * @param aspectRatios height by width, for each feature map or for all; `[[0.5, 1, 2]]` by default.
 * @throws Error in a call with another number of feature maps.
 */
export class AnchorGenerator extends nn.Module {
  declare sizes: PerMap;
  declare aspectRatios: PerMap;
  /** The anchors of each map around the origin. */
  declare cellAnchors: readonly Tensor[];

  constructor(...args: Args<[sizes?: Anchors, aspectRatios?: Anchors], ["sizes", "aspectRatios"]>) {
    super();
    const { sizes, aspectRatios } = new Signature(new.target.name, {
      sizes: optional(anchorParam, [[128, 256, 512]]),
      aspectRatios: optional(anchorParam, [[0.5, 1, 2]]),
    }).parse(args);
    this.sizes = isNested(sizes) ? sizes : sizes.map((size) => [size]);
    this.aspectRatios = isNested(aspectRatios) ? aspectRatios : this.sizes.map(() => aspectRatios);
    const count = Math.min(this.sizes.length, this.aspectRatios.length);
    this.cellAnchors = Array.from({ length: count }, (_, i) =>
      this.generateAnchors(this.sizes[i] as readonly number[], this.aspectRatios[i] as readonly number[]),
    );
  }

  /** The anchors of one map around the origin: `[ratios × scales, 4]`. */
  generateAnchors(scales: readonly number[], aspectRatios: readonly number[], dtype: DType = torch.float32): Tensor {
    const heights = torch.tensor([...aspectRatios], { dtype }).sqrt();
    const size = torch.tensor([...scales], { dtype });
    const [h, w] = [heights, heights.reciprocal()].map((ratio) => ratio.unsqueeze(1).mul(size).view(-1)) as [
      Tensor,
      Tensor,
    ];
    return torch.stack([w.neg(), h.neg(), w, h], 1).div(2).round();
  }

  /** How many anchors each place of a map has. */
  numAnchorsPerLocation(): number[] {
    return this.sizes.map((sizes, i) => sizes.length * (this.aspectRatios[i]?.length ?? 0));
  }

  override forward(imageList: ImageList, featureMaps: readonly Tensor[]): Tensor[] {
    if (featureMaps.length !== this.cellAnchors.length) {
      throw new Error(
        "Anchors should be Tuple[Tuple[int]] because each feature map could potentially have different sizes and aspect ratios. " +
          `There needs to be a match between the number of feature maps passed and the number of sizes / aspect ratios specified, got ${featureMaps.length} and ${this.cellAnchors.length}.`,
      );
    }
    const [height, width] = imageList.tensors.shape.slice(-2) as [number, number];
    const { dtype, device } = featureMaps[0] as Tensor;
    this.cellAnchors = this.cellAnchors.map((anchors) => anchors.to(dtype).to(device));
    const grids = featureMaps.map((map, i) => {
      const [rows, columns] = map.shape.slice(-2) as [number, number];
      const x = torch.arange(columns, { device }).mul(Math.floor(width / columns));
      const y = torch.arange(rows, { device }).mul(Math.floor(height / rows));
      const { 0: down, 1: across } = torch.meshgrid(y, x, { indexing: "ij" }) as [Tensor, Tensor];
      const places = [across, down].map((place) => place.reshape(-1)) as [Tensor, Tensor];
      const shifts = torch.stack([...places, ...places], 1);
      const cell = this.cellAnchors[i] as Tensor;
      return shifts
        .view(-1, 1, 4)
        .add(cell.view(1, -1, 4))
        .reshape(-1, 4);
    });
    const anchors = torch.cat(grids);
    return imageList.imageSizes.map(() => anchors);
  }
}

const boxParams = {
  aspectRatios: perMap,
  minRatio: optional(number, 0.15),
  maxRatio: optional(number, 0.9),
  scales: optional(nullable(numbers), null),
  steps: optional(nullable(numbers), null),
  clip: flagOn,
};

/**
 * The default boxes of SSD, `[A, 4]` for each image.
 *
 * @param aspectRatios the proportions beside squares, for each feature map.
 * @param minRatio the scale of the first map, from which that of others grows to
 * @param maxRatio that of the last, where no
 * @param scales are given.
 * @param steps how many pixels places are apart; by default as many as the images have for each.
 * @param options.clip whether widths and heights end at those of the image; true by default.
 * @throws Error unless there are as many steps as feature maps.
 */
export class DefaultBoxGenerator extends nn.Module {
  declare aspectRatios: PerMap;
  declare scales: readonly number[];
  declare steps: readonly number[] | null;
  declare clip: boolean;
  /** Width and height of the boxes of each map, as parts of the image. */
  declare sides: readonly Tensor[];

  constructor(
    ...args: [
      aspectRatios: PerMap,
      ...rest: Args<
        [minRatio?: number, maxRatio?: number, scales?: readonly number[] | null, steps?: readonly number[] | null],
        ["minRatio", "maxRatio", "scales", "steps"],
        { clip?: boolean }
      >,
    ]
  ) {
    super();
    const { aspectRatios, minRatio, maxRatio, scales, steps, clip } = new Signature(new.target.name, boxParams).parse(
      args,
    );
    const count = aspectRatios.length;
    if (steps !== null && steps.length !== count)
      throw new Error("aspect_ratios and steps should have the same length");
    this.aspectRatios = aspectRatios;
    this.steps = steps;
    this.clip = clip;
    this.scales = scales ?? growingScales(minRatio, maxRatio, count);
    this.sides = aspectRatios.map((ratios, k) => {
      const [own, next] = [this.scales[k], this.scales[k + 1]] as [number, number];
      const between = Math.sqrt(own * next);
      const others = ratios.flatMap((ratio) => {
        const [width, height] = [own * Math.sqrt(ratio), own / Math.sqrt(ratio)];
        return [
          [width, height],
          [height, width],
        ];
      });
      return torch.tensor([[own, own], [between, between], ...others]);
    });
  }

  /** How many boxes each place of a map has. */
  numAnchorsPerLocation(): number[] {
    return this.aspectRatios.map((ratios) => 2 + 2 * ratios.length);
  }

  override forward(imageList: ImageList, featureMaps: readonly Tensor[]): Tensor[] {
    const imageSize = imageList.tensors.shape.slice(-2) as [number, number];
    const { dtype, device } = featureMaps[0] as Tensor;
    const maps = featureMaps.map((map, k) => {
      const grid = map.shape.slice(-2) as [number, number];
      const [rows, columns] = this.steps === null ? grid : imageSize.map((size) => size / (this.steps?.[k] as number));
      const centers = (count: number, all: number) => torch.arange(count).add(0.5).div(all).to(dtype);
      const { 0: down, 1: across } = torch.meshgrid(
        centers(grid[0], rows as number),
        centers(grid[1], columns as number),
        {
          indexing: "ij",
        },
      ) as [Tensor, Tensor];
      const sides = this.sides[k] as Tensor;
      const place = torch.stack([across.reshape(-1), down.reshape(-1)], 1);
      const boxes = place
        .unsqueeze(1)
        .expand(-1, sides.shape[0] as number, -1)
        .reshape(-1, 2);
      const clipped = this.clip ? sides.clamp(0, 1) : sides;
      return torch.cat([boxes, clipped.repeat(grid[0] * grid[1], 1)], 1);
    });
    const boxes = torch.cat(maps).to(device);
    const [center, sides] = [boxes.at(":", ":2"), boxes.at(":", "2:")];
    const size = torch.tensor([imageSize[1], imageSize[0]], { dtype: torch.int64, device });
    const corners = [center.sub(sides.mul(0.5)).mul(size), center.add(sides.mul(0.5)).mul(size)];
    const inImage = torch.cat(corners, -1);
    return imageList.imageSizes.map(() => inImage);
  }

  override toString(): string {
    const list = (values: readonly unknown[]): string => `[${values.join(", ")}]`;
    const parts = [
      `aspect_ratios=${list(this.aspectRatios.map(list))}`,
      `clip=${pyBool(this.clip)}`,
      `scales=${list(this.scales.map(pyFloat))}`,
      `steps=${this.steps === null ? "None" : list(this.steps)}`,
    ];
    return `${this.constructor.name}(${parts.join(", ")})`;
  }
}

/** Scales from the first to the last map, and one further. */
function growingScales(min: number, max: number, count: number): number[] {
  if (count <= 1) return [min, max];
  return [...Array.from({ length: count }, (_, k) => min + ((max - min) * k) / (count - 1)), 1];
}
