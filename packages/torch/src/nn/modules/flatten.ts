/** Layers that change the shape only. */
import { int, ints, optional, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";

/**
 * Merges a range of dims into one: by default all but the first, the batch.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export class Flatten extends Module {
  startDim!: number;
  endDim!: number;

  constructor(...args: Args<[startDim?: number, endDim?: number], ["startDim", "endDim"]>) {
    super();
    Object.assign(this, read(this, { startDim: optional(int, 1), endDim: optional(int, -1) }, args));
  }

  override forward(input: Tensor): Tensor {
    return readArgument("Flatten", "input", tensor, input).flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/**
 * Splits a dim into several; one of their sizes may be -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html
 */
export class Unflatten extends Module {
  dim!: number;
  unflattenedSize!: readonly number[];

  constructor(...args: [dim: number, unflattenedSize: readonly number[]]) {
    super();
    Object.assign(this, read(this, { dim: int, unflattenedSize: ints }, args));
  }

  override forward(input: Tensor): Tensor {
    return readArgument("Unflatten", "input", tensor, input).unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${py(this.unflattenedSize)}`;
  }
}
