/** Layers that move channels to other places. */
import { int } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "../../ops/shape/shuffles.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";

/**
 * The channels of an input `[N, C, …]` in another order: the first of each group, then the second of each, and so on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html
 */
export class ChannelShuffle extends Module {
  groups: number;

  constructor(...args: [groups: number]) {
    super();
    this.groups = read(this, { groups: int }, args).groups;
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}

/**
 * Images `[…, C * r², H, W]` as larger ones `[…, C, H * r, W * r]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html
 */
export class PixelShuffle extends Module {
  upscaleFactor: number;

  constructor(...args: [upscaleFactor: number]) {
    super();
    this.upscaleFactor = read(this, { upscaleFactor: int }, args).upscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/**
 * Images `[…, C, H * r, W * r]` as smaller ones `[…, C * r², H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html
 */
export class PixelUnshuffle extends Module {
  downscaleFactor: number;

  constructor(...args: [downscaleFactor: number]) {
    super();
    this.downscaleFactor = read(this, { downscaleFactor: int }, args).downscaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}
