/**
 * `torch.masked`: reductions and normalizations of the elements that a mask shows. There are no tensors with a mask of their
 * own (`MaskedTensor`).
 *
 * Source: https://pytorch.org/docs/stable/masked.html
 */
export {
  amax,
  amin,
  argmax,
  argmin,
  cumprod,
  cumsum,
  logaddexp,
  logSoftmax,
  logsumexp,
  mean,
  median,
  norm,
  normalize,
  prod,
  softmax,
  softmin,
  std,
  sum,
  var_ as var,
} from "./ops/masked/masked.js";
