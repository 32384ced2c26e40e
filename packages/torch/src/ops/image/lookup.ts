/** What is done to each byte of an image by itself: a table of 256 results, in which all bytes are looked up. */
import { int, tensor } from "../../arguments/params.js";
import {
  byteCounts as countKernel,
  lookup as lookupKernel,
  lookupPlanes as planesKernel,
} from "../../backend/kernels.js";
import { int64, uint8 } from "../../core/dtype.js";
import { formatShape, numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";

/** The number of different bytes. */
const values = 256;

/** Throws unless a tensor holds bytes. */
export function checkBytes(name: string, { dtype }: Tensor): void {
  if (dtype !== uint8) throw new TypeError(`${name}: Only torch.uint8 image tensors are supported, but found ${dtype}`);
}

function checkTables(name: string, tables: Tensor): void {
  if (tables.sizes.length !== 2 || tables.sizes[1] !== values)
    throw new Error(`${name}: expected tables of shape [n, ${values}], got ${formatShape(tables.sizes)}`);
}

function checkRuns(name: string, input: Tensor, count: number, run: number): void {
  if (count <= 0 || run <= 0 || numelOf(input.sizes) % (count * run) !== 0) {
    throw new Error(
      `${name}: ${numelOf(input.sizes)} bytes are not shared out evenly by runs of ${run} among ${count} tables`,
    );
  }
}

/**
 * The results that tables `[n, 256]` have for bytes, in the dtype of the tables. Runs of so many bytes belong to the
 * tables in turn.
 */
export const lookup: FunctionOp<(input: Tensor, tables: Tensor, run: number) => Tensor> = op({
  name: "lookup",
  variants: "function",
  differentiable: false,
  params: { input: tensor, tables: tensor, run: int },
  forward: ({ input, tables, run }) => {
    checkBytes("lookup", input);
    checkTables("lookup", tables);
    const out = Tensor.empty(input.sizes, tables.dtype);
    if (numelOf(input.sizes) === 0) return out;
    checkRuns("lookup", input, tables.sizes[0] as number, run);
    lookupKernel(out, input.contiguous(), tables.contiguous(), run);
    return out;
  },
});

/**
 * The results `[…, C, H, W]` that tables `[C, 256]`, one for each colour, have for the bytes of images `[…, H, W, C]` with
 * up to four colours.
 */
export const lookupPlanes: FunctionOp<(input: Tensor, tables: Tensor) => Tensor> = op({
  name: "lookupPlanes",
  variants: "function",
  differentiable: false,
  params: { input: tensor, tables: tensor },
  forward: ({ input, tables }) => {
    checkBytes("lookupPlanes", input);
    checkTables("lookupPlanes", tables);
    const [height = 0, width = 0, colours = 0] = input.sizes.slice(-3);
    if (input.sizes.length < 3 || colours !== tables.sizes[0] || colours < 1 || colours > 4) {
      throw new Error(
        `lookupPlanes: expected images […, H, W, C] of up to four colours and a table for each, got ${formatShape(input.sizes)} and ${formatShape(tables.sizes)}`,
      );
    }
    const leading = input.sizes.slice(0, -3);
    const out = Tensor.empty([...leading, colours, height, width], tables.dtype);
    planesKernel(out, input.contiguous().view([numelOf(leading), height, width, colours]), tables.contiguous());
    return out;
  },
});

/** How often each byte occurs `[groups, 256]`, where runs of so many bytes belong to the groups in turn. */
export const byteCounts: FunctionOp<(input: Tensor, groups: number, run: number) => Tensor> = op({
  name: "byteCounts",
  variants: "function",
  differentiable: false,
  params: { input: tensor, groups: int, run: int },
  forward: ({ input, groups, run }) => {
    checkBytes("byteCounts", input);
    const out = Tensor.empty([groups, values], int64);
    if (numelOf(input.sizes) > 0) checkRuns("byteCounts", input, groups, run);
    countKernel(out, input.contiguous(), run);
    return out;
  },
});
