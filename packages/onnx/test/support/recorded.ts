/** The calls that conformance/ recorded, made with the library as programs get it. */
import torch, { type DType, F, Tensor } from "flambeau";
import type * as goldenModule from "../../../torch/dist/test/conformance/golden.js";
import type * as replayModule from "../../../torch/dist/test/conformance/replay.js";

type Golden = goldenModule.Golden;
type GoldenCase = goldenModule.GoldenCase;
type GoldenOperation = goldenModule.GoldenOperation;

/** What the tests of the core read the calls with, which are made with a library of their own. */
const conformance = new URL("../../../../torch/dist/test/conformance/", import.meta.url);
const { families, Golden }: typeof goldenModule = await import(new URL("golden.js", conformance).href);
const { Arguments, changesInput, describeCall, fullName }: typeof replayModule = await import(
  new URL("replay.js", conformance).href
);

type Callable = (...args: unknown[]) => unknown;
type Space = Record<string, Callable | undefined>;

const root = torch as unknown as Space & Record<string, Space>;
const spaces: Record<string, Space> = {
  torch: root,
  F: F as unknown as Space,
  linalg: root.linalg as Space,
  special: root.special as Space,
  fft: root.fft as Space,
  masked: root.masked as Space,
};

/** A recorded call. */
export interface RecordedCall {
  readonly operation: string;
  readonly title: string;
  readonly inputs: readonly Tensor[];
  /** The call on tensors in the places of the inputs. */
  readonly program: (...inputs: Tensor[]) => unknown;
}

function callableOf({ name, space, forms }: GoldenOperation): Callable | undefined {
  const own = name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const method = (self: unknown, ...rest: unknown[]) => (self as Record<string, Callable>)[own]?.(...rest);
  if (!forms.includes("function")) return own in Tensor.prototype ? method : undefined;
  return spaces[space]?.[own];
}

/** A tensor of the tests' library as one of the packages', with its strides where they matter. */
function converted(value: unknown, tensors: Map<unknown, Tensor>): unknown {
  if (Array.isArray(value)) return value.map((item) => converted(item, tensors));
  const other = value as { dtype?: { name: string }; shape?: number[]; toTypedArray?: () => Float32Array } | null;
  if (typeof other !== "object" || other === null) return value;
  if (other.toTypedArray !== undefined && other.dtype !== undefined) {
    const known = tensors.get(value);
    if (known !== undefined) return known;
    const dtype = (torch as unknown as Record<string, DType>)[other.dtype.name] as DType;
    const elements = other.toTypedArray();
    const made =
      dtype === torch.bool
        ? torch.fromTypedArray(elements, other.shape as number[]).to(dtype)
        : torch.fromTypedArray(elements, other.shape as number[], { dtype });
    tensors.set(value, made);
    return made;
  }
  if ("itemsize" in other && "name" in other) return root[(other as { name: string }).name];
  if (Object.getPrototypeOf(other) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(other).map(([key, item]) => [key, converted(item, tensors)]));
}

function replaced(value: unknown, others: ReadonlyMap<unknown, Tensor>): unknown {
  if (value instanceof Tensor) return others.get(value) ?? value;
  if (Array.isArray(value)) return value.map((item) => replaced(item, others));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replaced(item, others)]));
}

function prepared(golden: Golden, operation: GoldenOperation, recorded: GoldenCase): RecordedCall | undefined {
  const call = callableOf(operation);
  if (call === undefined || recorded.e !== undefined || changesInput(operation)) return undefined;
  const tensors = new Map<unknown, Tensor>();
  const list = converted(new Arguments(golden, recorded).list(), tensors) as unknown[];
  const inputs = [...tensors.values()];
  if (inputs.length === 0) return undefined;
  const program = (...given: Tensor[]) => {
    const others = new Map(inputs.map((input, i) => [input as unknown, given[i] as Tensor]));
    return call(...(replaced(list, others) as unknown[]));
  };
  const title = describeCall(golden, fullName(operation), recorded);
  return { operation: fullName(operation), title, inputs, program };
}

/** All recorded calls that have tensors among their arguments, and give a result. */
export function* recordedCalls(): Generator<RecordedCall> {
  for (const family of families()) {
    const golden = new Golden(family);
    for (const operation of golden.operations) {
      for (const recorded of operation.cases) {
        const call = prepared(golden, operation, recorded);
        if (call !== undefined) yield call;
      }
    }
  }
}
