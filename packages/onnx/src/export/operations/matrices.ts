/**
 * Solutions of systems of equations, and inverses: by elimination that is written out for as many rows as there are.
 * A singular matrix gives infinite numbers or none, where the library throws.
 */
import torch, { type DType } from "flambeau";
import { int } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import { type Extent, sameExtent } from "../sizes.js";

const { bool, int32, int64 } = torch;

/** More rows would be too many nodes. */
const mostRows = 64;

/** The number of rows of square matrices; undefined where they cannot be written out. */
function rowsOf(t: Call): number | undefined {
  const rows = t.value("A").sizes.at(-1);
  return typeof rows === "number" && rows > 0 && rows <= mostRows ? rows : undefined;
}

const column = (t: Call, x: string, at: number) => t.slice(x, -1, at, at + 1);
const row = (t: Call, x: string, at: number) => t.slice(x, -2, at, at + 1);

/** A result, and the number, from 1 on, of the first row whose pivot is none; 0 where all are. */
interface Solved {
  readonly result: string;
  readonly info: string;
}

/** @param isBad for each row `[…, 1, 1]` whether its pivot is none. */
function infoOf(t: Call, isBad: readonly string[]): string {
  const batch = t.value("A").sizes.slice(0, -2);
  if (batch.includes(0)) return t.filled(batch, 0, int32);
  const all = isBad.length === 1 ? (isBad[0] as string) : t.opWith({ axis: -1n }, "Concat", ...isBad);
  const marks = t.cast(all, bool, int32);
  const first = t.opWith({ axis: -1n, keepdims: 0n }, "ArgMax", marks);
  const number = t.op("Add", t.cast(first, int64, int32), t.literal(1, int32));
  return t.squeeze(t.op("Mul", number, t.reduce("ReduceMax", marks, [-1], false)), -1);
}

/** `A⁻¹ @ B` of matrices `[A | B]`, `[…, rows, rows + columns]`: the rows with the largest numbers are taken first. */
function eliminated(t: Call, both: string, rows: number, dtype: DType): Solved {
  const places = t.unsqueeze(t.range(rows), 1);
  const zero = t.literal(0, dtype);
  let now = both;
  const isSingular: string[] = [];
  for (let k = 0; k < rows; k++) {
    const here = t.literal(k, int64);
    const isOpen = t.op("GreaterOrEqual", places, here);
    const sizes = t.where(isOpen, t.op("Abs", column(t, now, k)), t.literal(-1, dtype));
    const isPivot = t.op("Equal", places, t.opWith({ axis: -2n, keepdims: 1n }, "ArgMax", sizes));
    const pivotRow = t.reduce("ReduceSum", t.where(isPivot, now, zero), [-2], true);
    const swapped = t.where(isPivot, row(t, now, k), now);
    const pivot = column(t, pivotRow, k);
    isSingular.push(t.op("Equal", pivot, zero));
    const unit = t.op("Div", pivotRow, pivot);
    const cleared = t.op("Sub", swapped, t.op("Mul", column(t, swapped, k), unit));
    now = t.where(t.op("Equal", places, here), unit, cleared);
  }
  return { result: t.slice(now, -1, rows), info: infoOf(t, isSingular) };
}

/** The results of a call: the first one and the last; those between, which are factors, are there for gradients alone. */
function solvedAs(t: Call, solve: (dtype: DType) => Solved): readonly string[] {
  let info = "";
  const result = t.computed((dtype) => {
    const solved = solve(dtype);
    info = solved.info;
    return solved.result;
  });
  // There is one number for each matrix, also where those are for several right sides.
  const last = t.node.outputs.length - 1;
  const isForEach =
    t.value("A").rank === t.out.rank &&
    t
      .value("A")
      .sizes.slice(0, -2)
      .every((size, d) => sameExtent(size, t.out.sizes[d] as Extent));
  return t.node.outputs.map((_, i) => (i === 0 ? result : i === last && isForEach ? info : ""));
}

const inverse: Translation = (t) => {
  const rows = rowsOf(t);
  if (rows === undefined) return undefined;
  return solvedAs(t, (dtype) => {
    const identity = t.expand(t.constant(torch.eye(rows, { dtype })), t.value("A").sizes);
    return eliminated(t, t.opWith({ axis: -1n }, "Concat", t.x("A", dtype), identity), rows, dtype);
  });
};

const solution: Translation = (t) => {
  const rows = rowsOf(t);
  const { sizes } = t.out;
  if (rows === undefined) return undefined;
  const matrices: Extent[] = [...sizes.slice(0, -1), rows];
  return solvedAs(t, (dtype) => {
    const parts = [t.expand(t.x("A", dtype), matrices), t.expand(t.x("B", dtype), sizes)];
    return eliminated(t, t.opWith({ axis: -1n }, "Concat", ...parts), rows, dtype);
  });
};

/** Row after row, from the one that has one number alone. */
const triangularSolution: Translation = (t) => {
  const rows = rowsOf(t);
  if (rows === undefined) return undefined;
  const isUpper = t.arg("upper") === true;
  return t.computed((dtype) => {
    const A = t.x("A", dtype);
    let rest = t.expand(t.x("B", dtype), t.out.sizes);
    const found: string[] = [];
    for (let step = 0; step < rows; step++) {
      const k = isUpper ? rows - 1 - step : step;
      const own = row(t, rest, k);
      const solved = t.arg("unitriangular") === true ? own : t.op("Div", own, row(t, column(t, A, k), k));
      found[k] = solved;
      rest = t.op("Sub", rest, t.op("Mul", column(t, A, k), solved));
    }
    return t.opWith({ axis: -2n }, "Concat", ...found);
  });
};

/** Column after column, each of which is taken off what is left. */
const cholesky: Translation = (t) => {
  const rows = rowsOf(t);
  if (rows === undefined) return undefined;
  const isUpper = t.arg("upper") === true;
  const { rank } = t.value("A");
  const turned = [...Array.from({ length: rank - 2 }, (_, d) => d), rank - 1, rank - 2];
  return solvedAs(t, (dtype) => {
    const places = t.unsqueeze(t.range(rows), 1);
    const zero = t.literal(0, dtype);
    const turn = (x: string) => (isUpper ? t.transpose(x, turned) : x);
    let rest = turn(t.x("A", dtype));
    const columns: string[] = [];
    const isIndefinite: string[] = [];
    for (let k = 0; k < rows; k++) {
      const own = column(t, rest, k);
      const pivot = row(t, own, k);
      isIndefinite.push(t.op("Not", t.op("Greater", pivot, zero)));
      const scaled = t.op("Div", own, t.op("Sqrt", pivot));
      const made = t.where(t.op("GreaterOrEqual", places, t.literal(k, int64)), scaled, zero);
      columns.push(made);
      rest = t.op("Sub", rest, t.op("Mul", made, t.transpose(made, turned)));
    }
    return { result: turn(t.opWith({ axis: int(rank - 1) }, "Concat", ...columns)), info: infoOf(t, isIndefinite) };
  });
};

export const matrices: Translations = {
  "linalg.det": (t) => t.op("Det", t.x("A")),
  "linalg.slogdet": (t) => {
    // The determinant itself has to be in the range of the dtype.
    const det = t.op("Det", t.x("A"));
    return [t.op("Sign", det), t.op("Log", t.op("Abs", det))];
  },
  "linalg.inv.node": inverse,
  "linalg.solve.node": solution,
  "linalg.solveTriangular.left": triangularSolution,
  "linalg.choleskyEx.node": cholesky,
};
