/** What becomes of the initializers of a file: parameters, buffers, or settings that no state dict has. */
import { nn, type Tensor } from "flambeau";
import { toCamelCase } from "flambeau/arguments";

/** How a node uses an initializer. */
export type Use = "data" | "number" | "statistic";

/** Says of a floating initializer of some name whether it is a parameter. */
export type IsParameter = (name: string, tensor: Tensor) => boolean;

/** A part of the names of a file: what stands before a dot. */
class Group extends nn.Module {}

/** Where a tensor of the state is: a property of a module, or here. */
export type Place = { readonly owner: number; readonly property: string } | { readonly tensor: Tensor };

/** The initializers of a file, and how they are used. */
export class Weights {
  readonly #tensors: Tensor[] = [];
  readonly #names: string[] = [];
  readonly #uses: Set<Use>[] = [];

  /** Adds one, and tells its number. */
  add(name: string, tensor: Tensor): number {
    this.#names.push(name);
    this.#uses.push(new Set());
    return this.#tensors.push(tensor) - 1;
  }

  use(index: number, use: Use): void {
    this.#uses[index]?.add(use);
  }

  /**
   * Gives the initializers to a module. Names with dots become modules in modules, so that the keys of the state dict
   * are the names of the file.
   *
   * @param owners gets the modules that have some of them.
   * @returns where each of them is then.
   */
  giveTo(root: nn.Module, owners: nn.Module[], isParameter: IsParameter): Place[] {
    const tree = new Tree(root, owners);
    return this.#tensors.map((tensor, i) => {
      const uses = this.#uses[i] as Set<Use>;
      // What is read as a number, such as a shape, is part of the program.
      if (uses.size === 1 && uses.has("number")) return { tensor };
      const name = this.#names[i] as string;
      return tree.add(name, trains(name, tensor, uses, isParameter) ? new nn.Parameter(tensor) : tensor);
    });
  }
}

/** Whether an initializer is trained. */
function trains(name: string, tensor: Tensor, uses: ReadonlySet<Use>, isParameter: IsParameter): boolean {
  return tensor.dtype.isFloatingPoint && !uses.has("statistic") && isParameter(name, tensor);
}

/** Names that `onnx.export` gives to constants of the program. */
const constantName = /^constant_\d+$/;

/** What is a parameter unless the caller chooses: a single number is one of a formula, more often than not. */
export function parametersOf(producer: string): IsParameter {
  const isOurs = producer === "flambeau";
  return (name, tensor) => tensor.dim() > 0 && !(isOurs && constantName.test(name));
}

/** The modules that the names of a file make. */
class Tree {
  readonly #owners: nn.Module[];
  readonly #groups = new Map<string, number>([["", 0]]);

  constructor(root: nn.Module, owners: nn.Module[]) {
    this.#owners = owners;
    owners.push(root);
  }

  /** Registers a tensor under a name; one that no module can have is changed. */
  add(name: string, tensor: Tensor): Place {
    const at = name.lastIndexOf(".");
    const owner = at < 0 ? 0 : this.#group(name.slice(0, at));
    const place = owner === undefined ? undefined : this.#register(owner, name.slice(at + 1), tensor);
    if (place !== undefined) return place;
    const flat = name.replaceAll(".", "_") || "unnamed";
    for (let i = 0; ; i++) {
      const other = this.#register(0, i === 0 ? flat : `${flat}_${i}`, tensor);
      if (other !== undefined) return other;
    }
  }

  #register(owner: number, key: string, tensor: Tensor): Place | undefined {
    const module = this.#owners[owner] as nn.Module;
    if (!isFree(module, key)) return undefined;
    if (tensor instanceof nn.Parameter) module.registerParameter(key, tensor);
    else module.registerBuffer(key, tensor);
    return { owner, property: toCamelCase(key) };
  }

  /** The module of what stands before the last dot; undefined if there cannot be one. */
  #group(path: string): number | undefined {
    const known = this.#groups.get(path);
    if (known !== undefined) return known;
    const at = path.lastIndexOf(".");
    const outer = at < 0 ? 0 : this.#group(path.slice(0, at));
    const key = path.slice(at + 1);
    if (outer === undefined || !isFree(this.#owners[outer] as nn.Module, key)) return undefined;
    const group = new Group();
    (this.#owners[outer] as nn.Module).registerModule(key, group);
    const index = this.#owners.push(group) - 1;
    this.#groups.set(path, index);
    return index;
  }
}

/** Whether a module can have a member of a name. */
function isFree(module: nn.Module, key: string): boolean {
  return key !== "" && !(toCamelCase(key) in module);
}
