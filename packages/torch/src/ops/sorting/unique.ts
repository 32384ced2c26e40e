/** Distinct elements: `unique`, `uniqueConsecutive`. */
import { flag, flagOn, int, optional, type Param, tensor } from "../../arguments/params.js";
import { sort as sortKernel, sortRows, uniqueRuns } from "../../backend/kernels.js";
import { readRunCount } from "../../backend/reading.js";
import { int64 } from "../../core/dtype.js";
import { numelOf, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { OverloadedOp } from "../types.js";

type Wanted<I extends boolean, C extends boolean> = { returnInverse?: I; returnCounts?: C; dim?: number | null };

/** The result is one tensor, or with an inverse or counts a list. */
interface UniqueFunction<O = unknown> {
  (input: Tensor, options?: O & Wanted<false, false>): Tensor;
  (input: Tensor, options: O & Wanted<true, true>): [output: Tensor, inverse: Tensor, counts: Tensor];
  (
    input: Tensor,
    options: O & { returnInverse: true; returnCounts?: false; dim?: number | null },
  ): [output: Tensor, inverse: Tensor];
  (
    input: Tensor,
    options: O & { returnInverse?: false; returnCounts: true; dim?: number | null },
  ): [output: Tensor, counts: Tensor];
}

interface UniqueMethod<O = unknown> {
  (options?: O & Wanted<false, false>): Tensor;
  (options: O & Wanted<true, true>): [output: Tensor, inverse: Tensor, counts: Tensor];
  (options: O & { returnInverse: true; returnCounts?: false; dim?: number | null }): [output: Tensor, inverse: Tensor];
  (options: O & { returnInverse?: false; returnCounts: true; dim?: number | null }): [output: Tensor, counts: Tensor];
}

interface UniqueArguments {
  readonly input: Tensor;
  readonly returnInverse: boolean;
  readonly returnCounts: boolean;
  readonly dim?: number | undefined;
}

/** The elements or rows one after the other, in the order in which equal ones are neighbours. */
interface Rows {
  readonly rows: Tensor;
  readonly order?: Tensor;
}

function runsOf(
  { returnInverse, returnCounts }: UniqueArguments,
  { rows, order }: Rows,
): { values: Tensor; extras: Tensor[]; inverse?: Tensor } {
  const total = rows.sizes[0] as number;
  const count = total === 0 ? 0 : readRunCount(rows);
  const values = Tensor.empty([count, ...rows.sizes.slice(1)], rows.dtype);
  const inverse = returnInverse ? Tensor.empty([total], int64) : undefined;
  const counts = returnCounts ? Tensor.empty([count], int64) : undefined;
  if (total > 0) uniqueRuns({ values, inverse, counts }, rows, count, order);
  return { values, extras: [inverse, counts].filter((one) => one !== undefined), ...(inverse && { inverse }) };
}

/** All elements: sorted first, unless only neighbours are compared. */
function uniqueElements(args: UniqueArguments, sorts: boolean): Tensor | Tensor[] {
  const flat = args.input.reshape(-1);
  const { values, extras, inverse } = runsOf(args, sorts ? sortedElements(flat) : { rows: flat.contiguous() });
  if (inverse !== undefined) extras[0] = inverse.view(args.input.sizes);
  return extras.length === 0 ? values : [values, ...extras];
}

function sortedElements(flat: Tensor): Rows {
  const rows = Tensor.empty(flat.sizes, flat.dtype);
  const order = Tensor.empty(flat.sizes, int64);
  sortKernel(rows, order, flat, 0);
  return { rows, order };
}

/** The slices along a dim, each of them one item. */
function uniqueSlices(args: UniqueArguments, dim: number, sorts: boolean): Tensor | Tensor[] {
  const { input } = args;
  const moved = input.transpose(0, dim);
  const [count, ...rest] = moved.sizes as [number, ...number[]];
  if (numelOf(rest) === 0 && count > 0) {
    throw new Error("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  }
  const rows = moved.reshape([count, numelOf(rest)]).contiguous();
  const { values, extras } = runsOf(args, sorts && count > 0 ? sortedRows(rows) : { rows });
  const output = values.view([values.sizes[0] as number, ...rest]).transpose(0, dim);
  return extras.length === 0 ? output : [output, ...extras];
}

function sortedRows(rows: Tensor): Rows {
  const order = Tensor.empty([rows.sizes[0] as number], int64);
  sortRows(order, rows);
  return { rows: rows.indexSelect(0, order), order };
}

function uniqueOf(args: UniqueArguments, sorts: boolean): Tensor | Tensor[] {
  const { input, dim } = args;
  if (dim === undefined) return uniqueElements(args, sorts);
  return uniqueSlices(args, wrapDim(dim, input.sizes.length), sorts);
}

const dim: Param<number | undefined> = optional(int);

/**
 * The distinct elements, in ascending order.
 *
 * @param options.returnInverse also returns where each element of the input is in the output.
 * @param options.returnCounts also returns how often each occurs.
 * @param options.dim compares the slices along a dim rather than elements.
 * @example const [output, counts] = torch.tensor([1n, 3n, 1n]).unique({ returnCounts: true });
 * @see https://pytorch.org/docs/stable/generated/torch.unique.html
 */
export const unique: OverloadedOp<UniqueFunction<{ sorted?: boolean }>, UniqueMethod<{ sorted?: boolean }>> = op({
  name: "unique",
  params: { input: tensor, sorted: flagOn, returnInverse: flag, returnCounts: flag, dim },
  forward: (args) => uniqueOf(args, true),
});

/**
 * The first element of each run of equal ones.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.unique_consecutive.html
 */
export const uniqueConsecutive: OverloadedOp<UniqueFunction, UniqueMethod> = op({
  name: "uniqueConsecutive",
  params: { input: tensor, returnInverse: flag, returnCounts: flag, dim },
  forward: (args) => uniqueOf(args, false),
});
