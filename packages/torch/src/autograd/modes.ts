/**
 * Switches that decide whether operations are recorded: `noGrad`, `enableGrad`, `setGradEnabled`, `inferenceMode`.
 *
 * A mode holds for the synchronous extent of a function or, with `using`, for the rest of a block. A function
 * that returns a promise is refused: what it does later would run in a mode that other code has changed since.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.no_grad.html
 */

import { isPromise, unfinishedKind } from "../core/kinds.js";

let gradEnabled = true;
let inference = false;

/** Whether operations are being recorded. */
export function isGradEnabled(): boolean {
  return gradEnabled;
}

/** Whether inference mode is on. */
export function isInferenceModeEnabled(): boolean {
  return inference;
}

/** The modes that were switched on without a function, as long as nobody has ended them; the innermost is the last. */
const open: { readonly guard: Disposable; readonly caller: string }[] = [];

const mostOpen = 32;

/** @internal The mode that was switched on last and is to be ended by its caller. */
export function openMode(): string | undefined {
  return open.at(-1)?.caller;
}

function close(guard: Disposable): void {
  const at = open.findLastIndex((one) => one.guard === guard);
  if (at >= 0) open.splice(at);
}

/** Sets a mode back to what it was when it goes out of scope (`using`). */
class ModeGuard implements Disposable {
  readonly #grad = gradEnabled;
  readonly #inference = inference;

  [Symbol.dispose](): void {
    close(this);
    gradEnabled = this.#grad;
    inference = this.#inference;
  }
}

/** Throws for a function that is known to do its work later than `caller` runs it. */
export function checkSynchronous(caller: string, body: unknown): void {
  const kind = unfinishedKind(body);
  if (kind === undefined) return;
  throw new TypeError(
    `${caller}() takes a function that has done its work when it returns, not ${kind}; await outside and call ${caller} around synchronous work only`,
  );
}

/** Throws for a result that shows that the function was not one of those. */
export function checkFinished(caller: string, result: unknown): void {
  if (!isPromise(result)) return;
  // Nobody will wait for it: where it fails too, this is not to end the process.
  result.then(undefined, () => {});
  throw new Error(
    `${caller}(): the function returned a promise; the mode would leak into other code, so await outside and call ${caller} around synchronous work only`,
  );
}

/** A function that has done its work when it returns; one that gives a promise does not compile. */
export type Synchronous<T> = (() => T) &
  ([T] extends [never]
    ? unknown
    : T extends PromiseLike<unknown>
      ? "await outside: the function must have done its work when it returns"
      : unknown);

/** @internal Throws unless a body is a function that has done its work when it returns, or is left out. */
export function checkBody(caller: string, body: unknown): void {
  if (body !== undefined && typeof body !== "function") {
    throw new TypeError(`${caller}(): expected a function, got ${typeof body}`);
  }
  checkSynchronous(caller, body);
}

/** @internal Runs a function and then disposes of a guard; without a function the guard is the caller's. */
export function runUnder<T, G extends Disposable>(guard: G, caller: string, body: (() => T) | undefined): T | G {
  if (body === undefined) return guard;
  let result: T;
  try {
    result = body();
  } finally {
    guard[Symbol.dispose]();
  }
  checkFinished(caller, result);
  return result;
}

function withMode<T>(name: string, grad: boolean, inferring: boolean, body: (() => T) | undefined): T | Disposable {
  checkBody(name, body);
  const guard = new ModeGuard();
  gradEnabled = grad;
  inference = inferring;
  if (body === undefined) {
    open.push({ guard, caller: name });
    if (open.length > mostOpen) open.shift();
  }
  return runUnder(guard, name, body);
}

/**
 * Runs a function without recording operations, or switches recording off for the rest of a block.
 *
 * @example
 * const y = torch.noGrad(() => model(x));
 * using _ = torch.noGrad();
 * @throws Error if the function returns a promise.
 */
export function noGrad(): Disposable;
export function noGrad<T>(body: Synchronous<T>): T;
export function noGrad<T>(body?: () => T): T | Disposable {
  return withMode("noGrad", false, inference, body);
}

/** Runs a function with recording switched on, or switches it on for the rest of a block. */
export function enableGrad(): Disposable;
export function enableGrad<T>(body: Synchronous<T>): T;
export function enableGrad<T>(body?: () => T): T | Disposable {
  return withMode("enableGrad", true, inference, body);
}

/** Runs a function with recording switched on or off; or switches it, until the end of the block with `using`. */
export function setGradEnabled(mode: boolean): Disposable;
export function setGradEnabled<T>(mode: boolean, body: Synchronous<T>): T;
export function setGradEnabled<T>(mode: boolean, body?: () => T): T | Disposable {
  if (typeof mode !== "boolean")
    throw new TypeError(`setGradEnabled(): argument 'mode' must be bool, not ${typeof mode}`);
  return withMode("setGradEnabled", mode, inference, body);
}

/**
 * As `noGrad`, and what is made inside can never be recorded later either.
 *
 * @example const y = torch.inferenceMode(() => model(x));
 */
export function inferenceMode(): Disposable;
export function inferenceMode<T>(body: Synchronous<T>): T;
export function inferenceMode<T>(body?: () => T): T | Disposable {
  return withMode("inferenceMode", false, true, body);
}

/** @internal `noGrad` for the library's own code: no check of the result, no guard object. */
export function withoutRecording<T>(body: () => T): T {
  return withRecording(false, body);
}

/** @internal Runs the library's own code with recording switched on or off. */
export function withRecording<T>(on: boolean, body: () => T): T {
  const before = switchRecording(on);
  try {
    return body();
  } finally {
    switchRecording(before);
  }
}

/** @internal Switches recording on or off, and returns what it was: for paths on which a closure would show. */
export function switchRecording(on: boolean): boolean {
  const before = gradEnabled;
  gradEnabled = on;
  return before;
}
