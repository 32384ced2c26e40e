/** What has to be known of a TrueType font before text is set in it. */
import { readFileSync } from "node:fs";

export interface FontFile {
  readonly path: string;
  readonly family: string;
  /** How far letters reach above and below their line, in sizes of the font. */
  readonly ascent: number;
  readonly descent: number;
}

/** @throws Error if the file is no TrueType or OpenType font. */
export function readFont(path: string): FontFile {
  const file = readFileSync(path);
  try {
    return { path, ...metricsOf(file) };
  } catch (cause) {
    throw new Error(`cannot open resource: ${path} is no TrueType font`, { cause });
  }
}

function metricsOf(file: Buffer): Omit<FontFile, "path"> {
  const tables = tablesOf(file);
  const unitsPerEm = file.readUInt16BE(tables.head + 18);
  return {
    family: nameOf(file, tables.name, 1),
    ascent: file.readInt16BE(tables.hhea + 4) / unitsPerEm,
    descent: -file.readInt16BE(tables.hhea + 6) / unitsPerEm,
  };
}

/** Where tables begin. */
function tablesOf(file: Buffer): Record<"head" | "hhea" | "name", number> {
  const kinds = [0x00010000, 0x4f54544f, 0x74727565];
  if (!kinds.includes(file.readUInt32BE(0))) throw new Error("no font");
  const found: Record<string, number> = {};
  const count = file.readUInt16BE(4);
  for (let i = 0; i < count; i++) {
    const record = 12 + 16 * i;
    found[file.toString("latin1", record, record + 4)] = file.readUInt32BE(record + 8);
  }
  const { head, hhea, name } = found;
  if (head === undefined || hhea === undefined || name === undefined) throw new Error("tables are missing");
  return { head, hhea, name };
}

/** A name of the font: in UTF-16, as all fonts have it for Windows. */
function nameOf(file: Buffer, table: number, id: number): string {
  const count = file.readUInt16BE(table + 2);
  const texts = table + file.readUInt16BE(table + 4);
  for (let i = 0; i < count; i++) {
    const record = table + 6 + 12 * i;
    const [platform, nameId] = [file.readUInt16BE(record), file.readUInt16BE(record + 6)];
    if (nameId !== id || (platform !== 3 && platform !== 0)) continue;
    const start = texts + file.readUInt16BE(record + 10);
    const bytes = Buffer.from(file.subarray(start, start + file.readUInt16BE(record + 8)));
    return bytes.swap16().toString("utf16le");
  }
  throw new Error("the font has no name");
}
