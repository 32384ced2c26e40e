/** Tensors whose bytes are in a file beside the model: only ever one in its own folder, or below it. */
import { realpathSync, statSync } from "node:fs";
import { isAbsolute, join, sep } from "node:path";
import { withSource } from "flambeau/files";
import type { TensorProto } from "onnx-buf";

/** Reads bytes that are outside of the model's file, into a buffer of their own. */
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

/** Reads from the folder in which a model is. */
export function externalReader(folder: string | undefined): ExternalReader {
  return (proto, nbytes) => {
    if (folder === undefined) throw new Error(`tensor '${proto.name}' is in another file, and bytes have no folder`);
    const path = pathInside(folder, proto);
    const offset = wholeNumber(proto, "offset", 0);
    const length = wholeNumber(proto, "length", nbytes);
    if (length !== nbytes)
      throw new Error(`tensor '${proto.name}' has ${nbytes} bytes, and external data of ${length}`);
    return withSource(path, false, (source) => {
      if (offset + length > source.size) {
        throw new Error(
          `tensor '${proto.name}': ${length} bytes at ${offset} are not in the ${source.size} of its external data`,
        );
      }
      return source.read(offset, length);
    });
  };
}
