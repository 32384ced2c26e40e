/**
 * `torch.numpy`: files of NumPy, of one array (`.npy`) and of several (`.npz`).
 *
 * Source: https://numpy.org/doc/stable/reference/routines.io.html
 */
import { optional, tensor as tensorParam, word } from "../../arguments/params.js";
import { readArgument, Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { setOwn, tensorEntries } from "../elements.js";
import { Appender, MemorySink, replaceFile } from "../files/replaceFile.js";
import { type Path, pathOf, type Readable, type Source, sourceOver, withSource } from "../files/source.js";
import { readable, writablePath } from "../paths.js";
import type { NamedTensors } from "../safetensors/index.js";
import { Archive, isZip } from "../zip/archive.js";
import { ArchiveWriter } from "../zip/writer.js";
import { type Npy, npyOf, putNpy, readNpy } from "./npy.js";

const loadSignature = new Signature("load", { file: readable, mmapMode: optional(word("r", "c")) });

/**
 * The tensor in a `.npy` file, or the tensors by name in a `.npz` file. Elements in Fortran order stay where they are,
 * and those of big-endian machines are turned around.
 *
 * @param options.mmapMode `"c"` (or `"r"`) reads the elements when they are first used; they can be changed, the file stays.
 * @throws Error for a file that is damaged, or has elements that do not exist here; objects, which are pickles, are not read.
 * @example const x = torch.numpy.load("x.npy") as torch.Tensor;
 */
export function load<T = Tensor | Record<string, Tensor>>(file: Readable, options: { mmapMode?: "r" | "c" } = {}): T {
  const { file: from, mmapMode } = loadSignature.parse([file, options]);
  const onDemand = mmapMode !== undefined;
  return withSource(from, onDemand, (source) => {
    return isZip(source.read(0, Math.min(2, source.size))) ? readNpz(source, onDemand) : readNpy(source, onDemand);
  }) as T;
}

function readNpz(source: Source, onDemand: boolean): Record<string, Tensor> {
  const archive = new Archive(source);
  const tensors: Record<string, Tensor> = {};
  for (const [name, entry] of archive.entries) {
    const part = sourceOver(`'${name}' in ${source.name}`, archive.read(entry));
    setOwn(tensors, name.replace(/\.npy$/, ""), readNpy(part, onDemand));
  }
  return tensors;
}

/** A path with the ending that NumPy gives it. */
function withEnding(path: Path, ending: string): string {
  const text = pathOf(path);
  return text.endsWith(ending) ? text : text + ending;
}

/**
 * Saves a tensor as a `.npy` file, with that ending; whole or not at all.
 *
 * @throws TypeError for a dtype that NumPy does not have (bfloat16).
 * @example torch.numpy.save("x.npy", x); // np.load("x.npy") in Python
 */
export function save(file: Path, arr: Tensor): void {
  const path = readArgument("save", "file", writablePath, file);
  const array = readArgument("save", "arr", tensorParam, arr);
  const npy = npyOf(array.detach());
  replaceFile(withEnding(path, ".npy"), (sink) => putNpy(npy, new Appender(sink)));
}

/**
 * Saves tensors by name as a `.npz` file.
 *
 * @example torch.numpy.savez("data.npz", { x, y }); // np.load("data.npz")["x"] in Python
 */
export function savez(file: Path, tensors: NamedTensors): void {
  saveArchive("savez", file, tensors, false);
}

/** The same, compressed. */
export function savezCompressed(file: Path, tensors: NamedTensors): void {
  saveArchive("savezCompressed", file, tensors, true);
}

function saveArchive(caller: string, file: Path, tensors: NamedTensors, compressed: boolean): void {
  const path = readArgument(caller, "file", writablePath, file);
  const files = tensorEntries(caller, tensors).map(
    ([name, tensor]) => [`${name}.npy`, npyOf(tensor.detach())] as const,
  );
  replaceFile(withEnding(path, ".npz"), (sink) => {
    const archive = new ArchiveWriter(sink);
    for (const [name, npy] of files) {
      if (compressed) archive.addCompressed(name, bytesOf(npy));
      else archive.addPieces(name, sizeOf(npy), (to) => putNpy(npy, to));
    }
    archive.end();
  });
}

function sizeOf({ header, elements }: Npy): number {
  return header.length + elements.nbytes;
}

function bytesOf(npy: Npy): Uint8Array {
  const sink = new MemorySink(new Uint8Array(sizeOf(npy)));
  putNpy(npy, new Appender(sink));
  return sink.result();
}
