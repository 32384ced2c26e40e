/** Elements by their indices. Negative ones count from the end. */
import torch, { type Tensor } from "flambeau";
import { productOf } from "../../lists.js";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import { type Family, type Operator, versions } from "./define.js";
import { dimOf, wrapped } from "./dims.js";

function gather(node: NodeReader) {
  const axis = node.int("axis", 0);
  return (inputs: Inputs) => {
    const [x, indices] = [tensorAt(inputs, 0), tensorAt(inputs, 1)];
    const dim = dimOf(axis, x.dim());
    const picked = x.indexSelect(dim, wrapped(indices, x.shape[dim] as number).reshape([-1]));
    return picked.reshape([...x.shape.slice(0, dim), ...indices.shape, ...x.shape.slice(dim + 1)]);
  };
}

function gatherElements(node: NodeReader) {
  const axis = node.int("axis", 0);
  return (inputs: Inputs) => {
    const [x, indices] = [tensorAt(inputs, 0), tensorAt(inputs, 1).long()];
    const dim = dimOf(axis, x.dim());
    return x.gather(dim, wrapped(indices, x.shape[dim] as number));
  };
}

/** How what is written comes together with what is there. */
const reductions = { none: undefined, add: "sum", mul: "prod", max: "amax", min: "amin" } as const;
type Reduction = keyof typeof reductions;

function reductionOf(node: NodeReader): Reduction {
  return node.word("reduction", ["none", "add", "mul", "max", "min"], "none");
}

function scatter(x: Tensor, dim: number, indices: Tensor, updates: Tensor, reduction: Reduction): Tensor {
  const how = reductions[reduction];
  return how === undefined ? x.scatter(dim, indices, updates) : x.scatterReduce(dim, indices, updates, how);
}

function scatterElements(node: NodeReader) {
  const [axis, reduction] = [node.int("axis", 0), reductionOf(node)];
  return (inputs: Inputs) => {
    const [x, indices, updates] = [tensorAt(inputs, 0), tensorAt(inputs, 1).long(), tensorAt(inputs, 2)];
    const dim = dimOf(axis, x.dim());
    return scatter(x, dim, wrapped(indices, x.shape[dim] as number), updates, reduction);
  };
}

/**
 * Where tuples of indices lie, if the dims that they name become one.
 *
 * @param indices of shape […, n]: the places in the first n of some sizes.
 */
function flatPlaces(indices: Tensor, sizes: readonly number[]): Tensor {
  const columns = sizes.map((size, i) => {
    const column = wrapped(indices.select(-1, i), size);
    if (column.numel() > 0 && (column.lt(0).any().item() !== 0 || column.ge(size).any().item() !== 0)) {
      throw new RangeError(`indices out of bounds for a dim of size ${size}`);
    }
    return column.mul(productOf(sizes.slice(i + 1)));
  });
  if (columns.length === 0) return torch.zeros(indices.shape.slice(0, -1), { dtype: torch.int64 });
  return columns.reduce((sum, column) => sum.add(column));
}

/** How many of the dims tuples of indices name. */
function namedDims(x: Tensor, indices: Tensor, batchDims: number): number {
  const count = indices.shape.at(-1) ?? 0;
  if (indices.dim() < 1 || batchDims < 0 || batchDims >= indices.dim() || batchDims + count > x.dim()) {
    throw new RangeError(`indices of shape [${indices.shape.join(", ")}] for shape [${x.shape.join(", ")}]`);
  }
  return count;
}

function gatherND(node: NodeReader) {
  const batchDims = node.int("batch_dims", 0);
  return (inputs: Inputs) => {
    const [x, indices] = [tensorAt(inputs, 0), tensorAt(inputs, 1).long()];
    const count = namedDims(x, indices, batchDims);
    const batch = x.shape.slice(0, batchDims);
    const rest = x.shape.slice(batchDims + count);
    const flat = x.reshape([-1, ...rest]);
    const sizes = x.shape.slice(batchDims, batchDims + count);
    const each = productOf(sizes);
    const places = flatPlaces(indices, sizes);
    const first = torch
      .arange(productOf(batch))
      .mul(each)
      .reshape([...batch, ...new Array<number>(places.dim() - batchDims).fill(1)]);
    const picked = flat.indexSelect(0, places.add(first).reshape([-1]));
    return picked.reshape([...indices.shape.slice(0, -1), ...rest]);
  };
}

function scatterND(node: NodeReader) {
  const reduction = reductionOf(node);
  return (inputs: Inputs) => {
    const [x, indices, updates] = [tensorAt(inputs, 0), tensorAt(inputs, 1).long(), tensorAt(inputs, 2)];
    const count = namedDims(x, indices, 0);
    const rest = x.shape.slice(count);
    const width = productOf(rest);
    const flat = x.reshape([productOf(x.shape.slice(0, count)), width]);
    const rows = flatPlaces(indices, x.shape.slice(0, count)).reshape([-1, 1]);
    const places = rows.expand([rows.numel(), width]);
    return scatter(flat, 0, places, updates.reshape([rows.numel(), width]), reduction).reshape([...x.shape]);
  };
}

/** The slices that a mask of one dim picks. */
function compress(node: NodeReader) {
  const axis = node.int("axis");
  return (inputs: Inputs) => {
    const [x, mask] = [tensorAt(inputs, 0), tensorAt(inputs, 1)];
    const places = mask.nonzero().reshape([-1]);
    if (axis === undefined) return x.reshape([-1]).indexSelect(0, places);
    return x.indexSelect(dimOf(axis, x.dim()), places);
  };
}

/** The places that are not zero, a column each. */
const nonZero: Operator = () => (inputs) => tensorAt(inputs, 0).nonzero().t();

/** Puts new keys or values behind what is there, or around where the room ends. */
function tensorScatter(node: NodeReader) {
  const isCircular = node.word("mode", ["linear", "circular"], "linear") === "circular";
  const axis = node.int("axis", -2);
  return (inputs: Inputs) => {
    const [past, update] = [tensorAt(inputs, 0), tensorAt(inputs, 1)];
    const dim = dimOf(axis, past.dim());
    const room = past.shape[dim] as number;
    const batch = past.shape[0] as number;
    const starts = optionalTensorAt(inputs, 2)?.long() ?? torch.zeros([batch], { dtype: torch.int64 });
    const steps = torch.arange(update.shape[dim] as number);
    const places = starts.unsqueeze(1).add(steps);
    const shape = new Array<number>(past.dim()).fill(1);
    shape[0] = batch;
    shape[dim] = steps.numel();
    const inside = (isCircular ? places.remainder(room) : places).reshape(shape).expand([...update.shape]);
    return past.scatter(dim, inside, update);
  };
}

export const indexing: Family = {
  Compress: compress,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  NonZero: nonZero,
  Scatter: versions({ 9: scatterElements }),
  ScatterElements: scatterElements,
  ScatterND: scatterND,
  TensorScatter: tensorScatter,
};
