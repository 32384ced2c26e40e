/** Pickles a value with the tensors in it, whose memory is left for records of their own. */
import { describe } from "../../arguments/parse.js";
import { DeviceGuard } from "../../backend/devices.js";
import { Generator } from "../../backend/generator.js";
import { Complex } from "../../core/complex.js";
import { DType } from "../../core/dtype.js";
import { bytesOver, kindOf } from "../../core/intrinsics.js";
import { isMap, isPlainObject, isSet } from "../../core/kinds.js";
import { checkListLength } from "../../core/shape.js";
import type { Storage } from "../../core/storage.js";
import { Tensor } from "../../core/tensor.js";
import { checkReadable } from "../../core/wrapper.js";
import { Parameter } from "../../nn/parameter.js";
import { Op } from "../pickle/opcodes.js";
import { PickleWriter } from "../pickle/writer.js";
import { hasStorageType, storageTypeOf } from "./storages.js";

/** How deep containers may stand in each other. */
const deepest = 1000;

/** The memory of tensors that is to be saved. */
export interface SavedMemory {
  readonly storage: Storage;
  readonly dtype: DType;
  /** Bytes of its whole elements. */
  readonly nbytes: number;
}

/** A value as a pickle. */
export class Pickler {
  readonly #out = new PickleWriter();
  /** The places of what may occur again. */
  readonly #places = new Map<unknown, number>();
  /** The pieces of memory, each at the number that is its key, and their keys by where they are. */
  readonly memories: SavedMemory[] = [];
  readonly #keys = new Map<string, number>();
  /** The way from the value to what is being written. */
  readonly #path: string[] = [];

  /**
   * The pickle of a value; `memories` has all that it refers to then.
   *
   * @throws TypeError for what cannot be saved, with the place where it stands.
   */
  pickle(value: unknown): Uint8Array {
    this.#write(value);
    return this.#out.end();
  }

