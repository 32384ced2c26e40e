/**
 * Numbers and arrays of NumPy in files of PyTorch, where checkpoints have them as metrics and statistics: numbers become
 * numbers, and arrays tensors.
 */
import { share } from "../../backend/arrays.js";
import type { DType } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { countElements, tensorOf } from "../elements.js";
import { dtypeOfCode, stridesFor } from "../numpy/npy.js";
import { Buildable } from "../pickle/objects.js";
import type { Unpickler } from "../pickle/unpickler.js";
import { swapBytes } from "./storages.js";

type Args = readonly unknown[];

/** A dtype of NumPy; its state has the order of the bytes. */
export class NumpyDtype extends Buildable {
  readonly dtype: DType;
  isSwapped = false;

  constructor(code: unknown) {
    super();
    const dtype = dtypeOfCode(String(code));
    if (dtype === undefined) throw new Error(`NumPy's dtype ${String(code)} does not exist here`);
    this.dtype = dtype;
  }

  override setState(state: unknown): void {
    this.isSwapped = Array.isArray(state) && state[1] === ">";
  }
}

/** An array of NumPy, all of which is in its state. */
export class NumpyArray extends Buildable {
  #tensor: Tensor | undefined;

  override setState(state: unknown): void {
    const [, shape, dtype, isFortran, bytes] = Array.isArray(state) ? state : [];
    this.#tensor = tensorOfBytes(shape, dtype, isFortran === true, bytes);
  }

  /** @throws Error if there was no state. */
  get tensor(): Tensor {
    if (this.#tensor === undefined) throw new Error("an array of NumPy in the file has no content");
    return this.#tensor;
  }
}

/** A number of NumPy. */
function makeScalar([dtype, bytes]: Args): unknown {
  return tensorOfBytes([], dtype, false, bytes).tolist();
}

/** @throws Error for bytes that are not those of such an array. */
function tensorOfBytes(shape: unknown, type: unknown, isFortran: boolean, bytes: unknown): Tensor {
  if (Array.isArray(bytes))
    throw new Error("an array of NumPy in the file has Python objects, which only Python can make");
  const count = countElements(shape);
  if (!(type instanceof NumpyDtype) || !(bytes instanceof Uint8Array) || count === undefined) {
    throw new Error("an array of NumPy in the file is damaged");
  }
  const { dtype, isSwapped } = type;
  if (bytes.length !== count * dtype.itemsize)
    throw new Error(`an array of NumPy in the file has ${bytes.length} bytes`);
  const sizes = shape as number[];
  const own = share(bytes.slice());
  if (isSwapped) swapBytes(own, dtype);
  return tensorOf({ dtype, sizes, strides: stridesFor(sizes, isFortran) }, own.nbytes, false, () => own);
}

const makers: Readonly<Record<string, (args: Args) => unknown>> = {
  "numpy.dtype": ([code]) => new NumpyDtype(code),
  "numpy.core.multiarray.scalar": makeScalar,
  "numpy.core.multiarray._reconstruct": () => new NumpyArray(),
};

/** What a name of NumPy's stands for; undefined for all others. */
export function findNumpy(name: string, machine: Unpickler): unknown {
  if (name === "numpy.ndarray") return { name };
  // NumPy 2 has another name for the same module.
  const known = name.replace(/^numpy\._core\./, "numpy.core.");
  if (!Object.hasOwn(makers, known)) return undefined;
  const make = makers[known] as (args: Args) => unknown;
  return {
    name,
    call: (args: Args) => {
      if (args[1] instanceof Uint8Array) machine.spend(args[1].length);
      return make(args);
    },
  };
}
