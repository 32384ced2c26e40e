/** Members about shape that are no plain operations: `T`, `view`, `size`, `stride`, `resize_`, … */
import { int, spreadInts } from "../../arguments/params.js";
import { describe, readArgument, Signature } from "../../arguments/parse.js";
import { copy } from "../../backend/kernels.js";
import { DType } from "../../core/dtype.js";
import { installMembers } from "../../core/installMembers.js";
import { checkSizes, contiguousStrides, numelOf, type Shape, wrapDim } from "../../core/shape.js";
import { allocate, type Storage } from "../../core/storage.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { checkNotWrapped } from "../../core/wrapper.js";
import { fitsFormat, format, type MemoryFormat, orderOf } from "../creation/memoryFormat.js";
import { isInOrder } from "../memoryOrder.js";
import type { Args } from "../types.js";
import { imag, real } from "./complexViews.js";
import { repeatInterleave } from "./rearranging.js";
import { reinterpret, viewShape } from "./viewParts.js";
import type { Spread } from "./views.js";

function transposedMatrix(tensor: Tensor, name: string): Tensor {
  const ndim = tensor.sizes.length;
  if (ndim < 2) {
    throw new Error(`tensor.${name} is only supported on matrices or batches of matrices. Got ${ndim}-D tensor.`);
  }
  return tensor.transpose(-2, -1);
}

const isContiguousArgs = new Signature("isContiguous", { memoryFormat: format });

export class ShapeMembers {
  /** The real part: a view of complex numbers, and any other tensor itself. What is assigned is copied there. */
  get real(): Tensor {
    return real(self(this));
  }

  set real(value: Tensor | Scalar) {
    self(this).real.copy_(value as Tensor);
  }

  /**
   * The imaginary part of complex numbers, as a view. What is assigned is copied there.
   *
   * @throws TypeError for a tensor that is not complex.
   */
  get imag(): Tensor {
    return imag(self(this));
  }

  set imag(value: Tensor | Scalar) {
    self(this).imag.copy_(value as Tensor);
  }

  /** The dims in reverse order. */
  get T(): Tensor {
    const tensor = self(this);
    return tensor.permute(tensor.sizes.map((_, d) => tensor.sizes.length - 1 - d));
  }

  /** The last two dims exchanged. */
  get mT(): Tensor {
    return transposedMatrix(self(this), "mT");
  }

  /** The matrix transposed, and conjugated if complex. */
  get H(): Tensor {
    const tensor = self(this);
    const ndim = tensor.sizes.length;
    if (ndim !== 0 && ndim !== 2) {
      throw new Error(
        `tensor.H is only supported on matrices (2-D tensors). Got ${ndim}-D tensor. For batches of matrices, consider using tensor.mH`,
      );
    }
    return (ndim === 0 ? tensor : transposedMatrix(tensor, "H")).conj();
  }

  /** The last two dims exchanged, and the elements conjugated if complex. */
  get mH(): Tensor {
    return transposedMatrix(self(this), "mH").conj();
  }

  /**
   * The same memory in another shape, or read as another dtype; never a copy.
   *
   * @param shape one size may be -1, which stands for what is left.
   * @throws Error if the memory cannot be seen in that shape; `reshape` copies then.
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.view.html
   */
  view(this: Tensor, ...shape: Spread | [dtype: DType]): Tensor {
    const [first] = shape;
    return first instanceof DType ? reinterpret(this, first) : viewShape(this, ...(shape as number[]));
  }

  /** Each element repeated, next to itself; see `torch.repeatInterleave`. */
  repeatInterleave(
    this: Tensor,
    repeats: number | Tensor,
    ...args: Args<[dim?: number], ["dim"], { outputSize?: number }>
  ): Tensor {
    if (repeats === undefined) throw new TypeError("repeatInterleave() missing 1 required argument: 'repeats'");
    return repeatInterleave(this, repeats, ...args);
  }

