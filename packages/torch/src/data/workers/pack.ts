/**
 * Messages between threads: any data, with tensors whose memory is shared instead of copied.
 *
 * A value becomes a list of nodes, which structured cloning can send; nodes refer to others by number, so that
 * what was one object is one object again, and cycles are no matter.
 */
import { types } from "node:util";
import { adopt, isStorage, received, send } from "../../backend/arrays.js";
import { Generator } from "../../backend/generator.js";
import { DType, dtypes } from "../../core/dtype.js";
import { isCount } from "../../core/kinds.js";
import { extentOf, isContiguous } from "../../core/shape.js";
import type { Storage } from "../../core/storage.js";
import { Tensor } from "../../core/tensor.js";
import { type Definition, definitionAt, importPlace, type Place, placeOf } from "./shareable.js";

/** A primitive as it is, or the number of a node. */
type Slot = string | number | bigint | boolean | null | undefined | Ref;

interface Ref {
  readonly node: number;
}

type Fields = Readonly<Record<string, Slot>>;

interface PackedTensor {
  readonly storage: Ref;
  readonly dtype: number;
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly requiresGrad: boolean;
}

type Node =
  /** Something that structured cloning sends whole. */
  | { readonly kind: "clone"; readonly value: unknown }
  | { readonly kind: "array" | "set"; readonly items: readonly Slot[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Slot, Slot])[] }
  | { readonly kind: "object"; readonly fields: Fields }
  | { readonly kind: "definition"; readonly place: Place }
  | { readonly kind: "instance"; readonly place: Place; readonly fields: Fields }
  | { readonly kind: "state"; readonly place: Place; readonly state: Slot }
  | { readonly kind: "dtype"; readonly id: number }
  | { readonly kind: "generator"; readonly state: Slot }
  | { readonly kind: "tensor"; readonly tensor: PackedTensor }
  | { readonly kind: "lent"; readonly token: number }
  /** A small storage by value, or one in a SharedArrayBuffer. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** A value on its way to another thread. The memory lent with it has to be taken over by `unpack` or `discard`. */
export interface Packed {
  readonly nodes: readonly Node[];
  readonly root: Slot;
}

/** Objects that say themselves what is to be sent of them. */
interface HasState {
  getState(): unknown;
}

/**
 * Packs a value.
 *
 * @param name what to call the value in messages.
 * @param receivers how many threads will unpack it.
 * @throws TypeError for what cannot be sent, with the path to it.
 */
export function pack(value: unknown, name: string, receivers = 1): Packed {
  return new Packer(name, receivers).pack(value);
}

class Packer {
  readonly #nodes: Node[] = [];
  readonly #seen = new Map<object, Ref>();
  readonly #path: string[];

  constructor(
    name: string,
    readonly receivers: number,
  ) {
    this.#path = [name];
  }

  pack(value: unknown): Packed {
    try {
      return { root: this.#slot(value), nodes: this.#nodes };
    } catch (error) {
      for (let i = 0; i < this.receivers; i++) discard({ root: null, nodes: this.#nodes });
      throw error;
    }
  }

  #slot(value: unknown): Slot {
    if (typeof value === "symbol") throw this.#failure("a symbol", "");
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value as Slot;
    let ref = this.#seen.get(value);
    if (ref === undefined) {
      ref = { node: this.#nodes.length };
      this.#seen.set(value, ref);
      this.#nodes.push({ kind: "clone", value: undefined });
      this.#nodes[ref.node] = this.#node(value);
    }
    return ref;
  }

  #node(value: object): Node {
    if (value instanceof Tensor) return { kind: "tensor", tensor: this.#tensor(value) };
    if (isStorage(value)) return this.#storage(value);
    if (value instanceof DType) return { kind: "dtype", id: value.id };
    if (value instanceof Generator) return { kind: "generator", state: this.#slot(value.getState()) };
    if (Array.isArray(value)) {
      if (value.every(isPrimitive)) return { kind: "clone", value };
      return { kind: "array", items: value.map((item, i) => this.#at(`[${i}]`, item)) };
    }
    if (isPlain(value)) return { kind: "object", fields: this.#fields(value) };
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Map.prototype) {
      const entries = [...(value as Map<unknown, unknown>)];
      return {
        kind: "map",
        entries: entries.map(([k, v]) => [this.#at(".keys()", k), this.#at(`.get(${String(k)})`, v)]),
      };
    }
    if (prototype === Set.prototype) {
      return { kind: "set", items: Array.from(value as Set<unknown>, (item) => this.#at(".values()", item)) };
    }
    if (typeof value === "function" && functionKinds.has(value.constructor.name)) {
      return this.#definition(value as Definition);
    }
    return placeOf(value.constructor) === undefined && isCloneable(value)
      ? { kind: "clone", value }
      : this.#instance(value);
  }

  #definition(definition: Definition): Node {
    const place = placeOf(definition);
    if (place !== undefined) return { kind: "definition", place };
    const name = definition.name || "name";
    throw this.#failure(
      `the function ${definition.name || "without a name"}`,
      `A worker gets functions by the module they are written in: export it from a module of its own, and say there: utils.data.shareable(import.meta.url, { ${name} }).`,
    );
  }

  #instance(value: object): Node {
    const { name } = value.constructor;
    const place = placeOf(value.constructor);
    if (place === undefined) {
      throw this.#failure(
        `a ${name}`,
        `A worker gets classes by the module they are written in: export the class from a module of its own, and say there: utils.data.shareable(import.meta.url, { ${name} }).`,
      );
    }
    if ("fromState" in value.constructor && typeof (value as HasState).getState === "function") {
      return { kind: "state", place, state: this.#at(".getState()", (value as HasState).getState()) };
    }
    if (typeof value === "function") {
      throw this.#failure(
        `the callable ${name}`,
        "Its class needs a method getState() and a static method fromState(state).",
      );
    }
    return { kind: "instance", place, fields: this.#fields(value) };
  }

  #fields(value: object): Fields {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, this.#at(`.${key}`, field)]));
  }

  #at(step: string, value: unknown): Slot {
    this.#path.push(step);
    const slot = this.#slot(value);
    this.#path.pop();
    return slot;
  }

  #tensor(tensor: Tensor): PackedTensor {
    if (tensor.requiresGrad && !tensor.isLeaf) {
      throw this.#failure(
        "a non-leaf tensor which requires grad",
        "Autograd does not cross threads. If you just want to transfer the data, call detach() on the tensor before.",
      );
    }
    const { dtype, sizes, strides, offset, requiresGrad } = tensor;
    const storage = this.#at(".storage", tensor.storage) as Ref;
    return { storage, dtype: dtype.id, sizes: [...sizes], strides: [...strides], offset, requiresGrad };
  }

  #storage(storage: Storage): Node {
    const parcel = send(storage, this.receivers);
    return "token" in parcel ? { kind: "lent", ...parcel } : { kind: "bytes", ...parcel };
  }

  #failure(what: string, advice: string): TypeError {
    return new TypeError(`${this.#path.join("")} cannot be sent between threads: it is ${what}. ${advice}`.trimEnd());
  }
}

/** Constructors of functions proper; a callable object has another one. */
const functionKinds = new Set(["Function", "AsyncFunction", "GeneratorFunction", "AsyncGeneratorFunction"]);

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol");
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isCloneable(value: object): boolean {
  return (
    types.isAnyArrayBuffer(value) ||
    types.isArrayBufferView(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value)
  );
}

/** Imports the modules that `unpack` will need. */
export async function importModules({ nodes }: Packed): Promise<void> {
  for (const node of nodes) if ("place" in node) await importPlace(node.place);
}

/**
 * The value, in this thread. Its modules must have been imported.
 *
 * @param generators where the generators that are made are noted.
 */
export function unpack(packed: Packed, generators: Generator[] = []): unknown {
  return new Unpacker(packed, generators).unpack();
}

/** Lets the memory of a value go that nobody wants any more. */
export function discard({ nodes }: Packed): void {
  for (const node of nodes) if (node.kind === "lent") adopt(node.token);
}

/** Lent memory was taken over before anything else is made. */
type UnmadeNode = Exclude<Node, { kind: "lent" }>;

class Unpacker {
  readonly #made: unknown[];
  readonly #nodes: readonly Node[];

