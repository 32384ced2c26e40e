/** Modules that are made without the work of drawing their first weights. */

import { device as onDevice } from "../../ops/devices.js";
import { Module } from "../module.js";

/**
 * A module whose parameters and buffers have undefined content, for a state that is loaded next.
 *
 * @param moduleClass a class of modules, whose arguments follow; `device` among their options says where the module is.
 * @example const layer = nn.utils.skipInit(nn.Linear, 1000, 1000);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.skip_init.html
 */
export function skipInit<M extends Module, A extends unknown[]>(moduleClass: new (...args: A) => M, ...args: A): M {
  if (!(typeof moduleClass === "function" && moduleClass.prototype instanceof Module))
    throw new TypeError(`Expected a Module; got ${String(moduleClass)}`);
  using _ = onDevice("meta");
  const module = new moduleClass(...args);
  return module.toEmpty({ device: "cpu" });
}
