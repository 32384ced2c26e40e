/** Reads zip archives: members wherever the list at the end says, packed or not. */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createInflateRaw } from "node:zlib";
import type { Member } from "./tar.js";

const endMagic = 0x06054b50;
const end64Magic = 0x06064b50;
const locator64Magic = 0x07064b50;
const entryMagic = 0x02014b50;
const localMagic = 0x04034b50;
const endSize = 22;
const locator64Size = 20;
/** The longest comment behind the list. */
const longestComment = 65535;

const damaged = (reason: string): never => {
  throw new Error(`the file is no zip archive, or is damaged: ${reason}`);
};

async function readAt(file: FileHandle, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  const { bytesRead } = await file.read(buffer, 0, size, position);
  return bytesRead === size ? buffer : damaged("it is not whole");
}

interface Directory {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

/** Where the list of the members is. */
async function findDirectory(file: FileHandle): Promise<Directory> {
  const { size } = await file.stat();
  const tailSize = Math.min(size, endSize + longestComment + locator64Size);
  const tail = await readAt(file, size - tailSize, tailSize);
  let at = tail.length - endSize;
  while (at >= 0 && tail.readUInt32LE(at) !== endMagic) at--;
  if (at < 0) damaged("its list is missing");
  const plain = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const locator = at - locator64Size;
  if (locator < 0 || tail.readUInt32LE(locator) !== locator64Magic) return checked(plain, size);
  const end = await readAt(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
  if (end.readUInt32LE(0) !== end64Magic) damaged("its list is missing");
  const [count, listSize, offset] = [32, 40, 48].map((place) => Number(end.readBigUInt64LE(place))) as [
    number,
    number,
    number,
  ];
  return checked({ count, size: listSize, offset }, size);
}

function checked(directory: Directory, fileSize: number): Directory {
  return directory.offset + directory.size <= fileSize ? directory : damaged("its list lies outside of it");
}

/** The files and folders of an archive. */
export async function* readZip(path: string): AsyncGenerator<Member> {
  const file = await open(path);
  try {
    const { offset, size, count } = await findDirectory(file);
    const list = await readAt(file, offset, size);
    let at = 0;
    for (let i = 0; i < count; i++) {
      if (at + 46 > list.length || list.readUInt32LE(at) !== entryMagic) damaged("an entry of its list");
      const [nameSize, extraSize, commentSize] = [28, 30, 32].map((place) => list.readUInt16LE(at + place)) as [
        number,
        number,
        number,
      ];
      const next = at + 46 + nameSize + extraSize + commentSize;
      if (next > list.length) damaged("an entry of its list");
      yield await readMember(file, path, list.subarray(at, next));
      at = next;
    }
  } finally {
    await file.close();
  }
}

async function readMember(file: FileHandle, archive: string, entry: Buffer): Promise<Member> {
  const nameSize = entry.readUInt16LE(28);
  const name = entry.toString("utf8", 46, 46 + nameSize);
  const method = entry.readUInt16LE(10);
  if ((entry.readUInt16LE(8) & 1) !== 0) damaged(`'${name}' is encrypted`);
  if (method !== 0 && method !== 8) damaged(`'${name}' is packed in an unknown way (${method})`);
  const { packed, size, offset } = placeOf(entry, nameSize);
  const local = await readAt(file, offset, 30);
  if (local.readUInt32LE(0) !== localMagic) damaged(`'${name}' is not where it should be`);
  const begin = offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  return {
    path: name,
    isFolder: name.endsWith("/"),
    content: contentOf(archive, begin, packed, size, method === 8, name),
  };
}

/** Sizes and place of a member, those of more than 32 bits in a field behind its name. */
function placeOf(entry: Buffer, nameSize: number): { packed: number; size: number; offset: number } {
  const values = [entry.readUInt32LE(24), entry.readUInt32LE(20), entry.readUInt32LE(42)];
  let extra = entry.subarray(46 + nameSize, 46 + nameSize + entry.readUInt16LE(30));
  while (extra.length >= 4 && extra.readUInt16LE(0) !== 1) extra = extra.subarray(4 + extra.readUInt16LE(2));
  let at = 4;
  const [size, packed, offset] = values.map((value) => {
    if (value !== 0xffffffff) return value;
    if (at + 8 > extra.length) damaged("a size in its list");
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  }) as [number, number, number];
  return { packed, size, offset };
}

async function* contentOf(
  archive: string,
  begin: number,
  packed: number,
  size: number,
  isPacked: boolean,
  name: string,
): AsyncGenerator<Uint8Array> {
  if (packed === 0) return;
  const stored = createReadStream(archive, { start: begin, end: begin + packed - 1 });
  let total = 0;
  for await (const piece of isPacked ? stored.pipe(createInflateRaw()) : stored) {
    total += (piece as Uint8Array).length;
    if (total > size) damaged(`'${name}' is larger than it says`);
    yield piece as Uint8Array;
  }
  if (total !== size) damaged(`'${name}' is not whole`);
}
