/** `torch.load`: values from files of `torch.save`, of today's format and of those before it. */
import { anything, flag, keyword, openFlag, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { Complex } from "../core/complex.js";
import { DType } from "../core/dtype.js";
import { type Readable, type Source, withSource } from "./files/source.js";
import { readable } from "./paths.js";
import { Finisher } from "./pickle/finish.js";
import { readLegacy } from "./torchFiles/legacyFile.js";
import { type MapLocation, placer } from "./torchFiles/mapLocation.js";
import { NumpyArray, NumpyDtype } from "./torchFiles/numpyObjects.js";
import type { Placement, StorageRef } from "./torchFiles/storages.js";
import { isTar, readTar } from "./torchFiles/tarFile.js";
import { StoredTensor } from "./torchFiles/tensors.js";
import { readZip } from "./torchFiles/zipFile.js";
import { isZip } from "./zip/archive.js";

export interface LoadOptions {
  /** Where tensors go that were saved on some device; `"cpu"` takes those of a GPU. */
  mapLocation?: MapLocation;
  /** Accepted; files run no code here, whatever it says. */
  weightsOnly?: boolean;
  /** Whether the memory of a tensor is read from the file when it is first used, so that the rest of it never is. */
  mmap?: boolean;
}

const signature = new Signature("load", {
  f: readable,
  mapLocation: { ...keyword(optional(anything)), endsPositional: true },
  weightsOnly: keyword(openFlag),
  mmap: keyword(flag),
});

/**
 * What a file of `torch.save` holds, Python's or ours: tensors, parameters, and containers of all kinds with them. Dicts
 * whose keys are texts become plain objects, other dicts maps, lists and tuples arrays. What shares memory shares it
 * again. No code of the file runs: a pickled module is refused, with how to save its numbers instead.
 *
 * @param f a path, or the bytes of a file.
 * @param options.mapLocation where tensors go that were saved on some device: `"cpu"` takes those of a GPU.
 * @param options.mmap reads the memory of a tensor when it is first used: one of a large file costs only itself.
 * @throws Error for a file that is damaged, or that holds what cannot be made here.
 * @example
 * model.loadStateDict(torch.load("model.pt"));
 * @see https://pytorch.org/docs/stable/generated/torch.load.html
 */
// biome-ignore lint/suspicious/noExplicitAny: what a file holds, only its reader knows
export function load<T = any>(f: Readable, options: LoadOptions = {}): T {
  const { f: from, mapLocation, mmap } = signature.parse([f, options]);
  const placement = { deviceFor: placer(mapLocation), onDemand: mmap };
  return withSource(from, mmap, (source) => bring(readAny(source), placement, source)) as T;
}

/** What a file of any of the formats holds. */
function readAny(source: Source): unknown {
  const start = source.read(0, Math.min(4, source.size));
  if (isZip(start)) return readZip(source);
  if (source.size === 0) throw new Error(`${source.name} is empty`);
  if (isTar(source)) return readTar(source);
  if (start[0] !== 0x80) throw new Error(`${source.name} is no file of torch.save: it does not begin as one`);
  return readLegacy(source);
}

/** Brings tensors to their memory, and makes values of all that is around them. */
function bring(object: unknown, placement: Placement, source: Source): unknown {
  const finisher = new Finisher((leaf) => {
    if (leaf instanceof StoredTensor) return leaf.bring(placement);
    if (leaf instanceof Uint8Array || leaf instanceof DType || leaf instanceof Complex) return leaf;
    if (leaf instanceof NumpyArray) return leaf.tensor;
    if (leaf instanceof NumpyDtype) return leaf.dtype;
    if ("memory" in leaf) return tensorOfAll(leaf as StorageRef).bring(placement);
    throw new Error(
      `${source.name} holds a class or function as a value: ${String((leaf as { name?: unknown }).name)}`,
    );
  });
  return finisher.finish(object);
}

/** Memory that was saved as itself: a tensor of one dim with all of it. */
function tensorOfAll(ref: StorageRef): StoredTensor {
  return new StoredTensor({ sizes: [ref.numel], strides: [1], dtype: ref.dtype }, 0, ref, false);
}
