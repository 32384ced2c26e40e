/** Loss scaling, so that small gradients in float16 do not become 0. */
import { flagOn, int, isIterable, listItems, number, optional, text } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { borrowGrad } from "../autograd/meta.js";
import { noGrad } from "../autograd/modes.js";
import { float32, int32 } from "../core/dtype.js";
import { isPlainObject } from "../core/kinds.js";
import { Tensor } from "../core/tensor.js";
import { Optimizer } from "../optim/optimizer.js";

export interface GradScalerOptions {
  /** `"cpu"`, or `"cuda"`, with which the scaler switches itself off and warns. */
  device?: string;
  initScale?: number;
  /** By how much the scale grows after `growthInterval` steps without an infinite gradient. */
  growthFactor?: number;
  /** By how much it shrinks after a step with one. */
  backoffFactor?: number;
  growthInterval?: number;
  enabled?: boolean;
}

/** The state of a scaler under PyTorch's keys; empty if it is switched off. */
export interface GradScalerStateDict {
  scale?: number;
  growth_factor?: number;
  backoff_factor?: number;
  growth_interval?: number;
  _growth_tracker?: number;
}

const signature = new Signature("GradScaler", {
  device: optional(text, "cuda"),
  initScale: optional(number, 2 ** 16),
  growthFactor: optional(number, 2),
  backoffFactor: optional(number, 0.5),
  growthInterval: optional(int, 2000),
  enabled: flagOn,
});

/** How far an optimizer is in this iteration, and whether one of its gradients is infinite; undefined if none was seen. */
interface Progress {
  stage: "ready" | "unscaled" | "stepped";
  foundInf: boolean | undefined;
}

/**
 * Scales losses up before the backward pass and gradients down before the step. A step whose gradients are infinite or
 * NaN is left out, and the scale is reduced; after many steps without such it grows.
 *
 * @example
 * const scaler = new torch.amp.GradScaler({ device: "cpu" });
 * for (const [x, y] of loader) {
 *   optimizer.zeroGrad();
 *   scaler.scale(lossFn(model(x), y)).backward();
 *   scaler.step(optimizer);
 *   scaler.update();
 * }
 * @throws RangeError for a scale that would not grow or shrink.
 * @see https://pytorch.org/docs/stable/amp.html#gradient-scaling
 */
export class GradScaler {
  readonly #enabled: boolean;
  #initScale: number;
  #growthFactor: number;
  #backoffFactor: number;
  #growthInterval: number;
  /** Made when the first loss is scaled, as are the steps since the scale changed. */
  #scale: Tensor | undefined;
  #initGrowthTracker = 0;
  #growthTracker: Tensor | undefined;
  #progress = new Map<Optimizer, Progress>();

