/** The files that come with the package. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const read = (name: string): Buffer => readFileSync(new URL(`../../assets/${name}`, import.meta.url));

/** A text, as it is. */
export const readText = (name: string): string => read(name).toString();

/** Compressed JSON. */
export function readJson<T>(name: string): T {
  return JSON.parse(gunzipSync(read(name)).toString()) as T;
}
