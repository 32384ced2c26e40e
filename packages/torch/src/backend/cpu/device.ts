/** The CPU as a device. */
import type { DeviceBackend } from "../contract.js";
import * as kernels from "./kernels.js";
import { CpuStorage } from "./memory/storage.js";
import { readElement, readSync } from "./reading.js";

/** The device that is always there. */
export const cpu: DeviceBackend = {
  allocate: CpuStorage.allocate,
  kernels,
  readElement,
  readSync,
  read: async (tensor) => readSync(tensor),
  write: kernels.copy,
};
