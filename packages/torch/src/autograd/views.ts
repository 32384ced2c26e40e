/**
 * Views and in-place changes under autograd.
 *
 * Changing a view in place changes its base: the base then comes from a `CopySlices` node, which routes the
 * part of the gradient that falls on the view through the function of the in-place operation. Other views of
 * the base get their gradient function anew, from the geometry, when they are next asked for it.
 *
 * Source: https://pytorch.org/docs/stable/notes/autograd.html#in-place-operations-with-autograd
 */
import { contiguousStrides, dimsByStride } from "../core/shape.js";
import { type Tensor, ViewCreation } from "../core/tensor.js";
import { isGradEnabled, isInferenceModeEnabled, withRecording } from "./modes.js";
import { becomeOutput, type Edge, type Grads, gradEdge, Node, setHistory } from "./node.js";
import { fitGradient } from "./validate.js";

/** Where the elements of a tensor stand in its memory. */
export interface Geometry {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

function geometryOf({ sizes, strides, offset }: Tensor): Geometry {
  return { sizes, strides, offset };
}

/** Views of complex numbers as real ones, and the other way round; the layer that has them says what they are. */
interface PartViews {
  readonly viewAsReal: (input: Tensor) => Tensor;
  readonly viewAsComplex: (input: Tensor) => Tensor;
}

let partViews: PartViews | undefined;

export function setPartViews(views: PartViews): void {
  partViews = views;
}

/** Where both parts of complex numbers stand, in a last dim. */
function geometryOfParts({ sizes, strides, offset }: Geometry): Geometry {
  return { sizes: [...sizes, 2], strides: [...strides.map((stride) => 2 * stride), 1], offset: 2 * offset };
}

/**
 * What a view shows, in another base in the place of its own. One of the two may be complex, and the other real: the
 * geometries that `translate` gets and gives are then both those of real numbers.
 */
function shownIn(
  base: Tensor,
  view: Geometry,
  isComplex: boolean,
  translate: (view: Geometry) => Geometry = (same) => same,
): Tensor {
  const isOfParts = isComplex && !base.dtype.isComplex;
  const seen = !isComplex && base.dtype.isComplex ? (partViews as PartViews).viewAsReal(base) : base;
  const { sizes, strides, offset } = translate(isOfParts ? geometryOfParts(view) : view);
  const shown = seen.asStrided(sizes, strides, offset);
  return isOfParts ? (partViews as PartViews).viewAsComplex(shown) : shown;
}

/**
 * The geometry that shows, in a row-major copy of a base, the elements that a view shows in the base.
 *
 * A distance in the base's memory is a number of steps along each of its dims, the longest stride first; the
 * same steps are then taken in the copy.
 */
function geometryInCopy(base: Geometry, view: Geometry): Geometry {
  const copyStrides = contiguousStrides(base.sizes);
  const dims = dimsByStride(base.sizes, base.strides).reverse();
  const translate = (distance: number): number => {
    let left = distance;
    let result = 0;
    for (const d of dims) {
      const stride = base.strides[d] as number;
      if (stride === 0) continue;
      const steps = Math.floor(left / stride);
      left -= steps * stride;
      result += steps * (copyStrides[d] as number);
    }
    return result;
  };
  return {
    sizes: view.sizes,
    strides: view.strides.map((stride, d) => (view.sizes[d] === 1 ? 0 : translate(stride))),
    offset: translate(view.offset - base.offset),
  };
}

/** The gradient function of a base, part of which an in-place operation on a view changed. */
class CopySlices extends Node {
  /**
   * @param isComplex whether the view is.
   * @param inputNr which input of the operation is the view.
   */
  constructor(
    baseEdge: Edge | undefined,
    readonly base: Geometry,
    readonly view: Geometry,
    readonly isComplex: boolean,
    readonly operation: Node,
    readonly inputNr: number,
  ) {
    super(operation.edges.map((edge, i) => (i === inputNr ? baseEdge : edge)));
  }

  override get runsUserCode(): boolean {
    return this.operation.runsUserCode;
  }

  override name(): string {
    return "CopySlices";
  }

  override apply([grad]: Grads): Grads {
    if (grad === undefined) return this.edges.map(() => undefined);
    const whole = grad.clone({ memoryFormat: "contiguous" });
    const base = grad.dtype.isComplex && !this.isComplex ? geometryOfParts(this.base) : this.base;
    const part = shownIn(whole, this.view, this.isComplex, (view) => geometryInCopy(base, view));
    const results = this.operation.apply([part.clone()]);
    const gradView = results[this.inputNr];
    if (gradView === undefined) part.zero_();
    else part.copy_(fitGradient(gradView, part, this.inputNr, this.operation));
    return results.map((result, i) => (i === this.inputNr ? whole : result));
  }

