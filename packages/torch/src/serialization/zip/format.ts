/** What the reader and the writer of the zip format share. */

/** The first bytes of the header before each content, of an entry of the list behind them, and of the end. */
export const headerTag = 0x04034b50;
export const entryTag = 0x02014b50;
export const endTag = 0x06054b50;
/** The end in 64 bits, and what says where that is. */
export const wideEndTag = 0x06064b50;
export const wideTag = 0x07064b50;

/** Bytes of a header, of an entry and of the end without the texts in them. */
export const headerSize = 30;
export const entrySize = 46;
export const endSize = 22;

/** What stands for a number that needs 64 bits. */
export const wide = 0xffffffff;

/** What packs content. Loading it takes a millisecond or two, which every import of the library would wait for. */
export const deflation = () => process.getBuiltinModule("node:zlib");

/** How content is packed. */
export const enum Method {
  Stored = 0,
  Deflated = 8,
}
