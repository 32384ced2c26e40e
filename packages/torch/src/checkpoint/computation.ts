/** What a part of a network computed, so that it can be computed again. */
import { withRecording } from "../autograd/modes.js";
import { defaultGenerator } from "../backend/generator.js";
import { Tensor } from "../core/tensor.js";
import { autocast, getAutocastCpuDtype, isAutocastCacheEnabled, isAutocastCpuEnabled } from "../ops/autocast.js";

export type Body = (...args: unknown[]) => unknown;

/** What a computation was like, so that it can be made again. */
export class Computation {
  readonly #state: Tensor | undefined;
  readonly #autocast = {
    enabled: isAutocastCpuEnabled(),
    dtype: getAutocastCpuDtype(),
    cacheEnabled: isAutocastCacheEnabled(),
  };

  constructor(
    readonly body: Body,
    preservesState: boolean,
  ) {
    if (preservesState) this.#state = defaultGenerator.getState();
  }

  /** Computes again, with recording, and leaves random numbers as they are now. */
  again(args: readonly unknown[]): unknown {
    const now = this.#state && defaultGenerator.getState();
    try {
      if (this.#state !== undefined) defaultGenerator.setState(this.#state);
      return autocast("cpu", this.#autocast, () => withRecording(true, () => this.body(...args)));
    } finally {
      if (now !== undefined) defaultGenerator.setState(now);
    }
  }
}

/** A tensor with the memory of another one, and no history: a leaf that wants a gradient as that does. */
export function leafOf(value: unknown): unknown {
  return value instanceof Tensor ? value.detach().requiresGrad_(value.requiresGrad) : value;
}

export function wantsGradient(value: unknown): value is Tensor {
  return value instanceof Tensor && value.requiresGrad;
}
