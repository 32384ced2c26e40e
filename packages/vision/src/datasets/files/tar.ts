/** Reads tar archives as they come, piece by piece, so that none has to fit into the memory. */

const block = 512;
/** Names and headers of one member are no longer than this. */
const longestName = 2 ** 20;

/** A file or folder in an archive. */
export interface Member {
  readonly path: string;
  readonly isFolder: boolean;
  /** The bytes of a file, which have to be read before the next member. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Bytes that come in pieces of any length, taken in pieces of one's own. */
class Pieces {
  #rest: Uint8Array = new Uint8Array();
  readonly #iterator: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#iterator = source[Symbol.asyncIterator]();
  }

  /** At most so many bytes; none at the end. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#iterator.next();
      if (done) return new Uint8Array();
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(most);
    return piece;
  }

  /** So many bytes, in pieces. */
  async *all(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0; ) {
      const piece = await this.some(left);
      if (piece.length === 0) throw new Error("the archive is not whole");
      left -= piece.length;
      yield piece;
    }
  }

  async take(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.all(count)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async skip(count: number): Promise<void> {
    for await (const _ of this.all(count));
  }
}

const textOf = (bytes: Buffer): string =>
  bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)).toString();

function numberOf(field: Buffer): number {
  // Sizes that octal digits cannot tell are written in binary.
  if (((field[0] as number) & 0x80) !== 0) return Number(BigInt(`0x${field.subarray(1).toString("hex")}`));
  const text = textOf(field).trim();
  if (text !== "" && !/^[0-7]+$/.test(text)) throw new Error("the archive is damaged: a size in it is no number");
  return Number.parseInt(text || "0", 8);
}

function checkSum(header: Buffer): void {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  if (numberOf(header.subarray(148, 156)) !== sum) throw new Error("the file is no tar archive, or is damaged");
}

/** What a header of more attributes says of the path and size of the member behind it. */
function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let rest = text; rest !== ""; ) {
    const size = Number.parseInt(rest, 10);
    if (!(size > 0)) break;
    const [, key, value] = /^\d+ ([^=]*)=([\s\S]*)$/.exec(rest.slice(0, size - 1)) ?? [];
    if (key !== undefined) found[key] = value as string;
    rest = rest.slice(size);
  }
  return found;
}

/** The files and folders of an archive, in their order; links are left out. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<Member> {
  const pieces = new Pieces(source);
  let longPath: string | undefined;
  let longSize: number | undefined;
  for (;;) {
    const header = await pieces.take(block);
    if (header.every((byte) => byte === 0)) return;
    checkSum(header);
    const kind = String.fromCharCode(header[156] as number);
    const size = longSize ?? numberOf(header.subarray(124, 136));
    const padding = -size & (block - 1);
    if ("xLKg".includes(kind)) {
      if (size > longestName) throw new Error("the archive is damaged: a name in it is too long");
      const text = (await pieces.take(size)).toString();
      await pieces.skip(padding);
      if (kind === "L") longPath = text.replace(/\0.*$/s, "");
      if (kind === "x") {
        const { path, size: real } = attributesOf(text);
        longPath = path ?? longPath;
        longSize = real === undefined ? undefined : Number(real);
      }
      continue;
    }
    const prefix = header.toString("latin1", 257, 262) === "ustar" ? textOf(header.subarray(345, 500)) : "";
    const name = textOf(header.subarray(0, 100));
    const path = longPath ?? (prefix === "" ? name : `${prefix}/${name}`);
    [longPath, longSize] = [undefined, undefined];
    const isFile = kind === "0" || kind === "\0" || kind === "7";
    let left = size;
    async function* content(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces.all(size)) {
        left -= piece.length;
        yield piece;
      }
    }
    if (isFile || kind === "5") yield { path, isFolder: kind === "5" || path.endsWith("/"), content: content() };
    await pieces.skip(left + padding);
  }
}
