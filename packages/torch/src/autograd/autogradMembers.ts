/** What autograd adds to a tensor: `requiresGrad`, `grad`, `gradFn`, `backward`, hooks. */
import { addHook, type RemovableHandle } from "../core/hooks.js";
import { installMembers } from "../core/installMembers.js";
import { sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { checkNotWrapped, Wrapper } from "../core/wrapper.js";
import { type BackwardArguments, backwardFrom } from "./backward.js";
import { metaOf, replaceGrad, showElements, type TensorHook } from "./meta.js";
import { isInferenceModeEnabled } from "./modes.js";
import { type Edge, gradEdge, type Node, type OutputMeta } from "./node.js";
import { currentNode } from "./views.js";

const insideTransform =
  "You are attempting to call Tensor.requires_grad_() (or perhaps using torch.autograd.functional.* APIs) inside of a function being transformed by a functorch transform. This is unsupported, please attempt to use the functorch transforms (e.g. grad, vjp, jacrev, jacfwd, hessian) or call requires_grad_() outside of a function being transformed instead.";

export class AutogradMembers {
  /** The function that computes the gradient of the operation which made this tensor; null for a leaf. */
  get gradFn(): Node | null {
    return currentNode(self(this));
  }

  /** Which output of `gradFn` this tensor is. */
  get outputNr(): number {
    return self(this).autograd?.outputNr ?? 0;
  }

  /** Whether gradients are computed for this tensor. Only a leaf's can be set. */
  get requiresGrad(): boolean {
    const tensor = self(this);
    if (tensor.autograd?.requiresGrad) return true;
    return (tensor.autograd !== undefined || tensor.base !== undefined) && currentNode(tensor) !== null;
  }

  set requiresGrad(wanted: boolean) {
    const tensor = self(this);
    if (tensor instanceof Wrapper) throw new Error(insideTransform);
    if (typeof wanted !== "boolean") throw new TypeError(`requiresGrad must be a bool, not ${typeof wanted}`);
    if (!tensor.isLeaf) {
      if (wanted) return;
      throw new Error(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use varNoGrad = var.detach().",
      );
    }
    if (wanted && !tensor.dtype.isDifferentiable) {
      throw new Error("only Tensors of floating point and complex dtype can require gradients");
    }
    if (wanted && tensor.inference && !isInferenceModeEnabled()) {
      throw new Error("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    }
    metaOf(tensor).requiresGrad = wanted;
  }

  /** Whether the tensor was made by the user rather than by a recorded operation. */
  get isLeaf(): boolean {
    return self(this).gradFn === null;
  }

  /** The gradient that `backward` has added up so far; null before the first. */
  get grad(): Tensor | null {
    const meta = self(this).autograd;
    if (meta === undefined) return null;
    meta.ownsGrad = false;
    return meta.grad;
  }

  set grad(grad: Tensor | null) {
    const tensor = self(this);
    if (grad !== null && grad !== undefined) checkGrad(tensor, grad);
    replaceGrad(tensor, grad ?? null);
  }

  /** Whether `grad` of a tensor that is no leaf is kept. */
  get retainsGrad(): boolean {
    return self(this).autograd?.retainsGrad ?? false;
  }

  /** The same elements out of the graph; changes of them go unnoticed. Assigning makes this tensor show others. */
  get data(): Tensor {
    const { storage, offset, sizes, strides, dtype, contiguousFlag, inference } = self(this);
    const data = new Tensor(storage.alias(), offset, sizes, strides, dtype, contiguousFlag);
    data.inference = inference;
    return data;
  }

  set data(data: Tensor) {
    const tensor = self(this);
    if (!(data instanceof Tensor)) throw new TypeError(`Variable data has to be a tensor, but got ${typeof data}`);
    checkNotWrapped("data =", tensor, data);
    if (tensor.requiresGrad && !data.dtype.isDifferentiable) {
      throw new Error("data set to a tensor that requires gradients must be floating point or complex dtype");
    }
    showElements(tensor, data);
    tensor.inference &&= data.inference;
  }

  /** Whether the tensor was made in inference mode. */
  isInference(this: Tensor): boolean {
    return this.inference;
  }

  /** Switches the computation of gradients for this leaf on or off, and returns it. */
  requiresGrad_(this: Tensor, requiresGrad = true): Tensor {
    this.requiresGrad = requiresGrad;
    return this;
  }

  /**
   * Computes the gradients of the leaves that this tensor was made from, and adds them to their `grad`.
   *
   * @param gradient the gradient of some outer function with respect to this tensor, of its shape; may be left
   *   out for a tensor of one element.
   * @throws Error if the graph was freed by an earlier call without `retainGraph`.
   */
  backward(this: Tensor, ...args: BackwardArguments): void {
    backwardFrom(this, args);
  }

  /** Calls a function with the gradient of this tensor when it is computed; what it returns replaces it. */
  registerHook(this: Tensor, hook: TensorHook): RemovableHandle {
    if (typeof hook !== "function") throw new TypeError("registerHook(): argument 'hook' must be a function");
    if (!this.requiresGrad) throw new Error("cannot register a hook on a tensor that doesn't require gradient");
    const meta = metaOf(this);
    const output = outputOf(this);
    meta.hooks ??= new Map();
    if (output !== undefined) output.hooks = meta.hooks;
    return addHook(meta.hooks, hook);
  }

  /**
   * Calls a function with this leaf each time a gradient was added to its `grad`, which the function may use and set to
   * null: an optimizer that steps within the backward pass keeps no gradient for long.
   *
   * @throws Error unless it is a leaf that requires a gradient.
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.register_post_accumulate_grad_hook.html
   */
  registerPostAccumulateGradHook(this: Tensor, hook: (parameter: Tensor) => void): RemovableHandle {
    if (typeof hook !== "function")
      throw new TypeError("registerPostAccumulateGradHook(): argument 'hook' must be a function");
    if (!this.requiresGrad) throw new Error("cannot register a hook on a tensor that doesn't require gradient");
    if (!this.isLeaf) throw new Error("post accumulate grad hooks cannot be registered on non-leaf tensors");
    return (gradEdge(this) as Edge).node.registerHook((_, [grad]) => {
      if (grad === undefined || grad === null) return;
      const given: unknown = hook(this);
      if (given !== undefined) throw new Error("Tensor post accumulate grad hooks should return None.");
    });
  }

  /** Keeps the gradient of a tensor that is no leaf in its `grad`. */
  retainGrad(this: Tensor): void {
    if (!this.requiresGrad) throw new Error("can't retain_grad on Tensor that has requires_grad=False");
    if (this.isLeaf) return;
    const meta = metaOf(this);
    meta.retainsGrad = true;
    const output = outputOf(this);
    if (output !== undefined) output.retains = meta;
  }

  /** Takes the tensor out of the graph, in place, and makes it a leaf. */
  detach_(this: Tensor): Tensor {
    if (this.base !== undefined) {
      throw new Error(
        "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as a solution.",
      );
    }
    const meta = metaOf(this);
    meta.node = null;
    meta.requiresGrad = false;
    meta.outputNr = 0;
    return this;
  }
}

function self(members: AutogradMembers): Tensor {
  return members as unknown as Tensor;
}

/** The output of a node that a tensor is. */
function outputOf(tensor: Tensor): OutputMeta | undefined {
  const edge = gradEdge(tensor);
  return edge?.node.outputs[edge.inputNr];
}

function checkGrad(tensor: Tensor, grad: Tensor): void {
  if (!(grad instanceof Tensor)) {
    throw new TypeError(`assigned grad expected to be a Tensor or null but got grad of type ${typeof grad}`);
  }
  if (grad === tensor) throw new Error("can't assign Variable as its own grad");
  if (grad.device !== tensor.device) {
    throw new Error(
      `attempting to assign a gradient with device type '${grad.device}' to a tensor with device type '${tensor.device}'. Please ensure that the gradient and the tensor are on the same device`,
    );
  }
  if (grad.dtype !== tensor.dtype) {
    throw new Error(`assigned grad has data of a different type: ${grad.dtype} for a tensor of ${tensor.dtype}`);
  }
  if (!sameShape(grad.sizes, tensor.sizes)) {
    throw new Error(
      `assigned grad has data of a different size: [${grad.sizes.join(", ")}] for a tensor of [${tensor.sizes.join(", ")}]`,
    );
  }
}

installMembers(AutogradMembers);

declare module "../core/tensor.js" {
  interface Tensor extends AutogradMembers {}
}
