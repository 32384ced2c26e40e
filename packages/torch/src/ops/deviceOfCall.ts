/** On which device a call of an operation runs: where it is asked to, else where its tensors are. */
import { deviceInForce } from "../backend/devices.js";
import type { Device } from "../core/devices.js";
import { Tensor } from "../core/tensor.js";
import type { CallForm } from "./dispatch.js";
import type { NodeLayout } from "./opNode.js";

/**
 * The device of a call.
 *
 * @throws Error if its tensors are on several. Those of no dims on the CPU may stand beside any others, as numbers do.
 */
export function deviceOfCall(layout: NodeLayout, form: CallForm, given: readonly unknown[]): Device {
  const { tensorPlaces, listPlaces, devicePlace, definition } = layout;
  let found: Device | undefined;
  let isNumber = true;
  const look = (value: unknown): void => {
    if (!(value instanceof Tensor) || (found !== undefined && definition.acrossDevices)) return;
    const { device } = value;
    const standsBeside = device === "cpu" && value.sizes.length === 0;
    if (found !== undefined && device !== found && !isNumber && !standsBeside) throw apart(found, device);
    if (found === undefined || (isNumber && !standsBeside)) {
      found = device;
      isNumber = standsBeside;
    }
  };
  for (const place of tensorPlaces) look(given[place]);
  for (const place of listPlaces) {
    const list = given[place];
    // Some take a number in its place.
    if (Array.isArray(list)) list.forEach(look);
  }
  if (form === "inplace" && found !== undefined && found !== (given[0] as Tensor).device) {
    throw apart((given[0] as Tensor).device, found);
  }
  if (form === "out") for (const out of [given.at(-1)].flat()) look(out);
  const wanted = given[devicePlace] as Device | undefined;
  return wanted ?? found ?? deviceInForce();
}

function apart(a: Device, b: Device): Error {
  return new Error(`Expected all tensors to be on the same device, but found at least two devices, ${a} and ${b}!`);
}
