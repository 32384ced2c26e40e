/** DropBlock: blocks of neighbouring elements that are zeroed at random. */
import torch, { F, nn, type Tensor } from "flambeau";
import { flag, flagOn, int, keyword, number, optional, Signature, tensor } from "flambeau/arguments";
import { pyBool, pyFloat } from "../python.js";

const dropParams = { p: number, blockSize: int, inplace: flag, eps: keyword(optional(number, 1e-6)) };

interface DropBlockOptions {
  /** Whether the input itself changes. */
  inplace?: boolean;
  /** Added to the number of elements that are kept, where one divides by it. */
  eps?: number;
}

type Arguments = [
  input: Tensor,
  p: number,
  blockSize: number,
  options?: DropBlockOptions & {
    /** Outside of training nothing is done; true by default. */
    training?: boolean;
  },
];

function defineDropBlock(name: string, dims: 2 | 3): (...args: Arguments) => Tensor {
  const signature = new Signature(name, { input: tensor, ...dropParams, training: flagOn });
  return (...args) => {
    const { input, p, blockSize, inplace, eps, training } = signature.parse(args);
    if (!(p >= 0 && p <= 1)) throw new RangeError(`drop probability has to be between 0 and 1, but got ${p}.`);
    if (input.ndim !== dims + 2)
      throw new Error(`input should be ${dims + 2} dimensional. Got ${input.ndim} dimensions.`);
    if (!training || p === 0) return input;
    const kept = keptElements(input, p, blockSize, dims);
    const scale = torch.tensor(kept.numel(), { dtype: input.dtype }).div(kept.sum().add(eps));
    return inplace ? input.mul_(kept).mul_(scale) : input.mul(kept).mul(scale);
  };
}

/** Ones, and zeros in blocks around places that are drawn. */
function keptElements(input: Tensor, p: number, blockSize: number, dims: 2 | 3): Tensor {
  const spatial = input.shape.slice(2);
  const size = Math.min(blockSize, ...spatial);
  if (size < 1) throw new RangeError(`block_size must be at least 1, got ${size}`);
  const places = spatial.map((length) => length - size + 1);
  const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);
  const gamma = (p * product(spatial)) / (size ** dims * product(places));
  const sizes = [...input.shape.slice(0, 2), ...places];
  const drawn = torch.empty(sizes, { dtype: input.dtype, device: input.device }).bernoulli_(gamma);
  const padded = F.pad(drawn, new Array<number>(2 * dims).fill(size - 1));
  const pool = dims === 2 ? F.maxPool2d : F.maxPool3d;
  return pool(padded, size, 1).neg().add(1);
}

/**
 * Images `[N, C, H, W]` with blocks of zeros at random, which cover a part p of them; the rest is scaled so that the sum
 * stays.
 *
 * @param blockSize height and width of a block.
 * @throws RangeError unless p is from 0 to 1.
 * @example ops.dropBlock2d(images, 0.1, 7)
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.drop_block2d.html
 */
export const dropBlock2d: (...args: Arguments) => Tensor = defineDropBlock("dropBlock2d", 2);

/**
 * `dropBlock2d` for volumes `[N, C, D, H, W]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.drop_block3d.html
 */
export const dropBlock3d: (...args: Arguments) => Tensor = defineDropBlock("dropBlock3d", 3);

/**
 * `dropBlock2d` as a module: it acts in training mode only.
 *
 * @example new ops.DropBlock2d(0.1, 7)
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.DropBlock2d.html
 */
export class DropBlock2d extends nn.Module {
  declare p: number;
  declare blockSize: number;
  declare inplace: boolean;
  declare eps: number;

  constructor(...args: [p: number, blockSize: number, options?: DropBlockOptions]) {
    super();
    Object.assign(this, new Signature(new.target.name, dropParams).parse(args));
  }

  override forward(input: Tensor): Tensor {
    const { p, blockSize, inplace, eps, training } = this;
    return dropBlock2d(input, p, blockSize, { inplace, eps, training });
  }

  override extraRepr(): string {
    return `p=${pyFloat(this.p)}, block_size=${this.blockSize}, inplace=${pyBool(this.inplace)}`;
  }
}

/**
 * `dropBlock3d` as a module.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.DropBlock3d.html
 */
export class DropBlock3d extends DropBlock2d {
  override forward(input: Tensor): Tensor {
    const { p, blockSize, inplace, eps, training } = this;
    return dropBlock3d(input, p, blockSize, { inplace, eps, training });
  }
}
