/** Puts a published file in its place. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { writeWhole } from "../../io/writeWhole.js";
import { unpack } from "../files/idx.js";

/** A published file. */
export interface Resource {
  /** Its name, which ends in `.gz`. */
  readonly file: string;
  readonly md5: string;
  /** The checksum of what is packed in it, where others pack it too. */
  readonly contentMd5?: string;
}

/** The name of a file without the `.gz`. */
export function unpackedName(file: string): string {
  return file.replace(/\.gz$/, "");
}

/**
 * Unpacks a file into a folder. It gets its name only when it is whole and right.
 *
 * @throws Error if its checksum is wrong.
 */
export function install(folder: string, resource: Resource, packed: Uint8Array, origin: string): void {
  const content = checkedContent(resource, packed, origin);
  writeWhole(join(folder, unpackedName(resource.file)), content);
}

function checkedContent({ md5, contentMd5 }: Resource, packed: Uint8Array, origin: string): Uint8Array {
  const isOriginal = md5Of(packed) === md5;
  if (isOriginal || contentMd5 !== undefined) {
    const content = unpack(packed, origin);
    if (isOriginal || md5Of(content) === contentMd5) return content;
  }
  throw new Error(`${origin} is not the file that was published: its checksum is ${md5Of(packed)}, expected ${md5}`);
}

function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
