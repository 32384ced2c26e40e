/** A model in several files with an index, as Hugging Face publishes those that are too large for one. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { anything, invalid, optional, type Param, text } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { setOwn, tensorEntries } from "../elements.js";
import { replaceFile } from "../files/replaceFile.js";
import { type Path, pathOf } from "../files/source.js";
import { writablePath } from "../paths.js";
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
 * `loadFile` and Hugging Face's libraries read. Shards of an older state dict are taken away.
 *
 * Of names that stand for one tensor, such as tied weights, the first is saved; the metadata say which.
 *
 * @throws Error for tensors of which only a part is shared, or if a file cannot be written.
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
  const names = shards.map((_, i) =>
    pattern.replace(suffix, shards.length === 1 ? "" : numbered(i + 1, shards.length)),
  );
  const files = shards.map((shard) => draft("saveTorchStateDict", new Map(shard), metadata));
  const folder = pathOf(given.saveDirectory);
  mkdirSync(folder, { recursive: true });
  for (const [i, file] of files.entries()) replaceFile(join(folder, names[i] as string), (sink) => write(sink, file));
  const index = `${pattern.replace(suffix, "")}.index.json`;
  if (shards.length > 1) {
    const content = new TextEncoder().encode(indexText(shards, names, metadata));
    replaceFile(join(folder, index), (sink) => sink.write(0, content));
  }
  removeOthers(folder, pattern, shards.length > 1 ? [...names, index] : names);
}

function numbered(number: number, count: number): string {
  const digits = (value: number) => String(value).padStart(5, "0");
  return `-${digits(number)}-of-${digits(count)}`;
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

/** Takes away the files of a state dict that was there before, which nothing names any more. */
function removeOthers(folder: string, pattern: string, kept: readonly string[]): void {
  const [before, after] = pattern.split(suffix) as [string, string];
  for (const name of readdirSync(folder)) {
    const isWhole = name === `${before}${after}` || name === `${before}${after}.index.json`;
    const number = name.slice(before.length, name.length - after.length);
    const isShard = name.startsWith(before) && name.endsWith(after) && /^-\d{5}-of-\d{5}$/.test(number);
    if ((isWhole || isShard) && !kept.includes(name)) rmSync(join(folder, name));
  }
}
