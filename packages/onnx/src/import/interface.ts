/** What a graph takes and gives: names, dtypes and shapes, as the file tells them. */
import torch, { type DType, type Tensor } from "flambeau";
import type { GraphProto, TypeProto, ValueInfoProto } from "onnx-buf";
import { dtypeOf } from "../proto/dataTypes.js";
import { dataTypeName } from "./tensors.js";
import { isSequence, isTensor, type Value } from "./values.js";

/** A type as text: `float32 [batch, 3]`. */
function typeText(type: TypeProto | undefined): string {
  const value = type?.value;
  if (value?.case === "sequenceType") return `sequence of ${typeText(value.value.elemType)}`;
  if (value?.case === "optionalType") return `optional ${typeText(value.value.elemType)}`;
  if (value?.case !== "tensorType") return value?.case ?? "any";
  const dtype = dtypeOf(value.value.elemType)?.name ?? dataTypeName(value.value.elemType);
  const dims = value.value.shape?.dim.map(({ value: dim }) => (dim.case === undefined ? "?" : String(dim.value)));
  return dims === undefined ? dtype : `${dtype} [${dims.join(", ")}]`;
}

/** A name and its type: `x: float32 [batch, 3]`. */
export function valueText({ name, type }: ValueInfoProto): string {
  return `${name}: ${typeText(type)}`;
}

/** The dtype and the sizes of a value, as far as a file tells them; other sizes are 0. */
export interface DeclaredType {
  readonly dtype: DType;
  readonly sizes: readonly number[];
}

export function declaredType({ type }: ValueInfoProto): DeclaredType {
  const tensor = type?.value.case === "tensorType" ? type.value.value : undefined;
  const sizes = tensor?.shape?.dim.map(({ value }) => (value.case === "dimValue" ? Number(value.value) : 0));
  return {
    dtype: dtypeOf(tensor?.elemType ?? 0) ?? torch.float32,
    sizes: (sizes ?? []).map((size) => Math.max(0, size)),
  };
}

/** What a caller has to know of an input. */
export interface InputInfo {
  readonly name: string;
  readonly text: string;
  /** Undefined where it is no tensor of a type that there is. */
  readonly dtype: DType | undefined;
  /** The number of dims, if the file tells it. */
  readonly dims: number | undefined;
  readonly isTensor: boolean;
  /** Whether there is an initializer for it. */
  readonly isOptional: boolean;
}

/** The inputs of a graph: first those that have to be given, then those that have an initializer. */
export function inputInfos({ input, initializer }: GraphProto): InputInfo[] {
  const initialized = new Set(initializer.map(({ name }) => name));
  const infos = input.map((info) => inputInfo(info, initialized.has(info.name)));
  return [...infos.filter(({ isOptional }) => !isOptional), ...infos.filter(({ isOptional }) => isOptional)];
}

function inputInfo(info: ValueInfoProto, isOptional: boolean): InputInfo {
  const type = info.type?.value;
  const tensor = type?.case === "tensorType" ? type.value : undefined;
  return {
    name: info.name,
    text: valueText(info),
    dtype: tensor === undefined ? undefined : dtypeOf(tensor.elemType),
    dims: tensor?.shape?.dim.length,
    isTensor: tensor !== undefined,
    isOptional,
  };
}

/** Kinds of dtypes that do not stand for each other. */
function kindOf(dtype: DType): string {
  if (dtype.isFloatingPoint) return "floating";
  return dtype.name === "bool" ? "bool" : "integer";
}

/** Throws unless a value can be an input. Sizes are seen to by the nodes that mind them. */
function check(info: InputInfo, value: unknown): asserts value is Value {
  if (isSequence(value as Value) && (value as unknown[]).every((item) => isTensor(item as Value))) return;
  if (value === null && !info.isTensor) return;
  if (!isTensor(value as Value)) throw new TypeError(`the input '${info.text}' must be a Tensor`);
  const { dtype, shape } = value as Tensor;
  if (info.dtype !== undefined && kindOf(info.dtype) !== kindOf(dtype)) {
    throw new TypeError(`the input '${info.text}' cannot be ${dtype}`);
  }
  if (info.dims !== undefined && info.dims !== shape.length) {
    throw new Error(`the input '${info.text}' cannot be of shape [${shape.join(", ")}]`);
  }
}

function isNamed(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !isTensor(value as Value) && !Array.isArray(value);
}

/**
 * The inputs of a call, in the order of the graph.
 *
 * @param given all in order, or one object of all by name.
 * @throws TypeError for one that is missing, unknown, or of another kind than the file says.
 */
export function inputsOf(infos: readonly InputInfo[], given: readonly unknown[]): (Value | undefined)[] {
  const [first] = given;
  if (given.length === 1 && isNamed(first)) return inputsByName(infos, first);
  const required = infos.filter(({ isOptional }) => !isOptional);
  if (given.length !== required.length) {
    const wanted = required.map(({ text }) => text).join(", ") || "no inputs";
    throw new TypeError(`the model takes ${wanted}; ${given.length} given`);
  }
  return required.map((info, i) => {
    const value = given[i];
    check(info, value);
    return value;
  });
}

function inputsByName(infos: readonly InputInfo[], given: Readonly<Record<string, unknown>>): (Value | undefined)[] {
  const unknown = Object.keys(given).find((name) => !infos.some((info) => info.name === name));
  if (unknown !== undefined) {
    throw new TypeError(`the model has no input '${unknown}', but ${infos.map(({ name }) => `'${name}'`).join(", ")}`);
  }
  return infos.map((info) => {
    if (!Object.hasOwn(given, info.name)) {
      if (info.isOptional) return undefined;
      throw new TypeError(`the input '${info.text}' is missing`);
    }
    const value = given[info.name];
    check(info, value);
    return value;
  });
}

/** Several outputs as an object that can be destructured by name and as an array. */
export function named(names: readonly string[], values: readonly Value[]): object {
  const outputs: object = {};
  for (const [i, name] of names.entries()) {
    Object.defineProperty(outputs, name, { value: values[i], enumerable: true, configurable: true, writable: true });
  }
  Object.defineProperty(outputs, Symbol.iterator, { value: () => values[Symbol.iterator]() });
  return outputs;
}
