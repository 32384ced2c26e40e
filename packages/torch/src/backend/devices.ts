/**
 * Which device is in force: where memory comes from, and whose kernels are called.
 *
 * It is the CPU until a program asks for another. From then on every call of an operation puts the device of its
 * tensors in force while it runs, so that operations need not know of devices.
 */
import type { Device } from "../core/devices.js";
import { setAllocator } from "../core/storage.js";
import type { DeviceBackend } from "./contract.js";
import { cpu } from "./cpu/device.js";
import { useKernels } from "./kernels.js";
import { meta } from "./meta/device.js";

setAllocator(cpu.allocate);

let inForce: Device = "cpu";

/** Whether a program ever named another device than the CPU; until then no call looks for one. */
export let severalDevices = false;

/** Notes that a program named another device. */
export function expectSeveralDevices(): void {
  severalDevices = true;
}

/** The device on which tensors are made. */
export function deviceInForce(): Device {
  return inForce;
}

/** What a device gives. */
export function backendOf(device: Device): DeviceBackend {
  return device === "meta" ? meta : cpu;
}

/** Puts a device in force, and returns the one that was. */
export function enterDevice(device: Device): Device {
  const before = inForce;
  if (device === before) return before;
  const { allocate, kernels } = backendOf(device);
  inForce = device;
  setAllocator(allocate);
  useKernels(kernels);
  return before;
}

/** A device in force until this goes out of scope (`using`), when the one before it is again. */
export class DeviceGuard implements Disposable {
  readonly #before: Device;

  constructor(readonly type: Device) {
    this.#before = enterDevice(type);
  }

  [Symbol.dispose](): void {
    enterDevice(this.#before);
  }
}

/** The name of the operation that runs, once there are several devices. */
export let runningOperation: string | undefined;

/** Runs an operation with a device in force. */
export function runOperation<T>(name: string, device: Device, body: () => T): T {
  const outer = runningOperation;
  runningOperation = name;
  try {
    return onDevice(device, body);
  } finally {
    runningOperation = outer;
  }
}

/** Runs a function with a device in force. */
export function onDevice<T>(device: Device, body: () => T): T {
  if (device === inForce) return body();
  const before = enterDevice(device);
  try {
    return body();
  } finally {
    enterDevice(before);
  }
}