  /** The size of each dim, or of one. */
  size(this: Tensor): Shape;
  size(this: Tensor, dim: number | bigint): number;
  size(this: Tensor, dim?: number | bigint): Shape | number {
    return dim === undefined ? this.shape : entry("size", this.sizes, dim);
  }

  /** How many elements lie between neighbours along each dim, or along one. */
  stride(this: Tensor): Shape;
  stride(this: Tensor, dim: number | bigint): number;
  stride(this: Tensor, dim?: number | bigint): Shape | number {
    return dim === undefined ? [...this.strides] : entry("stride", this.strides, dim);
  }

  /** Where in its memory the tensor begins, in elements. */
  storageOffset(this: Tensor): number {
    return this.offset;
  }

  /** Whether the elements stand in row-major order without gaps, or in that of another memory format. */
  isContiguous(this: Tensor, options?: { memoryFormat?: MemoryFormat }): boolean {
    if (options === undefined) return this.contiguousFlag;
    const { memoryFormat = "contiguous" } = isContiguousArgs.parse([options]);
    if (!fitsFormat(this, memoryFormat)) return false;
    const order = orderOf(memoryFormat, this.ndim);
    return order === undefined ? this.contiguousFlag : isInOrder(this, order);
  }

  /**
   * The dims from that with the largest stride to that with the smallest: how they lie in memory.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.dim_order.html
   */
  dimOrder(this: Tensor): number[] {
    return this.strides.map((_, d) => d).sort((a, b) => (this.strides[b] as number) - (this.strides[a] as number));
  }

  /** Bytes an element takes. */
  elementSize(this: Tensor): number {
    return this.itemsize;
  }

  /** The number of elements; another name of `numel`. */
  nelement(this: Tensor): number {
    return this.numel();
  }

  /** The number of dims; another name of `dim`. */
  ndimension(this: Tensor): number {
    return this.dim();
  }

  /**
   * Gives the tensor another shape in place. Elements keep their places in memory; new ones are undefined.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.resize_.html
   */
  resize_(this: Tensor, ...sizes: Spread): Tensor {
    checkNotWrapped("resize_()", this);
    const { sizes: given } = resizeSignature.parse(sizes);
    checkSizes(given);
    if (this.requiresGrad) throw new Error("cannot resize variables that require grad");
    growStorage(this, numelOf(given));
    this.sizes = [...given];
    this.strides = contiguousStrides(given);
    this.contiguousFlag = true;
    this.bumpVersion();
    return this;
  }

  /** `resize_` to the shape of another tensor. */
  resizeAs_(this: Tensor, other: Tensor): Tensor {
    if (!(other instanceof Tensor))
      throw new TypeError(`resizeAs_(): argument 'other' must be Tensor, not ${describe(other)}`);
    return this.resize_(other.sizes);
  }
}

const resizeSignature = new Signature("resize_", { sizes: spreadInts });

function self(members: ShapeMembers): Tensor {
  return members as unknown as Tensor;
}

/** The entry of one dim. */
function entry(name: string, values: Shape, given: number | bigint): number {
  const dim = readArgument(name, "dim", int, given);
  if (values.length === 0) throw new RangeError(`Dimension specified as ${dim} but tensor has no dimensions`);
  return values[wrapDim(dim, values.length)] as number;
}

/** Moves a tensor to larger memory where its own does not hold so many elements from its offset on. */
function growStorage(tensor: Tensor, count: number): void {
  const { storage, itemsize } = tensor;
  const needed = (tensor.offset + count) * itemsize;
  if (needed <= storage.nbytes) return;
  const larger = allocate(needed);
  const present = storage.nbytes / itemsize;
  const whole = (memory: Storage) => new Tensor(memory, 0, [present], [1], tensor.dtype, true);
  copy(whole(larger), whole(storage));
  larger.version = storage.version;
  larger.keep();
  tensor.storage = larger;
}

installMembers(ShapeMembers);

declare module "../../core/tensor.js" {
  interface Tensor extends ShapeMembers {}
}
