/** Parameters, the tensors of a module that are trained, and buffers, those that are not. */
import { flagOn, keyword, optional, tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { getDefaultDtype } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";

const signature = new Signature("Parameter", { data: optional(tensor), requiresGrad: flagOn });

/**
 * A tensor that belongs to the parameters of the module to which it is assigned.
 *
 * @param data the values, whose memory the parameter shares; of no elements by default.
 * @example weight = new nn.Parameter(torch.randn(3, 2));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 */
export class Parameter extends Tensor {
  constructor(...args: [data?: Tensor, options?: { requiresGrad?: boolean }]) {
    const { data = Tensor.empty([0], getDefaultDtype()), requiresGrad } = signature.parse(args);
    super(data.storage, data.offset, data.sizes, data.strides, data.dtype, data.contiguousFlag);
    this.inference = data.inference;
    if (requiresGrad) this.requiresGrad = true;
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const bufferSignature = new Signature("Buffer", { data: optional(tensor), persistent: keyword(flagOn) });

/**
 * A tensor that is a buffer of the module to which it is assigned: part of its state, but no parameter.
 *
 * @param data the values, whose memory the buffer shares; of no elements by default.
 * @param options.persistent whether the state dict has it; true by default.
 * @example runningMean = new nn.Buffer(torch.zeros(3));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.parameter.Buffer.html
 */
export class Buffer extends Tensor {
  readonly persistent: boolean;

  constructor(...args: [data?: Tensor, options?: { persistent?: boolean }]) {
    const { data = Tensor.empty([0], getDefaultDtype()), persistent } = bufferSignature.parse(args);
    super(data.storage, data.offset, data.sizes, data.strides, data.dtype, data.contiguousFlag);
    this.inference = data.inference;
    this.persistent = persistent;
    if (data.requiresGrad) this.requiresGrad = true;
  }
}
