/**
 * The one place that every operation passes: modes that see each call, or answer in its place.
 *
 * A mode sees composites and primitives alike, a composite before what it is made of. What a handler itself calls
 * is seen only by the modes around it. Without a mode, a call costs one comparison.
 *
 * Source: https://pytorch.org/docs/stable/notes/extending.html#extending-torch-native-api
 */
import { type CustomCall, type CustomResult, transformCustomFunctionsBy } from "../autograd/function.js";
import { isGradEnabled } from "../autograd/modes.js";
import { keepGradients } from "../autograd/observe.js";
import { Tensor } from "../core/tensor.js";
import type { Operation, Result } from "./define.js";

/** How an operation was called: for a new result, in place of its first argument, or into the tensors of `out`. */
export type CallForm = "call" | "inplace" | "out";

/** What a call is called where operations are listed: a change in place has an underscore behind the id. */
export function callName(operation: string, form: CallForm): string {
  return form === "inplace" && !operation.endsWith("_") ? `${operation}_` : operation;
}

/** The tensors in a value that a function takes or returns. */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].flatMap(tensorsIn);
  return Object.values(value).flatMap(tensorsIn);
}

/** One call of an operation. */
export interface OperationCall {
  readonly operation: Operation;
  readonly form: CallForm;
  /** The arguments in the order of the operation's parameters, read and completed. */
  readonly args: readonly unknown[];
  /** Does what the call would have done: hands it to the modes around this one, at last to the operation itself. */
  run(): Result;
}

interface Entry {
  readonly mode: DispatchMode;
  readonly outer: Entry | undefined;
}

/** The innermost mode; undefined while no mode is on, or a primitive computes. */
export let activeMode: Entry | undefined;

/**
 * Sees every operation that is called while it is on, and may answer in its place.
 *
 * @example
 * class Log extends DispatchMode {
 *   override operation(call: OperationCall) {
 *     console.log(call.operation.id);
 *     return call.run();
 *   }
 * }
 * new Log().run(() => model(x));
 */
export abstract class DispatchMode {
  /**
   * Whether the mode may keep tensors that it sees beyond the call. Where none does, gradients still give their
   * memory back as soon as they were used.
   */
  readonly keepsTensors: boolean = true;
  /**
   * Whether tensors stand for others while it is on, or have something that is known to the mode alone. Code that would
   * go past operations, by a kernel of its own, then has to go the long way.
   */
  readonly isTransform: boolean = false;

  /** Called in place of each operation; what it returns is the result of the call. */
  abstract operation(call: OperationCall): Result;

  /** Called in place of each custom function; hands it on unless the mode has a part in it. */
  customFunction(call: CustomCall, next: (call: CustomCall) => CustomResult): CustomResult {
    return next(call);
  }

  /** Switches the mode on for a function. */
  run<T>(body: () => T): T {
    using _ = this.enter();
    return body();
  }

  /** Switches the mode on for the rest of a block (`using _ = mode.enter()`). */
  enter(): Disposable {
    const before = activeMode;
    const keeping = this.keepsTensors ? keepGradients() : undefined;
    activeMode = { mode: this, outer: before };
    if (this.isTransform) transforms++;
    return {
      [Symbol.dispose]: () => {
        activeMode = before;
        if (this.isTransform) transforms--;
        keeping?.[Symbol.dispose]();
      },
    };
  }
}

/** How many transforms are on. */
let transforms = 0;

/** Whether tensors may stand for others now, so that only operations know what to do with them. */
export function isTransforming(): boolean {
  return transforms > 0;
}

/** Whether a derivative by a tensor may be wanted: by the graph of ordinary calls, or by a transform. */
export function isFollowed(tensor: Tensor): boolean {
  return (isGradEnabled() && tensor.requiresGrad) || isTransforming();
}

/** Whether a mode sees the calls that are made now. */
export function isOn(mode: DispatchMode): boolean {
  for (let entry = activeMode; entry !== undefined; entry = entry.outer) if (entry.mode === mode) return true;
  return false;
}

/** Runs a function so that its calls are seen by the modes around one alone. */
export function outside<T>(mode: DispatchMode, body: () => T): T {
  for (let entry = activeMode; entry !== undefined; entry = entry.outer) {
    if (entry.mode !== mode) continue;
    const { outer } = entry;
    return withActive(outer, body);
  }
  return body();
}

/** Lets the modes that are on see a call. */
export function throughModes(operation: Operation, form: CallForm, args: unknown[]): Result {
  return handOn(activeMode, activeMode, operation, form, args);
}

transformCustomFunctionsBy((call, run) => {
  if (transforms === 0) return run(call);
  const handTo = (entry: Entry | undefined, given: CustomCall): CustomResult => {
    if (entry === undefined) return run(given);
    return withActive(entry.outer, () => entry.mode.customFunction(given, (inner) => handTo(entry.outer, inner)));
  };
  return handTo(activeMode, call);
});

function handOn(
  entry: Entry | undefined,
  innermost: Entry | undefined,
  operation: Operation,
  form: CallForm,
  args: unknown[],
): Result {
  if (entry === undefined) {
    const seenInside = operation.isComposite ? innermost : undefined;
    return withActive(seenInside, () => operation.perform(form, args));
  }
  const run = () => handOn(entry.outer, innermost, operation, form, args);
  return withActive(entry.outer, () => entry.mode.operation({ operation, form, args, run }));
}

function withActive<T>(entry: Entry | undefined, body: () => T): T {
  const before = activeMode;
  activeMode = entry;
  try {
    return body();
  } finally {
    activeMode = before;
  }
}
