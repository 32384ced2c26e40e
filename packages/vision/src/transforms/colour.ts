/** Transforms of colours that draw nothing at random. */
import torch, { type Tensor } from "flambeau";
import { type Args, int, optional, Signature, tensor } from "flambeau/arguments";
import { pyFloat, pyList } from "../python.js";
import { rgbToGrayscale } from "./functional/colour.js";
import type { AnyImage } from "./functional/image.js";
import { keepNothing } from "./release.js";
import { ImageTransform, Transform } from "./transform.js";

const { shareable } = torch.utils.data;

/**
 * Images in grey, with one channel or three equal ones.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Grayscale.html
 */
export class Grayscale extends ImageTransform {
  readonly numOutputChannels: number;

  constructor(...args: Args<[numOutputChannels?: number], ["numOutputChannels"]>) {
    super();
    const params = { numOutputChannels: optional(int, 1) };
    this.numOutputChannels = new Signature(new.target.name, params).parse(args).numOutputChannels;
  }

  forward(img: AnyImage): AnyImage {
    return rgbToGrayscale(img, this.numOutputChannels);
  }

  override extraRepr(): string {
    return `num_output_channels=${this.numOutputChannels}`;
  }
}

const linearParams = { transformationMatrix: tensor, meanVector: tensor };

/** A list of numbers, or of such lists. */
function nested(value: unknown): string {
  return Array.isArray(value) ? pyList(value, nested) : pyFloat(value as number);
}

/**
 * Tensors `[…, C, H, W]`, each image as one vector: `(x - meanVector) @ transformationMatrix`, as for whitening.
 *
 * @throws Error unless the matrix is square and has as many rows as the vector and as an image has numbers.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.LinearTransformation.html
 */
export class LinearTransformation extends Transform<Tensor, Tensor> {
  readonly transformationMatrix: Tensor;
  readonly meanVector: Tensor;

  constructor(...args: [transformationMatrix: Tensor, meanVector: Tensor]) {
    super();
    const { transformationMatrix, meanVector } = new Signature(new.target.name, linearParams).parse(args);
    const [rows, columns] = transformationMatrix.shape;
    const shape = `(${transformationMatrix.shape.join(", ")})`;
    if (transformationMatrix.ndim !== 2 || rows !== columns)
      throw new Error(`transformation_matrix should be square. Got ${shape} rectangular matrix.`);
    if (meanVector.shape[0] !== rows) {
      throw new Error(
        `mean_vector should have the same length ${meanVector.shape[0]} as any one of the dimensions of the transformation_matrix [${shape}]`,
      );
    }
    this.transformationMatrix = transformationMatrix;
    this.meanVector = meanVector;
  }

  forward(img: Tensor): Tensor {
    const [channels = 0, height = 0, width = 0] = img.shape.slice(-3);
    const size = channels * height * width;
    const [rows] = this.transformationMatrix.shape;
    if (img.ndim < 3 || size !== rows) {
      throw new Error(
        `Input tensor and transformation matrix have incompatible shape.[${channels} x ${height} x ${width}] != ${rows}`,
      );
    }
    return img.reshape(-1, size).sub(this.meanVector).matmul(this.transformationMatrix).view(img.shape);
  }

  override extraRepr(): string {
    return `transformation_matrix=${nested(this.transformationMatrix.tolist())}, mean_vector=${nested(this.meanVector.tolist())}`;
  }
}

shareable(import.meta.url, { Grayscale, LinearTransformation });
keepNothing({ Grayscale, LinearTransformation });
