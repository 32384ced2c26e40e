/** `torch.save`: values and the tensors in them, as PyTorch reads them with `weights_only=True`. */
import { readArgument } from "../arguments/parse.js";
import { MemorySink, replaceFile, type Sink } from "./files/replaceFile.js";
import type { Path } from "./files/source.js";
import { writablePath } from "./paths.js";
import { Pickler, type SavedMemory } from "./torchFiles/pickler.js";
import { ArchiveWriter } from "./zip/writer.js";

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
  const draft = new SaveDraft(obj);
  if (path !== undefined) return void replaceFile(path, (sink) => draft.write(sink));
  const sink = new MemorySink(new Uint8Array(draft.size));
  draft.write(sink);
  return sink.result();
}

/** What is to be saved, all of which was looked at: what is left is to write it. */
export class SaveDraft {
  readonly #pickle: Uint8Array;
  readonly #memories: readonly SavedMemory[];

  /** @throws TypeError for what cannot be saved. */
  constructor(value: unknown) {
    const pickler = new Pickler();
    this.#pickle = pickler.pickle(value);
    this.#memories = pickler.memories;
  }

  /** A bit more than the bytes of the file. */
  get size(): number {
    const record = 300;
    return this.#memories.reduce((total, { nbytes }) => total + nbytes + record, this.#pickle.length + 4 * record);
  }

  write(sink: Sink): void {
    const archive = new ArchiveWriter(sink);
    const text = new TextEncoder();
    archive.add("archive/data.pkl", this.#pickle);
    archive.add("archive/byteorder", text.encode("little"));
    this.#memories.forEach(({ storage, nbytes }, key) => {
      archive.addPieces(`archive/data/${key}`, nbytes, (to) => to.putMemory({ storage, start: 0, nbytes }));
    });
    archive.add("archive/version", text.encode("3\n"));
    archive.end();
  }
}
