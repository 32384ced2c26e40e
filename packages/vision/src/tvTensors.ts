/**
 * `tvTensors`: tensors that know what they are, so that `transforms.v2` does the right thing with each.
 *
 * They are tensors; what is computed from them are plain ones, and `wrap` makes one of the kind of another again.
 *
 * Source: https://pytorch.org/vision/stable/tv_tensors.html
 */
import torch, { type DType, type Tensor } from "flambeau";
import {
  anything,
  dtype as dtypeParam,
  flag,
  ints,
  keyword,
  optional,
  type Param,
  Signature,
  word,
} from "flambeau/arguments";
import { Image as PilImage } from "./image.js";
import { pilToTensor } from "./transforms/functional/convert.js";

const { shareable } = torch.utils.data;

/** What a tensor of one of the kinds is made of: a tensor, numbers, or an image. */
export type TVData = Tensor | PilImage | Parameters<typeof torch.tensor>[0];

export interface TVOptions {
  dtype?: DType;
  requiresGrad?: boolean;
}

const options = { dtype: optional(dtypeParam), requiresGrad: flag };
const dataParams = { data: anything, ...options };

function asTensor(data: unknown, dtype: DType | undefined): Tensor {
  const values =
    data instanceof torch.Tensor
      ? data
      : data instanceof PilImage
        ? pilToTensor(data)
        : torch.tensor(data as Parameters<typeof torch.tensor>[0]);
  return dtype === undefined ? values : values.to(dtype);
}

/** The fields of a tensor, in the order in which its constructor takes them. */
type Fields = ConstructorParameters<typeof torch.Tensor>;

function fieldsOf(data: Tensor): Fields {
  const { storage, offset, sizes, strides, dtype, contiguousFlag } = data as unknown as Record<string, never>;
  return [storage, offset, sizes, strides, dtype, contiguousFlag] as unknown as Fields;
}

/**
 * The base of the kinds: a tensor that shares the memory of another.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.TVTensor.html
 */
export abstract class TVTensor extends torch.Tensor {
  constructor(data: Tensor, requiresGrad: boolean) {
    super(...fieldsOf(data));
    // What gradients reach this tensor go on to the one that it is made of.
    if (data.requiresGrad) Object.assign(this, data.view(data.shape));
    else if (requiresGrad) this.requiresGrad = true;
  }

  /** What is printed behind the numbers. */
  protected details(): string {
    return "";
  }

