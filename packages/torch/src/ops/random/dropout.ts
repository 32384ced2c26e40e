/** Dropout: random zeros in training, scaled so that the mean stays. */
import { flag, flagOn, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import { withoutRecording } from "../../autograd/modes.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { toSnakeCase } from "../../core/names.js";
import { steps } from "../../core/steps.js";
import type { Tensor } from "../../core/tensor.js";
import { emptyLike } from "../creation/filled.js";
import type { Args } from "../types.js";

type Arguments = [input: Tensor, ...rest: Args<[p?: number], ["p"], { training?: boolean; inplace?: boolean }>];

interface Call {
  name: string;
  input: Tensor;
  p: number;
  training: boolean;
  inplace: boolean;
}

function reader(name: string, training: typeof flag): (args: Arguments) => Call {
  const signature = new Signature(name, { input: tensor, p: optional(number, 0.5), training, inplace: flag });
  const step = toSnakeCase(name);
  return (args) => {
    const call = signature.parse(args);
    if (!(call.p >= 0 && call.p <= 1)) {
      throw new RangeError(`dropout probability has to be between 0 and 1, but got ${call.p}`);
    }
    return { ...call, name: step };
  };
}

/** Memory for the noise: one number for each element, or for each channel of each sample. */
function emptyNoise(input: Tensor, isFeature: boolean): Tensor {
  if (!isFeature) return emptyLike(input);
  if (input.sizes.length < 2) throw new Error("Feature dropout requires at least 2 dimensions in the input");
  return input.newEmpty(input.sizes.map((size, d) => (d < 2 ? size : 1)));
}

function isIdle({ input, p, training }: Call): boolean {
  return p === 0 || !training || input.numel() === 0;
}

type Drop = (call: Call, isFeature: boolean) => Tensor;

/** Runs only where something is to be dropped, and gives the memory of the noise back. */
function whereActive(run: Drop): Drop {
  const drop: Drop = (call, isFeature) =>
    isIdle(call) ? call.input : releasingTemporaries((active) => run(active, isFeature), call);
  return (call, isFeature) => {
    const { watcher } = steps;
    return watcher === undefined
      ? drop(call, isFeature)
      : watcher(call.name, [call.input], () => drop(call, isFeature));
  };
}

/** Zeroes elements, or whole channels, and divides the rest by the share that is kept. */
const drop = whereActive(({ input, p, inplace }, isFeature) => {
  const noise = withoutRecording(() =>
    p === 1
      ? input.newZeros([])
      : emptyNoise(input, isFeature)
          .bernoulli_(1 - p)
          .div_(1 - p),
  );
  return inplace ? input.mul_(noise) : input.mul(noise);
});

/** What `selu` has for its lowest values, in place of zero. */
const saturated = 1.7580993408473766;

/** Sets elements, or whole channels, to the value at which `selu` saturates, and keeps mean and variance. */
const dropAlpha = whereActive(({ input, p, inplace }, isFeature) => {
  if (p === 1) return inplace ? input.mul_(0) : input.mul(0);
  const [noise, shift] = withoutRecording(() => {
    const kept = emptyNoise(input, isFeature).bernoulli_(1 - p);
    const scale = 1 / Math.sqrt((saturated * saturated * p + 1) * (1 - p));
    return [
      kept.mul(scale),
      kept
        .sub(1)
        .mul(saturated * scale)
        .add(saturated * scale * p),
    ];
  });
  return inplace ? input.mul_(noise).add_(shift) : input.mul(noise).add(shift);
});

const readDropout = reader("dropout", flagOn);

/**
 * Sets elements to 0 with probability `p`, and divides the others by `1 - p`; does nothing unless `training`, which
 * is on by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 */
export function dropout(...args: Arguments): Tensor {
  return drop(readDropout(args), false);
}

const readAlphaDropout = reader("alphaDropout", flag);

/**
 * Dropout that keeps mean and variance of inputs that have those of `selu`; off by default.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.alpha_dropout.html
 */
export function alphaDropout(...args: Arguments): Tensor {
  return dropAlpha(readAlphaDropout(args), false);
}

const readFeatureAlphaDropout = reader("featureAlphaDropout", flag);

/** `alphaDropout` of whole channels; off by default. */
export function featureAlphaDropout(...args: Arguments): Tensor {
  return dropAlpha(readFeatureAlphaDropout(args), true);
}

const readDropout1d = reader("dropout1d", flagOn);

/**
 * Dropout of whole channels, for inputs `[N, C, L]` or `[C, L]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout1d.html
 */
export function dropout1d(...args: Arguments): Tensor {
  const call = readDropout1d(args);
  const { length } = call.input.sizes;
  if (length !== 2 && length !== 3) {
    throw new Error(
      `dropout1d: Expected 2D or 3D input, but received a ${length}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
    );
  }
  return dropChannels(call, length === 3);
}

const readDropout2d = reader("dropout2d", flagOn);

/**
 * Dropout of whole channels, for inputs `[N, C, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout2d.html
 */
export function dropout2d(...args: Arguments): Tensor {
  const call = readDropout2d(args);
  const { length } = call.input.sizes;
  if (length !== 3 && length !== 4) {
    warn(
      `dropout2d: Received a ${length}-D input to dropout2d, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that dropout2d exists to provide channel-wise dropout on inputs with 2 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 3D or 4D inputs).`,
    );
  }
  if (length === 3) {
    warn(
      "dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.",
    );
  }
  return drop(call, true);
}

const readDropout3d = reader("dropout3d", flagOn);

/**
 * Dropout of whole channels, for inputs `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.dropout3d.html
 */
export function dropout3d(...args: Arguments): Tensor {
  const call = readDropout3d(args);
  const { length } = call.input.sizes;
  if (length !== 4 && length !== 5) {
    warn(
      `dropout3d: Received a ${length}-D input to dropout3d, which is deprecated and will result in an error in a future release. To retain the behavior and silence this warning, please use dropout instead. Note that dropout3d exists to provide channel-wise dropout on inputs with 3 spatial dimensions, a channel dimension, and an optional batch dimension (i.e. 4D or 5D inputs).`,
    );
  }
  return dropChannels(call, length === 5);
}

/** Channel-wise dropout, also of an input without a batch dim. */
function dropChannels(call: Call, isBatched: boolean): Tensor {
  if (isBatched) return drop(call, true);
  return drop({ ...call, input: call.input.unsqueeze(0) }, true).squeeze(0);
}
