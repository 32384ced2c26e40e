/**
 * The tensor: a typed view of memory with a place in the graph of derivatives.
 *
 * Only what belongs to every tensor stands here: geometry, dtype, and autograd's bookkeeping.
 */
import type { Device } from "./devices.js";
import type { DType } from "./dtype.js";
import { contiguousStrides, contiguousStridesLike, isContiguous, maxDims, numelOf, type Shape } from "./shape.js";
import { allocate, type Storage } from "./storage.js";

/** How a view came to be, which decides whether it may be changed in place under autograd. */
export const enum ViewCreation {
  Normal,
  NoGrad,
  /** One of several views that an operation returned at once. */
  MultiOutput,
  /** Made inside a custom Function. */
  Custom,
  Inference,
}

/** What autograd keeps with a tensor; that layer declares its fields. */
// biome-ignore lint/suspicious/noEmptyInterface: the fields are declared where they are known
export interface AutogradState {}

/**
 * A multi-dimensional array of numbers of one dtype.
 *
 * The layers above add members to the prototype (`installMembers`), and declare them beside their definitions.
 */
export class Tensor {
  /** @internal Autograd's state; undefined for a tensor that never took part. */
  autograd: AutogradState | undefined = undefined;
  /** @internal The tensor of which this one is a differentiable view. */
  base: Tensor | undefined = undefined;
  /** @internal */
  viewCreation: ViewCreation = ViewCreation.Normal;
  /** @internal Made in inference mode: takes no part in autograd, ever. */
  inference = false;

  /** @internal Use `torch.tensor` and its like. */
  constructor(
    /** @internal */
    public storage: Storage,
    /** @internal In elements. */
    public offset: number,
    /** @internal */
    public sizes: Shape,
    /** @internal */
    public strides: Shape,
    /** The type of the elements. */
    public readonly dtype: DType,
    /** @internal */
    public contiguousFlag: boolean,
  ) {
    if (storage?.version === undefined) {
      throw new TypeError("Tensor is not constructed; write torch.tensor(data), torch.empty(size) or their like");
    }
    // Kernels have room for so many dims.
    if (sizes.length > maxDims) throw new RangeError(`a tensor has at most ${maxDims} dims, got ${sizes.length}`);
  }

  /** @internal A row-major tensor over fresh memory with undefined content. */
  static empty(shape: Shape, dtype: DType): Tensor {
    const storage = allocate(numelOf(shape) * dtype.itemsize);
    return new Tensor(storage, 0, shape, contiguousStrides(shape), dtype, true);
  }

  /** @internal The same with the shape of a row-major tensor. */
  static emptyAs({ sizes, strides }: Tensor, dtype: DType): Tensor {
    const storage = allocate(numelOf(sizes) * dtype.itemsize);
    return new Tensor(storage, 0, sizes, contiguousStridesLike(sizes, strides), dtype, true);
  }

  /** @internal A tensor over fresh memory with the given strides, which must reach no further than `numel`. */
  static emptyStrided(shape: Shape, strides: Shape, dtype: DType, extent: number): Tensor {
    const storage = allocate(extent * dtype.itemsize);
    return new Tensor(storage, 0, shape, strides, dtype, isContiguous(shape, strides));
  }

  /** @internal Another geometry over the same memory. */
  viewOf(shape: Shape, strides: Shape, offset: number): Tensor {
    const view = new Tensor(this.storage, offset, shape, strides, this.dtype, isContiguous(shape, strides));
    view.inference = this.inference;
    return view;
  }

  /** The size of each dim. */
  get shape(): Shape {
    return Object.freeze(this.sizes) as Shape;
  }

  /** Where the elements live. */
  get device(): Device {
    return this.storage.device;
  }

  /** Whether it has shape and dtype alone, and no memory. */
  get isMeta(): boolean {
    return this.device === "meta";
  }

  /** Whether it is in the memory of the CPU. */
  get isCpu(): boolean {
    return this.device === "cpu";
  }

  /** Whether it is in the memory of a GPU of that kind: no tensor is. */
  get isCuda(): boolean {
    return false;
  }

  /** Whether most of its elements are zeros that are not stored: of no tensor. */
  get isSparse(): boolean {
    return false;
  }

  /** Whether its elements are few levels of a scale: of no tensor. */
  get isQuantized(): boolean {
    return false;
  }

  /** The number of the GPU on which it is: -1, since it is on none. */
  getDevice(): number {
    return -1;
  }

  /** How the elements are laid out. */
  get layout(): "strided" {
    return "strided";
  }

  /** The number of dims. */
  get ndim(): number {
    return this.sizes.length;
  }

  /** The size of the first dim. */
  get length(): number {
    if (this.sizes.length === 0) throw new TypeError("len() of a 0-d tensor");
    return this.sizes[0] as number;
  }

  /** Bytes an element takes. */
  get itemsize(): number {
    return this.dtype.itemsize;
  }

  /** Bytes all elements take. */
  get nbytes(): number {
    return this.numel() * this.dtype.itemsize;
  }

  /** The number of elements. */
  numel(): number {
    return numelOf(this.sizes);
  }

  /** The number of dims. */
  dim(): number {
    return this.sizes.length;
  }

  /** How often the memory of this tensor was changed in place. */
  get _version(): number {
    if (this.inference) throw new Error("Inference tensors do not track version counter.");
    return this.storage.version;
  }

  /** @internal Notes that the memory was changed in place. */
  bumpVersion(): void {
    this.storage.version++;
  }
}
