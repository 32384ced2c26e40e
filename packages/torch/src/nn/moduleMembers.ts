/**
 * What belongs to a module: those of its properties that are parameters, buffers and child modules.
 *
 * They are noted as they are assigned. From then on a property keeps its kind: a tensor in the place of a parameter,
 * which would leave the state dict without it, is refused.
 */

import { describe } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { tensorTypeName } from "../autograd/node.js";
import { isPlainObject } from "../core/kinds.js";
import { toCamelCase, toSnakeCase } from "../core/names.js";
import { Tensor } from "../core/tensor.js";
import { Callable } from "./callable.js";
import type { Module } from "./module.js";
import { Buffer, Parameter } from "./parameter.js";

export type MemberKind = "parameter" | "buffer" | "module";

/** A tensor or module that belongs to a module. */
export interface Member<T = Tensor | Module> {
  readonly kind: MemberKind;
  /** Its name in the state dict and in the printed form. */
  readonly key: string;
  readonly value: T;
  /** Whether it is part of the state dict. */
  readonly isPersistent: boolean;
  /** Puts another value in its place. */
  replace(value: T): void;
}

/** @internal The members of a module, in the order in which they were added. */
export const members: unique symbol = Symbol("members");

/** @internal Whether a module has a member under a key. */
export const hasKey: unique symbol = Symbol("hasKey");

/** A name below a prefix: `layers.0`. */
export function joinName(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

/** What to write instead of something that is no module. */
function cureFor(value: unknown): string {
  if (Array.isArray(value)) return "; spread the array: new nn.Sequential(...modules), or make it an nn.ModuleList";
  if (typeof value !== "function") return "";
  if (value.prototype instanceof Callable) return `; make one of it: new nn.${value.name}(…)`;
  return "; call a function in forward, or use its layer: nn.ReLU for F.relu";
}

/** Throws unless something can be registered under a name. */
export function checkName(kind: MemberKind, name: unknown): asserts name is string {
  if (typeof name !== "string") throw new TypeError(`${kind} name should be a string. Got ${describe(name)}`);
  if (name.includes(".")) throw new Error(`${kind} name can't contain "."${kind === "module" ? `, got: ${name}` : ""}`);
  if (name === "") throw new Error(`${kind} name can't be empty string ""`);
}

/** Throws unless a value can be registered as a member of a kind. */
export function checkMember(kind: MemberKind, name: string, value: unknown): void {
  if (value === null) return;
  if (kind === "module") {
    if (!(value instanceof Callable))
      throw new TypeError(`${describe(value)} is not a Module subclass${cureFor(value)}`);
  } else if (kind === "buffer") {
    if (!(value instanceof Tensor)) {
      throw new TypeError(
        `cannot assign '${describe(value)}' object to buffer '${name}' (torch Tensor or null required)`,
      );
    }
  } else if (!(value instanceof Parameter)) {
    throw new TypeError(
      `cannot assign '${describe(value)}' object to parameter '${name}' (nn.Parameter or null required)`,
    );
  } else if (value.gradFn !== null) {
    throw new Error(
      `Cannot assign non-leaf Tensor to parameter '${name}'. Model parameters must be created explicitly. To express '${name}' as a function of another Tensor, compute the value in the forward() method.`,
    );
  }
}

/** What a value is to a module that has it as a property. */
export function kindOf(value: unknown): MemberKind | undefined {
  if (value instanceof Parameter) return "parameter";
  if (value instanceof Buffer) return "buffer";
  return value instanceof Callable ? "module" : undefined;
}

/** What is known of a property that is a member; the member itself may be absent (null). */
interface Registration {
  readonly kind: MemberKind;
  readonly key: string;
  readonly isPersistent: boolean;
}

const roles = { parameter: "parameter", buffer: "buffer", module: "child module" };
const expected = { parameter: "torch.nn.Parameter", buffer: "torch.Tensor", module: "torch.nn.Module" };

/** The properties of one module that are its members, in the order in which they became that. */
export class MemberTable extends Map<string, Registration> {
  /** Whether a key of the state dict is that of a property. */
  hasKey(key: string): boolean {
    return [...this.values()].some((known) => known.key === key);
  }

  /**
   * What a property becomes by getting a value; undefined if it stays what it is.
   *
   * @throws TypeError if it is a member and the value of another kind; Error for a parameter that is no leaf.
   */
  becomes(property: string, value: unknown): Registration | undefined {
    const known = this.get(property);
    const kind = kindOf(value);
    if (kind === "parameter") checkMember(kind, property, value);
    const replaces = known === undefined || known.kind === "buffer" || kind === "parameter";
    if (kind !== undefined && kind !== known?.kind && replaces) {
      const isPersistent = !(value instanceof Buffer) || value.persistent;
      return { kind, key: known?.key ?? toSnakeCase(property), isPersistent };
    }
    if (known !== undefined && known.kind !== kind) checkAssigned(known.kind, property, value);
    return undefined;
  }
}

/** Throws if a property would have the key of another member: only one of them would be saved. */
export function checkKeyIsFree(module: Module, property: string, key: string): void {
  if (module[hasKey](key)) {
    throw new Error(`'${property}' would have the key '${key}' in the state dict, which another member has`);
  }
}

/** Throws unless a value may take the place of a member. */
export function checkAssigned(kind: MemberKind, property: string, value: unknown): void {
  if (value === null || value === undefined || (kind === "buffer" && value instanceof Tensor)) return;
  const given = value instanceof Tensor ? `torch.${tensorTypeName(value)}` : describe(value);
  throw new TypeError(`cannot assign '${given}' as ${roles[kind]} '${property}' (${expected[kind]} or None expected)`);
}

/** A module and all below it with their paths; each once if `seen` is given. */
export function* walk(
  module: Module,
  path: string,
  seen: Set<Module> | undefined,
): Generator<[path: string, module: Module]> {
  if (seen?.has(module)) return;
  seen?.add(module);
  yield [path, module];
  for (const { kind, key, value } of module[members]()) {
    if (kind === "module") yield* walk(value as Module, joinName(path, key), seen);
  }
}

const kindNames = { parameter: "an nn.Parameter", buffer: "a buffer", module: "an nn.Module" };

/**
 * The member of a module under a name, which may also be that of the property.
 *
 * @throws Error if there is none of this kind.
 */
export function findMember(module: Module, name: string, kind: MemberKind): Tensor | Module {
  for (const member of module[members]()) {
    if (member.kind === kind && (member.key === name || toCamelCase(member.key) === name)) return member.value;
  }
  if (name in module) throw new Error(`\`${name}\` is not ${kindNames[kind]}`);
  throw new Error(`${module.constructor.name} has no attribute \`${name}\``);
}

/**
 * Warns of modules and parameters in a plain array or object of a module, which are none of its members: an optimizer
 * would not get them.
 *
 * @param all the module that was asked for its parameters, and those below it.
 */
export function warnOfHidden(all: readonly Module[]): void {
  const known = new Set<unknown>(all);
  for (const module of all) {
    for (const [property, value] of Object.entries(module)) {
      const isList = Array.isArray(value);
      if (!isList && !isPlainObject(value)) continue;
      const hidden = Object.values(value).find((one) => one instanceof Callable && !known.has(one));
      if (hidden === undefined) continue;
      const [kind, container] = isList ? ["array", "nn.ModuleList"] : ["object", "nn.ModuleDict"];
      warn(
        `${module.constructor.name}.${property} is a plain ${kind}: the parameters of the ${describe(hidden)} in it are not among model.parameters(), nor in its state dict. Make it a new ${container}(…)`,
      );
    }
  }
}
