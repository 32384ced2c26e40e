/** The methods that operations give to tensors. */
import { Tensor } from "../core/tensor.js";
import { operationOf } from "./define.js";
import * as functions from "./functions.js";
import * as methods from "./methods.js";
import type { OperationMethods } from "./tensorMethods.js";

function define(name: string, method: (this: Tensor, ...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

/** The arguments of a method as its function takes them; lists of known length are made much faster. */
function withSelf(self: Tensor, args: readonly unknown[]): unknown[] {
  if (args.length === 0) return [self];
  if (args.length === 1) return [self, args[0]];
  if (args.length === 2) return [self, args[0], args[1]];
  return [self, ...args];
}

for (const [name, exported] of [...Object.entries(functions), ...Object.entries(methods)]) {
  const operation = operationOf(exported);
  if (operation === undefined) continue;
  const { variants } = operation;
  if (variants !== "function") {
    define(name, function (...args) {
      return operation.call(withSelf(this, args));
    });
  }
  if (variants.endsWith("inplace")) {
    define(`${name}_`, function (...args) {
      return operation.callInplace(withSelf(this, args));
    });
  }
}

declare module "../core/tensor.js" {
  interface Tensor extends OperationMethods {}
}
