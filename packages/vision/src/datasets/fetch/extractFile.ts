/**
 * A program of its own: extracts an archive into a folder, piece by piece. What is in the archive appears in the folder
 * when all of it has been read; nothing is written outside of it.
 */
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { createGunzip } from "node:zlib";
import { unpackBzip2 } from "../files/bzip2.js";
import { type Member, readTar } from "../files/tar.js";
import { readZip } from "../files/zip.js";

/** What the program is given, as JSON in its first argument. */
export interface ExtractOrder {
  readonly archive: string;
  readonly folder: string;
}

/** A file that is packed by itself is no larger than this. */
const largest = 2 ** 32;

/** The place of a member in the folder, by names that lead downward alone. */
function placeOf(path: string): string {
  const parts = path.split(/[\\/]/);
  const isInside = !posix.isAbsolute(path) && !/^[A-Za-z]:/.test(path) && !parts.includes("..") && !path.includes("\0");
  if (!isInside) throw new Error(`the archive would write outside of its folder: '${path}'`);
  return join(...parts);
}

async function write(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const file = await open(path, "w");
  try {
    for await (const piece of content) await file.write(piece);
  } finally {
    await file.close();
  }
}

async function* singleFile(archive: string): AsyncGenerator<Member> {
  const path = basename(archive).replace(/\.[^.]*$/, "");
  if (archive.endsWith(".gz")) {
    yield {
      path,
      isFolder: false,
      content: createReadStream(archive).pipe(createGunzip()) as AsyncIterable<Uint8Array>,
    };
    return;
  }
  const bytes = unpackBzip2(readFileSync(archive), archive, largest);
  yield {
    path,
    isFolder: false,
    content: (async function* () {
      yield bytes;
    })(),
  };
}

function membersOf(archive: string): AsyncIterable<Member> {
  const name = archive.toLowerCase();
  if (name.endsWith(".zip")) return readZip(archive);
  if (/\.(tar\.gz|tgz)$/.test(name)) return readTar(createReadStream(archive).pipe(createGunzip()));
  if (name.endsWith(".tar")) return readTar(createReadStream(archive) as AsyncIterable<Uint8Array>);
  if (/\.(gz|bz2)$/.test(name)) return singleFile(archive);
  throw new Error(`Unknown compression or archive type: '${basename(archive)}'`);
}

/** Moves what is in a folder into another one, file by file where a folder is there already. */
function moveInto(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    const merges = existsSync(target) && statSync(target).isDirectory() && statSync(source).isDirectory();
    if (merges) moveInto(source, target);
    else renameSync(source, target);
  }
}

async function run({ archive, folder }: ExtractOrder): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const temporary = mkdtempSync(join(folder, ".extracting-"));
  try {
    for await (const { path, isFolder, content } of membersOf(archive)) {
      const place = join(temporary, placeOf(path));
      if (isFolder) mkdirSync(place, { recursive: true });
      else await write(place, content);
    }
    moveInto(temporary, folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

run(JSON.parse(process.argv[2] as string) as ExtractOrder).catch((error: Error) => {
  process.stdout.write(error.message);
  process.exitCode = 1;
});
