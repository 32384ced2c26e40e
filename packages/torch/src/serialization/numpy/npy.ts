/**
 * NumPy's format of one array: a header that is a Python dict, and the elements.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { type DType, dtypes } from "../../core/dtype.js";
import { contiguousStrides, isContiguous } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { checkReadable } from "../../core/wrapper.js";
import { countElements, putElements, tensorOf } from "../elements.js";
import type { Appender } from "../files/replaceFile.js";
import { checkInside, damaged, type Source } from "../files/source.js";
import { swapBytes } from "../torchFiles/storages.js";

const magic = [0x93, ...Buffer.from("NUMPY")];

/** The longest header, as in NumPy. */
const longestHeader = 10_000;
/** The header and the elements behind it begin at multiples of this. */
const alignment = 64;
/** Room for the first size to grow, which NumPy leaves. */
const digits = 21;

const codes = new Map([
  ["float32", "f4"],
  ["float64", "f8"],
  ["float16", "f2"],
  ["int64", "i8"],
  ["int32", "i4"],
  ["int16", "i2"],
  ["int8", "i1"],
  ["uint8", "u1"],
  ["bool", "b1"],
  ["complex64", "c8"],
  ["complex128", "c16"],
]);
const dtypesByCode = new Map(dtypes.map((dtype) => [codes.get(dtype.name), dtype]));

/** The dtype of a code such as `"f4"`; undefined where there is none. */
export function dtypeOfCode(code: string): DType | undefined {
  return dtypesByCode.get(code);
}

/** Strides of an array in an order of NumPy's: Fortran's has the first dim innermost in memory. */
export function stridesFor(sizes: readonly number[], isFortran: boolean): number[] {
  return isFortran ? contiguousStrides([...sizes].reverse()).reverse() : contiguousStrides(sizes);
}

/** Whether a file is of this format, by its first bytes. */
export function isNpy(start: Uint8Array): boolean {
  return magic.every((byte, i) => start[i] === byte);
}

/** @throws Error for a file that is damaged, or has elements that do not exist here. */
export function readNpy(source: Source, onDemand: boolean): Tensor {
  const start = source.read(0, Math.min(12, source.size));
  if (!isNpy(start) || start.length < 12) throw new Error(`${source.name} is no file of NumPy, or is cut off`);
  const view = new DataView(start.buffer, start.byteOffset);
  const version = start[6] as number;
  if (version < 1 || version > 3) throw damaged(source, `its format is of the version ${version}`);
  const headerAt = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) throw damaged(source, `a header of ${length} bytes`);
  checkInside(source, headerAt, length, "the header");
  const header = parseHeader(
    source,
    Buffer.from(source.read(headerAt, length)).toString(version === 3 ? "utf8" : "latin1"),
  );
  return readElements(source, header, headerAt + length, onDemand);
}

interface Header {
  readonly dtype: DType;
  readonly isSwapped: boolean;
  readonly isFortran: boolean;
  readonly sizes: readonly number[];
}

function parseHeader(source: Source, text: string): Header {
  const [, descr] = /'descr'\s*:\s*('[^']*'|\[)/.exec(text) ?? [];
  const [, order] = /'fortran_order'\s*:\s*(True|False)\b/.exec(text) ?? [];
  const [, shape] = /'shape'\s*:\s*\(([\d\sL,]*)\)/.exec(text) ?? [];
  if (!text.startsWith("{") || descr === undefined || order === undefined || shape === undefined) {
    throw damaged(source, "its header tells no dtype, order and shape");
  }
  const sizes = shape
    .split(",")
    .map((size) => size.trim().replace(/L$/, ""))
    .filter((size) => size !== "")
    .map(Number);
  if (descr === "[") throw new Error(`${source.name} has records of several fields, which do not exist here`);
  const [byteOrder, code] = [descr[1], descr.slice(2, -1)];
  if (code.startsWith("O")) throw new Error(`${source.name} has Python objects, which only Python can make`);
  const dtype = dtypeOfCode(code);
  if (dtype === undefined) throw new Error(`${source.name}: the dtype ${descr} does not exist here`);
  return { dtype, isSwapped: byteOrder === ">", isFortran: order === "True", sizes };
}

function readElements(
  source: Source,
  { dtype, isSwapped, isFortran, sizes }: Header,
  at: number,
  onDemand: boolean,
): Tensor {
  const count = countElements(sizes);
  const nbytes = (count ?? Number.NaN) * dtype.itemsize;
  if (nbytes !== source.size - at) {
    throw damaged(
      source,
      `an array of shape [${sizes}] and ${dtype} cannot have the ${source.size - at} bytes there are`,
    );
  }
  const layout = { dtype, sizes, strides: stridesFor(sizes, isFortran) };
  return tensorOf(layout, nbytes, onDemand, () => {
    const { storage } = source.readMemory(at, nbytes);
    return isSwapped ? swapBytes(storage, dtype) : storage;
  });
}

/** A file of one tensor: its header, and the tensor whose row-major elements stand behind that. */
export interface Npy {
  readonly header: Uint8Array;
  readonly elements: Tensor;
}

/** @throws TypeError for a dtype that NumPy does not have. */
export function npyOf(tensor: Tensor): Npy {
  checkReadable(tensor, "torch.numpy.save()");
  const { dtype, sizes, strides } = tensor;
  const code = codes.get(dtype.name);
  if (code === undefined)
    throw new TypeError(
      `NumPy has no ${dtype}; convert it, as with tensor.${dtype.isComplex ? "to(torch.complex64)" : "float()"}`,
    );
  const transposed = tensor.permute(sizes.map((_, d) => sizes.length - 1 - d));
  const isFortran = !isContiguous(sizes, strides) && isContiguous(transposed.sizes, transposed.strides);
  const order = dtype.itemsize === 1 ? "|" : "<";
  const shape = sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`;
  const growing = sizes.at(isFortran ? -1 : 0);
  const room = growing === undefined ? 0 : digits - String(growing).length;
  const text = `{'descr': '${order}${code}', 'fortran_order': ${isFortran ? "True" : "False"}, 'shape': ${shape}, }${" ".repeat(room)}`;
  const length = alignment * Math.ceil((10 + text.length + 1) / alignment) - 10;
  const start = Buffer.from([...magic, 1, 0, length & 255, length >> 8]);
  const header = Buffer.concat([start, Buffer.from(`${text.padEnd(length - 1)}\n`, "latin1")]);
  return { header: new Uint8Array(header), elements: isFortran ? transposed : tensor };
}

export function putNpy({ header, elements }: Npy, to: Appender): void {
  to.put(header);
  putElements(elements, to);
}
