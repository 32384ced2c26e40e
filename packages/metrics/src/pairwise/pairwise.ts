/**
 * Distances and similarities of all pairs of rows.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/pairwise/cosine_similarity.html and its neighbours
 */
import torch, { type Tensor } from "flambeau";
import {
  nullable,
  number,
  openFlag,
  optional,
  type Params,
  Signature,
  tensor,
  type ValuesOf,
  word,
} from "flambeau/arguments";

export interface PairwiseOptions {
  /** The mean or sum over the second dim; none by default. */
  reduction?: "mean" | "sum" | "none" | null;
  /** Whether the diagonal is 0; by default where there is one tensor only. */
  zeroDiagonal?: boolean;
}

/** The second tensor in its place, and what follows named. */
type PairwiseArgs =
  | [x: Tensor, y?: Tensor | null, options?: PairwiseOptions]
  | [x: Tensor, options?: PairwiseOptions & { y?: Tensor }];

const named = { reduction: optional(nullable(word("mean", "sum", "none"))), zeroDiagonal: openFlag };

/** A function of all pairs of rows. */
function pairwise<A extends unknown[]>() {
  return <P extends Params>(
    name: string,
    further: P,
    between: (x: Tensor, y: Tensor, options: ValuesOf<P>) => Tensor,
    check: (options: ValuesOf<P>) => void = () => {},
  ) => {
    const signature = new Signature(name, { x: tensor, y: optional(tensor), ...further, ...named });
    return (...args: A): Tensor => {
      const options = signature.parse(args);
      const { x, y, reduction, zeroDiagonal } = options as unknown as { x: Tensor; y?: Tensor } & PairwiseOptions;
      check(options as unknown as ValuesOf<P>);
      if (x.ndim !== 2) {
        throw new Error(
          `Expected argument \`x\` to be a 2D tensor of shape \`[N, d]\` but got [${x.shape.join(", ")}]`,
        );
      }
      if (y !== undefined && (y.ndim !== 2 || y.shape[1] !== x.shape[1])) {
        throw new Error(
          `Expected argument \`y\` to be a 2D tensor of shape \`[M, d]\` where \`d\` should be same as the last dimension of \`x\`, but got [${y.shape.join(", ")}] and [${x.shape.join(", ")}]`,
        );
      }
      const all = between(x, y ?? x, options as unknown as ValuesOf<P>);
      const values = (zeroDiagonal ?? y === undefined) ? withoutDiagonal(all) : all;
      return reduction === "mean" ? values.mean(-1) : reduction === "sum" ? values.sum(-1) : values;
    };
  };
}

function withoutDiagonal(values: Tensor): Tensor {
  const [rows, columns] = values.shape as [number, number];
  return values.maskedFill(torch.eye(rows, columns).ne(0), 0);
}

/**
 * The cosines of the angles between all rows of two tensors, or of one with itself.
 *
 * @param x shape [N, d].
 * @param y shape [M, d]; x by default, and the diagonal is 0 then.
 * @returns shape [N, M].
 * @see https://lightning.ai/docs/torchmetrics/stable/pairwise/cosine_similarity.html
 */
export const pairwiseCosineSimilarity = pairwise<PairwiseArgs>()("pairwiseCosineSimilarity", {}, (x, y) => {
  const unit = (rows: Tensor) => rows.div(rows.norm(2, 1, { keepdim: true }));
  return unit(x).matmul(unit(y).t());
});

/**
 * The inner products of all rows of two tensors, or of one with itself.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/pairwise/linear_similarity.html
 */
export const pairwiseLinearSimilarity = pairwise<PairwiseArgs>()("pairwiseLinearSimilarity", {}, (x, y) =>
  x.matmul(y.t()),
);

/**
 * The Euclidean distances of all rows of two tensors, or of one with itself.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/pairwise/euclidean_distance.html
 */
export const pairwiseEuclideanDistance = pairwise<PairwiseArgs>()("pairwiseEuclideanDistance", {}, (x, y) =>
  differences(x, y).square().sum(-1).sqrt().to(x.dtype),
);

/**
 * The sums of the absolute differences of all rows of two tensors, or of one with itself.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/pairwise/manhattan_distance.html
 */
export const pairwiseManhattanDistance = pairwise<PairwiseArgs>()("pairwiseManhattanDistance", {}, (x, y) =>
  differences(x, y).abs().sum(-1).to(x.dtype),
);

type MinkowskiArgs =
  | [x: Tensor, y?: Tensor | null, exponent?: number, options?: PairwiseOptions]
  | [x: Tensor, y?: Tensor | null, options?: PairwiseOptions & { exponent?: number }]
  | [x: Tensor, options?: PairwiseOptions & { y?: Tensor; exponent?: number }];

/**
 * Minkowski's distances of all rows of two tensors, or of one with itself.
 *
 * @param exponent of the differences; 2 by default.
 * @throws RangeError for an exponent below 1.
 * @see https://lightning.ai/docs/torchmetrics/stable/pairwise/minkowski_distance.html
 */
export const pairwiseMinkowskiDistance = pairwise<MinkowskiArgs>()(
  "pairwiseMinkowskiDistance",
  { exponent: optional(number, 2) },
  (x, y, { exponent }) =>
    differences(x, y)
      .abs()
      .pow(exponent)
      .sum(-1)
      .pow(1 / exponent)
      .to(x.dtype),
  ({ exponent }) => {
    if (!(exponent >= 1)) {
      throw new RangeError(`Argument \`exponent\` must be a float or int greater than 1, but got ${exponent}`);
    }
  },
);

/** The differences of all rows, in float64. */
function differences(x: Tensor, y: Tensor): Tensor {
  return x.double().unsqueeze(1).sub(y.double());
}
