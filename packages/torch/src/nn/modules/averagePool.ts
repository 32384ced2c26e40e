/** Layers of average pooling, and of the p-norms of windows. */
import { flag, flagOn, int, intOrInts, nullable, number, optional, sizeOrSizes } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { avgPool1d, avgPool2d, avgPool3d, lpPool1d, lpPool2d, lpPool3d } from "../../ops/pool/averagePool.js";
import { forEachDim, type Sizes } from "../../ops/pool/geometry.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";

interface AveragePoolOptions {
  /** Whether windows that begin in the input count though they end behind it. */
  ceilMode?: boolean;
  /** Whether the zeros of the padding count as elements; true by default. */
  countIncludePad?: boolean;
}

type AveragePoolArguments<O = unknown> = [
  kernelSize: Sizes,
  ...rest: Args<[stride?: Sizes | null, padding?: Sizes], ["stride", "padding"], AveragePoolOptions & O>,
];

/** The average of each window of signals `[N, C, L]` or `[C, L]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding zeros on both sides; at most half of a window.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html
 */
export class AvgPool1d extends Module {
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[];
  ceilMode: boolean;
  countIncludePad: boolean;

  constructor(...args: AveragePoolArguments) {
    super();
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = read(
      this,
      {
        kernelSize: intOrInts,
        stride: optional(intOrInts),
        padding: optional(intOrInts, [0]),
        ceilMode: flag,
        countIncludePad: flagOn,
      },
      args,
    );
    this.kernelSize = forEachDim("AvgPool1d", "kernel_size", kernelSize, 1);
    this.stride = forEachDim("AvgPool1d", "stride", stride ?? kernelSize, 1);
    this.padding = forEachDim("AvgPool1d", "padding", padding, 1);
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad } = this;
    return avgPool1d(input, kernelSize, stride, padding, { ceilMode, countIncludePad });
  }

  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, stride=${py(this.stride)}, padding=${py(this.padding)}`;
  }
}

/** The average of each window over two or three dims. */
abstract class AveragePoolNd extends Module {
  kernelSize: Sizes;
  stride: Sizes;
  padding: Sizes;
  ceilMode: boolean;
  countIncludePad: boolean;
  divisorOverride: number | null;

  constructor(args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = read(
      this,
      {
        kernelSize: sizeOrSizes,
        stride: optional(sizeOrSizes),
        padding: optional(sizeOrSizes, 0),
        ceilMode: flag,
        countIncludePad: flagOn,
        divisorOverride: optional(nullable(int), null),
      },
      args,
    );
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride;
  }

  /** @internal */
  protected pool(run: typeof avgPool2d, input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return run(input, kernelSize, stride, padding, { ceilMode, countIncludePad, divisorOverride });
  }

  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, stride=${py(this.stride)}, padding=${py(this.padding)}`;
  }
}

interface DivisorOverride {
  /** By what sums are divided instead of the number of elements. */
  divisorOverride?: number | null;
}

/**
 * The average of each window of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding zeros on both sides; at most half of a window.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html
 */
export class AvgPool2d extends AveragePoolNd {
  constructor(...args: AveragePoolArguments<DivisorOverride>) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(avgPool2d, input);
  }
}

/**
 * The average of each window of volumes `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding zeros on both sides; at most half of a window.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html
 */
export class AvgPool3d extends AveragePoolNd {
  constructor(...args: AveragePoolArguments<DivisorOverride>) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(avgPool3d, input);
  }
}

type PowerPoolArguments = [
  normType: number,
  kernelSize: Sizes,
  ...rest: Args<[stride?: Sizes | null], ["stride"], { ceilMode?: boolean }>,
];

const powerPoolParams = {
  normType: number,
  kernelSize: sizeOrSizes,
  stride: optional(nullable(sizeOrSizes), null),
  ceilMode: flag,
};

/** The p-norm of each window. */
abstract class PowerPoolNd extends Module {
  normType: number;
  kernelSize: Sizes;
  stride: Sizes | null;
  ceilMode: boolean;

  constructor(args: readonly unknown[]) {
    super();
    const { normType, kernelSize, stride, ceilMode } = read(this, powerPoolParams, args);
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.ceilMode = ceilMode;
  }

  /** @internal */
  protected pool(run: typeof lpPool2d, input: Tensor): Tensor {
    return run(input, this.normType, this.kernelSize, this.stride, { ceilMode: this.ceilMode });
  }

  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return `norm_type=${py(normType)}, kernel_size=${py(kernelSize)}, stride=${py(stride)}, ceil_mode=${py(ceilMode)}`;
  }
}

/**
 * The p-norm of each window of signals `[N, C, L]` or `[C, L]`: (Σ xᵖ)^(1/p), where p is `normType`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html
 */
export class LPPool1d extends PowerPoolNd {
  constructor(...args: PowerPoolArguments) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(lpPool1d, input);
  }
}

/**
 * The p-norm of each window of images `[N, C, H, W]` or `[C, H, W]`: (Σ xᵖ)^(1/p), where p is `normType`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html
 */
export class LPPool2d extends PowerPoolNd {
  constructor(...args: PowerPoolArguments) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(lpPool2d, input);
  }
}

/**
 * The p-norm of each window of volumes `[N, C, D, H, W]` or `[C, D, H, W]`: (Σ xᵖ)^(1/p), where p is `normType`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LPPool3d.html
 */
export class LPPool3d extends PowerPoolNd {
  constructor(...args: PowerPoolArguments) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(lpPool3d, input);
  }
}
