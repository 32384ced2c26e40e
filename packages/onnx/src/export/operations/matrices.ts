/**
 * Solutions of systems of equations, and inverses: by elimination that is written out for as many rows as there are.
 * A singular matrix gives infinite numbers or none, where the library throws.
 */
import torch, { type DType } from "flambeau";
import { int } from "../builder.js";
import type { Call, Translation, Translations } from "../call.js";
import type { Extent } from "../sizes.js";

const { int64 } = torch;

/** More rows would be too many nodes. */
const mostRows = 64;

/** The number of rows of square matrices; undefined where they cannot be written out. */
function rowsOf(t: Call): number | undefined {
  const rows = t.value("A").sizes.at(-1);
  return typeof rows === "number" && rows > 0 && rows <= mostRows ? rows : undefined;
}

const column = (t: Call, x: string, at: number) => t.slice(x, -1, at, at + 1);
const row = (t: Call, x: string, at: number) => t.slice(x, -2, at, at + 1);

/** `A⁻¹ @ B` of matrices `[A | B]`, `[…, rows, rows + columns]`: the rows with the largest numbers are taken first. */
function eliminated(t: Call, both: string, rows: number, dtype: DType): string {
  const places = t.unsqueeze(t.range(rows), 1);
  const zero = t.literal(0, dtype);
  let now = both;
  for (let k = 0; k < rows; k++) {
    const here = t.literal(k, int64);
    const isOpen = t.op("GreaterOrEqual", places, here);
    const sizes = t.where(isOpen, t.op("Abs", column(t, now, k)), t.literal(-1, dtype));
    const isPivot = t.op("Equal", places, t.opWith({ axis: -2n, keepdims: 1n }, "ArgMax", sizes));
    const pivotRow = t.reduce("ReduceSum", t.where(isPivot, now, zero), [-2], true);
    const swapped = t.where(isPivot, row(t, now, k), now);
    const unit = t.op("Div", pivotRow, column(t, pivotRow, k));
    const cleared = t.op("Sub", swapped, t.op("Mul", column(t, swapped, k), unit));
    now = t.where(t.op("Equal", places, here), unit, cleared);
  }
  return t.slice(now, -1, rows, Number.MAX_VALUE);
}

/** The results that nobody can ask for. */
const nothing = "";

function besides(t: Call, name: string): readonly string[] {
  return t.node.outputs.map((_, i) => (i === 0 ? name : nothing));
}

const inverse: Translation = (t) => {
  const rows = rowsOf(t);
  if (rows === undefined) return undefined;
  const made = t.computed((dtype) => {
    const identity = t.expand(t.constant(torch.eye(rows, { dtype })), t.value("A").sizes);
    return eliminated(t, t.opWith({ axis: -1n }, "Concat", t.x("A", dtype), identity), rows, dtype);
  });
  return besides(t, made);
};

const solution: Translation = (t) => {
  const rows = rowsOf(t);
  const { sizes } = t.out;
  if (rows === undefined) return undefined;
  const matrices: Extent[] = [...sizes.slice(0, -1), rows];
  const made = t.computed((dtype) => {
    const parts = [t.expand(t.x("A", dtype), matrices), t.expand(t.x("B", dtype), sizes)];
    return eliminated(t, t.opWith({ axis: -1n }, "Concat", ...parts), rows, dtype);
  });
  return besides(t, made);
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
  const made = t.computed((dtype) => {
    const places = t.unsqueeze(t.range(rows), 1);
    const turn = (x: string) => (isUpper ? t.transpose(x, turned) : x);
    let rest = turn(t.x("A", dtype));
    const columns: string[] = [];
    for (let k = 0; k < rows; k++) {
      const own = column(t, rest, k);
      const scaled = t.op("Div", own, t.op("Sqrt", row(t, own, k)));
      const made = t.where(t.op("GreaterOrEqual", places, t.literal(k, int64)), scaled, t.literal(0, dtype));
      columns.push(made);
      rest = t.op("Sub", rest, t.op("Mul", made, t.transpose(made, turned)));
    }
    return turn(t.opWith({ axis: int(rank - 1) }, "Concat", ...columns));
  });
  return besides(t, made);
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
