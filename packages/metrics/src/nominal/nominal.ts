/**
 * Associations of variables whose values are names.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/nominal/cramers_v.html and its neighbours
 */
import torch, { type Tensor } from "flambeau";
import { flagOn, int, number, optional, type Params, Signature, tensor, warn, word } from "flambeau/arguments";
import { checkSameShape, type Pair, pair } from "../inputs.js";
import { define, kept, summed } from "../metric/define.js";

export interface NominalOptions {
  /** Whether NaN is replaced, or samples with it are left out. */
  nanStrategy?: "replace" | "drop";
  /** What NaN is replaced by; 0 by default. */
  nanReplaceValue?: number;
}

export interface BiasOption {
  /** Whether the value is corrected for the number of samples; true by default. */
  biasCorrection?: boolean;
}

interface NominalValues extends Required<NominalOptions> {
  readonly biasCorrection?: boolean;
}

const nanParams = {
  nanStrategy: optional(word("replace", "drop"), "replace"),
  nanReplaceValue: optional(number, 0),
};

/** Two variables as vectors of names; of scores the greatest is taken. */
function variables([preds, target]: Pair, options: NominalValues): Pair {
  const [x, y] = [preds, target].map((one) => (one.ndim === 2 ? one.argmax(1) : one)) as Pair;
  checkSameShape(x, y);
  if (options.nanStrategy === "replace") {
    return [x, y].map((one) => (one.dtype.isFloatingPoint ? one.nanToNum(options.nanReplaceValue) : one)) as Pair;
  }
  const isKnown = x.isnan().logicalOr(y.isnan()).logicalNot();
  return [x.maskedSelect(isKnown), y.maskedSelect(isKnown)];
}

/** How often each value of the target (row) occurs with each of the predictions (column). */
function tableOf([x, y]: Pair): Tensor {
  const numbered = (values: Tensor) => torch.unique(values, { returnInverse: true, returnCounts: false });
  const [columns, column] = numbered(x);
  const [rows, row] = numbered(y);
  const cells = row.mul(columns.numel()).add(column);
  return torch.bincount(cells, { minlength: rows.numel() * columns.numel() }).view(rows.numel(), columns.numel());
}

/** A table of counts in float64, without rows and columns of which there are none. */
function used(table: Tensor): Tensor {
  const places = (sums: Tensor) => sums.ne(0).nonzero().flatten();
  const rows = table.indexSelect(0, places(table.sum(1)));
  return rows.indexSelect(1, places(table.sum(0))).double();
}

/** How far a table is from that of independent variables, relative to the number of samples. */
function phiSquared(table: Tensor, biasCorrection: boolean): number {
  const [rows, columns] = table.shape as [number, number];
  const degrees = (rows - 1) * (columns - 1);
  if (degrees === 0) return 0;
  const expected = table.sum(1).outer(table.sum(0)).div(table.sum());
  const gap = expected.sub(table);
  // Yates' correction, where there is a single degree of freedom.
  const corrected =
    degrees === 1 && biasCorrection ? table.add(gap.sign().mul(gap.sign().abs().clamp({ max: 0.5 }))) : table;
  return corrected.sub(expected).square().div(expected).sum().div(corrected.sum()).item();
}

/** Phi squared, and the sizes of the table, corrected for the number of samples. */
function biasCorrected(phi: number, table: Tensor): { phi: number; rows: number; columns: number } {
  const samples = table.sum().item() - 1;
  const [rows, columns] = table.shape as [number, number];
  const size = (count: number) => count - (count - 1) ** 2 / samples;
  return { phi: Math.max(0, phi - ((rows - 1) * (columns - 1)) / samples), rows: size(rows), columns: size(columns) };
}

