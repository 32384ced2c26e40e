/** Replays what was recorded from torchvision (test/golden/recording.py): results, gradients, printed forms, states. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, type Tensor } from "flambeau";
import { golden } from "./golden.js";

interface Recorded {
  /** A function, or a module. */
  readonly f?: string;
  readonly m?: string;
  readonly a: readonly unknown[];
  /** The inputs of a module. */
  readonly in?: readonly unknown[];
  /** Which of the tensors among the arguments (of a module, among its inputs) want a gradient. */
  readonly w: readonly number[];
  readonly seed: number | null;
  readonly p?: string | null;
  readonly s?: Readonly<Record<string, unknown>>;
  readonly r: unknown;
  readonly g: readonly unknown[] | null;
}

interface RecordedTensor {
  readonly d: string;
  readonly s: readonly number[];
  readonly v: string;
}

const arrays: Record<string, new (bytes: ArrayBuffer) => torch.TypedArray> = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

function readTensor({ d, s, v }: RecordedTensor): Tensor {
  const bytes = Uint8Array.from(Buffer.from(v, "base64"));
  const Type = arrays[d] as (typeof arrays)[string];
  if (bytes.length === 0)
    return torch.empty([...s], { dtype: (torch as unknown as Record<string, torch.DType>)[d] as torch.DType });
  const flat = torch.tensor(new Type(bytes.buffer));
  return (d === "bool" ? flat.to(torch.bool) : flat).view([...s]);
}

/** A recorded value; its tensors are noted. */
export function decode(value: unknown, tensors: Tensor[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => decode(item, tensors));
  if (typeof value !== "object" || value === null) return value;
  if ("d" in value) {
    const made = readTensor(value as RecordedTensor);
    tensors.push(made);
    return made;
  }
  if ("nn" in value) return nn[value.nn as "BatchNorm2d"];
  const entries = Object.entries(("o" in value ? value.o : (value as { k: object }).k) as object);
  return Object.fromEntries(entries.map(([key, item]) => [key, decode(item, tensors)]));
}

function tensorsOf(value: unknown): Tensor[] {
  if (value instanceof torch.Tensor) return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(tensorsOf) : [];
}

function weights(like: Tensor): Tensor {
  return torch.arange(like.numel()).mul(7).remainder(11).sub(5).to(like.dtype).div(8).view(like.shape);
}

/** How far results may be from the recorded ones, as a part of them and beside it. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** Compares values and the tensors in them; those of float64 have to agree to nine digits. */
export function compare(what: string, actual: unknown, expected: unknown, tolerance: Tolerance): void {
  if (!(expected instanceof torch.Tensor)) {
    if (typeof expected !== "object" || expected === null) return assert.deepEqual(actual, expected, what);
    assert.deepEqual(Object.keys(actual as object), Object.keys(expected), `${what}: names`);
    for (const [key, item] of Object.entries(expected))
      compare(`${what}.${key}`, (actual as Record<string, unknown>)[key], item, tolerance);
    return;
  }
  assert.ok(actual instanceof torch.Tensor, `${what}: ${String(actual)} instead of a tensor`);
  assert.equal(`${actual.dtype} [${actual.shape}]`, `${expected.dtype} [${expected.shape}]`, what);
  const { rtol, atol } = expected.dtype === torch.float64 ? { rtol: 1e-9, atol: 1e-11 } : tolerance;
  const isClose = torch.allclose(actual.detach().double(), expected.double(), rtol, atol, { equalNan: true });
  assert.ok(isClose, `${what}: ${String(actual)}\ninstead of ${String(expected)}`);
}

/** The gradients of the leaves by the weighted sum of the results. */
function gradientsOf(result: unknown, leaves: readonly Tensor[]): (Tensor | null)[] {
  const outputs = tensorsOf(result).filter((output) => output.requiresGrad);
  return torch.autograd.grad(outputs, leaves, outputs.map(weights), { allowUnused: true });
}

function replay(recorded: Recorded, namespace: Record<string, unknown>, tolerance: Tolerance): void {
  const tensors: Tensor[] = [];
  const args = decode(recorded.a, tensors) as unknown[];
  const inputs =
    recorded.in === undefined ? [] : (decode(recorded.in, recorded.m === undefined ? [] : tensors) as unknown[]);
  const leaves = recorded.w.map((i) => (tensors[i] as Tensor).requiresGrad_());
  if (recorded.seed !== null) torch.manualSeed(recorded.seed);
  let result: unknown;
  if (recorded.m === undefined) {
    result = (namespace[recorded.f as string] as (...args: unknown[]) => unknown)(...args);
  } else {
    const made = new (namespace[recorded.m] as new (...args: unknown[]) => nn.Module)(...args);
    if (recorded.p !== null) assert.equal(String(made), recorded.p);
    compare("the state", made.stateDict(), decode({ o: recorded.s }, []), { rtol: 1e-6, atol: 1e-7 });
    torch.manualSeed((recorded.seed as number) + 1);
    result = made(...inputs);
    leaves.push(...made.parameters());
  }
  compare("the result", result, decode(recorded.r, []), tolerance);
  if (recorded.g === null) return;
  compare("the gradients", gradientsOf(result, leaves), decode(recorded.g, []), tolerance);
}

/** Makes a test of each recorded call of a golden file. */
export function replayAll(name: string, namespace: object, tolerance: Tolerance = { rtol: 1e-4, atol: 1e-5 }): void {
  for (const [i, recorded] of golden<Recorded[]>(name).entries()) {
    test(`${i}: ${recorded.f ?? recorded.m}`, () => replay(recorded, namespace as Record<string, unknown>, tolerance));
  }
}
