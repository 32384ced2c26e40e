/** What nobody should pass: objects that change while they are read, lie about themselves, or take memory away. */
import torch from "../../src/index.js";

/** An array that contains itself. */
export function cyclicArray(): unknown[] {
  const array: unknown[] = [1];
  array[0] = array;
  return array;
}

export function nested(depth: number): unknown {
  let array: unknown = 1;
  for (let i = 0; i < depth; i++) array = [array];
  return array;
}

/** An array that says something else each time it is read. */
export function changing(): number[] {
  let reads = 0;
  return new Proxy([1, 1], {
    get: (target, key) => (key === "0" || key === "1" ? 1 + 1000 * reads++ : Reflect.get(target, key)),
  });
}

/** An array that grows while it is read. */
export function growing(): number[] {
  const array = [0, 1];
  Object.defineProperty(array, 0, {
    get() {
      array.push(1);
      return 0;
    },
  });
  return array;
}

/** A number only when it is asked for, and another one then. */
export function elusive(): object {
  let reads = 0;
  return { valueOf: () => reads++, toString: () => String(reads++), [Symbol.toPrimitive]: () => reads++ };
}

/** Takes the memory of a typed array away. */
export function detach<A extends ArrayBufferView>(array: A): A {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** A typed array that says it is longer than it is. */
export function boasting<A extends ArrayBufferView>(array: A): A {
  for (const key of ["length", "byteLength", "byteOffset"]) Object.defineProperty(array, key, { value: 1e6 });
  return array;
}

/** Options whose property does something else when it is read. */
export function trap(name: string, value: unknown, effect: () => void): object {
  return Object.defineProperty({}, name, {
    enumerable: true,
    get() {
      effect();
      return value;
    },
  });
}

/** Options that answer every question with a value. */
export function yielding(value: () => unknown): object {
  return new Proxy({}, { get: value, has: () => true, ownKeys: () => ["dim", "out"] });
}

/** Things that look like tensors. */
export function impostors(tensor: torch.Tensor): (() => unknown)[] {
  return [
    () => Object.create(tensor),
    () => new Proxy(tensor, {}),
    () => ({ ...tensor }),
    () => Object.create(torch.Tensor.prototype),
    () => Object.setPrototypeOf(new Float32Array(4), torch.Tensor.prototype),
    () => ({ ...tensor.dtype }),
    () => Object.create(tensor.dtype),
  ];
}
