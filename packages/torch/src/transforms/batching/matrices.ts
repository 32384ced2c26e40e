/** What goes by the last two dims of its tensors, and takes any number before them: decompositions, solving, distances. */
import { Tensor } from "../../core/tensor.js";
import { mapResult } from "../../ops/results.js";
import { spread } from "./align.js";
import type { BatchedCall } from "./call.js";
import type { Rule } from "./rules.js";

/** How many of its dims belong to a matrix: what goes with its columns has one. */
function ownDims(name: string): number {
  return name === "pivots" || name === "tau" ? 1 : 2;
}

const trailing: Rule = (call) => {
  const names = call.tensorNames;
  if (names.some((name) => call.rank(name) < ownDims(name))) return undefined;
  const leading = Math.max(...names.map((name) => call.rank(name) - ownDims(name)));
  const aligned = names.map((name) => [name, spread(call.full(name), leading + ownDims(name))]);
  const result = call.run(Object.fromEntries(aligned));
  // Of several results some have the leading dims of one tensor alone.
  const isOne = result instanceof Tensor || names.every((name) => call.rank(name) - ownDims(name) === leading);
  return isOne ? result : undefined;
};

/** A rule of which some results may hold nothing, whatever the batch is. */
function withNothing(isNothing: (call: BatchedCall, at: number) => boolean): Rule {
  return (call) => {
    const result = trailing(call);
    let at = 0;
    return result && mapResult(result, (one) => (isNothing(call, at++) ? one.newEmpty([call.size, 0]) : one));
  };
}

/** The solution has the leading dims of both sides; the factors, which come with it, those of the matrices. */
const solving: Rule = (call) => {
  const [ownA, ownB] = [call.rank("A") - 2, call.rank("B") - 2];
  if (ownA < 0 || ownB < 0) return undefined;
  const rank = Math.max(ownA, ownB) + 2;
  const result = call.run({ A: spread(call.full("A"), rank), B: spread(call.full("B"), rank) });
  const added = Array.from({ length: rank - 2 - ownA }, (_, i) => i + 1);
  if (added.length === 0) return result;
  let at = 0;
  return mapResult(result, (one): Tensor => (at++ === 0 ? one : one.squeeze(added)));
};

const nodes =
  "solveTriangular.left choleskyEx.node ldlFactorEx.node ldlSolve.node luFactorEx.node luSolve.left inv.node det.node " +
  "slogdet.node svd.node svdvals.values pinv.node eigh.node eigvalsh.values eig.node eigvals.values matrixExp.node householderProduct";

/** Rules of what goes by matrices, by id. */
export const matrixRules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(nodes.split(" ").map((id) => [`linalg.${id}`, trailing])),
  "linalg.solve.node": solving,
  "linalg.qr.node": withNothing((call, at) => at === 0 && call.arg("mode") === "r"),
  "linalg.lstsq.node": withNothing((call, at) => {
    const driver = call.arg("driver");
    return (driver === "gels" && at > 0) || (driver === "gelsy" && at === 2);
  }),
  luPermutation: trailing,
  geqrf: trailing,
  "ormqr.left": trailing,
  "cdist.gaps": trailing,
  "cdist.euclidean": trailing,
  "pdist.pairs": trailing,
};
