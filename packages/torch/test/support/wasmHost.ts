/**
 * The kernels as a WebAssembly module in the place of the native addon, for `node --import`: what loads the addon gets
 * an object of the same form. `FLAMBEAU_WASM` names the module (tools/wasm.mjs builds it).
 *
 * The kernels can't reach an array of JavaScript. Each that they are told of has a copy in the memory of the module,
 * which is brought up to date before a kernel that is given its address, and read back afterwards; so has the block of
 * arguments. That is far from fast, but tests see what they see of the addon.
 */
import { readFileSync } from "node:fs";
import Module from "node:module";
import { basename } from "node:path";

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly __stack_pointer: { value: number };
  _initialize(): void;
  params(): number;
  paramSlots(): number;
  firstKernel(): number;
  nextKernel(kernel: number): number;
  kernelName(kernel: number): number;
  run(kernel: number): void;
  allocate(nbytes: number): number;
  free(address: number): void;
}

interface WebAssemblyApi {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const { Module: WasmModule, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;

function throwFromKernel(error: Error): never {
  // The frames of the kernel are left without a word to it.
  module.__stack_pointer.value = stackTop;
  throw error;
}

const imports = {
  host: {
    refuse: (reason: number) => throwFromKernel(new Error(textAt(reason))),
    refuseMemory: () => throwFromKernel(new RangeError("not enough memory")),
  },
};

const module = new Instance(new WasmModule(readFileSync(process.env.FLAMBEAU_WASM as string)), imports)
  .exports as Exports;
module._initialize();
const stackTop = module.__stack_pointer.value;

/** Bytes of the module's memory, as it is now. */
function bytesAt(address: number, length: number): Uint8Array {
  return new Uint8Array(module.memory.buffer, address, length);
}

function textAt(address: number): string {
  const bytes = new Uint8Array(module.memory.buffer);
  return new TextDecoder().decode(bytes.subarray(address, bytes.indexOf(0, address)));
}

/** The copy of an array's buffer in the memory of the module. */
interface Mirror {
  readonly address: number;
  readonly length: number;
  readonly original: WeakRef<ArrayBufferLike>;
}

/** All mirrors, by address, and that of a buffer. */
const mirrors: Mirror[] = [];
const mirrorOf = new WeakMap<ArrayBufferLike, Mirror>();

const unused = new FinalizationRegistry((address: number) => {
  mirrors.splice(placeAfter(address) - 1, 1);
  module.free(address);
});

function mirror(buffer: ArrayBufferLike): Mirror {
  const known = mirrorOf.get(buffer);
  if (known !== undefined) return known;
  const address = module.allocate(buffer.byteLength);
  const added = { address, length: buffer.byteLength, original: new WeakRef(buffer) };
  mirrorOf.set(buffer, added);
  mirrors.splice(placeAfter(address), 0, added);
  unused.register(buffer, address);
  return added;
}

/** How many mirrors begin at an address or before it. */
function placeAfter(address: number): number {
  let [begin, end] = [0, mirrors.length];
  while (begin < end) {
    const middle = (begin + end) >> 1;
    if ((mirrors[middle] as Mirror).address <= address) begin = middle + 1;
    else end = middle;
  }
  return begin;
}

/** The mirror in which an address is, or at whose end. */
function mirrorAround(address: number): Mirror | undefined {
  const found = mirrors[placeAfter(address) - 1];
  return found !== undefined && address <= found.address + found.length ? found : undefined;
}

const blockAddress = module.params();
const block = new Float64Array(module.paramSlots());
const blockBytes = new Uint8Array(block.buffer);

/** Slots at either end of the block that are left as they are after a call: results, and operands. */
const keptSlots = 256;

/** The mirrors whose addresses are among the arguments. */
function mirrorsInUse(): Set<Mirror> {
  const used = new Set<Mirror>();
  // By index: an iterator takes ten times as long, for tens of thousands of slots in each call.
  for (let slot = 0; slot < block.length; slot++) {
    const value = block[slot] as number;
    const found = value > 0 ? mirrorAround(value) : undefined;
    if (found !== undefined) used.add(found);
  }
  return used;
}

function run(kernel: number): void {
  const used = mirrorsInUse();
  for (const { address, length, original } of used) {
    const buffer = original.deref();
    if (buffer?.byteLength === length) bytesAt(address, length).set(new Uint8Array(buffer));
  }
  bytesAt(blockAddress, blockBytes.length).set(blockBytes);
  module.run(kernel);
  blockBytes.set(bytesAt(blockAddress, blockBytes.length));
  block.fill(0, keptSlots, -keptSlots);
  for (const { address, length, original } of used) {
    const buffer = original.deref();
    if (buffer?.byteLength === length) new Uint8Array(buffer).set(bytesAt(address, length));
  }
}

const buffers = new FinalizationRegistry((address: number) => module.free(address));
/** The address that a handle owns. */
const owned = new WeakMap<object, number>();

function handleOf(address: number): object {
  const handle = {};
  owned.set(handle, address);
  buffers.register(handle, address, handle);
  return handle;
}

function singleThreaded(): never {
  throw new Error("there is one thread");
}

const addon: Record<string, unknown> = {
  params: block.buffer,
  exactBuffers: false,
  allocate() {
    block[1] = module.allocate(block[1] as number);
    return handleOf(block[1]);
  },
  renew(handle: object) {
    buffers.unregister(handle);
    return handleOf(owned.get(handle) as number);
  },
  locate(array: ArrayBufferView) {
    block[1] = array.buffer === block.buffer ? blockAddress : mirror(array.buffer).address;
    block[1] += array.byteOffset;
  },
  countOwned() {
    block[1] = 0;
  },
  countOwners() {
    block[1] = 1;
  },
  lend: singleThreaded,
  adopt: singleThreaded,
  arrayBuffer: singleThreaded,
};
for (let kernel = module.firstKernel(); kernel !== 0; kernel = module.nextKernel(kernel)) {
  const address = kernel;
  addon[textAt(module.kernelName(address))] = () => run(address);
}

type Loader = (module: { exports: unknown }, path: string) => void;

const loaders = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;
const loadNative = loaders[".node"] as Loader;
loaders[".node"] = (loaded, path) => {
  if (basename(path) === "portable.node") loaded.exports = addon;
  else loadNative(loaded, path);
};