/** A coefficient that divides phi squared by something that the sizes of the table give. */
function byPhi(name: string, divisor: (rows: number, columns: number) => number) {
  return (counts: Tensor, { biasCorrection = true }: { biasCorrection?: boolean }): Tensor => {
    const table = used(counts);
    const phi = phiSquared(table, biasCorrection);
    const [rows, columns] = table.shape as [number, number];
    const own = biasCorrection ? biasCorrected(phi, table) : { phi, rows, columns };
    if (biasCorrection && Math.min(own.rows, own.columns) === 1) {
      warn(`Unable to compute ${name} using bias correction. Please consider to set \`biasCorrection: false\`.`);
      return torch.tensor(Number.NaN);
    }
    return torch.tensor(Math.sqrt(own.phi / divisor(own.rows - 1, own.columns - 1))).clamp(0, 1);
  };
}

function pearsonContingency(counts: Tensor): Tensor {
  const phi = phiSquared(used(counts), false);
  return torch.tensor(Math.sqrt(phi / (1 + phi)));
}

/** How much of the uncertainty of the columns the rows take away. */
function uncertainty(counts: Tensor): Tensor {
  const shares = used(counts).div(counts.sum());
  const columns = shares.sum(0);
  const entropy = torch.xlogy(columns, columns).sum().neg();
  if (entropy.item() === 0) return torch.tensor(0);
  const rows = shares.sum(1, { keepdim: true });
  const conditional = torch.xlogy(shares, shares.div(rows)).sum().neg();
  return entropy.sub(conditional).div(entropy).float();
}

/** A coefficient of two variables, as function, as class, and as function of all pairs of columns of a matrix. */
function association<O>() {
  return <P extends Params>(
    name: string,
    params: P,
    compute: (table: Tensor, options: { biasCorrection?: boolean }) => Tensor,
  ) => {
    const all = { ...params, ...nanParams };
    const matrixSignature = new Signature(`${name}Matrix`, { matrix: tensor, ...all });
    const defined = define<
      Pair,
      [options?: O & NominalOptions],
      Tensor,
      [numClasses: number, options?: O & NominalOptions]
    >()({
      name,
      inputs: pair,
      params: { ...all, numClasses: optional(int) } as Params,
      classParams: { numClasses: int, ...all } as Params,
      traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
      state: (options): Record<"confmat", ReturnType<typeof summed>> => {
        const { numClasses = 0 } = options as { numClasses?: number };
        return { confmat: summed(torch.zeros(numClasses, numClasses, { dtype: torch.int64 })) };
      },
      measure: (inputs, options) => {
        const read = options as unknown as NominalValues & { numClasses?: number };
        const [x, y] = variables(inputs, read);
        if (read.numClasses === undefined) return { confmat: tableOf([x, y]) };
        return { confmat: fixedTable([x, y], read.numClasses) };
      },
      compute: ({ confmat }, options) => compute(confmat, options as { biasCorrection?: boolean }),
    });
    /** The coefficients of all pairs of columns. */
    const matrix = (...args: [matrix: Tensor, options?: O & NominalOptions]): Tensor => {
      const options = matrixSignature.parse(args) as unknown as { matrix: Tensor } & NominalValues;
      const columns = options.matrix.unbind(1);
      const tables = (x: Tensor, y: Tensor) => tableOf(variables([x, y], options));
      const rows = columns.map((x, i) =>
        torch.stack(columns.map((y, j) => (i === j ? torch.tensor(1) : compute(tables(x, y), options)))),
      );
      return torch.stack(rows);
    };
    return { ...defined, matrix };
  };
}

/** The table of variables whose values are numbers from 0. */
function fixedTable([x, y]: Pair, numClasses: number): Tensor {
  const [column, row] = [x, y].map((one) => one.to(torch.int64)) as Pair;
  const isIn = (labels: Tensor) => labels.ge(0).logicalAnd(labels.lt(numClasses)).all().item();
  if (!isIn(column) || !isIn(row)) {
    throw new Error(`Expected the values of \`preds\` and \`target\` to be from 0 to ${numClasses - 1}`);
  }
  return torch.bincount(row.mul(numClasses).add(column), { minlength: numClasses ** 2 }).view(numClasses, numClasses);
}

const bias = { biasCorrection: flagOn };

const cramer = association<BiasOption>()("cramersV", bias, byPhi("Cramer's V", Math.min));

