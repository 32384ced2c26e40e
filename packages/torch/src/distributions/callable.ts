/** Objects that can be called, as `transform(x)`. */

/** A function that is an object of the class of another one, with its properties. */
export function callable<T extends object, F extends (...args: never[]) => unknown>(object: T, call: F): T & F {
  // A function has these two of its own, where they would hide what the class has under their names.
  Reflect.deleteProperty(call, "name");
  Reflect.deleteProperty(call, "length");
  Object.setPrototypeOf(call, Object.getPrototypeOf(object));
  return Object.assign(call, object) as unknown as T & F;
}
