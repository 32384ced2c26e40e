/**
 * What belongs to a module: parameters, buffers and child modules, found among its properties when asked.
 *
 * Nothing has to be noted when a property is assigned, so class fields and plain assignments both work.
 */
import { describe } from "../arguments/parse.js";
import { toCamelCase } from "../core/names.js";
import { Tensor } from "../core/tensor.js";
import { Callable } from "./callable.js";
import type { Module } from "./module.js";
import { Parameter } from "./parameter.js";

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

/** A name below a prefix: `layers.0`. */
export function joinName(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
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
    if (!(value instanceof Callable)) throw new TypeError(`${describe(value)} is not a Module subclass`);
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
  return value instanceof Callable ? "module" : undefined;
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
