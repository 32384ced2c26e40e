/** Members about the memory of tensors: `untypedStorage`, `set_`, `shareMemory_`. */
import { anything, int, ints, invalid, optional, type Param } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { showElements } from "../../autograd/meta.js";
import { isGradEnabled } from "../../autograd/modes.js";
import { checkInplace } from "../../autograd/views.js";
import { scalarTypeName } from "../../core/dtype.js";
import { installMembers } from "../../core/installMembers.js";
import { checkSizes, contiguousStrides, extentOf, formatShape, isContiguous, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { checkNotWrapped } from "../../core/wrapper.js";
import type { Args } from "../types.js";
import { empty } from "./filled.js";
import { storageOf, UntypedStorage } from "./untypedStorage.js";

type Source = Tensor | UntypedStorage;

const sourceParam: Param<Source> = {
  ...(anything as Param<Source>),
  expected: "Tensor or UntypedStorage",
  read: (value) => (value instanceof Tensor || value instanceof UntypedStorage ? value : invalid),
};

const signature = new Signature("set_", {
  source: optional(sourceParam),
  storageOffset: optional(int),
  size: optional(ints),
  stride: optional(ints),
});

export class StorageMembers {
  /**
   * The memory over which the tensor lies, with all that is beside its elements. Views of the same memory give the same
   * object.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.untyped_storage.html
   */
  untypedStorage(this: Tensor): UntypedStorage {
    return storageOf(this);
  }

  /**
   * Lets the tensor show other memory, in place: that of a tensor or a storage, which both change from then on. Without a
   * source it has no elements.
   *
   * @param source a tensor of the same dtype, or bytes.
   * @param storageOffset where the elements begin in the bytes, or after the first element of a tensor that has no gaps.
   * @param size of the storage if it is left out, all of it in one dim.
   * @throws RangeError if the memory does not hold all of it; it does not grow.
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.set_.html
   */
  set_(
    this: Tensor,
    ...args: Args<
      [source?: Source, storageOffset?: number, size?: readonly number[], stride?: readonly number[]],
      ["source", "storageOffset", "size", "stride"]
    >
  ): Tensor {
    const { source = empty([0], { dtype: this.dtype, device: this.device }), ...given } = signature.parse(args);
    checkNotWrapped("set_()", this, ...(source instanceof Tensor ? [source] : []));
    const elements = elementsOf(source, this, given);
    const isInGraph = isGradEnabled() && (this.requiresGrad || (source instanceof Tensor && source.requiresGrad));
    checkInplace(this, isInGraph);
    if (isInGraph) throw new Error("derivative for set_ is not implemented");
    showElements(this, elements);
    return this;
  }

  /** Whether threads share the memory: it is in a `SharedArrayBuffer`, as after `shareMemory_`. */
  isShared(this: Tensor): boolean {
    return this.storage.isBetweenThreads;
  }

  /**
   * Moves the memory into a `SharedArrayBuffer`, for all tensors over it: `asTypedArray()` gives an array that other threads
   * have in common with this one once it was posted to them.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.share_memory_.html
   */
  shareMemory_(this: Tensor): Tensor {
    checkNotWrapped("shareMemory_()", this);
    this.storage.moveBetweenThreads();
    return this;
  }

  /** Whether the memory is pinned for a GPU: none is. */
  isPinned(this: Tensor): boolean {
    return false;
  }

  /**
   * A copy in memory that is pinned for a GPU.
   *
   * @throws Error always: there is no GPU.
   */
  pinMemory(this: Tensor): Tensor {
    throw new Error("Cannot access accelerator device when none is available.");
  }
}

interface Geometry {
  readonly storageOffset?: number | undefined;
  readonly size?: Shape | undefined;
  readonly stride?: Shape | undefined;
}

/** What a tensor is to show: a part of another's memory, which is looked at before anything changes. */
function elementsOf(source: Source, target: Tensor, { storageOffset, size, stride }: Geometry): Tensor {
  const from = source instanceof Tensor ? source : source.bytes;
  checkAlike(source, target);
  if (storageOffset === undefined && size === undefined && stride === undefined) {
    if (source instanceof Tensor) return source;
    const count = Math.floor(source.length / target.itemsize);
    return part(from, target, 0, [count], [1]);
  }
  if (storageOffset === undefined || size === undefined) {
    throw new TypeError(`set_() missing required argument '${size === undefined ? "size" : "storageOffset"}'`);
  }
  if (source instanceof Tensor && !source.contiguousFlag) {
    throw new Error("passed in tensor to be used as storage must be contiguous");
  }
  const first = source instanceof Tensor ? source.offset : 0;
  return part(from, target, first + storageOffset, [...size], stride ?? contiguousStrides(size), storageOffset);
}

function checkAlike(source: Source, { device, dtype }: Tensor): void {
  if (source instanceof Tensor && source.dtype !== dtype) {
    const [from, to] = [source.dtype, dtype].map((one) => scalarTypeName(one).toLowerCase());
    throw new TypeError(`Could not set tensor of type ${from} to a tensor of type ${to}`);
  }
  if (source.device !== device) {
    throw new Error(
      `Attempted to set the storage of a tensor on device "${device}" to a storage on different device "${source.device}". This is no longer allowed; the devices must match.`,
    );
  }
}

/** Elements of the dtype of a tensor in other memory, all of which are inside of it. */
function part(memory: Tensor, { dtype }: Tensor, offset: number, size: Shape, stride: Shape, given = offset): Tensor {
  if (size.length !== stride.length) {
    throw new Error(`unequal size length (${size.length}) and stride length (${stride.length})`);
  }
  checkSizes(size);
  if (given < 0) throw new RangeError(`Tensor: invalid storage offset ${given}`);
  if (stride.some((step) => step < 0)) {
    throw new RangeError(`set_: negative strides are not supported, got strides: ${formatShape(stride)}`);
  }
  const { storage } = memory;
  const extent = extentOf(size, stride);
  const needed = (offset + extent) * dtype.itemsize;
  if (extent > 0 && needed > storage.nbytes) {
    throw new RangeError(
      `setStorage: sizes ${formatShape(size)}, strides ${formatShape(stride)}, storage offset ${offset}, and itemsize ${dtype.itemsize} requiring a storage size of ${needed} are out of bounds for storage of size ${storage.nbytes}`,
    );
  }
  if (storage.pointer() % dtype.itemsize !== 0) {
    throw new Error(`memory must begin at a multiple of ${dtype.itemsize} bytes for ${dtype}; clone() it before`);
  }
  return new Tensor(storage, offset, size, [...stride], dtype, isContiguous(size, stride));
}

installMembers(StorageMembers);

declare module "../../core/tensor.js" {
  interface Tensor extends StorageMembers {}
}
