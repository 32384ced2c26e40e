/** FashionMNIST's files, or files of random pixels in their likeness where they are not there. */
import { randomFillSync } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const rawFolder = join("FashionMNIST", "raw");

export function hasFashionMNIST(folder: string): boolean {
  return existsSync(join(folder, rawFolder, "train-images-idx3-ubyte"));
}

/** A folder that a data set can be read from; the caller removes it. */
export function generateFashionMNIST(): string {
  const folder = mkdtempSync(join(tmpdir(), "flambeau-data-"));
  mkdirSync(join(folder, rawFolder), { recursive: true });
  for (const [part, count] of [
    ["train", 60_000],
    ["t10k", 10_000],
  ] as const) {
    const file = (name: string) => join(folder, rawFolder, `${part}-${name}`);
    writeFileSync(file("images-idx3-ubyte"), idx([count, 28, 28], randomFillSync(Buffer.alloc(count * 784))));
    writeFileSync(
      file("labels-idx1-ubyte"),
      idx(
        [count],
        Buffer.alloc(count).map((_, i) => i % 10),
      ),
    );
  }
  return folder;
}

/** A file of unsigned bytes: the kind of element and the number of sizes, the sizes, the elements. */
function idx(sizes: readonly number[], elements: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt16BE(0x0800 + sizes.length, 2);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, elements]);
}
