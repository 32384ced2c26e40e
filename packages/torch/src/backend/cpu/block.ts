/**
 * The block of doubles through which a kernel gets its arguments, and which both sides see.
 *
 * `begin` starts a list of arguments at slot 1, `put` appends to it, and `launch`, the only way to run a kernel, sees
 * to it that the list is whole. Slot 0 holds the status on return.
 */
import { dtypes } from "../../core/dtype.js";
import { host, type Kernel } from "./host/index.js";

export type { Kernel } from "./host/index.js";

/** The block as doubles. */
export let params = new Float64Array(host.params);

/** The block as 64-bit integers: an int64 scalar travels as its raw bits. */
export let paramBits = new BigInt64Array(host.params);

/** The block as elements of each dtype. */
export let paramsByDType = elements();

/** Slots at the end of the block that hold scalar operands (`scalarAddress`). */
const scalarSlots = 16;
export const firstScalarSlot = params.length - scalarSlots;

/** Looks for the block again, after a call of the host that may have moved its memory. */
export function findBlock(): void {
  if (params.buffer === host.params) return;
  params = new Float64Array(host.params);
  paramBits = new BigInt64Array(host.params);
  paramsByDType = elements();
}

function elements(): readonly { [index: number]: number | bigint }[] {
  return dtypes.map(({ arrayType }) => new arrayType(host.params));
}

/** The address of a slot of the block. */
export function slotAddress(slot: number): number {
  return host.paramsAddress + slot * 8;
}

/** The kernel of a name; throws if there is none. */
export function kernel(name: string): Kernel {
  return host.kernel(name);
}

let cursor = 1;
let latest = 0;

/** Starts an argument list. The number that it returns tells `launch` whether another one was started since. */
export function begin(): number {
  cursor = 1;
  latest = (latest + 1) & 0x3fffffff;
  return latest;
}

/** Appends a number. Anything else would be converted here, by code of its own that may call kernels in between. */
export function put(value: number): void {
  if (typeof value !== "number") throw noNumber(value);
  params[cursor++] = value;
}

function noNumber(value: unknown): TypeError {
  return new TypeError(`a kernel takes numbers, got ${typeof value}`);
}

/** Appends a 64-bit integer as its raw bits. */
export function putBits(value: bigint): void {
  paramBits[cursor++] = value;
}

/** Leaves room for numbers that `params` takes later, and returns the first of their slots. */
export function reserve(count: number): number {
  const slot = cursor;
  cursor += count;
  return slot;
}

/** Runs what uses the block for its own while a list is being put together, which then goes on as it was. */
export function besideList<T>(body: () => T): T {
  const [place, list, written] = [cursor, latest, params.slice(0, cursor)];
  try {
    return body();
  } finally {
    params.set(written);
    cursor = place;
    latest = list;
  }
}

/**
 * Runs a kernel on the argument list that `begin` started.
 *
 * @throws RangeError if the list is longer than the block, beyond whose end nothing was written; Error if something
 * else used the block since, as code does that hides behind properties of an operand.
 */
export function launch(run: Kernel, list: number): void {
  if (list !== latest || cursor > firstScalarSlot) throw refusal(list);
  launchWritten(run);
}

/** Runs a kernel on a list that was written from slot 1 on in one go, with nothing in between that could write others. */
export function launchWritten(run: Kernel): void {
  (run as unknown as () => void)();
  if (pinned.length > 0) pinned.length = 0;
}

/** Arrays of the program whose addresses are among the arguments. */
const pinned: unknown[] = [];

/**
 * Keeps an array until a kernel has run: from the moment at which its address is written, the code that wrote it may not
 * refer to it any more. Buffers of the host need no such care, they are not freed before the next is allocated.
 */
export function pin(array: unknown): void {
  pinned.push(array);
}

function refusal(list: number): Error {
  if (list !== latest) return new Error("a kernel's arguments were overwritten while they were put together");
  return new RangeError(`a kernel takes at most ${firstScalarSlot - 1} arguments, got ${cursor - 1}`);
}

/** The status of the kernel that just ran: 0, or the code of an error whose detail is in `errorDetail`. */
export function status(): number {
  return params[0] as number;
}

export function errorDetail(): number {
  return params[1] as number;
}

/** A result that a kernel left behind with `Params::result`. */
export function resultAt(index: number): number {
  return params[index + 1] as number;
}

/** A result that stands in its slot as the raw bits of an int64. */
export function resultBitsAt(index: number): bigint {
  return paramBits[index + 1] as bigint;
}
