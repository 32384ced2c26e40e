/**
 * Changes through views, said without shared memory: what a tensor is after a view of it was changed is an operation on
 * the tensor before and the changed view, such as `selectScatter` for `select`.
 */
import { inverseOrder, wrapDims } from "../core/shape.js";
import type { GraphArgument, GraphNode, GraphValue } from "./graph.js";

/** A call of an operation whose result shares the memory of its input. */
export interface View {
  readonly operation: string;
  readonly args: GraphNode["args"];
  /** Which of the results. */
  readonly place: number;
}

/** A call that is to be recorded. */
export interface Said {
  readonly operation: string;
  readonly args: GraphNode["args"];
}

/** Where in its dim the part of a split begins and ends. */
function bounds({ operation, args, place }: View, { sizes: of }: GraphValue): [start: number, end: number] {
  if (operation === "split.size") {
    const each = args.splitSize as number;
    return [place * each, Math.min((place + 1) * each, of.at(args.dim as number) as number)];
  }
  const sizes = args.splitSizes as readonly number[];
  const start = sizes.slice(0, place).reduce((a, b) => a + b, 0);
  return [start, start + (sizes[place] as number)];
}

/** What a tensor is after a view of it has become another value; undefined if no operation says it. */
export function afterChange(view: View, before: GraphValue, changed: GraphValue): Said | undefined {
  const { operation, args, place } = view;
  const said = (name: string, own: Record<string, GraphArgument>): Said => ({ operation: name, args: own });
  const { dim } = args;
  switch (operation) {
    case "alias":
    case "detach":
      return said("alias", { input: changed });
    case "view":
    case "squeeze":
    case "unsqueeze":
      return changed.dtype === before.dtype ? said("view", { input: changed, shape: [...before.sizes] }) : undefined;
    case "transpose":
    case "swapaxes":
    case "swapdims":
    case "t":
      return said(operation, { ...args, input: changed });
    case "permute": {
      const dims = args.dims as readonly number[];
      return said(operation, { input: changed, dims: inverseOrder(wrapDims(dims, dims.length)) });
    }
    case "slice":
      return said("sliceScatter", { ...args, input: before, src: changed });
    case "select":
      return said("selectScatter", { ...args, input: before, src: changed });
    case "diagonal":
      return said("diagonalScatter", { ...args, input: before, src: changed });
    case "unbind":
      return said("selectScatter", { input: before, src: changed, dim, index: place });
    case "split.size":
    case "splitWithSizes": {
      const [start, end] = bounds(view, before);
      return said("sliceScatter", { input: before, src: changed, dim, start, end, step: 1 });
    }
    default:
      return undefined;
  }
}

/** The view again, of what its tensor is now. */
export function viewAgain(view: View, now: GraphValue): Said {
  const { operation, args, place } = view;
  const { dim } = args;
  if (operation === "unbind") return { operation: "select", args: { input: now, dim, index: place } };
  if (operation !== "split.size" && operation !== "splitWithSizes") return { operation, args: { ...args, input: now } };
  const [start, end] = bounds(view, now);
  return { operation: "slice", args: { input: now, dim, start, end, step: 1 } };
}
