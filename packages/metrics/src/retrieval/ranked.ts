/** Documents of several queries in the order of their scores, and sums over those of each query. */
import torch, { type Tensor } from "flambeau";
import { type Pair, sameShape } from "../inputs.js";

/** The documents of all queries, query by query, the greatest score first. */
export interface Ranked {
  /** How relevant each document is. */
  readonly target: Tensor;
  readonly preds: Tensor;
  /** The place of each among those of its query, from 1. */
  readonly rank: Tensor;
  /** The number of its query. */
  readonly query: Tensor;
  /** How many documents each query has. */
  readonly size: Tensor;
}

/** Throws unless scores and relevances fit. */
export function checkRetrieval([preds, target]: Pair, allowsGrades: boolean): void {
  if (!sameShape(preds, target)) throw new Error("`preds` and `target` must be of the same shape");
  if (preds.numel() === 0) throw new Error("`preds` and `target` must be non-empty and non-scalar tensors");
  if (!preds.dtype.isFloatingPoint) throw new TypeError("`preds` must be a tensor of floats");
  if (!allowsGrades && target.lt(0).logicalOr(target.gt(1)).any().item()) {
    throw new Error("`target` must contain `binary` values");
  }
}

/** Documents in order; `query` has numbers from 0, each of which occurs. */
export function ranked(preds: Tensor, target: Tensor, query: Tensor): Ranked {
  const byScore = preds.argsort({ descending: true, stable: true });
  const order = byScore.indexSelect(0, query.indexSelect(0, byScore).argsort({ stable: true }));
  const sorted = query.indexSelect(0, order);
  const size = torch.bincount(query);
  const start = size.cumsum(0).sub(size);
  return {
    target: target.indexSelect(0, order).float(),
    preds: preds.indexSelect(0, order),
    rank: torch.arange(1, preds.numel() + 1).sub(start.indexSelect(0, sorted)),
    query: sorted,
    size,
  };
}

/** The sum over the documents of each query. */
export function perQuery({ query, size }: Ranked, values: Tensor): Tensor {
  return torch.zeros(size.numel()).indexAdd(0, query, values.float());
}

/** The sum over the documents of the same query that come before, and of the document itself. */
export function soFar(documents: Ranked, values: Tensor): Tensor {
  const sums = perQuery(documents, values);
  return values.cumsum(0).sub(sums.cumsum(0).sub(sums).indexSelect(0, documents.query));
}