  override toString(): string {
    const { name } = this.constructor;
    const indent = "\n".padEnd(name.length + 2);
    const text = super.toString().slice("tensor".length, -1).replaceAll("\n       ", indent);
    return `${name}${text}, ${this.details()})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function withDims(data: Tensor, least: number, name: string): Tensor {
  if (least === 3 && data.ndim === 2) return data.unsqueeze(0);
  if (data.ndim < least) throw new Error(`${name}: expected ${least} dims at least, got ${data.ndim}`);
  return data;
}

/**
 * Images `[…, C, H, W]`.
 *
 * @example new tvTensors.Image(torch.rand(3, 224, 224))
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.Image.html
 */
export class Image extends TVTensor {
  constructor(...args: [data: TVData, options?: TVOptions]) {
    const { data, dtype, requiresGrad } = new Signature("Image", dataParams).parse(args);
    super(withDims(asTensor(data, dtype), 3, "Image"), requiresGrad);
  }
}

/**
 * Videos `[…, T, C, H, W]`.
 *
 * @throws Error for less than four dims.
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.Video.html
 */
export class Video extends TVTensor {
  constructor(...args: [data: TVData, options?: TVOptions]) {
    const { data, dtype, requiresGrad } = new Signature("Video", dataParams).parse(args);
    super(withDims(asTensor(data, dtype), 4, "Video"), requiresGrad);
  }
}

/**
 * Masks `[…, H, W]`: of classes, or one for each object.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.Mask.html
 */
export class Mask extends TVTensor {
  constructor(...args: [data: TVData, options?: TVOptions]) {
    const { data, dtype, requiresGrad } = new Signature("Mask", dataParams).parse(args);
    super(withDims(asTensor(data, dtype), 2, "Mask"), requiresGrad);
  }
}

/**
 * How boxes are given: by corners; by a corner, width and height; by the center, width and height.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.BoundingBoxFormat.html
 */
export const BoundingBoxFormat = { XYXY: "XYXY", XYWH: "XYWH", CXCYWH: "CXCYWH" } as const;

export type BoundingBoxFormat = (typeof BoundingBoxFormat)[keyof typeof BoundingBoxFormat];

export const formatParam: Param<BoundingBoxFormat> = word(...Object.values(BoundingBoxFormat));

/** Height and width. */
export type CanvasSize = readonly [height: number, width: number];

const boxParams = { data: anything, format: keyword(formatParam), canvasSize: keyword(ints), ...options };

/**
 * Boxes `[N, 4]` in an image of a size.
 *
 * @throws Error unless each box has four numbers, and the size two.
 * @example new tvTensors.BoundingBoxes([[10, 20, 50, 60]], { format: "XYXY", canvasSize: [100, 200] })
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.BoundingBoxes.html
 */
export class BoundingBoxes extends TVTensor {
  readonly format: BoundingBoxFormat;
  /** Height and width of the image. */
  readonly canvasSize: CanvasSize;

  constructor(
    ...args: [data: TVData, options: TVOptions & { format: BoundingBoxFormat; canvasSize: readonly number[] }]
  ) {
    const { data, format, canvasSize, dtype, requiresGrad } = new Signature("BoundingBoxes", boxParams).parse(args);
    const values = asTensor(data, dtype);
    const boxes = values.ndim === 1 ? values.unsqueeze(0) : values;
    if (boxes.ndim !== 2 || boxes.shape[1] !== 4)
      throw new Error(`Expected a 1D or 2D tensor of boxes with four numbers, got shape [${values.shape.join(", ")}]`);
    if (canvasSize.length !== 2) throw new Error(`canvasSize is [height, width], got [${canvasSize.join(", ")}]`);
    super(boxes, requiresGrad);
    this.format = format;
    this.canvasSize = [...canvasSize] as unknown as CanvasSize;
  }

  protected override details(): string {
    return `format=BoundingBoxFormat.${this.format}, canvas_size=(${this.canvasSize.join(", ")})`;
  }
}

export interface WrapOptions {
  /** Of which kind the result is. */
  like: TVTensor;
  /** Another format of boxes. */
  format?: BoundingBoxFormat;
  /** Another size of the image that boxes are in. */
  canvasSize?: readonly number[];
}

/**
 * A tensor as one of the kind of another.
 *
 * @throws TypeError unless the other is of one of the kinds.
 * @see https://pytorch.org/vision/stable/generated/torchvision.tv_tensors.wrap.html
 */
export function wrap<T extends TVTensor = TVTensor>(
  wrappee: Tensor,
  { like, format, canvasSize }: WrapOptions & { like: T },
): T {
  const kind: TVTensor = like;
  if (kind instanceof BoundingBoxes) {
    const boxes = { format: format ?? kind.format, canvasSize: canvasSize ?? kind.canvasSize };
    return new BoundingBoxes(wrappee, boxes) as TVTensor as T;
  }
  if (kind instanceof Image) return new Image(wrappee) as TVTensor as T;
  if (kind instanceof Video) return new Video(wrappee) as TVTensor as T;
  if (kind instanceof Mask) return new Mask(wrappee) as TVTensor as T;
  throw new TypeError("wrap(): like must be an Image, Video, Mask or BoundingBoxes of tvTensors");
}

/** Whether a value is a tensor of none of the kinds. */
export function isPureTensor(value: unknown): boolean {
  return value instanceof torch.Tensor && !(value instanceof TVTensor);
}

shareable(import.meta.url, { Image, Video, Mask, BoundingBoxes });
