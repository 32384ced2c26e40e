/** The methods that operations give to tensors. */
import { Tensor } from "../core/tensor.js";
import { operationOf } from "./define.js";
import * as functions from "./functions.js";
import * as methods from "./methods.js";
import type { MethodsOf } from "./types.js";

/** Methods made of operations: of the functions that are methods too, and of those that are methods only. */
export type OperationMethods = MethodsOf<typeof functions> & MethodsOf<typeof methods>;

function define(name: string, method: (this: Tensor, ...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

for (const [name, exported] of [...Object.entries(functions), ...Object.entries(methods)]) {
  const operation = operationOf(exported);
  if (operation === undefined) continue;
  const { variants } = operation;
  if (variants !== "function") {
    define(name, function (...args) {
      return operation.call([this, ...args]);
    });
  }
  if (variants.endsWith("inplace")) {
    define(`${name}_`, function (...args) {
      return operation.callInplace([this, ...args]);
    });
  }
}
