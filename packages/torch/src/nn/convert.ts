/** Conversion of a module's tensors to another dtype or device. */
import { withoutRecording } from "../autograd/modes.js";
import { Tensor } from "../core/tensor.js";
import type { Module } from "./module.js";
import { members } from "./moduleMembers.js";

/**
 * Replaces the tensors of a module, and the gradients of its parameters, by what a function makes of them, which may be
 * the tensor itself; parameters stay the same objects. All are made before the first is replaced.
 */
export function convert(module: Module, converted: (tensor: Tensor) => Tensor): void {
  const replacements: (() => void)[] = [];
  const plan = (tensor: Tensor, replace: (data: Tensor) => void) => {
    const before = tensor.detach();
    const data = converted(before);
    if (data !== before) replacements.push(() => replace(data));
  };
  const inPlace = (tensor: Tensor | null) => {
    if (tensor === null) return;
    plan(tensor, (data) => {
      tensor.data = data;
    });
  };
  withoutRecording(() => {
    for (const part of module.modules()) {
      for (const { kind, value, replace } of part[members]()) {
        if (!(value instanceof Tensor)) continue;
        if (kind === "buffer") plan(value, replace);
        if (kind !== "parameter") continue;
        inPlace(value);
        inPlace(value.grad);
      }
    }
    for (const apply of replacements) apply();
  });
}
