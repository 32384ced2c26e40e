/**
 * Loads the native addon: the build for the best instruction set of this CPU, or the one that the environment
 * variable `FLAMBEAU_ISA` (`avx512`, `avx2` or `portable`) names. `FLAMBEAU_ADDONS` names the folder of other builds.
 *
 * A kernel takes its arguments from a block of doubles that both sides see. `begin` starts a list of arguments at
 * slot 1, `put` appends to it, and `launch`, the only way to run a kernel, sees to it that the list is whole. Slot 0
 * holds the status on return.
 */
import { createRequire } from "node:module";
import { totalmem } from "node:os";

/** Owns a native buffer: the buffer lives as long as this object can be reached. */
export type BufferHandle = object;

interface Addon {
  readonly params: ArrayBuffer;
  /** Whether this is a build for a memory checker, for which a buffer has the exact size and is used once. */
  readonly exactBuffers: boolean;
  allocate(): BufferHandle;
  lend(): void;
  adopt(): BufferHandle;
  countOwners(): void;
  arrayBuffer(): ArrayBuffer;
  locate(array: ArrayBufferView): void;
  readonly [kernel: string]: unknown;
}

const levels = ["portable", "avx2", "avx512"] as const;

/** An instruction set that kernels are built for. */
export type InstructionSet = (typeof levels)[number];

const load = createRequire(import.meta.url);
const folder = process.env.FLAMBEAU_ADDONS || "../../../native/build/Release";

function loadBuilt(name: string): unknown {
  try {
    return load(`${folder}/${name}.node`);
  } catch (cause) {
    // Where scripts are switched off by the configuration of npm, a rebuild would run none either.
    throw new Error("the native kernels of flambeau are not built; run `npm rebuild flambeau --ignore-scripts=false`", {
      cause,
    });
  }
}

function chooseInstructionSet(): InstructionSet {
  const { instructionSet } = loadBuilt("cpu") as { instructionSet: InstructionSet };
  const wanted = process.env.FLAMBEAU_ISA as InstructionSet | undefined;
  if (!wanted) return instructionSet;
  if (!levels.includes(wanted)) {
    throw new Error(`FLAMBEAU_ISA is "${wanted}", expected one of ${levels.join(", ")}`);
  }
  if (levels.indexOf(wanted) > levels.indexOf(instructionSet)) {
    throw new Error(`FLAMBEAU_ISA asks for ${wanted}, but this CPU supports ${instructionSet} at most`);
  }
  return wanted;
}

/** The instruction set of the kernels in use. */
export const instructionSet: InstructionSet = chooseInstructionSet();

export const addon = loadBuilt(instructionSet) as Addon;

/** Bytes of memory that this machine has, or that this process may use where it is confined to less. */
export const totalMemory = Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY);

/** The argument block as doubles. */
export const params = new Float64Array(addon.params);

/** The argument block as 64-bit integers: an int64 scalar travels as its raw bits. */
export const paramBits = new BigInt64Array(addon.params);

/** Slots at the end of the block that hold scalar operands (`scalarAddress`). */
const scalarSlots = 16;
export const firstScalarSlot = params.length - scalarSlots;

addon.locate(params);
const paramsAddress = params[1] as number;

/** The address of a slot of the argument block. */
export function slotAddress(slot: number): number {
  return paramsAddress + slot * 8;
}

declare const kernelBrand: unique symbol;

/** A native kernel, which only `launch` can run. */
export interface Kernel {
  readonly [kernelBrand]: true;
}

/** The kernel of a name. */
export function kernel(name: string): Kernel {
  const found = addon[name];
  if (typeof found !== "function") throw new Error(`no kernel named ${name}`);
  return found as unknown as Kernel;
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

/**
 * Runs a kernel on the argument list that `begin` started.
 *
 * @throws RangeError if the list is longer than the block, beyond whose end nothing was written; Error if something
 * else used the block since, as code does that hides behind properties of an operand.
 */
export function launch(run: Kernel, list: number): void {
  if (list !== latest || cursor > firstScalarSlot) throw refusal(list);
  (run as unknown as () => void)();
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
