/**
 * `torch.autocast`: operations run in the dtype that suits each of them.
 *
 * A mode sees every call. Products run in a lower precision, which is faster; losses and what is sensitive to rounding in
 * float32; what joins tensors takes the widest of their dtypes; all others take what they are given. Inside of an operation
 * that was cast nothing is cast any more. Calls in place and with `out` stay as they are, and so does float64.
 *
 * Source: https://pytorch.org/docs/stable/amp.html
 */
import {
  dtype as dtypeParam,
  flagOn,
  keyword,
  optional,
  type Params,
  text,
  type ValuesOf,
} from "../arguments/params.js";
import { readArgument, Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { checkBody, isGradEnabled, runUnder } from "../autograd/modes.js";
import { bfloat16, type DType, float16, float32, float64 } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import type { Result } from "./define.js";
import { DispatchMode, isOn, type OperationCall } from "./dispatch.js";

/** Operations in the lower precision. */
const lower = new Set([
  ...["linear", "bilinear", "matmul", "mm", "bmm", "addmm", "addbmm", "baddbmm", "prelu", "scaledDotProductAttention"],
  ...["conv1d", "conv2d", "conv3d", "convTranspose1d", "convTranspose2d", "convTranspose3d", "convTbc"],
]);

/** Operations in float32, beside the losses (`LossSignature`) and those of `torch.fft` and torchvision. */
const full = new Set([
  ...["prod", "quantile", "nanquantile", "cdist", "trace", "matrixNorm", "polar", "viewAsComplex", "gridSample"],
  ...["avgPool3d", "adaptiveAvgPool3d", "maxPool3d", "adaptiveMaxPool3d", "fractionalMaxPool2d", "fractionalMaxPool3d"],
  ...["maxUnpool", "localResponseNorm", "stft", "cholesky", "choleskyInverse", "choleskySolve"],
  ...["inverse", "pinverse", "luSolve", "orgqr", "ormqr", "geqrf", "qr", "svd", "triangularSolve"],
  ...["cond", "matrixRank", "solve", "cholesky", "choleskyEx", "svd", "svdvals", "eig", "eigh", "eigvals", "eigvalsh"]
    .concat("inv", "invEx", "qr", "lstsq", "householderProduct", "tensorinv", "tensorsolve")
    .map((name) => `linalg.${name}`),
]);

/** Operations that take the widest dtype of what they join. */
const widest = new Set(["cat", "stack", "indexCopy"]);

interface Settings {
  readonly enabled: boolean;
  readonly dtype: DType;
  readonly caches: boolean;
}

let settings: Settings = { enabled: false, dtype: bfloat16, caches: true };
let nesting = 0;

/** Weights that were cast, until the outermost autocast ends. */
const casts = new Map<Tensor, { readonly version: number; readonly cast: Tensor }>();

/** Whether a value is a tensor that may be cast. */
function isEligible(value: unknown): value is Tensor {
  return value instanceof Tensor && value.dtype.isFloatingPoint && value.dtype !== float64;
}

function castTensor(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const isWeight = tensor.dtype === float32 && tensor.requiresGrad && tensor.isLeaf && tensor.base === undefined;
  if (!isWeight || !settings.caches || !isGradEnabled()) return tensor.to(dtype);
  const known = casts.get(tensor);
  if (known?.version === tensor._version && known.cast.dtype === dtype) return known.cast;
  const cast = tensor.to(dtype);
  casts.set(tensor, { version: tensor._version, cast });
  return cast;
}

/** An argument with the tensors in it in a dtype. */
function castValue(value: unknown, dtype: DType): unknown {
  if (isEligible(value)) return castTensor(value, dtype);
  return Array.isArray(value) ? value.map((item) => castValue(item, dtype)) : value;
}

/** The dtype in which an operation runs; undefined if it takes what it is given. */
function dtypeFor({ operation, args }: OperationCall): DType | undefined {
  const { id } = operation;
  if (lower.has(id)) return settings.dtype;
  if (
    full.has(id) ||
    id.startsWith("fft.") ||
    id.startsWith("torchvision.") ||
    (id === "pad" && args.some((arg) => mirrors.has(arg)))
  )
    return float32;
  if (!widest.has(id)) return undefined;
  const joined = args.flat().filter(isEligible);
  return joined.some(({ dtype }) => dtype === float32) ? float32 : joined.length > 0 ? settings.dtype : undefined;
}

/** Modes of padding that PyTorch has as operations of their own. */
const mirrors = new Set<unknown>(["reflect", "replicate"]);

class Autocast extends DispatchMode {
  override readonly keepsTensors = false;

  override operation(call: OperationCall): Result {
    const { operation, form, args } = call;
    const dtype = settings.enabled ? dtypeFor(call) : undefined;
    if (dtype === undefined) return call.run();
    const cast = form === "call" ? args.map((arg) => castValue(arg, dtype)) : [...args];
    return operation.invoke(form, cast);
  }
}

const mode = new Autocast();

/** Puts back how operations ran before when it goes out of scope (`using`). */
class AutocastGuard implements Disposable {
  readonly #before = settings;
  readonly #mode: Disposable | undefined;

  constructor(next: Settings) {
    settings = next;
    nesting++;
    if (next.enabled && !isOn(mode)) this.#mode = mode.enter();
  }

  [Symbol.dispose](): void {
    this.#mode?.[Symbol.dispose]();
    settings = this.#before;
    if (--nesting === 0) casts.clear();
  }
}

/** Arguments by name with the tensors of half types in float32, under autocast. */
function inFullPrecision<T extends object>(values: T): T {
  if (!settings.enabled) return values;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, castValue(value, float32)])) as T;
}

