/**
 * A device without memory: tensors there have shapes, strides and dtypes, and kernels do nothing. So a program can be
 * tried, or a model be looked at, for as little as its operations cost without their work.
 */
import type { DeviceBackend, Kernels } from "../contract.js";
import * as cpu from "../cpu/kernels.js";
import { MetaStorage, noData } from "./storage.js";

const nothing = (): void => {};

/** Stands for a kernel, or for each of a family. */
function silent(kernel: unknown): unknown {
  if (typeof kernel === "function") return nothing;
  return Object.fromEntries(Object.keys(kernel as object).map((name) => [name, nothing]));
}

const kernels = {
  ...(Object.fromEntries(Object.entries(cpu).map(([name, kernel]) => [name, silent(kernel)])) as unknown as Kernels),
  // A number beside tensors is on the CPU.
  scalarView: cpu.scalarView,
};

/** The device `"meta"`. */
export const meta: DeviceBackend = {
  allocate: (nbytes) => new MetaStorage(nbytes),
  kernels,
  readElement: () => {
    throw new Error("Tensor.item() cannot be called on meta tensors");
  },
  readSync: noData,
  read: noData,
  write: nothing,
};