/**
 * Cramér's V, `√(φ² / min(r - 1, c - 1))`: 0 for independent variables, 1 for those that tell each other.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/nominal/cramers_v.html
 */
export const cramersV = cramer.function;
/** Cramér's V of all pairs of columns. */
export const cramersVMatrix = cramer.matrix;
/** The metric of `cramersV`, of variables with so many values. */
export class CramersV extends cramer.Class {}

const tschuprow = association<BiasOption>()(
  "tschuprowsT",
  bias,
  byPhi("Tschuprow's T", (rows, columns) => Math.sqrt(rows * columns)),
);

/**
 * Tschuprow's T, `√(φ² / √((r - 1)(c - 1)))`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/nominal/tschuprows_t.html
 */
export const tschuprowsT = tschuprow.function;
/** Tschuprow's T of all pairs of columns. */
export const tschuprowsTMatrix = tschuprow.matrix;
/** The metric of `tschuprowsT`, of variables with so many values. */
export class TschuprowsT extends tschuprow.Class {}

const contingency = association<unknown>()("pearsonsContingencyCoefficient", {}, pearsonContingency);

/**
 * Pearson's contingency coefficient, `√(φ² / (1 + φ²))`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/nominal/pearsons_contingency_coefficient.html
 */
export const pearsonsContingencyCoefficient = contingency.function;
/** Pearson's contingency coefficient of all pairs of columns. */
export const pearsonsContingencyCoefficientMatrix = contingency.matrix;
/** The metric of `pearsonsContingencyCoefficient`, of variables with so many values. */
export class PearsonsContingencyCoefficient extends contingency.Class {}

const theil = association<unknown>()("theilsU", {}, uncertainty);

/**
 * Theil's U, `(H(x) - H(x | y)) / H(x)`: how much of the uncertainty of the predictions the target takes away.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/nominal/theils_u.html
 */
export const theilsU = theil.function;
/** Theil's U of all pairs of columns. */
export const theilsUMatrix = theil.matrix;
/** The metric of `theilsU`, of variables with so many values. */
export class TheilsU extends theil.Class {}

export interface FleissOptions {
  /** Whether ratings are counts of shape [samples, categories] or probabilities of shape [samples, categories, raters]. */
  mode?: "counts" | "probs";
}

const fleiss = define<[ratings: Tensor], [options?: FleissOptions]>()({
  name: "fleissKappa",
  inputs: { ratings: tensor },
  params: { mode: optional(word("counts", "probs"), "counts") },
  traits: { higherIsBetter: true, isDifferentiable: false, plotUpperBound: 1 },
  state: () => ({ counts: kept }),
  measure: ([ratings], { mode }) => {
    if (mode === "counts") {
      if (ratings.ndim !== 2)
        throw new Error(
          "If argument `mode` is `counts`, ratings must have 2 dimensions with the format [n_samples, n_categories].",
        );
      return { counts: ratings.double() };
    }
    if (ratings.ndim !== 3)
      throw new Error(
        "If argument `mode` is 'probs', ratings must have 3 dimensions with the format [n_samples, n_categories, n_raters].",
      );
    const categories = ratings.shape[1] as number;
    return { counts: torch.nn.functional.oneHot(ratings.argmax(1), categories).sum(1).double() };
  },
  compute: ({ counts }) => {
    const raters = counts.sum(1).amax();
    const shares = counts.sum(0).div(raters.mul(counts.shape[0] as number));
    const agreement = counts
      .square()
      .sum(1)
      .sub(raters)
      .div(raters.mul(raters.sub(1)))
      .mean();
    const expected = shares.square().sum();
    return agreement
      .sub(expected)
      .div(torch.rsub(expected, 1 + 1e-5))
      .float();
  },
});

/**
 * Fleiss' kappa: how far several raters agree beyond what is expected by chance.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/nominal/fleiss_kappa.html
 */
export const fleissKappa = fleiss.function;
/** The metric of `fleissKappa`. */
export class FleissKappa extends fleiss.Class {}
