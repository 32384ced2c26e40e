/** Objects that can be called: what lets a module be used as `model(x)`. */

/** @internal What a call does. */
export const invoke: unique symbol = Symbol("invoke");

/**
 * Base of classes whose instances are functions. The constructor returns a function with the prototype of the
 * class, so fields of subclasses are defined on that function, and a call reaches its `[invoke]`.
 */
export abstract class Callable {
  /** @internal */
  abstract [invoke](inputs: unknown[]): unknown;

  constructor() {
    const callable = ((...inputs: unknown[]) => callable[invoke](inputs)) as unknown as Callable;
    // A function has these two of its own, where they would hide what a subclass has under their names.
    Reflect.deleteProperty(callable, "name");
    Reflect.deleteProperty(callable, "length");
    // biome-ignore lint/correctness/noConstructorReturn: the instance is this function
    return Object.setPrototypeOf(callable, new.target.prototype);
  }
}