  constructor(
    readonly packed: Packed,
    readonly generators: Generator[],
  ) {
    this.#nodes = packed.nodes;
    this.#made = new Array(packed.nodes.length);
    // All memory at once, so that none is lost if something else fails.
    this.#nodes.forEach((node, i) => {
      if (node.kind === "lent") this.#made[i] = adopt(node.token);
    });
  }

  unpack(): unknown {
    return this.#value(this.packed.root);
  }

  #value(slot: Slot): unknown {
    if (typeof slot !== "object" || slot === null) return slot;
    return this.#made[slot.node] ?? this.#make(slot.node, this.#nodes[slot.node] as UnmadeNode);
  }

  /** Makes the object of a node; containers are noted before they are filled, since they may hold themselves. */
  #make(at: number, node: UnmadeNode): unknown {
    const made = this.#shell(node);
    this.#made[at] = made;
    switch (node.kind) {
      case "array":
        for (const item of node.items) (made as unknown[]).push(this.#value(item));
        break;
      case "set":
        for (const item of node.items) (made as Set<unknown>).add(this.#value(item));
        break;
      case "map":
        for (const [key, item] of node.entries)
          (made as Map<unknown, unknown>).set(this.#value(key), this.#value(item));
        break;
      case "object":
      case "instance":
        for (const [key, field] of Object.entries(node.fields)) {
          const value = this.#value(field);
          Object.defineProperty(made, key, { value, writable: true, enumerable: true, configurable: true });
        }
    }
    return made;
  }

  #shell(node: UnmadeNode): unknown {
    switch (node.kind) {
      case "clone":
        return node.value;
      case "array":
        return [];
      case "set":
        return new Set();
      case "map":
        return new Map();
      case "object":
        return {};
      case "instance":
        return Object.create(definitionAt(node.place).prototype);
      case "definition":
        return definitionAt(node.place);
      case "state": {
        const { fromState } = definitionAt(node.place) as unknown as { fromState(state: unknown): unknown };
        return fromState.call(definitionAt(node.place), this.#value(node.state));
      }
      case "dtype":
        return dtypes[node.id];
      case "generator": {
        const generator = new Generator();
        generator.setState(this.#value(node.state) as Tensor);
        this.generators.push(generator);
        return generator;
      }
      case "tensor":
        return this.#tensor(node.tensor);
      case "bytes":
        return received(node.bytes);
    }
  }

  #tensor({ storage, dtype, sizes, strides, offset, requiresGrad }: PackedTensor): Tensor {
    const memory = this.#value(storage);
    const type = dtypes[dtype];
    // A message may come from anywhere: what it says is believed only as far as it fits.
    const fits =
      isStorage(memory) &&
      type !== undefined &&
      sizes.length === strides.length &&
      [...sizes, ...strides, offset].every(isCount) &&
      (offset + extentOf(sizes, strides)) * type.itemsize <= memory.nbytes;
    if (!fits) throw new Error("a tensor that was sent does not fit its memory");
    const tensor = new Tensor(memory, offset, sizes, strides, type, isContiguous(sizes, strides));
    if (requiresGrad) tensor.requiresGrad = true;
    return tensor;
  }
}
