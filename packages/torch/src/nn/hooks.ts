/**
 * Hooks of modules: functions of the user that see, and may replace, what goes into and comes out of a call, and
 * the gradients of both.
 *
 * For gradients, the tensors that enter and leave the module pass through a node that changes nothing: what
 * arrives at the node of the outputs is the gradient of the outputs, and what arrives at that of the inputs is
 * the gradient of the inputs.
 */
import { isGradEnabled } from "../autograd/modes.js";
import { type Grads, gradEdge, Node, setHistory } from "../autograd/node.js";
import { replacedGradients } from "../autograd/validate.js";
import { addHook, type RemovableHandle } from "../core/hooks.js";
import { Tensor } from "../core/tensor.js";
import type { Module } from "./module.js";

/** Gradients by place; null where there is none. */
export type HookGrads = readonly (Tensor | null)[];

export type ForwardPreHook = (module: Module, inputs: unknown[]) => unknown;
export type ForwardHook = (module: Module, inputs: unknown[], output: unknown) => unknown;
/** Gradients that replace the former ones, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
type HookResult = Tensor | HookGrads | null | undefined | void;

export type BackwardPreHook = (module: Module, gradOutput: HookGrads) => HookResult;
export type BackwardHook = (module: Module, gradInput: HookGrads, gradOutput: HookGrads) => HookResult;

/** Where a hook is put in. */
export interface HookOptions {
  /** Before the hooks that are there already, instead of after them. */
  prepend?: boolean;
}

interface ForwardHookEntry {
  readonly hook: ForwardHook;
  readonly always: boolean;
}

/** The hooks of one module, each kind in the order in which they are called. */
export class ModuleHooks {
  constructor(
    readonly forwardPre = new Map<number, ForwardPreHook>(),
    readonly forward = new Map<number, ForwardHookEntry>(),
    readonly backwardPre = new Map<number, BackwardPreHook>(),
    readonly backward = new Map<number, BackwardHook>(),
  ) {}

  clone(): ModuleHooks {
    const { forwardPre, forward, backwardPre, backward } = this;
    return new ModuleHooks(new Map(forwardPre), new Map(forward), new Map(backwardPre), new Map(backward));
  }
}

/** Adds a hook to those of one kind. */
export function putHook<T>(hooks: Map<number, T>, hook: T, prepend: boolean): RemovableHandle {
  const before = prepend ? [...hooks] : [];
  if (prepend) hooks.clear();
  const handle = addHook(hooks, hook);
  for (const [id, other] of before) hooks.set(id, other);
  return handle;
}

/** Runs `forward` of a module with its hooks around it. */
export function callWithHooks(module: Module, hooks: ModuleHooks, given: unknown[]): unknown {
  const pending = new Set(hooks.forward.values());
  let inputs = given;
  let output: unknown;
  const run = (entry: ForwardHookEntry) => {
    pending.delete(entry);
    const replaced = entry.hook(module, inputs, output);
    if (replaced !== undefined && replaced !== null) output = replaced;
  };
  try {
    for (const hook of [...hooks.forwardPre.values()]) {
      const replaced = hook(module, inputs);
      if (replaced !== undefined && replaced !== null) inputs = Array.isArray(replaced) ? replaced : [replaced];
    }
    const watch = hooks.backward.size + hooks.backwardPre.size > 0 ? new BackwardWatch(module, hooks) : undefined;
    output = module.forward(...(watch ? watch.inputs(inputs) : inputs));
    for (const entry of [...pending]) run(entry);
    return watch ? watch.outputs(output) : output;
  } catch (error) {
    for (const entry of [...pending].filter(({ always }) => always)) {
      try {
        run(entry);
      } catch {
        // The first failure is the one to tell.
      }
    }
    throw error;
  }
}

/** The gradients of one call of a module, on their way through it. */
class BackwardWatch {
  #gradOutput: HookGrads | undefined;
  /** How many inputs there are, and which of them are tensors with a gradient. */
  #inputCount = 0;
  #inputPlaces: readonly number[] = [];

  constructor(
    readonly module: Module,
    readonly hooks: ModuleHooks,
  ) {}

  inputs(values: unknown[]): unknown[] {
    // As a custom Function does by default, the inputs get zeros where no gradient arrives.
    const [passed, places] = passThrough(values, (grads, node) =>
      this.#leave(grads.map((grad, i) => grad ?? node.zeroGrad(i))),
    );
    this.#inputCount = values.length;
    this.#inputPlaces = places;
    return passed;
  }

