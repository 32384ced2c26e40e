/** Gives the methods and accessors of a class to tensors; upper layers add theirs this way. */
import { Tensor } from "./tensor.js";

export function installMembers(members: { readonly prototype: object }): void {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(members.prototype))) {
    if (name !== "constructor") Object.defineProperty(Tensor.prototype, name, descriptor);
  }
  for (const symbol of Object.getOwnPropertySymbols(members.prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(members.prototype, symbol) as PropertyDescriptor;
    Object.defineProperty(Tensor.prototype, symbol, descriptor);
  }
}
