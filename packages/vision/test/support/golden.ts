/** Results recorded from the real torchvision and PIL. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A file of test/golden, by its path without the extension. */
export function golden<T>(name: string): T {
  const path = new URL(`../../../test/golden/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as T;
}
