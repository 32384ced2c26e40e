/**
 * The format of safetensors: the length of a header, the header as JSON, and the elements of all tensors.
 *
 * Source: https://huggingface.co/docs/safetensors/index#format
 */
import { getHeapStatistics } from "node:v8";
import { type DType, dtypes } from "../../core/dtype.js";
import { isCount, isPlainObject } from "../../core/kinds.js";
import { countElements } from "../elements.js";
import { checkInside, damaged, type Source } from "../files/source.js";
import { decodeText } from "../pickle/text.js";

/** Names of dtypes; in a file those stand first that come last here. */
export const dtypeNames: readonly (readonly [name: string, dtype: string])[] = [
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["I16", "int16"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I32", "int32"],
  ["F32", "float32"],
  ["C64", "complex64"],
  ["F64", "float64"],
  ["I64", "int64"],
];

const dtypesByName = new Map(dtypeNames.map(([name, dtype]) => [name, dtypes.find((one) => one.name === dtype)]));

/** The longest header that the format allows. */
const longestHeader = 100_000_000;
/** Bytes of the heap that a byte of a header may take, when it was made to take much. */
const heapPerByte = 16;

/** Where a tensor is in a file. */
export interface Entry {
  readonly source: Source;
  readonly name: string;
  readonly dtype: DType;
  readonly sizes: readonly number[];
  /** Where its elements begin in the file. */
  readonly start: number;
  readonly nbytes: number;
}

export interface Header {
  readonly metadata: Record<string, string> | undefined;
  readonly entries: readonly Entry[];
}

/** @throws Error for a file that is damaged, or none of this format. */
export function readHeader(source: Source): Header {
  if (source.size < 8) throw notSafetensors(source);
  const length = Number(new DataView(source.read(0, 8).buffer).getBigUint64(0, true));
  if (length > longestHeader || length * heapPerByte > getHeapStatistics().heap_size_limit / 2)
    throw notSafetensors(source);
  checkInside(source, 8, length, "the header");
  const { __metadata__: metadata, ...tensors } = parseHeader(source, source.read(8, length));
  if (metadata !== undefined && !isTexts(metadata)) throw damaged(source, "its metadata are not texts");
  const start = 8 + length;
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(source, name, value, start));
  checkOrder(source, entries, start);
  return { metadata: metadata as Header["metadata"], entries };
}

function notSafetensors(source: Source): Error {
  return new Error(`${source.name} is no file of safetensors, or is damaged: it does not begin with a header`);
}

function parseHeader(source: Source, bytes: Uint8Array): Record<string, unknown> {
  if (bytes[0] !== 0x7b) throw notSafetensors(source);
  const text = decodeText(bytes);
  const header = parseJson(source, text);
  checkNames(source, text, header);
  return header;
}

/** @throws Error for a text that is no object. */
export function parseJson(source: Source, text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    if (isPlainObject(value)) return value;
  } catch (cause) {
    throw damaged(source, "what should be JSON is none", { cause });
  }
  throw damaged(source, "what should be an object is none");
}

/** Throws for a header with a name twice, of which JSON's own reader sees the last alone. */
function checkNames(source: Source, text: string, header: Record<string, unknown>): void {
  const objects = [header, ...Object.values(header).filter(isPlainObject)];
  const known = objects.reduce((total, object) => total + Object.keys(object).length, 0);
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)].filter(([, colon]) => colon !== undefined);
  if (written.length === known) return;
  const names = written.map(([match]) => match.replace(/\s*:$/, ""));
  const twice = names.find((name, i) => !/^"(dtype|shape|data_offsets)"$/.test(name) && names.indexOf(name) < i);
  throw damaged(source, `its header has the name ${twice ?? "of a part"} twice`);
}

function isTexts(value: unknown): value is Record<string, string> {
  return isPlainObject(value) && Object.values(value).every((item) => typeof item === "string");
}

function readEntry(source: Source, name: string, value: unknown, start: number): Entry {
  const {
    dtype: dtypeName,
    shape,
    data_offsets: offsets,
    ...others
  } = (isPlainObject(value) ? value : {}) as Record<string, unknown>;
  if (typeof dtypeName !== "string" || !Array.isArray(offsets) || Object.keys(others).length > 0) {
    throw damaged(source, `the header tells no dtype and place of '${name}'`);
  }
  const dtype = dtypesByName.get(dtypeName);
  if (dtype === undefined) throw new Error(`${source.name}: the dtype ${dtypeName} of '${name}' does not exist here`);
  const [begin, end] = offsets as [number, number];
  const nbytes = (countElements(shape) ?? Number.NaN) * dtype.itemsize;
  const isPlace = offsets.length === 2 && offsets.every(isCount);
  if (!isPlace || end - begin !== nbytes) {
    throw damaged(source, `'${name}' of shape [${shape}] and dtype ${dtypeName} cannot be at bytes [${offsets}]`);
  }
  return { source, name, dtype, sizes: shape as number[], start: start + begin, nbytes };
}

/** Throws unless the tensors fill the file without gaps and overlaps. */
function checkOrder(source: Source, entries: readonly Entry[], start: number): void {
  let at = start;
  for (const { name, start: begin, nbytes } of [...entries].sort((a, b) => a.start - b.start || a.nbytes - b.nbytes)) {
    if (begin !== at) throw damaged(source, `'${name}' overlaps another tensor, or there is a gap before it`);
    at += nbytes;
  }
  if (at !== source.size)
    throw damaged(source, `its tensors take ${at - start} bytes, and it has ${source.size - start} for them`);
}
