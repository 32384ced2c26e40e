/** Methods that tell of wrong kinds of arguments before they use them. */
import type { Params } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";

/** The parameters of methods by name. */
export type Methods = Readonly<Record<string, Params>>;

/**
 * Lets methods of classes read their arguments by a description, so that no class has to do it in each of them. What
 * a class inherits is read where it comes from.
 */
export function readArguments(methods: Methods, ...classes: readonly { readonly prototype: object }[]): void {
  for (const { prototype } of classes) {
    for (const [name, params] of Object.entries(methods)) {
      const own = Object.getOwnPropertyDescriptor(prototype, name);
      if (own !== undefined)
        Object.defineProperty(prototype, name, { ...own, value: reading(name, params, own.value) });
    }
  }
}

type Method = (this: unknown, ...args: readonly unknown[]) => unknown;

function reading(name: string, params: Params, method: Method): Method {
  const signature = new Signature(name, params);
  return function (this: unknown, ...args) {
    return method.apply(this, Object.values(signature.parse(args)));
  };
}
