/** `torch.save`: values and the tensors in them, as PyTorch reads them with `weights_only=True`. */
import { anything, type Param } from "../arguments/params.js";
import { describe, readArgument } from "../arguments/parse.js";
import { putMemory } from "./elements.js";
import { MemorySink, replaceFile, type Sink } from "./files/replaceFile.js";
import type { Path } from "./files/source.js";
import { Pickler, type SavedMemory } from "./torchFiles/pickler.js";
import { ArchiveWriter } from "./zip/writer.js";

/** A path to write to. */
export const writablePath: Param<Path> = {
  ...(anything as Param<Path>),
  expected: "path",
  read: (value) => {
    if (typeof value === "string" || value instanceof URL) return value;
    throw new TypeError(`save(): argument 'f' must be a path, not ${describe(value)}`);
  },
};

/**
 * Saves a value to a file: tensors, parameters, numbers, texts, and arrays, plain objects, maps and sets of them. What
 * shares memory, or occurs twice, does so again when it is loaded. PyTorch reads the file (`torch.load`).
 *
 * The file is there whole or not at all: it is written beside the old one, brought to the disk and put in its place in
 * one step, and an error leaves the old one as it was.
 *
 * @param obj a value; of modules and optimizers what `stateDict()` gives.
 * @param f where to save it; without it the bytes are the result.
 * @throws TypeError for what cannot be saved: functions, objects of a class, dates; Error if the file cannot be written.
 * @example
 * torch.save({ model: model.stateDict(), optimizer: optimizer.stateDict(), epoch }, "checkpoint.pt");
 * @see https://pytorch.org/docs/stable/generated/torch.save.html
 */
export function save(obj: unknown, f: Path): void;
export function save(obj: unknown): Uint8Array;
export function save(obj: unknown, f?: Path): Uint8Array | undefined {
  const path = f === undefined ? undefined : readArgument("save", "f", writablePath, f);
  const pickler = new Pickler();
  const pickle = pickler.pickle(obj);
  if (path !== undefined) return void replaceFile(path, (sink) => write(sink, pickle, pickler.memories));
  const sink = new MemorySink(expectedSize(pickle, pickler.memories));
  write(sink, pickle, pickler.memories);
  return sink.result();
}

/** A bit more than what the archive takes. */
function expectedSize(pickle: Uint8Array, memories: readonly SavedMemory[]): number {
  const record = 300;
  return memories.reduce((total, { nbytes }) => total + nbytes + record, pickle.length + 4 * record);
}

function write(sink: Sink, pickle: Uint8Array, memories: readonly SavedMemory[]): void {
  const archive = new ArchiveWriter(sink);
  const text = new TextEncoder();
  archive.add("archive/data.pkl", pickle);
  archive.add("archive/byteorder", text.encode("little"));
  memories.forEach(({ storage, nbytes }, key) => {
    archive.addPieces(`archive/data/${key}`, nbytes, (put) => putMemory(storage, 0, nbytes, put));
  });
  archive.add("archive/version", text.encode("3\n"));
  archive.end();
}
