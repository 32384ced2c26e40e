/** Arguments that are files. */
import { anything, invalid, type Param } from "../arguments/params.js";
import { bytesOver } from "../core/intrinsics.js";
import type { Path, Readable } from "./files/source.js";

const isPath = (value: unknown): value is Path => typeof value === "string" || value instanceof URL;

/** What a file is read from: a path, or its bytes. */
export const readable: Param<Readable> = {
  ...(anything as Param<Readable>),
  expected: "path or Uint8Array",
  read: (value) => (isPath(value) || bytesOver(value) !== undefined ? (value as Readable) : invalid),
};

/** Where a file is written. */
export const writablePath: Param<Path> = {
  ...(anything as Param<Path>),
  expected: "path",
  read: (value) => (isPath(value) ? value : invalid),
};
