/**
 * Loads the native addon: the build for the best instruction set of this CPU, or the one that the environment
 * variable `FLAMBEAU_ISA` (`avx512`, `avx2` or `portable`) names. `FLAMBEAU_ADDONS` names the folder of other builds.
 *
 * A kernel takes its arguments from a block of doubles that both sides see: fill `params` from slot 1, then
 * call the kernel without arguments. Slot 0 holds the status on return.
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

/** The kernel of a name. */
export function kernel(name: string): () => void {
  const run = addon[name];
  if (typeof run !== "function") throw new Error(`no kernel named ${name}`);
  return run as () => void;
}
