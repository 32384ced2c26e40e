/** Files of the tests: those that PyTorch wrote (files/make.py), and folders that go away again. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** The path of a recorded file. */
export function recorded(name: string): string {
  return fileURLToPath(new URL(`../../../test/serialization/files/${name}`, import.meta.url));
}

/** The bytes of a recorded file. */
export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(recorded(name)));
}

/** A folder for one test. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-files-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
