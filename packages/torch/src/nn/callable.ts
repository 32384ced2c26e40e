/** Objects that can be called: what lets a module be used as `model(x)`. */

/** @internal What a call does; `self` is the object as everybody else sees it. */
export const invoke: unique symbol = Symbol("invoke");

/** @internal Called before a property is defined or gets a value; throws to refuse it. */
export const beforeDefine: unique symbol = Symbol("beforeDefine");

/** @internal Called before a property is deleted. */
export const beforeDelete: unique symbol = Symbol("beforeDelete");

/**
 * Base of classes whose instances are functions, and learn of every property that is defined on them.
 *
 * The constructor returns a function with the prototype of the class. It is wrapped in a proxy, because nothing else
 * sees the fields of subclasses: JavaScript defines them, past any setter. There is no trap for reading, and what a
 * call needs is read from the function itself, so that a call costs some 20 ns more than that of a plain function.
 */
export abstract class Callable {
  /** @internal */
  abstract [invoke](self: this, inputs: unknown[]): unknown;
  /** @internal */
  abstract [beforeDefine](property: string, descriptor: PropertyDescriptor): void;
  /** @internal */
  abstract [beforeDelete](property: string): void;

  constructor() {
    const callable = ((...inputs: unknown[]) => callable[invoke](self, inputs)) as unknown as Callable;
    // A function has these two of its own, where they would hide what a subclass has under their names.
    Reflect.deleteProperty(callable, "name");
    Reflect.deleteProperty(callable, "length");
    Object.setPrototypeOf(callable, new.target.prototype);
    const self = new Proxy(callable, traps) as this;
    // biome-ignore lint/correctness/noConstructorReturn: the instance is this function
    return self;
  }
}

const traps: ProxyHandler<Callable> = {
  defineProperty(callable, property, descriptor) {
    if (typeof property === "string") callable[beforeDefine](property, descriptor);
    return Reflect.defineProperty(callable, property, descriptor);
  },
  deleteProperty(callable, property) {
    if (typeof property === "string") callable[beforeDelete](property);
    return Reflect.deleteProperty(callable, property);
  },
};
