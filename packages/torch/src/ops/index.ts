/** Every operation, and the methods that they give to tensors. */
import { Tensor } from "../core/tensor.js";
import * as arithmetic from "./arithmetic.js";
import * as creation from "./creation.js";
import { operationOf } from "./define.js";
import * as memory from "./memory.js";
import type { MethodsOf } from "./types.js";
import * as views from "./views.js";

const modules = [arithmetic, creation, memory, views];

export type OperationMethods = MethodsOf<typeof arithmetic> & MethodsOf<typeof creation> & MethodsOf<typeof memory> & MethodsOf<typeof views>;

function define(name: string, method: (this: Tensor, ...args: unknown[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
}

/** Makes methods of the operations. */
for (const module of modules) {
  for (const [name, exported] of Object.entries(module)) {
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
}
