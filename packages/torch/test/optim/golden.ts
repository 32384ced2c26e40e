/** What PyTorch's optimizers do, recorded by conformance/optim/generate.py, and the training that it comes from. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import torch, { optim, type Tensor } from "../../src/index.js";

export type OptimizerName = Exclude<keyof typeof optim, "Optimizer" | "LBFGS" | "SparseAdam">;
interface PackedTensor {
  readonly dtype: "float32" | "float64";
  readonly shape: number[];
  readonly data: string;
}

export interface Recorded {
  readonly optimizer: OptimizerName;
  readonly dtype: "float32" | "float64";
  readonly options: Record<string, unknown>;
  /** The options of the second group, where there are two. */
  readonly second: Record<string, unknown> | null;
  /** A sum over the parameters after each step. */
  readonly steps: readonly number[];
  /** The bytes of the parameters and of their states in the end. */
  readonly params: readonly string[];
  readonly state: readonly Record<string, string>[];
  readonly text?: string;
  readonly stateDict?: {
    readonly state: Record<string, Record<string, PackedTensor | number | null>>;
    readonly param_groups: (Record<string, unknown> & { params: number[] })[];
  };
  readonly continued?: readonly number[];
}

const file = new URL("../../../test/optim/golden.json.gz", import.meta.url);
export const golden = JSON.parse(gunzipSync(readFileSync(file)).toString()) as readonly Recorded[];

export function nameOf({ optimizer, dtype, options, second }: Recorded): string {
  return `${optimizer} ${dtype} ${JSON.stringify(options)}${second ? `, ${JSON.stringify(second)}` : ""}`;
}

/** Bytes as a list of numbers. */
export function unpack(data: string, dtype: "float32" | "float64"): Float32Array | Float64Array {
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return dtype === "float32" ? new Float32Array(bytes.buffer) : new Float64Array(bytes.buffer);
}

export function unpackTensor({ data, dtype, shape }: PackedTensor): Tensor {
  return torch.tensor(unpack(data, dtype)).reshape(shape);
}

function formula(size: readonly number[], dtype: torch.DType, factor: number, shift: number): Tensor {
  const count = size.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, (_, k) => ((k * factor + shift) % 61) / 20 - 1.5);
  return torch.tensor(values, { dtype }).reshape(size);
}

const sizes = [[5], [2, 3], [], [2]];
/** What Muon takes. */
const matrices = [
  [4, 3],
  [2, 5],
  [3, 3],
  [2, 2],
];

export function makeParams({ optimizer, dtype }: Recorded): Tensor[] {
  const chosen = optimizer === "Muon" ? matrices : sizes;
  return chosen.map((size, i) => formula(size, torch[dtype], 37, 11 * i).requiresGrad_());
}

/** The third parameter has a gradient from the second step on, the fourth never. */
export function giveGradients(params: readonly Tensor[], step: number): void {
  params.slice(0, 3).forEach((param, i) => {
    param.grad = i < 2 || step > 1 ? formula(param.shape, param.dtype, 29, 17 * step + 5 * i) : null;
  });
}

/** One number that each element of the parameters changes, and the sum of its terms' sizes. */
export function total(params: readonly Tensor[]): { sum: number; size: number } {
  const numbers = params.slice(0, 3).flatMap((param) => [...param.detach().toTypedArray()].map(Number));
  const terms = numbers.map((value, k) => value * ((k % 7) + 1));
  return { sum: terms.reduce((a, b) => a + b), size: terms.reduce((a, b) => a + Math.abs(b), 0) };
}

/** Optimizers by name, with options that are only known at run time. */
const makers = optim as unknown as Record<
  OptimizerName,
  new (
    params: readonly unknown[],
    options?: object,
  ) => optim.Optimizer
>;

export function makeOptimizer(params: readonly Tensor[], { optimizer, options, second }: Recorded): optim.Optimizer {
  const groups = second ? [{ params: params.slice(0, 1) }, { params: params.slice(1), ...second }] : params;
  return new makers[optimizer](groups, options);
}
