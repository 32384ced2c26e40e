/** Orthogonal polynomials whose degree is a number of the program: by their recurrences. */
import type { DType } from "flambeau";
import type { Call, Translation, Translations } from "../call.js";

/** The highest degree that is written out. */
const mostDegrees = 64;

type Numbers = (value: number) => string;

/** What a family of polynomials begins with, and how one follows from the two before it. */
interface Family {
  readonly first: (t: Call, x: string, number: Numbers) => string;
  readonly next: (t: Call, x: string, degree: number, last: string, before: string, number: Numbers) => string;
  /** Whether they are polynomials of `2 x - 1`. */
  readonly isShifted?: boolean;
}

const twice = (t: Call, x: string, number: Numbers, more = 0) => {
  const double = t.op("Mul", x, number(2));
  return more === 0 ? double : t.op("Add", double, number(more));
};

/** Those of Chebyshev differ in their first one alone. */
function chebyshev(first: Family["first"]): Family {
  return {
    first,
    next: (t, x, _, last, before, number) => t.op("Sub", t.op("Mul", twice(t, x, number), last), before),
  };
}

const shifted = (family: Family): Family => ({ ...family, isShifted: true });

const kinds = {
  T: chebyshev((_, x) => x),
  U: chebyshev((t, x, number) => twice(t, x, number)),
  V: chebyshev((t, x, number) => twice(t, x, number, -1)),
  W: chebyshev((t, x, number) => twice(t, x, number, 1)),
};

const families: Readonly<Record<string, Family>> = {
  "special.chebyshevPolynomialT": kinds.T,
  "special.chebyshevPolynomialU": kinds.U,
  "special.chebyshevPolynomialV": kinds.V,
  "special.chebyshevPolynomialW": kinds.W,
  "special.shiftedChebyshevPolynomialT": shifted(kinds.T),
  "special.shiftedChebyshevPolynomialU": shifted(kinds.U),
  "special.shiftedChebyshevPolynomialV": shifted(kinds.V),
  "special.shiftedChebyshevPolynomialW": shifted(kinds.W),
  "special.hermitePolynomialH": {
    first: (t, x, number) => twice(t, x, number),
    next: (t, x, k, last, before, number) => {
      const less = t.op("Mul", before, number(2 * (k - 1)));
      return t.op("Sub", t.op("Mul", twice(t, x, number), last), less);
    },
  },
  "special.hermitePolynomialHe": {
    first: (_, x) => x,
    next: (t, x, k, last, before, number) => t.op("Sub", t.op("Mul", x, last), t.op("Mul", before, number(k - 1))),
  },
  "special.laguerrePolynomialL": {
    first: (t, x, number) => t.op("Sub", number(1), x),
    next: (t, x, k, last, before, number) => {
      const more = t.op("Mul", t.op("Sub", number(2 * k - 1), x), last);
      return t.op("Div", t.op("Sub", more, t.op("Mul", before, number(k - 1))), number(k));
    },
  },
  "special.legendrePolynomialP": {
    first: (_, x) => x,
    next: (t, x, k, last, before, number) => {
      const more = t.op("Mul", t.op("Mul", x, number(2 * k - 1)), last);
      return t.op("Div", t.op("Sub", more, t.op("Mul", before, number(k - 1))), number(k));
    },
  },
};

function ofDegree({ first, next, isShifted }: Family, t: Call, x: string, degree: number, dtype: DType): string {
  const number = (value: number) => t.literal(value, dtype);
  const at = isShifted ? twice(t, x, number, -1) : x;
  let before = t.op("Add", t.op("Mul", x, number(0)), number(1));
  if (degree === 0) return before;
  let last = first(t, at, number);
  for (let k = 2; k <= degree; k++) [before, last] = [last, next(t, at, k, last, before, number)];
  return last;
}

function translation(family: Family): Translation {
  return (t) => {
    if (t.isValue("other") || !t.isValue("input")) return undefined;
    const degree = Math.trunc(t.number("other"));
    if (degree > mostDegrees) return undefined;
    if (degree < 0) return t.filled(t.out.sizes, 0, t.dtype);
    return t.computed((dtype) => ofDegree(family, t, t.x("input", dtype), degree, dtype));
  };
}

export const polynomials: Translations = Object.fromEntries(
  Object.entries(families).map(([id, family]) => [id, translation(family)]),
);
