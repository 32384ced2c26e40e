/** Cohen's kappa. */
import torch, { type Tensor } from "flambeau";
import { nullable, optional, word } from "flambeau/arguments";
import type { Pair } from "../../inputs.js";
import type { Metric } from "../../metric/metric.js";
import { classByTask, functionByTask } from "../byTask.js";
import type { CommonOptions, ThresholdOption } from "../options.js";
import { confusionFamily } from "./family.js";

/** How wrong it is to take one class for another: always equally, or more by their distance or its square. */
export type KappaWeights = "linear" | "quadratic" | "none" | null;

export interface KappaOptions {
  weights?: KappaWeights;
}

function kappa(confmat: Tensor, { weights }: Required<KappaOptions>): Tensor {
  const cells = confmat.float();
  const classes = torch.arange(cells.shape[0] as number).float();
  const distance = classes.sub(classes.unsqueeze(1)).abs();
  const cost = weights === "linear" ? distance : weights === "quadratic" ? distance.square() : distance.ne(0).float();
  const expected = cells.sum(1).outer(cells.sum(0)).div(cells.sum());
  return torch.rsub(cost.mul(cells).sum().div(cost.mul(expected).sum()), 1);
}

const weights = optional(nullable(word("linear", "quadratic", "none")), null);

const kappaFamily = confusionFamily<Required<KappaOptions>, KappaOptions>()({
  name: "cohenKappa",
  traits: { higherIsBetter: true, isDifferentiable: false, plotUpperBound: 1 },
  params: { binary: { weights }, multiclass: { weights }, multilabel: {} },
  compute: kappa,
});

/** Cohen's kappa of two classes; see `cohenKappa`. */
export const binaryCohenKappa = kappaFamily.binary.function;
/** Cohen's kappa of several classes; see `cohenKappa`. */
export const multiclassCohenKappa = kappaFamily.multiclass.function;

/** The metric of `binaryCohenKappa`. */
export class BinaryCohenKappa extends kappaFamily.binary.Class {}
/** The metric of `multiclassCohenKappa`. */
export class MulticlassCohenKappa extends kappaFamily.multiclass.Class {}

type KappaTasks =
  | ({ task: "binary" } & CommonOptions & ThresholdOption & KappaOptions)
  | ({ task: "multiclass"; numClasses: number } & CommonOptions & KappaOptions);

/**
 * Cohen's kappa, `(p₀ - pₑ) / (1 - pₑ)`: agreement beyond that which is expected by chance.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/cohen_kappa.html
 */
export const cohenKappa = functionByTask<(preds: Tensor, target: Tensor, options: KappaTasks) => Tensor>("cohenKappa", {
  binary: kappaFamily.binary,
  multiclass: kappaFamily.multiclass,
});

/** The metric of `cohenKappa`: an instance of the class of its task. */
export const CohenKappa = classByTask<new (options: KappaTasks) => Metric<Pair, Tensor>>("CohenKappa", {
  binary: BinaryCohenKappa,
  multiclass: MulticlassCohenKappa,
});
