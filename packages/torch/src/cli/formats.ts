/** Files of every kind that the command reads and writes, by what is in them or by their ending. */
import { basename, extname } from "node:path";
import { isMap, isPlainObject } from "../core/kinds.js";
import { Tensor } from "../core/tensor.js";
import { setOwn } from "../serialization/elements.js";
import { withSource } from "../serialization/files/source.js";
import { load } from "../serialization/load.js";
import * as numpy from "../serialization/numpy/index.js";
import { isNpy } from "../serialization/numpy/npy.js";
import * as safetensors from "../serialization/safetensors/index.js";
import { save } from "../serialization/save.js";
import { Archive, isZip } from "../serialization/zip/archive.js";

export type Format = "torch" | "safetensors" | "npy" | "npz";

/** What is in a file. */
export interface Content {
  readonly format: Format;
  readonly value: unknown;
  readonly metadata: Record<string, string> | null;
}

/** Whether a zip archive is one of NumPy. */
function isNpz(path: string): boolean {
  return withSource(path, false, (source) =>
    [...new Archive(source).entries.keys()].every((name) => name.endsWith(".npy")),
  );
}

/** What kind of file it is, by its first bytes. */
function formatOf(path: string): Format {
  if (path.endsWith(".json")) return "safetensors";
  const start = withSource(path, false, (source) => source.read(0, Math.min(16, source.size)));
  if (isNpy(start)) return "npy";
  if (isZip(start)) return isNpz(path) ? "npz" : "torch";
  // Eight bytes of a length, and an object.
  return start[8] === 0x7b ? "safetensors" : "torch";
}

/** Reads a file of any kind; the elements of tensors only when they are used. */
export function readFile(path: string): Content {
  const format = formatOf(path);
  if (format === "torch")
    return { format, value: load(path, { mmap: true, mapLocation: () => "cpu" }), metadata: null };
  if (format !== "safetensors") return { format, value: numpy.load(path, { mmapMode: "c" }), metadata: null };
  using file = safetensors.safeOpen(path);
  return { format, value: safetensors.loadFile(path, { mmap: true }), metadata: file.metadata() };
}

const formatsByEnding: Readonly<Record<string, Format>> = {
  ".pt": "torch",
  ".pth": "torch",
  ".bin": "torch",
  ".ckpt": "torch",
  ".safetensors": "safetensors",
  ".npy": "npy",
  ".npz": "npz",
};

/**
 * Writes a file of the kind that its ending tells.
 *
 * @throws Error for a value that such a file cannot hold.
 */
export function writeFile(path: string, value: unknown, metadata: Record<string, string> | null): void {
  const format = formatsByEnding[extname(path)];
  if (format === "torch") return save(value, path);
  if (format === "safetensors")
    return safetensors.saveFile(apart(tensorsIn(path, value)), path, metadata ?? { format: "pt" });
  if (format === "npz") return numpy.savez(path, tensorsIn(path, value));
  if (format === "npy" && value instanceof Tensor) return numpy.save(path, value);
  if (format === "npy") throw new Error(`${basename(path)} holds one tensor: say which with --key`);
  throw new Error(`${basename(path)}: the ending must be one of ${Object.keys(formatsByEnding).join(", ")}`);
}

/** The tensors of a state dict, by name. */
function tensorsIn(path: string, value: unknown): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  if (isPlainObject(value))
    for (const [name, item] of Object.entries(value)) if (item instanceof Tensor) setOwn(tensors, name, item);
  const count = isPlainObject(value) ? Object.keys(value).length : -1;
  if (count > 0 && count === Object.keys(tensors).length) return tensors;
  const inner = isPlainObject(value)
    ? Object.keys(value).filter((key) => isPlainObject(value[key]) || isMap(value[key]))
    : [];
  const cure = inner.length > 0 ? `; say which part with --key, such as --key ${inner[0]}` : "";
  throw new Error(`${basename(path)} can hold tensors by name alone, and there is more in the file${cure}`);
}

/** The same tensors, each with memory of its own: what they share cannot be told in every format. */
function apart(tensors: Record<string, Tensor>): Record<string, Tensor> {
  const seen = new Set<unknown>();
  const own: Record<string, Tensor> = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const { origin } = tensor.storage;
    setOwn(own, name, seen.has(origin) ? tensor.detach().clone() : tensor);
    seen.add(origin);
  }
  return own;
}
