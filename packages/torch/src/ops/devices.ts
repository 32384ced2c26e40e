/** The device on which tensors are made that are not asked to be elsewhere. */
import { device as deviceParam } from "../arguments/params.js";
import { readArgument } from "../arguments/parse.js";
import { checkBody, runUnder, type Synchronous } from "../autograd/modes.js";
import { DeviceGuard, deviceInForce, enterDevice } from "../backend/devices.js";
import type { Device } from "../core/devices.js";

/**
 * Makes tensors on a device while a function runs, or for the rest of a block. What it returns is taken, too, where a
 * device is wanted, of which the name is all there is: `"meta"`.
 *
 * @example
 * const model = torch.device("meta", () => new nn.Linear(10_000, 10_000)); // takes no memory
 * using _ = torch.device("meta");
 * @throws Error for a device that there is not, or if the function returns a promise.
 * @see https://pytorch.org/docs/stable/tensor_attributes.html#torch.device
 */
export function device(type: Device): DeviceGuard;
export function device<T>(type: Device, body: Synchronous<T>): T;
export function device<T>(type: Device, body?: () => T): T | DeviceGuard {
  const wanted = readArgument("device", "type", deviceParam, type);
  checkBody("device", body);
  return runUnder<T, DeviceGuard>(new DeviceGuard(wanted), "device", body);
}

/**
 * Makes tensors on a device from now on.
 *
 * @example torch.setDefaultDevice("meta");
 * @throws Error for a device that there is not.
 * @see https://pytorch.org/docs/stable/generated/torch.set_default_device.html
 */
export function setDefaultDevice(device: Device): void {
  enterDevice(readArgument("setDefaultDevice", "device", deviceParam, device));
}

/**
 * The device on which tensors are made that are not asked to be elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.get_default_device.html
 */
export function getDefaultDevice(): Device {
  return deviceInForce();
}
