/**
 * The native addon as the host: the build for the best instruction set of this CPU, or the one that the environment
 * variable `FLAMBEAU_ISA` (`avx512`, `avx2` or `portable`) names. `FLAMBEAU_ADDONS` names the folder of other builds.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { totalmem } from "node:os";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { collectGarbage } from "./collect.js";
import type { BufferHandle, Host, HostBuffer, Kernel } from "./host.js";

/** The functions of native/addon/addon.cpp, which take numbers from the block at slot 1 and leave results there. */
interface Addon {
  readonly params: ArrayBuffer;
  readonly exactBuffers: boolean;
  allocate(): BufferHandle;
  renew(handle: BufferHandle): BufferHandle;
  lend(): void;
  adopt(): BufferHandle;
  countOwned(): void;
  countOwners(): void;
  arrayBuffer(): ArrayBuffer;
  locate(array: ArrayBufferView): void;
  readonly [kernel: string]: unknown;
}

const levels = ["portable", "avx2", "avx512"] as const;

/** An instruction set that kernels are built for. */
type InstructionSet = (typeof levels)[number];

/** Where this module is; a bundle of CommonJS does not tell. */
const here: string | undefined = import.meta.url;

/** The package's folder: its modules are in `dist`. Undefined where they were put into a bundle of somebody else's. */
function packageFolder(): string | undefined {
  const module = here === undefined ? "" : fileURLToPath(here);
  const root = module.slice(0, Math.max(0, module.lastIndexOf(join(sep, "dist", sep))));
  return existsSync(join(root, "native", "build.mjs")) ? root : undefined;
}

const load = createRequire(here ?? join(process.cwd(), "flambeau.js"));

// Where scripts are switched off by the configuration of npm, a rebuild would run none either.
const advice = "run `npm rebuild flambeau --ignore-scripts=false`";

function bundledError(): Error {
  return new Error(
    'flambeau was put into a bundle, where its native kernels cannot be; leave it out: --external:flambeau for esbuild, externals: { flambeau: "commonjs flambeau" } for webpack, external: ["flambeau"] for Rollup, ssr.external for Vite',
  );
}

function addonsFolder(): string {
  if (process.env.FLAMBEAU_ADDONS) return process.env.FLAMBEAU_ADDONS;
  const root = packageFolder();
  if (root === undefined) throw bundledError();
  return join(root, "native", "build", "Release");
}

const folder = addonsFolder();

function loadBuilt(name: string): unknown {
  const file = join(folder, `${name}.node`);
  try {
    return load(file);
  } catch (cause) {
    // What a bundler puts in the place of `load` knows no files.
    if (existsSync(file) && (cause as NodeJS.ErrnoException).code !== "ERR_DLOPEN_FAILED") throw bundledError();
    throw new Error(`the native kernels of flambeau are not built; ${advice}`, { cause });
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

const instructionSet = chooseInstructionSet();
const addon = loadBuilt(instructionSet) as Addon;
const block = new Float64Array(addon.params);
const result = (index: number): number => block[index + 1] as number;

function addressOf(array: ArrayBufferView): number {
  addon.locate(array);
  return result(0);
}

function allocate(nbytes: number): HostBuffer {
  block[1] = nbytes;
  const handle = addon.allocate();
  return { handle, address: result(0), nbytes };
}

function adopt(token: number): HostBuffer {
  block[1] = token;
  const handle = addon.adopt();
  return { handle, address: result(0), nbytes: result(1) };
}

function lend(address: number, nbytes: number, receivers: number): number {
  block[1] = address;
  block[2] = nbytes;
  block[3] = receivers;
  addon.lend();
  return result(0);
}

function countOwned(): number {
  addon.countOwned();
  return result(0);
}

function countOwners(address: number): number {
  block[1] = address;
  addon.countOwners();
  return result(0);
}

function arrayBuffer(address: number, nbytes: number): ArrayBuffer {
  block[1] = address;
  block[2] = nbytes;
  return addon.arrayBuffer();
}

function kernel(name: string): Kernel {
  const found = addon[name] ?? (addon.onlyFirst && later(name));
  if (typeof found !== "function") {
    throw new Error(`no kernel named ${name}: the native kernels are of another version of flambeau; ${advice}`);
  }
  return found as unknown as Kernel;
}

/** Stands for a kernel that is not among the first ones (native/build.mjs). */
function later(name: string): () => never {
  return () => {
    throw new Error(`the native kernels are not all built, ${name} is missing; run \`npm run build\``);
  };
}

/** The kernels of the native addon, in the memory of the process. */
export const native: Host = {
  instructionSet,
  totalMemory: Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY),
  exactBuffers: addon.exactBuffers,
  params: addon.params,
  paramsAddress: addressOf(block),
  kernel,
  allocate,
  renew: addon.renew,
  addressOf,
  lend,
  adopt,
  countOwned,
  countOwners,
  arrayBuffer,
  collectGarbage,
};
