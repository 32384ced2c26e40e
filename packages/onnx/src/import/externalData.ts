/** Tensors whose bytes are in a file beside the model: only ever one in its own folder, or below it. */
import { closeSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, sep } from "node:path";
import type { TensorProto } from "onnx-buf";

/** The most that one call of the system reads. */
const piece = 2 ** 30;

/** Reads bytes that are outside of the model's file. */
export type ExternalReader = (proto: TensorProto, nbytes: number) => Uint8Array;

/** Where a whole number stands among the settings of external data. */
function wholeNumber(proto: TensorProto, key: string, otherwise: number): number {
  const text = proto.externalData.find((entry) => entry.key === key)?.value;
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new Error(`tensor '${proto.name}': ${key} of its external data is ${JSON.stringify(text)}`);
  }
  return value;
}

/**
 * The path of a file that a model names.
 *
 * @throws Error for a name that leads out of the folder, by itself or by a link.
 */
function pathInside(folder: string, proto: TensorProto): string {
  const location = proto.externalData.find(({ key }) => key === "location")?.value ?? "";
  const named = `tensor '${proto.name}': its external data '${location}'`;
  const parts = location.split(/[\\/]/);
  if (location === "" || isAbsolute(location) || /^[a-z]:/i.test(location) || location.includes("\0")) {
    throw new Error(`${named} must be a path relative to the model's folder`);
  }
  if (parts.includes("..")) throw new Error(`${named} leads out of the model's folder`);
  let path: string;
  try {
    path = realpathSync(join(folder, ...parts));
  } catch (cause) {
    throw new Error(`${named} cannot be read: ${(cause as Error).message}`, { cause });
  }
  const root = realpathSync(folder);
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep))
    throw new Error(`${named} leads out of the model's folder`);
  if (!statSync(path).isFile()) throw new Error(`${named} is not a file`);
  return path;
}

function read(path: string, offset: number, length: number): Uint8Array {
  const descriptor = openSync(path, "r");
  try {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = readSync(descriptor, bytes, done, Math.min(length - done, piece), offset + done);
      if (count === 0) throw new Error(`${path} has become shorter while it was read`);
      done += count;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** Reads from the folder in which a model is. */
export function externalReader(folder: string | undefined): ExternalReader {
  return (proto, nbytes) => {
    if (folder === undefined) throw new Error(`tensor '${proto.name}' is in another file, and bytes have no folder`);
    const path = pathInside(folder, proto);
    const offset = wholeNumber(proto, "offset", 0);
    const length = wholeNumber(proto, "length", nbytes);
    const { size } = statSync(path);
    if (length !== nbytes)
      throw new Error(`tensor '${proto.name}' has ${nbytes} bytes, and external data of ${length}`);
    if (offset + length > size) {
      throw new Error(
        `tensor '${proto.name}': ${length} bytes at ${offset} are not in the ${size} of its external data`,
      );
    }
    return read(path, offset, length);
  };
}
