/** A few eigenvalues of large symmetric matrices. */
import {
  anything,
  callable,
  flag,
  int,
  keyword,
  nullable,
  number,
  optional,
  tensor,
  word,
} from "../../arguments/params.js";
import { withoutRecording } from "../../autograd/modes.js";
import { finfo } from "../../core/limits.js";
import { sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import { differentiate } from "../differentiate.js";
import { randn } from "../random/randomTensors.js";
import { stack } from "../shape/joining.js";
import type { Args, FunctionOp } from "../types.js";
import { checkPrecise, checkSquare } from "./checks.js";
import { cholesky } from "./cholesky.js";
import {
  Lobpcg,
  type LobpcgMethod,
  type LobpcgSettings,
  type OrthoBparams,
  type OrthoFparams,
  type OrthoIparams,
} from "./conjugateGradients.js";
import { eigh } from "./eigen.js";
import { batchOf } from "./matrices.js";
import { solveTriangular } from "./triangular.js";

type Pairs = Named<{ readonly E: Tensor; readonly X: Tensor }>;

interface Options {
  largest?: boolean | null;
  method?: LobpcgMethod | null;
  tracker?: ((worker: Lobpcg) => unknown) | null;
  orthoIparams?: OrthoIparams | null;
  orthoFparams?: OrthoFparams | null;
  orthoBparams?: OrthoBparams | null;
}

interface Search {
  readonly settings: LobpcgSettings;
  readonly tracker: Options["tracker"];
}

/** The matrices of a batch, one after the other, or one matrix for each of its entries. */
function entriesOf(x: Tensor | undefined, count: number): (Tensor | undefined)[] {
  if (x === undefined || x.sizes.length === 2) return Array.from({ length: count }, () => x);
  return x.reshape([count, ...x.sizes.slice(-2)]).unbind(0) as Tensor[];
}

function searched(
  A: Tensor,
  B: Tensor | undefined,
  X: Tensor | undefined,
  iK: Tensor | undefined,
  search: Search,
): Pairs {
  const { m, n, k } = search.settings.iparams;
  const batch = batchOf(A);
  const count = batch.reduce((product, size) => product * size, 1);
  const [ofB, ofX, ofK] = [B, X, iK].map((x) => entriesOf(x, count));
  const found = entriesOf(A, count).map((matrix, i) => {
    const start = ofX?.[i] ?? randn([m, n], { dtype: A.dtype, device: A.device });
    const worker = new Lobpcg({ A: matrix as Tensor, B: ofB?.[i], iK: ofK?.[i] }, start, search.settings);
    worker.run(search.tracker ?? undefined);
    return { E: worker.E.narrow(0, 0, k), X: worker.X.narrow(1, 0, k) };
  });
  if (batch.length === 0) return named(found[0] as { E: Tensor; X: Tensor });
  if (count === 0) return named({ E: A.newZeros([...batch, k]), X: A.newZeros([...batch, m, k]) });
  return named({
    E: stack(found.map(({ E }) => E)).view([...batch, k]),
    X: stack(found.map((pair) => pair.X)).view([...batch, m, k]),
  });
}

/** The same pairs as those of the whole matrix: how they depend on it is had from all of its eigenvectors. */
function asEigh(A: Tensor, B: Tensor | undefined, X: Tensor, largest: boolean): [E: Tensor, X: Tensor] {
  const [m, k] = X.sizes.slice(-2) as [number, number];
  const L = B === undefined ? undefined : cholesky(B);
  const left = L === undefined ? A : solveTriangular(L, A, { upper: false });
  const inner = L === undefined ? left : solveTriangular(L.mT, left, { upper: true, left: false });
  const { eigenvalues, eigenvectors } = eigh(inner);
  const [values, vectors] = largest
    ? [eigenvalues.narrow(-1, m - k, k).flip(-1), eigenvectors.narrow(-1, m - k, k).flip(-1)]
    : [eigenvalues.narrow(-1, 0, k), eigenvectors.narrow(-1, 0, k)];
  const back = L === undefined ? vectors : solveTriangular(L.mT, vectors, { upper: true });
  // They may point the other way.
  const signs = withoutRecording(() => back.detach().mul(X.detach()).sum(-2, { keepdim: true }).sign());
  return [values, back.mul(signs)];
}

const pairsNode: FunctionOp<
  (
    A: Tensor,
    B: Tensor | undefined,
    X: Tensor | undefined,
    iK: Tensor | undefined,
    options: { search: Search },
  ) => Pairs
> = op({
  name: "lobpcg",
  id: "lobpcg.node",
  nodeName: "LOBPCGAutogradFunctionBackward",
  variants: "function",
  params: {
    A: tensor,
    B: optional(tensor),
    X: optional(tensor),
    iK: optional(tensor),
    search: keyword(anything),
  },
  forward: ({ A, B, X, iK, search }) => withoutRecording(() => searched(A, B, X, iK, search as Search)),
  saves: ["A", "B", "results"],
  backward: (grads, { A, B, results, search }, needs) => {
    const { largest } = (search as Search).settings.bparams;
    const X = results[1] as Tensor;
    const compose = ([a, b]: readonly (Tensor | null | undefined)[]) => asEigh(a as Tensor, b ?? undefined, X, largest);
    const [gradA, gradB] = differentiate(compose, [A, B], [needs.A, needs.B], grads);
    return { A: gradA, B: gradB };
  },
});

/**
 * The largest or smallest eigenvalues of symmetric positive definite matrices and their vectors, by an iteration that only
 * multiplies with the matrix: A X = X diag(E), or A X = B X diag(E).
 *
 * Gradients flow to A and B; they are had from all eigenvectors.
 *
 * @param k how many pairs, as many as X has columns by default, or 1.
 * @param B symmetric and positive definite.
 * @param X where the search begins; random vectors by default.
 * @param n how many random vectors, `k` by default.
 * @param iK a preconditioner, such as an approximate inverse of A.
 * @param niter the most steps, 1,000 by default; -1 for no bound.
 * @param tol which residual counts as none, the root of eps by default.
 * @param options.largest false for the smallest eigenvalues.
 * @param options.method `"ortho"` by default, or `"basic"`.
 * @param options.tracker is called with the state of the search after each step; setting `bvars.forceStop` ends it.
 * @throws Error if A has fewer than three times as many rows as vectors are sought.
 * @see https://pytorch.org/docs/stable/generated/torch.lobpcg.html
 */
export const lobpcg: FunctionOp<
  (
    A: Tensor,
    ...args: Args<
      [
        k?: number | null,
        B?: Tensor | null,
        X?: Tensor | null,
        n?: number | null,
        iK?: Tensor | null,
        niter?: number | null,
        tol?: number | null,
      ],
      ["k", "B", "X", "n", "iK", "niter", "tol"],
      Options
    >
  ) => Pairs
> = op({
  name: "lobpcg",
  variants: "function",
  params: {
    A: tensor,
    k: optional(int),
    B: optional(tensor),
    X: optional(tensor),
    n: optional(int),
    iK: optional(tensor),
    niter: optional(int, 1000),
    tol: optional(number),
    largest: { ...flag, defaultValue: true, acceptsNull: true },
    method: keyword(optional(nullable(word("ortho", "basic")))),
    tracker: keyword(optional(nullable(callable))),
    orthoIparams: keyword(optional(nullable(anything))),
    orthoFparams: keyword(optional(nullable(anything))),
    orthoBparams: keyword(optional(nullable(anything))),
  },
  composite: ({ A, B, X, iK, ...given }) => {
    checkSquare("lobpcg", A);
    checkPrecise("lobpcg", A);
    if (A.dtype.isComplex) throw new TypeError("lobpcg: complex matrices are not supported");
    if (B !== undefined && !sameShape(A.sizes, B.sizes)) {
      throw new Error(
        `lobpcg: A and B must have the same shapes, but they have [${A.sizes.join(", ")}] and [${B.sizes.join(", ")}]`,
      );
    }
    const m = A.sizes.at(-1) as number;
    const k = given.k ?? X?.sizes.at(-1) ?? 1;
    const n = X?.sizes.at(-1) ?? given.n ?? k;
    if (m < 3 * n) {
      throw new Error(
        `LPBPCG algorithm is not applicable when the number of A rows (=${m}) is smaller than 3 x the number of requested eigenpairs (=${n})`,
      );
    }
    if (!(k >= 1 && k <= n)) throw new RangeError(`lobpcg: k (=${k}) must be between 1 and n (=${n})`);
    if (X !== undefined && !sameShape(X.sizes, [...(X.sizes.length === 2 ? [] : batchOf(A)), m, n])) {
      throw new Error(`lobpcg: X of shape [${X.sizes.join(", ")}] does not fit A of shape [${A.sizes.join(", ")}]`);
    }
    const settings: LobpcgSettings = {
      method: given.method ?? "ortho",
      iparams: { m, n, k, niter: given.niter, ...(given.orthoIparams as OrthoIparams | null | undefined) },
      fparams: {
        tol: given.tol ?? Math.sqrt(finfo(A.dtype).eps),
        ...(given.orthoFparams as OrthoFparams | null | undefined),
      },
      bparams: { largest: given.largest ?? true, ...(given.orthoBparams as OrthoBparams | null | undefined) },
    };
    // Whatever is given, half of its gradient is for either of two elements that are the same.
    const symmetric = (x: Tensor) => (x.requiresGrad ? x.add(x.mT).div(2) : x);
    const search = { settings, tracker: given.tracker as Options["tracker"] };
    return pairsNode(symmetric(A), B && symmetric(B), X, iK, { search });
  },
});
