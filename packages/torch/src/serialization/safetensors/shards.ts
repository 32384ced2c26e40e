/**
 * A model in several files with an index, as Hugging Face publishes those that are too large for one.
 *
 * The index takes the place of the old one in one step, after all files that it names are whole. Until then the old one
 * leads to the old files: new ones never take their names. So whoever goes by the index finds all that was there before
 * or all that is new, also where saving failed or the process ended halfway.
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { anything, invalid, optional, type Param, text } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { setOwn, tensorEntries } from "../elements.js";
import { replaceFile } from "../files/replaceFile.js";
import { type Path, pathOf } from "../files/source.js";
import { writablePath } from "../paths.js";
import { shardsOf } from "./collection.js";
import { checkApart, draft, type Entry, write } from "./write.js";

const units: Readonly<Record<string, number>> = { KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** The bytes that a size stands for, such as `"5GB"`; NaN for what is none. */
function bytesOfSize(size: unknown): number {
  if (typeof size === "number") return Number.isSafeInteger(size) && size > 0 ? size : Number.NaN;
  const [, count, unit] = /^(\d+(?:\.\d+)?)(KB|MB|GB|TB)$/.exec(String(size).trim().toUpperCase()) ?? [];
  return Math.floor(Number(count) * (units[unit ?? ""] ?? Number.NaN));
}

const shardSize: Param<number> = {
  ...(anything as Param<number>),
  expected: "int or str such as '5GB'",
  read: (value) => {
    const bytes = bytesOfSize(value);
    return bytes >= 1 ? bytes : invalid;
  },
};

/** What stands in a pattern where the number of a file comes. */
const suffix = "{suffix}";

const signature = new Signature("saveTorchStateDict", {
  stateDict: anything,
  saveDirectory: writablePath,
  filenamePattern: optional(text, `model${suffix}.safetensors`),
  maxShardSize: optional(shardSize, 5e9),
  metadata: optional(anything as Param<Record<string, string>>),
});

export interface SaveStateDictOptions {
  /** The name of a file; `{suffix}` becomes nothing, or `-00001-of-00003`. `"model{suffix}.safetensors"` by default. */
  filenamePattern?: string;
  /** The most bytes that a file gets, as a number or as `"200MB"`; `"5GB"` by default. A larger tensor has one of its own. */
  maxShardSize?: number | string;
  /** Texts beside the tensors; `format` is `"pt"` unless they say otherwise. */
  metadata?: Record<string, string>;
}

/**
 * Saves a state dict into a folder as `huggingface_hub` does: as `model.safetensors`, or, if it is larger than
 * `maxShardSize`, as `model-00001-of-00003.safetensors` and so on with the index `model.safetensors.index.json`, which
 * `loadFile` and Hugging Face's libraries read. Shards of an older state dict are taken away when all that is new is
 * there; those that come to stand beside shards of the same names are called `model-00001-of-00003-2.safetensors`.
 *
 * Of names that stand for one tensor, such as tied weights, the first is saved; the metadata say which.
 *
 * @throws Error for tensors of which only a part is shared, or if a file cannot be written: then what was there stays.
 * @example torch.safetensors.saveTorchStateDict(model.stateDict(), "out", { maxShardSize: "2GB" });
 * @see https://huggingface.co/docs/huggingface_hub/package_reference/serialization
 */
export function saveTorchStateDict(
  stateDict: Record<string, Tensor> | ReadonlyMap<string, Tensor>,
  saveDirectory: Path,
  options: SaveStateDictOptions = {},
): void {
  const given = signature.parse([stateDict, saveDirectory, options]);
  const { filenamePattern: pattern, maxShardSize } = given;
  if (pattern.split(suffix).length !== 2 || /[\\/]/.test(pattern)) {
    throw new Error(`filenamePattern must be the name of a file with one ${suffix}, not ${JSON.stringify(pattern)}`);
  }
  const { entries, metadata } = withoutTwins(tensorEntries("saveTorchStateDict", given.stateDict), given.metadata);
  checkApart(entries);
  const shards = split(entries, maxShardSize);
  const whole = pattern.replace(suffix, "");
  const files = shards.map((shard) => draft("saveTorchStateDict", new Map(shard), metadata));
  const folder = pathOf(given.saveDirectory);
  const index = join(folder, `${whole}.index.json`);
  mkdirSync(folder, { recursive: true });
  const names = shards.length === 1 ? [whole] : shardNames(pattern, shards.length, filesOf(index));
  try {
    for (const [i, file] of files.entries()) replaceFile(join(folder, names[i] as string), (sink) => write(sink, file));
    if (shards.length > 1) {
      const content = new TextEncoder().encode(indexText(shards, names, metadata));
      replaceFile(index, (sink) => sink.write(0, content));
    }
  } catch (error) {
    if (shards.length > 1) removeOthers(folder, pattern, [whole, basename(index), ...filesOf(index)]);
    throw error;
  }
  removeOthers(folder, pattern, shards.length > 1 ? [...names, basename(index)] : names);
}

