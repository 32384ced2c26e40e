/** Saving and loading the state of modules, all or nothing. */

import { describe } from "../arguments/parse.js";
import { withoutRecording } from "../autograd/modes.js";
import { checkInplace } from "../autograd/views.js";
import { isMap, isPlainObject } from "../core/kinds.js";
import { formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { checkCopy } from "../ops/copyInto.js";
import { giveSizes, isUnsized, markUnsized, unsized } from "./lazy.js";
import type { Module } from "./module.js";
import { type Member, members } from "./moduleMembers.js";
import { Parameter } from "./parameter.js";

/** Parameters and buffers by their names, which are PyTorch's. */
export type StateDict = Record<string, Tensor>;

/** What a state and a module did not have in common. */
export class IncompatibleKeys {
  constructor(
    readonly missingKeys: readonly string[],
    readonly unexpectedKeys: readonly string[],
  ) {}

  *[Symbol.iterator](): Generator<readonly string[]> {
    yield this.missingKeys;
    yield this.unexpectedKeys;
  }

  toString(): string {
    const { missingKeys, unexpectedKeys } = this;
    if (missingKeys.length + unexpectedKeys.length === 0) return "<All keys matched successfully>";
    const list = (keys: readonly string[]) => `[${keys.map((key) => `'${key}'`).join(", ")}]`;
    return `_IncompatibleKeys(missing_keys=${list(missingKeys)}, unexpected_keys=${list(unexpectedKeys)})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A tensor of a module. */
interface Place extends Member<Tensor> {
  readonly owner: Module;
}

/** The places of a module's tensors, and of its children's, by the keys of its state. */
function* places(module: Module, prefix: string): Generator<[key: string, place: Place]> {
  const own = [...module[members]()];
  for (const kind of ["parameter", "buffer"]) {
    for (const member of own)
      if (member.kind === kind && member.isPersistent)
        yield [prefix + member.key, { ...(member as Member<Tensor>), owner: module }];
  }
  for (const { kind, key, value } of own) if (kind === "module") yield* places(value as Module, `${prefix}${key}.`);
}

/** Throws unless tensors stand under names. */
export function checkDict(named: unknown, given = named): asserts named is StateDict {
  if (!isPlainObject(named)) throw new TypeError(`Expected state_dict to be dict-like, got ${describe(given)}.`);
}

/** Lets a module and its children change a state before it is loaded, each the keys that begin with its own prefix. */
function adapt(module: Module, state: StateDict, prefix: string): void {
  module._loadFromStateDict(state, prefix);
  for (const { kind, key, value } of module[members]())
    if (kind === "module") adapt(value as Module, state, `${prefix}${key}.`);
}

/** Adds the state of a module and its children to `destination`. */
export function saveState(module: Module, prefix: string, keepVars: boolean, destination: StateDict): StateDict {
  for (const [key, place] of places(module, prefix)) {
    const state = keepVars ? place.value : place.value.detach();
    if (isWaiting(place)) markUnsized(state);
    destination[key] = state;
  }
  return destination;
}

/**
 * Copies a state into a module; with `assign`, puts the tensors of the state in the place of the module's own.
 *
 * @throws Error that lists everything that does not fit; the module is then as it was.
 */
export function loadState(module: Module, given: unknown, strict: boolean, assign: boolean): IncompatibleKeys {
  const named = isMap(given) ? Object.fromEntries(given) : given;
  checkDict(named, given);
  const state = { ...named } as StateDict;
  adapt(module, state, "");
  const wanted = new Map(places(module, ""));
  const missing = [...wanted.keys()].filter((key) => !Object.hasOwn(state, key));
  const unexpected = Object.keys(state).filter((key) => !wanted.has(key));
  const problems: string[] = [];
  if (strict && missing.length > 0) problems.push(`Missing key(s) in state_dict: ${quoted(missing)}. `);
  if (strict && unexpected.length > 0) problems.push(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
  const loads: (() => void)[] = [];
  withoutRecording(() => {
    for (const [key, place] of wanted) {
      if (!Object.hasOwn(state, key)) continue;
      const problem = mismatch(key, place, state[key]);
      if (problem !== undefined) problems.push(problem);
      else prepare(key, place, state[key] as Tensor, assign, loads, problems);
    }
    if (problems.length > 0) {
      throw new Error(`Error(s) in loading state_dict for ${module.constructor.name}:\n\t${problems.join("\n\t")}`);
    }
    for (const load of loads) load();
  });
  return new IncompatibleKeys(missing, unexpected);
}

/** Adds how a tensor is loaded, which will not fail any more, or why it cannot be. */
function prepare(
  key: string,
  place: Place,
  source: Tensor,
  assign: boolean,
  loads: (() => void)[],
  problems: string[],
): void {
  const { value } = place;
  if (isUnsized(source)) return;
  try {
    if (assign) loads.push(assignment(place, source));
    else loads.push(isWaiting(place) ? filling(place, source) : copying(value, source));
  } catch (error) {
    const shapes = [value, source].map(({ sizes }) => `torch.Size(${formatShape(sizes)})`);
    problems.push(
      `While copying the parameter named "${key}", whose dimensions in the model are ${shapes[0]} and whose dimensions in the checkpoint are ${shapes[1]}, an exception occurred : ${(error as Error).message}`,
    );
  }
}

function copying(target: Tensor, source: Tensor): () => void {
  checkInplace(target, false);
  checkCopy(target, source);
  return () => {
    target.copy_(source);
  };
}

/** Whether a tensor has no sizes yet. */
function isWaiting({ owner, key }: Place): boolean {
  return owner[unsized]?.has(key) ?? false;
}

/** Gives a tensor without sizes those of what is copied into it. */
function filling({ owner, key, value }: Place, source: Tensor): () => void {
  checkInplace(value, false);
  const data = value.newEmpty(source.sizes);
  const load = copying(data, source);
  return () => {
    load();
    giveSizes(owner, key, value, data);
  };
}

function assignment(place: Place, source: Tensor): () => void {
  const { value } = place;
  const replace = (next: Tensor) => {
    place.owner[unsized]?.delete(place.key);
    place.replace(next);
  };
  source.storage.pointer();
  // A buffer stays one.
  if (!(value instanceof Parameter)) return () => replace(source instanceof Parameter ? source.detach() : source);
  const parameter = new Parameter(source, { requiresGrad: value.requiresGrad });
  return () => replace(parameter);
}

function mismatch(key: string, place: Place, source: unknown): string | undefined {
  const target = place.value;
  if (!(source instanceof Tensor)) {
    return `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received ${describe(source)}`;
  }
  if (isWaiting(place)) return undefined;
  if (isUnsized(source)) {
    return `While copying the parameter named "${key}": Can't access the shape of an uninitialized parameter or buffer. This error usually happens in \`load_state_dict\` when trying to load an uninitialized parameter into an initialized one. Call \`forward\` to initialize the parameters before accessing their attributes.`;
  }
  if (sameShape(source.sizes, target.sizes)) return undefined;
  return `size mismatch for ${key}: copying a param with shape torch.Size(${formatShape(source.sizes)}) from checkpoint, the shape in current model is torch.Size(${formatShape(target.sizes)}).`;
}

function quoted(keys: readonly string[]): string {
  return keys.map((key) => `"${key}"`).join(", ");
}
