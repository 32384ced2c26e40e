/** Padding layers: `nn.functional.pad` with the padding that a layer was made with. */
import { number, sizeOrSizes, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { type PadMode, pad } from "../../ops/pad/pad.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";

/** How many elements are added: one number for all ends; or, for each dim from the last on, before it and after it. */
type Padding = number | readonly number[];

/** A padding of so many dims, with a number for each end. */
function forEachEnd(padding: Padding, dims: number): readonly number[] {
  return typeof padding === "number" ? new Array(2 * dims).fill(padding) : padding;
}

/** A layer that pads the last `dims` dims with elements of the input. */
abstract class PadNd extends Module {
  padding: readonly number[];
  /** @internal */
  private readonly mode: PadMode;

  constructor(dims: number, mode: PadMode, args: readonly unknown[]) {
    super();
    this.padding = forEachEnd(read(this, { padding: sizeOrSizes }, args).padding, dims);
    this.mode = mode;
  }

  override forward(input: Tensor): Tensor {
    if (this.mode === "circular")
      checkDims(readArgument(this.constructor.name, "input", tensor, input), this.padding.length / 2);
    return pad(input, this.padding, { mode: this.mode });
  }

  override extraRepr(): string {
    return py(this.padding);
  }
}

/** Throws unless the input has the dims that are padded, and one or two more. */
function checkDims({ ndim }: Tensor, dims: number): void {
  if (ndim !== dims + 1 && ndim !== dims + 2)
    throw new Error(`expected ${dims + 1}D or ${dims + 2}D input (got ${ndim}D input)`);
}

/** The same with one value. */
abstract class ConstantPadNd extends Module {
  padding: readonly number[];
  value: number;

  constructor(dims: number, args: readonly unknown[]) {
    super();
    const { padding, value } = read(this, { padding: sizeOrSizes, value: number }, args);
    this.padding = forEachEnd(padding, dims);
    this.value = value;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { value: this.value });
  }

  override extraRepr(): string {
    return `padding=${py(this.padding)}, value=${py(this.value)}`;
  }
}

/**
 * Pads the last dim of an input `[N, C, W]` or `[C, W]` with its elements mirrored at the first and the last.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
 */
export class ReflectionPad1d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(1, "reflect", args);
  }
}

/**
 * Pads the last two dims of an input `[N, C, H, W]` or `[C, H, W]` with its elements mirrored at the first and the last.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 */
export class ReflectionPad2d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(2, "reflect", args);
  }
}

/**
 * Pads the last three dims of an input `[N, C, D, H, W]` or `[C, D, H, W]` with its elements mirrored at the first and the last.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
 */
export class ReflectionPad3d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(3, "reflect", args);
  }
}

/**
 * Pads the last dim of an input `[N, C, W]` or `[C, W]` with its first and last elements again.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
 */
export class ReplicationPad1d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(1, "replicate", args);
  }
}

/**
 * Pads the last two dims of an input `[N, C, H, W]` or `[C, H, W]` with its first and last elements again.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 */
export class ReplicationPad2d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(2, "replicate", args);
  }
}

/**
 * Pads the last three dims of an input `[N, C, D, H, W]` or `[C, D, H, W]` with its first and last elements again.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
 */
export class ReplicationPad3d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(3, "replicate", args);
  }
}

/**
 * Pads the last dim of an input `[N, C, W]` or `[C, W]` with the elements of the other end.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
 */
export class CircularPad1d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(1, "circular", args);
  }
}

/**
 * Pads the last two dims of an input `[N, C, H, W]` or `[C, H, W]` with the elements of the other end.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
 */
export class CircularPad2d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(2, "circular", args);
  }
}

/**
 * Pads the last three dims of an input `[N, C, D, H, W]` or `[C, D, H, W]` with the elements of the other end.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
 */
export class CircularPad3d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(3, "circular", args);
  }
}

/**
 * Pads the last dim of an input with zeros.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
 */
export class ZeroPad1d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(1, "constant", args);
  }
}

/**
 * Pads the last two dims of an input with zeros.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
 */
export class ZeroPad2d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(2, "constant", args);
  }
}

/**
 * Pads the last three dims of an input with zeros.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
 */
export class ZeroPad3d extends PadNd {
  constructor(...args: [padding: Padding]) {
    super(3, "constant", args);
  }
}

/**
 * Pads the last dim of an input with one value.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
 */
export class ConstantPad1d extends ConstantPadNd {
  constructor(...args: [padding: Padding, value: number]) {
    super(1, args);
  }
}

/**
 * Pads the last two dims of an input with one value.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
 */
export class ConstantPad2d extends ConstantPadNd {
  constructor(...args: [padding: Padding, value: number]) {
    super(2, args);
  }
}

/**
 * Pads the last three dims of an input with one value.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
 */
export class ConstantPad3d extends ConstantPadNd {
  constructor(...args: [padding: Padding, value: number]) {
    super(3, args);
  }
}
