/** Conversion of a module's tensors to another dtype. */
import { withoutRecording } from "../autograd/modes.js";
import type { DType } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import type { Module } from "./module.js";
import { members } from "./moduleMembers.js";

/**
 * Converts those tensors of a module for which `applies` says so; parameters stay the same objects. All are converted
 * before the first is replaced.
 */
export function convert(module: Module, dtype: DType, applies: (tensor: Tensor) => boolean): void {
  const isWrong = (tensor: Tensor) => tensor.dtype !== dtype && applies(tensor);
  const converted = (tensor: Tensor) => tensor.detach().to(dtype);
  const replacements: (() => void)[] = [];
  const inPlace = (tensor: Tensor | null) => {
    if (tensor === null || !isWrong(tensor)) return;
    const data = converted(tensor);
    replacements.push(() => {
      tensor.data = data;
    });
  };
  withoutRecording(() => {
    for (const part of module.modules()) {
      for (const { kind, value, replace } of part[members]()) {
        if (!(value instanceof Tensor)) continue;
        if (kind === "buffer" && isWrong(value)) {
          const buffer = converted(value);
          replacements.push(() => replace(buffer));
        }
        if (kind !== "parameter") continue;
        inPlace(value);
        inPlace(value.grad);
      }
    }
    for (const apply of replacements) apply();
  });
}