  outputs(output: unknown): unknown {
    if (Array.isArray(output)) return this.#watchOutputs(output);
    return this.#watchOutputs([output])[0];
  }

  #watchOutputs(values: unknown[]): unknown[] {
    const [passed, places] = passThrough(values, (grads) => {
      const replaced = this.#enter(spread(grads, places, values.length), places);
      return places.map((place) => replaced[place] ?? undefined);
    });
    return passed;
  }

  /** Takes the gradients of the outputs, as the backward pass reaches the module. */
  #enter(grads: HookGrads, places: readonly number[]): HookGrads {
    let gradOutput = grads;
    for (const hook of [...this.hooks.backwardPre.values()]) {
      gradOutput = replacement(hook, hook(this.module, gradOutput), gradOutput, places, "grad_output");
    }
    this.#gradOutput = gradOutput;
    // Where no input wants a gradient, the backward pass ends inside of the module.
    if (this.#inputPlaces.length === 0) {
      for (const hook of [...this.hooks.backward.values()]) {
        const result = hook(this.module, new Array(this.#inputCount).fill(null), gradOutput);
        if (result !== undefined && result !== null) {
          throw new Error(
            "Backward hook for Modules where no input requires gradient should always return None or None for all gradients.",
          );
        }
      }
    }
    return gradOutput;
  }

  /** Takes the gradients of the inputs, as the backward pass leaves the module. */
  #leave(grads: Grads): Grads {
    let gradInput = spread(grads, this.#inputPlaces, this.#inputCount);
    const gradOutput = this.#gradOutput;
    // A later pass, such as a double backward, may reach the inputs without having come through the outputs.
    this.#gradOutput = undefined;
    if (gradOutput !== undefined) {
      for (const hook of [...this.hooks.backward.values()]) {
        const returned = hook(this.module, gradInput, gradOutput);
        gradInput = replacement(hook, returned, gradInput, this.#inputPlaces, "grad_input");
      }
    }
    return this.#inputPlaces.map((place) => gradInput[place] ?? undefined);
  }
}

/** Gradients at their places among all values. */
function spread(grads: Grads, places: readonly number[], count: number): HookGrads {
  const all: (Tensor | null)[] = new Array(count).fill(null);
  places.forEach((place, i) => {
    all[place] = grads[i] ?? null;
  });
  return all;
}

/** What a hook wants in the place of the gradients; those at the given places are the ones that count. */
function replacement(
  hook: BackwardHook | BackwardPreHook,
  returned: HookResult,
  grads: HookGrads,
  places: readonly number[],
  name: string,
): HookGrads {
  if (returned === undefined || returned === null) return grads;
  const list = returned instanceof Tensor ? [returned] : returned;
  if (Array.isArray(list) && list.length !== grads.length) {
    throw new Error(
      `Backward hook returned an invalid number of ${name}, got ${list.length}, but expected ${grads.length}`,
    );
  }
  const pick = <T>(values: readonly T[]) => places.map((place) => values[place]);
  const replaced = replacedGradients(
    hook,
    pick(grads).map((grad) => grad ?? undefined),
    Array.isArray(list) ? pick(list) : list,
  );
  return spread(replaced, places, grads.length);
}

/** A node that changes nothing but shows the gradients that come by. */
class BackwardHookFunction extends Node {
  override get runsUserCode(): boolean {
    return true;
  }

  constructor(
    inputs: readonly Tensor[],
    readonly show: (grads: Grads, node: Node) => Grads,
  ) {
    super(inputs.map(gradEdge));
  }

  override name(): string {
    return "BackwardHookFunctionBackward";
  }

  override apply(grads: Grads): Grads {
    return this.show(grads, this);
  }
}

/** Sends the tensors among the values through one node; the places tell which values these are. */
function passThrough(
  values: readonly unknown[],
  show: (grads: Grads, node: Node) => Grads,
): [passed: unknown[], places: number[]] {
  const passed = [...values];
  const places = isGradEnabled() ? [...values.keys()].filter((i) => wantsGradient(values[i])) : [];
  if (places.length === 0) return [passed, places];
  const node = new BackwardHookFunction(
    places.map((i) => values[i] as Tensor),
    show,
  );
  for (const i of places) {
    const alias = (values[i] as Tensor).detach();
    setHistory(alias, node);
    passed[i] = alias;
  }
  return [passed, places];
}

function wantsGradient(value: unknown): boolean {
  return value instanceof Tensor && value.requiresGrad;
}