/** The signature of a loss, which is computed in float32 under autocast. */
export class LossSignature<P extends Params> extends Signature<P> {
  override parse(args: readonly unknown[]): ValuesOf<P> {
    return inFullPrecision(super.parse(args));
  }
}

export interface AutocastOptions {
  /** The lower precision: bfloat16, which is the default, or float16. */
  dtype?: DType;
  /** False switches autocast off inside of another one. */
  enabled?: boolean;
  /** Whether a weight is cast once rather than for each of its uses; true unless said. */
  cacheEnabled?: boolean;
}

const signature = new Signature("autocast", {
  deviceType: text,
  dtype: keyword(optional(dtypeParam)),
  enabled: flagOn,
  cacheEnabled: flagOn,
});

/** The settings that are asked for, switched off where that cannot be. */
function settingsFor(args: readonly unknown[]): Settings {
  const { deviceType, dtype = settings.dtype, enabled, cacheEnabled: caches } = signature.parse(args);
  if (deviceType !== "cpu" && deviceType !== "cuda") {
    throw new Error(`User specified an unsupported autocast device_type '${deviceType}'`);
  }
  const asked = { enabled, dtype, caches };
  if (enabled && deviceType === "cuda") {
    warn("User provided device_type of 'cuda', but CUDA is not available. Disabling");
    return { ...asked, enabled: false };
  }
  if (enabled && !dtype.isHalf) {
    warn(
      "In CPU autocast, but the target dtype is not supported. Disabling autocast.\nCPU Autocast only supports dtype of torch.bfloat16, torch.float16 currently.",
    );
    return { ...asked, enabled: false };
  }
  return asked;
}

/**
 * Lets operations run in the dtype that suits each of them, while a function runs or for the rest of a block: products in
 * bfloat16, losses and what is sensitive to rounding in float32, all others in the dtype of what they get. Weights and
 * their gradients stay in float32.
 *
 * @param deviceType `"cpu"`.
 * @example
 * const loss = torch.autocast("cpu", { dtype: torch.bfloat16 }, () => F.crossEntropy(model(x), target));
 * loss.backward();
 * @throws Error for another device, or if the function returns a promise.
 * @see https://pytorch.org/docs/stable/amp.html#torch.autocast
 */
export function autocast(deviceType: string, options?: AutocastOptions): Disposable;
export function autocast<T>(deviceType: string, body: () => T): T;
export function autocast<T>(deviceType: string, options: AutocastOptions, body: () => T): T;
export function autocast<T>(deviceType: string, ...rest: readonly unknown[]): T | Disposable {
  const last = rest.at(-1);
  const body = typeof last === "function" ? (last as () => T) : undefined;
  const next = settingsFor([deviceType, ...(body === undefined ? rest : rest.slice(0, -1))]);
  checkBody("autocast", body);
  return runUnder(new AutocastGuard(next), "autocast", body);
}

function isCpu(deviceType: string): boolean {
  return readArgument("autocast", "deviceType", text, deviceType) === "cpu";
}

/** Whether autocast is on for a device; for `"cuda"`, which is asked where none is named, it never is. */
export function isAutocastEnabled(deviceType = "cuda"): boolean {
  return settings.enabled && isCpu(deviceType);
}

/** Whether autocast is on for the CPU. */
export function isAutocastCpuEnabled(): boolean {
  return settings.enabled;
}

/** The lower precision of autocast for a device. */
export function getAutocastDtype(deviceType: string): DType {
  return isCpu(deviceType) ? settings.dtype : float16;
}

/** The lower precision of autocast for the CPU. */
export function getAutocastCpuDtype(): DType {
  return settings.dtype;
}

/** Whether weights that were cast are kept while autocast is on. */
export function isAutocastCacheEnabled(): boolean {
  return settings.caches;
}

/** Forgets the weights that were cast. */
export function clearAutocastCache(): void {
  casts.clear();
}

/** Whether there is autocast for a device. */
export function isAutocastAvailable(deviceType: string): boolean {
  return isCpu(deviceType);
}
