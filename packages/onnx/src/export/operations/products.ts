/** Products of matrices. */
import torch, { type DType, type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import type { Call, Translation, Translations } from "../call.js";
import type { Extent } from "../sizes.js";
import { times } from "./elementwise.js";
import { onDiagonal } from "./shapes.js";

const { float32 } = torch;

/** A weight with its last two dims swapped, at once where it is known. */
function turned(t: Call, name: string, dtype: DType): string {
  const known = t.known(name);
  const { rank } = t.value(name);
  if (known !== undefined && dtype === known.dtype)
    return t.named(`${t.value(name).all[0]?.name}.T`, known, (x) => x.t());
  return t.transpose(t.x(name, dtype), rank < 2 ? [0] : [1, 0]);
}

const linear: Translation = (t) =>
  t.computed((dtype) => {
    const [input, weight] = [t.value(), t.value("weight")];
    const x = t.x("input", dtype);
    if (input.rank === 2 && weight.rank === 2 && dtype.isFloatingPoint) {
      return t.opWith({ transB: 1n }, "Gemm", x, t.x("weight", dtype), t.optional("bias", dtype));
    }
    const product = t.op("MatMul", x, turned(t, "weight", dtype));
    const bias = t.optional("bias", dtype);
    return bias === undefined ? product : t.op("Add", product, bias);
  });

/** A product of two tensors as the operator has it. */
function product(a: string, b: string): Translation {
  return (t) => t.computed((dtype) => t.op("MatMul", t.x(a, dtype), t.x(b, dtype)));
}

/** `beta · input + alpha · a @ b`. */
function added(a: string, b: string, combine?: (t: Call, x: string, y: string) => string): Translation {
  return (t) =>
    t.computed((dtype) => {
      const [x, y] = [t.x(a, dtype), t.x(b, dtype)];
      const made = combine === undefined ? t.op("MatMul", x, y) : combine(t, x, y);
      const scaled = times(t, made, "alpha", dtype);
      // With a factor of zero the input is not looked at.
      if (t.arg("beta") === 0) return scaled;
      return t.op("Add", times(t, t.x("input", dtype), "beta", dtype), scaled);
    });
}

const addmm: Translation = (t) => {
  const alpha = t.has("alpha") ? t.number("alpha") : 1;
  const beta = t.has("beta") ? t.number("beta") : 1;
  if (t.dtype !== float32 || beta === 0) return added("mat1", "mat2")(t);
  return t.opWith({ alpha, beta }, "Gemm", t.x("mat1"), t.x("mat2"), t.x());
};

const outer = (t: Call, x: string, y: string) => t.op("Mul", t.unsqueeze(x, 1), t.unsqueeze(y, 0));

const addbmm = added("batch1", "batch2", (t, x, y) => t.reduce("ReduceSum", t.op("MatMul", x, y), [0], false));

const einsum: Translation = (t) => {
  const operands = t.arg("operands");
  const equation = t.arg("equation");
  if (typeof equation !== "string" || !Array.isArray(operands)) return undefined;
  const isWide = t.dtype.isFloatingPoint && t.dtype !== torch.bfloat16;
  if (!isWide || equation.includes("...") || operands.length > 2) return undefined;
  const letters = equation.replace(/\s/g, "");
  const [terms] = letters.split("->") as [string];
  // What stands twice in one term is a diagonal, which not all runtimes know.
  if (terms.split(",").some((term) => new Set(term).size !== term.length)) return undefined;
  return t.opWith({ equation: letters }, "Einsum", ...operands.map((value) => t.operand(value, t.dtype)));
};

const trace: Translation = (t) => {
  const [rows, columns] = t.value().sizes as [Extent, Extent];
  return t.computed((dtype) => {
    const kept = t.where(onDiagonal(t, rows, columns, 0), t.x("input", dtype), t.literal(0, dtype));
    return t.reduce("ReduceSum", kept, [0, 1], false);
  });
};

/** The places of one dim moved round by one or two, as the cross product has them. */
function moved(t: Call, name: string, dim: number, places: readonly number[], dtype: DType): string {
  return t.opWith({ axis: BigInt(dim) }, "Gather", t.x(name, dtype), t.list(places));
}

const cross: Translation = (t) =>
  t.computed((dtype) => {
    const dim = t.dim("dim");
    const [next, last] = [
      [1, 2, 0],
      [2, 0, 1],
    ] as const;
    const one = t.op("Mul", moved(t, "input", dim, next, dtype), moved(t, "other", dim, last, dtype));
    const two = t.op("Mul", moved(t, "input", dim, last, dtype), moved(t, "other", dim, next, dtype));
    return t.op("Sub", one, two);
  });

/** The p-norms of what was made positive, along a dim. */
function distances(t: Call, difference: string, dim: number, dtype: DType): string {
  const p = t.has("p") ? Number(t.arg("p")) : 2;
  const sum = (x: string) => t.reduce("ReduceSum", x, [dim], false);
  if (p === Number.POSITIVE_INFINITY) return t.reduce("ReduceMax", difference, [dim], false);
  if (p === 1) return sum(difference);
  if (p === 2) return t.reduce("ReduceL2", difference, [dim], false);
  if (p === 0) return sum(t.cast(t.op("Greater", difference, t.literal(0, dtype)), torch.bool, dtype));
  const powers = t.op("Pow", difference, t.literal(p, dtype));
  return t.op("Pow", sum(powers), t.literal(1 / p, dtype));
}

/** The norms of the differences of all rows. */
const gaps: Translation = (t) =>
  t.computed((dtype) => {
    const ranks = [t.value("x1").rank, t.value("x2").rank] as const;
    const rows = t.unsqueeze(t.x("x1", dtype), ranks[0] - 1);
    const columns = t.unsqueeze(t.x("x2", dtype), ranks[1] - 2);
    return distances(t, t.op("Abs", t.op("Sub", rows, columns)), Math.max(...ranks), dtype);
  });

/** The norms of the differences of all pairs of rows. */
const pairGaps: Translation = (t) => {
  const count = t.value().sizes[0] as Extent;
  const places = t.range(count);
  const pairs = t.op("NonZero", t.op("Less", t.unsqueeze(places, 1), t.unsqueeze(places, 0)));
  return t.computed((dtype) => {
    const rows = (side: 0 | 1) => t.opWith({ axis: 0n }, "Gather", t.x("input", dtype), t.item(pairs, 0, side));
    return distances(t, t.op("Abs", t.op("Sub", rows(0), rows(1))), 1, dtype);
  });
};

/** A tensor `[…, n]` times a matrix `[m, n]`, along a dim. */
export function mixed(t: Call, x: string, sizes: readonly Extent[], dim: number, matrix: Tensor): string {
  const order = [...upTo(sizes.length).filter((d) => d !== dim), dim];
  const made = t.op("MatMul", t.transpose(x, order), t.constant(matrix.t().contiguous()));
  return t.transposeBack(made, order);
}

export const products: Translations = {
  linear,
  mm: product("input", "mat2"),
  bmm: product("input", "mat2"),
  mv: product("input", "vec"),
  dot: product("input", "other"),
  vdot: product("input", "other"),
  matmul: product("input", "other"),
  addmm,
  addmv: added("mat", "vec"),
  addr: added("vec1", "vec2", outer),
  baddbmm: added("batch1", "batch2"),
  addbmm,
  einsum,
  trace,
  "cross.dim": cross,
  "cdist.gaps": gaps,
  "cdist.euclidean": gaps,
  "pdist.pairs": pairGaps,
};