  constructor(...options: [options?: GradScalerOptions]) {
    const given = signature.parse(options);
    const hasDevice = given.device !== "cuda";
    if (given.enabled && !hasDevice) {
      warn("torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.");
    }
    this.#enabled = given.enabled && hasDevice;
    if (this.#enabled && !(given.growthFactor > 1)) throw new RangeError("The growth factor must be > 1.0.");
    if (this.#enabled && !(given.backoffFactor < 1)) throw new RangeError("The backoff factor must be < 1.0.");
    this.#initScale = given.initScale;
    this.#growthFactor = given.growthFactor;
    this.#backoffFactor = given.backoffFactor;
    this.#growthInterval = given.growthInterval;
  }

  /**
   * A loss times the scale, or each of several.
   *
   * @throws TypeError for anything but tensors and lists of them.
   */
  scale<T extends Tensor | Iterable<unknown>>(outputs: T): T;
  scale(outputs: unknown): unknown {
    if (!this.#enabled) return outputs;
    if (outputs instanceof Tensor) return outputs.mul(this.#scaleTensor());
    if (isIterable(outputs) && typeof outputs !== "string") {
      return listItems(outputs).map((output) => this.scale(output as Tensor));
    }
    throw new TypeError("outputs must be a Tensor or an iterable of Tensors");
  }

  #scaleTensor(): Tensor {
    this.#growthTracker ??= Tensor.empty([], int32).fill_(this.#initGrowthTracker);
    this.#scale ??= Tensor.empty([], float32).fill_(this.#initScale);
    return this.#scale;
  }

  #scaleFor(method: string): Tensor {
    if (this.#scale !== undefined) return this.#scale;
    throw new Error(
      `Attempted ${method} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
    );
  }

  /** How far an optimizer is. */
  #progressOf(optimizer: Optimizer): Progress {
    if (!(optimizer instanceof Optimizer)) throw new TypeError(`${describe(optimizer)} is not an Optimizer`);
    let progress = this.#progress.get(optimizer);
    if (progress === undefined) this.#progress.set(optimizer, (progress = { stage: "ready", foundInf: undefined }));
    return progress;
  }

  /**
   * Divides the gradients of an optimizer by the scale, to look at or to clip them before `step`, which else does it.
   *
   * @throws Error a second time before `update`, after `step`, or if nothing was scaled.
   */
  unscale_(optimizer: Optimizer): void {
    if (!this.#enabled) return;
    const scale = this.#scaleFor("unscale_");
    const progress = this.#progressOf(optimizer);
    if (progress.stage === "unscaled") {
      throw new Error("unscale_() has already been called on this optimizer since the last update().");
    }
    if (progress.stage === "stepped") throw new Error("unscale_() is being called after step().");
    const gradients = gradientsOf(optimizer);
    if (gradients.some(({ dtype }) => dtype.name === "float16")) {
      throw new Error("Attempting to unscale FP16 gradients.");
    }
    const inverse = Math.fround(1 / scale.item());
    for (const grad of gradients) {
      progress.foundInf = hasInf(grad) || progress.foundInf === true;
      noGrad(() => grad.mul_(inverse));
    }
    progress.stage = "unscaled";
  }

  /**
   * Unscales the gradients unless that was done, and takes the optimizer's step if all of them are finite.
   *
   * @returns what the optimizer's step returned; undefined if it was left out.
   * @throws Error a second time before `update`, for a closure, or if there is no gradient.
   */
  step(optimizer: Optimizer, ...args: unknown[]): unknown {
    const step = optimizer.step as (...args: unknown[]) => unknown;
    if (!this.#enabled) return step.apply(optimizer, args);
    if (args.some((arg) => typeof arg === "function")) {
      throw new Error("Closure use is not currently supported if GradScaler is enabled.");
    }
    this.#scaleFor("step");
    const progress = this.#progressOf(optimizer);
    if (progress.stage === "stepped") throw new Error("step() has already been called since the last update().");
    if (progress.stage === "ready") this.unscale_(optimizer);
    if (progress.foundInf === undefined) throw new Error("No inf checks were recorded for this optimizer.");
    const result = progress.foundInf ? undefined : step.apply(optimizer, args);
    progress.stage = "stepped";
    return result;
  }

  /**
   * Reduces the scale if a step was left out, and makes it grow if none was for long enough; to be called once the
   * optimizers have taken their steps.
   *
   * @param newScale the scale to take instead.
   * @throws Error if no gradient was looked at since the last time.
   */
  update(newScale?: number | Tensor | null): void {
    if (!this.#enabled) return;
    const scale = this.#scaleFor("update");
    if (newScale !== undefined && newScale !== null) {
      scale.fill_(newScaleOf(newScale));
    } else {
      const found = [...this.#progress.values()].flatMap(({ foundInf }) => foundInf ?? []);
      if (found.length === 0) throw new Error("No inf checks were recorded prior to update.");
      this.#adjust(scale, this.#growthTracker as Tensor, found.includes(true));
    }
    this.#progress = new Map();
  }

  #adjust(scale: Tensor, tracker: Tensor, foundInf: boolean): void {
    if (foundInf) {
      scale.mul_(this.#backoffFactor);
      tracker.fill_(0);
      return;
    }
    const steps = tracker.item() + 1;
    const grows = steps === this.#growthInterval;
    const grown = Math.fround(scale.item() * this.#growthFactor);
    if (grows && Number.isFinite(grown)) scale.fill_(grown);
    tracker.fill_(grows ? 0 : steps);
  }

  /** The scale; 1 if the scaler is switched off. */
  getScale(): number {
    if (!this.#enabled) return 1;
    return this.#scale?.item() ?? this.#initScale;
  }

  getGrowthFactor(): number {
    return this.#growthFactor;
  }

  setGrowthFactor(newFactor: number): void {
    this.#growthFactor = newFactor;
  }

  getBackoffFactor(): number {
    return this.#backoffFactor;
  }

  setBackoffFactor(newFactor: number): void {
    this.#backoffFactor = newFactor;
  }

  getGrowthInterval(): number {
    return this.#growthInterval;
  }

  setGrowthInterval(newInterval: number): void {
    this.#growthInterval = newInterval;
  }

  /** Whether the scaler does anything. */
  isEnabled(): boolean {
    return this.#enabled;
  }

  /** The scale and what it follows, under PyTorch's keys; empty if the scaler is switched off. */
  stateDict(): GradScalerStateDict {
    if (!this.#enabled) return {};
    return {
      scale: this.getScale(),
      growth_factor: this.#growthFactor,
      backoff_factor: this.#backoffFactor,
      growth_interval: this.#growthInterval,
      _growth_tracker: this.#growthTracker?.item() ?? this.#initGrowthTracker,
    };
  }

  /**
   * Takes over a state; nothing if the scaler is switched off.
   *
   * @throws Error for the state of a scaler that was switched off; TypeError for what is none.
   */
  loadStateDict(dict: GradScalerStateDict): void {
    if (!this.#enabled) return;
    if (!isPlainObject(dict)) throw new TypeError("loadStateDict(): expected the state dict of a GradScaler");
    if (Object.keys(dict).length === 0) {
      throw new Error(
        "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.",
      );
    }
    const state = Object.fromEntries(
      ["scale", "growth_factor", "backoff_factor", "growth_interval", "_growth_tracker"].map((key) => {
        const value: unknown = dict[key as keyof GradScalerStateDict];
        if (typeof value === "number") return [key, value];
        throw new TypeError(`loadStateDict(): '${key}' must be a number, not ${describe(value)}`);
      }),
    ) as Required<GradScalerStateDict>;
    this.#initScale = state.scale;
    this.#scale?.fill_(state.scale);
    this.#growthFactor = state.growth_factor;
    this.#backoffFactor = state.backoff_factor;
    this.#growthInterval = state.growth_interval;
    this.#initGrowthTracker = state._growth_tracker;
    this.#growthTracker?.fill_(state._growth_tracker);
  }
}

function gradientsOf(optimizer: Optimizer): Tensor[] {
  const params: Tensor[] = optimizer.paramGroups.flatMap(({ params }) => params);
  return params.flatMap((param) => borrowGrad(param) ?? []);
}

/** Whether a number is infinite or NaN, which the smallest and the largest of all show. */
function hasInf(grad: Tensor): boolean {
  if (grad.numel() === 0) return false;
  const { min, max } = grad.detach().aminmax();
  return !(Number.isFinite(min.item()) && Number.isFinite(max.item()));
}

function newScaleOf(value: number | Tensor): number {
  if (typeof value === "number") return value;
  if (value instanceof Tensor && value.numel() === 1 && !value.requiresGrad) return value.item();
  throw new TypeError("new_scale should be a float or a 1-element torch.FloatTensor with requires_grad=False.");
}
