/**
 * Settings that PyTorch has for the sake of other devices. They are kept, so that programs run unchanged, and change
 * nothing: on the CPU every algorithm is deterministic here, and products of float32 are computed in float32.
 */

/** What is to happen where an algorithm is not deterministic: nothing, a warning, an error. */
export type DeterministicDebugMode = "default" | "warn" | "error";

const debugModes: readonly DeterministicDebugMode[] = ["default", "warn", "error"];
let debugMode: 0 | 1 | 2 = 0;

function expectFlag(name: string, value: unknown): void {
  if (typeof value !== "boolean") throw new TypeError(`${name}: expected a bool, but got ${typeof value}`);
}

/**
 * Asks for deterministic algorithms, which all are.
 *
 * @param options.warnOnly whether to warn of one that is not, rather than to throw.
 * @see https://pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html
 */
export function useDeterministicAlgorithms(mode: boolean, options: { warnOnly?: boolean } = {}): void {
  expectFlag("useDeterministicAlgorithms", mode);
  const { warnOnly = false } = options;
  expectFlag("useDeterministicAlgorithms", warnOnly);
  debugMode = !mode ? 0 : warnOnly ? 1 : 2;
}

/** Whether deterministic algorithms are asked for. */
export function areDeterministicAlgorithmsEnabled(): boolean {
  return debugMode !== 0;
}

/** Whether what is not deterministic is to be warned of only. */
export function isDeterministicAlgorithmsWarnOnlyEnabled(): boolean {
  return debugMode === 1;
}

/**
 * The same as `useDeterministicAlgorithms` by a word or its number.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.set_deterministic_debug_mode.html
 */
export function setDeterministicDebugMode(mode: DeterministicDebugMode | 0 | 1 | 2): void {
  if (typeof mode !== "string" && typeof mode !== "number")
    throw new TypeError(`debug_mode must be str or int, but got ${typeof mode}`);
  const place = typeof mode === "number" ? mode : debugModes.indexOf(mode);
  if (place !== 0 && place !== 1 && place !== 2) {
    throw new Error(
      typeof mode === "number"
        ? `invalid value of debug_mode, expected 0, 1, or 2, but got ${mode}`
        : `invalid value of debug_mode, expected one of \`default\`, \`warn\`, \`error\`, but got ${mode}`,
    );
  }
  debugMode = place;
}

/** 0, 1 or 2 for `"default"`, `"warn"` and `"error"`. */
export function getDeterministicDebugMode(): 0 | 1 | 2 {
  return debugMode;
}

let interopThreads = 1;

/** How many operations may run at once, as `setNumInteropThreads` said; they run one after the other. */
export function getNumInteropThreads(): number {
  return interopThreads;
}

/**
 * Allows so many operations to run at once, which none do; `setNumThreads` says how many threads one uses.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.set_num_interop_threads.html
 */
export function setNumInteropThreads(count: number | bigint): void {
  if (typeof count !== "bigint" && !Number.isInteger(count)) {
    const got = typeof count === "number" ? "float" : typeof count;
    throw new TypeError(`set_num_interop_threads expects an int, but got ${got}`);
  }
  if (count < 1) throw new RangeError("set_num_interop_threads expects a positive integer");
  interopThreads = Number(count);
}

/** How exact products of float32 have to be. */
export type Float32MatmulPrecision = "highest" | "high" | "medium";

let precision: Float32MatmulPrecision = "highest";

/** How exact products of float32 have to be; they are as exact as float32 allows. */
export function getFloat32MatmulPrecision(): Float32MatmulPrecision {
  return precision;
}

/**
 * Allows products of float32 to be less exact, which none is.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.set_float32_matmul_precision.html
 */
export function setFloat32MatmulPrecision(wanted: Float32MatmulPrecision): void {
  if (!["highest", "high", "medium"].includes(wanted)) {
    const got = typeof wanted === "string" ? `"${wanted}"` : typeof wanted;
    throw new TypeError(`set_float32_matmul_precision expects "highest", "high" or "medium", but got ${got}`);
  }
  precision = wanted;
}

/**
 * Asks for numbers near 0 to be taken for 0; false, since that is not supported.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.set_flush_denormal.html
 */
export function setFlushDenormal(mode: boolean): boolean {
  expectFlag("setFlushDenormal", mode);
  return false;
}
