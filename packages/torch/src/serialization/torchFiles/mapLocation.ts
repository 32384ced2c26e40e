/** On which device tensors of a file are put. */
import { device, invalid } from "../../arguments/params.js";
import { describe } from "../../arguments/parse.js";
import { DeviceGuard } from "../../backend/devices.js";
import type { Device } from "../../core/devices.js";
import { isMap, isPlainObject } from "../../core/kinds.js";

/**
 * Where tensors go that were saved on some device: to one for all, to one for each by its name, or to what a function
 * says, which gets the device on which the tensor would be (`"cpu"`) and the one on which it was, as `"cuda:0"`.
 */
export type MapLocation =
  | Device
  | DeviceGuard
  | Readonly<Record<string, string>>
  | ReadonlyMap<string, string>
  | ((storage: Device, location: string) => string | null | undefined);

/**
 * The device for what was saved on one.
 *
 * @throws TypeError for what is no such mapping; Error, while a file is read, for a device that there is not.
 */
export function placer(mapLocation: unknown): (location: string) => Device {
  if (mapLocation === undefined || mapLocation === null) return ownDevice;
  if (typeof mapLocation === "string" || mapLocation instanceof DeviceGuard) {
    const all = deviceOf(mapLocation);
    return () => all;
  }
  if (typeof mapLocation === "function") {
    return (location) =>
      chosen((mapLocation as (storage: Device, location: string) => unknown)("cpu", location), location);
  }
  const table = isMap(mapLocation) ? mapLocation : isPlainObject(mapLocation) && new Map(Object.entries(mapLocation));
  if (table) return (location) => chosen(table.get(location), location);
  throw new TypeError(
    `load(): argument 'mapLocation' must be a device, an object or a function, not ${describe(mapLocation)}`,
  );
}

function chosen(device: unknown, location: string): Device {
  return device === undefined || device === null ? ownDevice(location) : deviceOf(device);
}

function deviceOf(name: unknown): Device {
  const read = device.read(name);
  if (read === invalid) throw new TypeError(`load(): 'mapLocation' must give a device, not ${describe(name)}`);
  return read;
}

function ownDevice(location: string): Device {
  const [kind = ""] = location.split(":");
  if (kind === "cpu" || kind === "meta") return deviceOf(kind);
  throw new Error(
    `Attempting to deserialize object on a ${kind.toUpperCase()} device, and there is none here. ` +
      `If you are running on a CPU-only machine, please use torch.load with { mapLocation: "cpu" } to map your storages to the CPU.`,
  );
}