  #write(value: unknown): void {
    const out = this.#out;
    if (value === undefined || value === null) return out.op(Op.None);
    switch (typeof value) {
      case "boolean":
        return out.boolean(value);
      case "number":
        return out.number(value);
      case "bigint":
        return out.bigint(value);
      case "string":
        return out.text(value);
      case "object":
        return this.#object(value);
      default:
        throw this.#refusal(value);
    }
  }

  #object(value: object): void {
    const known = this.#places.get(value);
    if (known !== undefined) return this.#out.recall(known);
    if (value instanceof Tensor) return this.#shared(value, () => this.#tensor(value));
    if (value instanceof DType) return this.#out.global(`torch.${value.name}`);
    if (value instanceof DeviceGuard) return this.#shared(value, () => this.#device(value));
    if (value instanceof Complex) return this.#shared(value, () => this.#complex(value));
    if (kindOf(value) === "Uint8Array") return this.#shared(value, () => this.#bytes(value as Uint8Array));
    if (isSet(value)) return this.#shared(value, () => this.#set([...value]));
    if (Array.isArray(value)) return this.#list(value);
    if (isMap(value)) return this.#dict(value, [...value]);
    if (isPlainObject(value)) return this.#dict(value, this.#entriesOf(value));
    throw this.#refusal(value);
  }

  /** Writes what is remembered when it is whole. */
  #shared(value: object, write: () => void): void {
    write();
    this.#places.set(value, this.#out.remember());
  }

  #inside(name: string, write: () => void): void {
    if (this.#path.push(name) > deepest)
      throw new RangeError(`a value nested more than ${deepest} deep cannot be saved`);
    write();
    this.#path.pop();
  }

  /** The items of an array, which may be billions long and take no memory. */
  #itemsOf(list: readonly unknown[]): unknown[] {
    const { length } = list;
    checkListLength(length);
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) {
      if (!Object.hasOwn(list, i)) {
        throw new TypeError(`save(): ${this.#placeOf(`[${i}]`)} is a gap in an array, which cannot be saved`);
      }
      items.push(list[i]);
    }
    return items;
  }

  #list(list: readonly unknown[]): void {
    const items = this.#itemsOf(list);
    this.#out.op(Op.EmptyList);
    this.#places.set(list, this.#out.remember());
    this.#out.items(items.length, Op.Appends, (i) => this.#inside(`[${i}]`, () => this.#write(items[i])));
  }

  #entriesOf(object: Record<string, unknown>): [string, unknown][] {
    const [symbol] = Object.getOwnPropertySymbols(object);
    if (symbol !== undefined)
      throw new TypeError(`save(): ${this.#placeOf("")} has a symbol as a key, which cannot be saved`);
    return Object.entries(object);
  }

  #dict(dict: object, entries: readonly (readonly [unknown, unknown])[]): void {
    this.#out.op(Op.EmptyDict);
    this.#places.set(dict, this.#out.remember());
    this.#out.items(entries.length, Op.SetItems, (i) => {
      const [key, value] = entries[i] as [unknown, unknown];
      this.#inside(" (a key)", () => this.#key(key));
      this.#inside(typeof key === "string" ? `.${key}` : `[${String(key)}]`, () => this.#write(value));
    });
  }

  /** A key, which Python can only look up if it never changes: of an array it becomes a tuple. */
  #key(key: unknown): void {
    if (Array.isArray(key)) return this.#tupleOf(this.#itemsOf(key));
    if (typeof key === "object" && key !== null && !(key instanceof DType)) throw this.#refusal(key, "as a key");
    this.#write(key);
  }

  #set(items: readonly unknown[]): void {
    const out = this.#out;
    out.global("builtins.set");
    out.op(Op.EmptyList);
    out.items(items.length, Op.Appends, (i) => this.#inside(" (an item)", () => this.#key(items[i])));
    out.op(Op.Tuple1);
    out.op(Op.Reduce);
  }

  #bytes(array: Uint8Array): void {
    const out = this.#out;
    const bytes = bytesOver(array) as Uint8Array;
    out.global("_codecs.encode");
    out.text(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"));
    out.text("latin1");
    out.op(Op.Tuple2);
    out.op(Op.Reduce);
  }

  #complex({ real, imag }: Complex): void {
    const out = this.#out;
    out.global("builtins.complex");
    out.number(real);
    out.number(imag);
    out.op(Op.Tuple2);
    out.op(Op.Reduce);
  }

  #device({ type }: DeviceGuard): void {
    const out = this.#out;
    out.global("torch.device");
    out.text(type);
    out.op(Op.Tuple1);
    out.op(Op.Reduce);
  }

  #tensor(tensor: Tensor): void {
    checkReadable(tensor, "torch.save()");
    const out = this.#out;
    const { requiresGrad } = tensor;
    if (!(tensor instanceof Parameter)) return this.#plainTensor(tensor, requiresGrad);
    out.global("torch._utils._rebuild_parameter");
    this.#plainTensor(tensor, false);
    out.boolean(requiresGrad);
    this.#noHooks();
    out.op(Op.Tuple3);
    out.op(Op.Reduce);
  }

  #plainTensor(tensor: Tensor, requiresGrad: boolean): void {
    const out = this.#out;
    const { sizes, strides, offset, dtype } = tensor;
    const isTyped = hasStorageType(dtype);
    out.global(`torch._utils.${makerOf(tensor.isMeta, isTyped)}`);
    out.op(Op.Mark);
    if (tensor.isMeta) out.global(`torch.${dtype.name}`);
    else {
      this.#memory(tensor);
      out.number(offset);
    }
    this.#tuple(sizes);
    this.#tuple(strides);
    out.boolean(requiresGrad);
    if (!tensor.isMeta) this.#noHooks();
    if (!tensor.isMeta && !isTyped) out.global(`torch.${dtype.name}`);
    out.op(Op.Tuple);
    out.op(Op.Reduce);
  }

  #tupleOf(keys: readonly unknown[]): void {
    this.#out.op(Op.Mark);
    for (const [i, key] of keys.entries()) this.#inside(`[${i}]`, () => this.#key(key));
    this.#out.op(Op.Tuple);
  }

  #tuple(numbers: readonly number[]): void {
    this.#out.op(Op.Mark);
    for (const number of numbers) this.#out.number(number);
    this.#out.op(Op.Tuple);
  }

  #noHooks(): void {
    this.#out.global("collections.OrderedDict");
    this.#out.op(Op.EmptyTuple);
    this.#out.op(Op.Reduce);
  }

  /** What names the memory of a tensor. */
  #memory({ storage, dtype }: Tensor): void {
    const out = this.#out;
    const key = this.#keyOf(storage.origin, dtype);
    out.op(Op.Mark);
    out.text("storage");
    const isTyped = hasStorageType(dtype);
    out.global(isTyped ? `torch.${storageTypeOf(dtype)}` : "torch.storage.UntypedStorage");
    out.text(String(key));
    out.text("cpu");
    const numel = Math.floor(storage.nbytes / dtype.itemsize);
    out.number(isTyped ? numel : numel * dtype.itemsize);
    out.op(Op.Tuple);
    out.op(Op.BinPersId);
  }

  #keyOf(storage: Storage, dtype: DType): number {
    // Storages over the same array are the same memory.
    const place = `${storage.pointer()} ${storage.nbytes}`;
    const known = this.#keys.get(place);
    if (known === undefined) {
      const key =
        this.memories.push({ storage, dtype, nbytes: storage.nbytes - (storage.nbytes % dtype.itemsize) }) - 1;
      this.#keys.set(place, key);
      return key;
    }
    if (this.memories[known]?.dtype === dtype || storage.nbytes === 0) return known;
    throw new Error(
      `${this.#placeOf("")}: Cannot save multiple tensors or storages that view the same data as different types`,
    );
  }

  #placeOf(last: string): string {
    return `value${this.#path.join("")}${last}`;
  }

  #refusal(value: unknown, role = ""): TypeError {
    const cure = cureFor(value);
    const words = [this.#placeOf(""), "is", describe(value), "which cannot be saved", role].filter(
      (word) => word !== "",
    );
    return new TypeError(`save(): ${words.join(" ").replace(" which", ", which")}${cure === "" ? "" : `; ${cure}`}`);
  }
}

/** The function that makes a tensor in Python: of typed storages, or of bytes that are seen as a dtype. */
function makerOf(isMeta: boolean, isTyped: boolean): string {
  if (isMeta) return "_rebuild_meta_tensor_no_storage";
  return isTyped ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3";
}

/** What to save instead of a value. */
function cureFor(value: unknown): string {
  if (value instanceof Generator) return "save generator.getState()";
  if (typeof (value as { stateDict?: unknown } | null)?.stateDict === "function")
    return "save what its stateDict() gives";
  if (ArrayBuffer.isView(value)) return "make a tensor of it: torch.fromTypedArray(array)";
  return "";
}