/** The files that an index names; none if it cannot be read. */
function filesOf(index: string): ReadonlySet<string> {
  try {
    return new Set(shardsOf(index).keys());
  } catch {
    return new Set();
  }
}

/** Names for shards of which none is in use. */
function shardNames(pattern: string, count: number, used: ReadonlySet<string>): string[] {
  const digits = (value: number) => String(value).padStart(5, "0");
  for (let series = 1; ; series++) {
    const mark = series === 1 ? "" : `-${series}`;
    const names = Array.from({ length: count }, (_, i) =>
      pattern.replace(suffix, `-${digits(i + 1)}-of-${digits(count)}${mark}`),
    );
    if (!names.some((name) => used.has(name))) return names;
  }
}

/** The entries of which no other is the same tensor, and metadata that tell of the others. */
function withoutTwins(all: readonly Entry[], given: unknown): { entries: Entry[]; metadata: Record<string, string> } {
  const metadata = { format: "pt", ...(given as Record<string, string> | undefined) };
  const names = new Map<string, string>();
  const keyOf = ({ storage, offset, dtype, sizes, strides, nbytes }: Tensor, name: string) =>
    nbytes === 0 ? name : JSON.stringify([storage.pointer() + offset * dtype.itemsize, dtype.name, sizes, strides]);
  for (const [name, tensor] of [...all].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = keyOf(tensor, name);
    const first = names.get(key);
    if (first === undefined) names.set(key, name);
    else setOwn(metadata, name, first);
  }
  const kept = new Set(names.values());
  return { entries: all.filter(([name]) => kept.has(name)), metadata };
}

/** Tensors in their order, as many together as a file may have. */
function split(entries: readonly Entry[], most: number): Entry[][] {
  const shards: Entry[][] = [];
  let current: Entry[] = [];
  let size = 0;
  for (const entry of entries) {
    const { nbytes } = entry[1];
    if (nbytes > most) {
      shards.push([entry]);
      continue;
    }
    if (size + nbytes > most) {
      shards.push(current);
      [current, size] = [[], 0];
    }
    current.push(entry);
    size += nbytes;
  }
  if (current.length > 0 || shards.length === 0) shards.push(current);
  return shards;
}

/** The index: which tensor is in which file. */
function indexText(
  shards: readonly (readonly Entry[])[],
  names: readonly string[],
  texts: Record<string, string>,
): string {
  const places = shards.flatMap((shard, i) => shard.map(([name]) => [name, names[i]] as const));
  const total = shards.flat().reduce((sum, [, { nbytes }]) => sum + nbytes, 0);
  const sorted = (pairs: readonly (readonly [string, unknown])[]) => {
    const result = {};
    for (const [key, value] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) setOwn(result, key, value);
    return result;
  };
  const { format: _, ...others } = texts;
  const metadata = sorted([...Object.entries(others), ["total_size", total]]);
  return `${JSON.stringify({ metadata, weight_map: sorted(places) }, null, 2)}\n`;
}

/** Takes away the files of state dicts that nothing names any more; an index before what it names. */
function removeOthers(folder: string, pattern: string, kept: readonly string[]): void {
  const [before, after] = pattern.split(suffix) as [string, string];
  const index = `${before}${after}.index.json`;
  const isShard = (name: string) =>
    name.startsWith(before) &&
    name.endsWith(after) &&
    /^-\d{5}-of-\d{5}(-\d+)?$/.test(name.slice(before.length, name.length - after.length));
  if (!kept.includes(index)) rmSync(join(folder, index), { force: true });
  for (const name of readdirSync(folder)) {
    if ((name === `${before}${after}` || isShard(name)) && !kept.includes(name)) rmSync(join(folder, name));
  }
}
