/**
 * `torch.safetensors`: tensors by name in files that hold nothing else, as Hugging Face publishes them.
 *
 * Source: https://huggingface.co/docs/safetensors/api/torch
 */
import { device, flag, optional } from "../../arguments/params.js";
import { readArgument, Signature } from "../../arguments/parse.js";
import type { Device } from "../../core/devices.js";
import type { Tensor } from "../../core/tensor.js";
import { setOwn } from "../elements.js";
import { MemorySink, replaceFile } from "../files/replaceFile.js";
import type { Path } from "../files/source.js";
import { readable, writablePath } from "../paths.js";
import { Collection, readTensor } from "./collection.js";
import { draft, write } from "./write.js";

export { SafeFile, safeOpen, TensorSlice } from "./safeOpen.js";
export { type SaveStateDictOptions, saveTorchStateDict } from "./shards.js";

/** Tensors by their names. */
export type NamedTensors = Record<string, Tensor> | ReadonlyMap<string, Tensor>;

export interface LoadFileOptions {
  /** Where the tensors are put; on the CPU by default. */
  device?: Device;
  /** Whether each tensor is read when it is first used. */
  mmap?: boolean;
}

const loadSignature = new Signature("loadFile", { filename: readable, device: optional(device, "cpu"), mmap: flag });

/**
 * The tensors of a file, or of the files that an index (`model.safetensors.index.json`) names.
 *
 * @param options.mmap reads each tensor when it is first used: one of a large file costs only itself.
 * @throws Error for a file that is damaged, or has a dtype that does not exist here.
 * @example model.loadStateDict(torch.safetensors.loadFile("model.safetensors"));
 */
export function loadFile(filename: Path, options: LoadFileOptions = {}): Record<string, Tensor> {
  const given = loadSignature.parse([filename, options]);
  const collection = new Collection(given.filename);
  try {
    return tensorsOf(collection, given.device, given.mmap);
  } finally {
    if (!given.mmap) collection.close();
  }
}

/** The tensors of a file whose bytes are in memory. */
export function load(data: Uint8Array): Record<string, Tensor> {
  return tensorsOf(new Collection(readArgument("load", "data", readable, data)), "cpu", false);
}

function tensorsOf({ entries }: Collection, target: Device, onDemand: boolean): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of entries) {
    const isHere = target === "cpu";
    const tensor = readTensor(entry, onDemand || !isHere);
    setOwn(tensors, name, isHere ? tensor : tensor.to(target));
  }
  return tensors;
}

/**
 * Saves tensors by name, row-major, whole or not at all; Python's package reads the file.
 *
 * @param metadata texts beside the tensors.
 * @throws Error for tensors that share memory, which the format does not know, or if the file cannot be written.
 * @example torch.safetensors.saveFile(model.stateDict(), "model.safetensors", { format: "pt" });
 */
export function saveFile(tensors: NamedTensors, filename: Path, metadata?: Record<string, string>): void {
  const path = readArgument("saveFile", "filename", writablePath, filename);
  const file = draft("saveFile", tensors, metadata);
  replaceFile(path, (sink) => write(sink, file));
}

/** The bytes of such a file. */
export function save(tensors: NamedTensors, metadata?: Record<string, string>): Uint8Array {
  const file = draft("save", tensors, metadata);
  const sink = new MemorySink(new Uint8Array(file.size));
  write(sink, file);
  return sink.result();
}
