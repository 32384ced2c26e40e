/** The tensors of one file, or of several that an index names, as Hugging Face publishes large models. */
import { basename, dirname, join } from "node:path";
import { isPlainObject } from "../../core/kinds.js";
import type { Tensor } from "../../core/tensor.js";
import { tensorOf } from "../elements.js";
import { damaged, openSource, pathOf, type Readable, type Source, withSource } from "../files/source.js";
import { type Entry, parseJson, readHeader } from "./format.js";

/** The longest index. */
const longestIndex = 100_000_000;

export class Collection {
  readonly entries = new Map<string, Entry>();
  metadata: Record<string, string> | undefined;
  readonly #sources: Source[] = [];

  /** @throws Error for what is no file of safetensors and no index of such files, or is damaged. */
  constructor(from: Readable) {
    try {
      if (isIndex(from)) this.#addShards(pathOf(from as string));
      else this.#add(from);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Opens a file and adds its tensors, or those of some names. */
  #add(from: Readable, names?: readonly string[]): void {
    const source = openSource(from);
    this.#sources.push(source);
    const { metadata, entries } = readHeader(source);
    this.metadata ??= metadata;
    const known = new Map(entries.map((entry) => [entry.name, entry]));
    for (const name of names ?? known.keys()) {
      const entry = known.get(name);
      if (entry === undefined) throw damaged(source, `it lacks the tensor '${name}', which the index says is in it`);
      this.entries.set(name, entry);
    }
  }

  #addShards(path: string): void {
    const shards = shardsOf(path);
    for (const [file, names] of shards) this.#add(join(dirname(path), file), names);
  }

  /** @throws Error if there is no tensor of that name. */
  entry(name: string): Entry {
    const entry = this.entries.get(name);
    if (entry === undefined) throw new Error(`there is no tensor '${name}' in the file`);
    return entry;
  }

  close(): void {
    for (const source of this.#sources) source.close();
  }
}

/** The tensor at a place, read at once or when it is first used. */
export function readTensor({ source, dtype, sizes, start, nbytes }: Entry, onDemand: boolean): Tensor {
  return tensorOf({ dtype, sizes }, nbytes, onDemand, () => source.readMemory(start, nbytes).storage);
}

function isIndex(from: Readable): boolean {
  return (typeof from === "string" || from instanceof URL) && pathOf(from).endsWith(".json");
}

/**
 * The files of an index, with the names of the tensors in each.
 *
 * @throws Error if it cannot be read, or is damaged.
 */
export function shardsOf(path: string): Map<string, string[]> {
  return withSource(path, false, readIndex);
}

function readIndex(source: Source): Map<string, string[]> {
  if (source.size > longestIndex) throw damaged(source, "an index of so many bytes");
  const { weight_map: map } = parseJson(source, new TextDecoder().decode(source.read(0, source.size)));
  if (!isPlainObject(map)) throw damaged(source, "it has no `weight_map`");
  const shards = new Map<string, string[]>();
  for (const [name, file] of Object.entries(map)) {
    // Files are beside the index: it must not lead anywhere else.
    if (typeof file !== "string" || basename(file) !== file || file === "..") {
      throw damaged(source, `'${name}' is said to be in ${JSON.stringify(file)}, which is no file beside it`);
    }
    const names = shards.get(file);
    if (names === undefined) shards.set(file, [name]);
    else names.push(name);
  }
  return shards;
}