  override release(): void {
    this.operation.release();
  }
}

/**
 * Whether a tensor's gradient function follows from its base where that was changed: not if one of them has got other
 * memory since (`data`, `resize_`).
 */
function followsBase(tensor: Tensor): tensor is Tensor & { base: Tensor } {
  const { base, viewCreation } = tensor;
  return (
    base !== undefined &&
    viewCreation !== ViewCreation.NoGrad &&
    viewCreation !== ViewCreation.Inference &&
    base.storage === tensor.storage
  );
}

/** The gradient function of a tensor; for a view whose base was changed since, a new one. */
export function currentNode(tensor: Tensor): Node | null {
  const node = tensor.autograd?.node ?? null;
  if (!followsBase(tensor) || !tensor.base.autograd?.node) return node;
  if (node !== null && tensor.autograd?.nodeVersion === tensor.storage.version) return node;
  return takeNodeFromBase(tensor);
}

function takeNodeFromBase(tensor: Tensor & { base: Tensor }): Node | null {
  const alike = withRecording(true, () => shownIn(tensor.base, geometryOf(tensor), tensor.dtype.isComplex));
  const node = alike.autograd?.node ?? null;
  becomeOutput(tensor, node, 0);
  return node;
}

/** Marks a tensor as a differentiable view of another. */
export function markAsView(view: Tensor, of: Tensor, creation: ViewCreation): void {
  view.base = of.base ?? of;
  view.viewCreation = creation === ViewCreation.Normal && of.base !== undefined ? of.viewCreation : creation;
}

/** Whether a tensor or the base of which it is a view is a leaf that wants a gradient. */
function isLeafThatRequiresGrad(tensor: Tensor): boolean {
  return tensor.requiresGrad && tensor.gradFn === null;
}

/**
 * Throws if autograd forbids to change a tensor in place.
 *
 * @param recorded whether the operation itself is going to be recorded.
 */
export function checkInplace(tensor: Tensor, recorded: boolean): void {
  checkInferenceUpdate(tensor);
  if (!isGradEnabled()) return;
  if (isLeafThatRequiresGrad(tensor)) {
    throw new Error("a leaf Variable that requires grad is being used in an in-place operation.");
  }
  if (tensor.base === undefined) return;
  if (isLeafThatRequiresGrad(tensor.base)) {
    throw new Error("a view of a leaf Variable that requires grad is being used in an in-place operation.");
  }
  if (!recorded && !tensor.base.requiresGrad) return;
  if (tensor.viewCreation === ViewCreation.NoGrad) throw new Error(ambiguousView("noGrad", "with grad mode enabled"));
  if (tensor.viewCreation === ViewCreation.Inference) {
    throw new Error(ambiguousView("inferenceMode", "in normal mode"));
  }
  if (tensor.viewCreation === ViewCreation.MultiOutput) {
    throw new Error(
      "Output 0 of a function that returns multiple views is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
    );
  }
  if (tensor.viewCreation === ViewCreation.Custom) {
    throw new Error(
      "Output 0 of a custom Function is a view and is being modified inplace. This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. You can fix this by cloning the output of the custom Function.",
    );
  }
}

function ambiguousView(mode: string, now: string): string {
  return `A view was created in ${mode} mode and is being modified inplace ${now}. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the ${mode} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`;
}

/** @throws Error for a tensor of inference mode that is changed outside of it. */
export function checkInferenceUpdate(tensor: Tensor): void {
  if (!tensor.inference || isInferenceModeEnabled()) return;
  throw new Error(
    "Inplace update to inference tensor outside InferenceMode is not allowed. You can make a clone to get a normal tensor before doing inplace update.",
  );
}

/**
 * Makes a tensor that was changed in place the output of the node of that operation.
 *
 * @param inputNr which input of the operation the tensor is.
 */
export function rebaseHistory(tensor: Tensor, node: Node, inputNr = 0): void {
  if (!followsBase(tensor)) {
    setHistory(tensor, node);
    return;
  }
  const { base } = tensor;
  node.addOutput(tensor);
  setHistory(
    base,
    new CopySlices(gradEdge(base), geometryOf(base), geometryOf(tensor), tensor.dtype.isComplex, node, inputNr),
  );
  takeNodeFromBase(tensor);
}
