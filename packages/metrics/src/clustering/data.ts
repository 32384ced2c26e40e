/** How well groups are apart, from the data alone. */
import torch, { type Tensor } from "flambeau";
import { number, optional, tensor } from "flambeau/arguments";
import { define, kept } from "../metric/define.js";

type DataAndLabels = [data: Tensor, labels: Tensor];
const inputs = { data: tensor, labels: tensor };

/** Samples of shape [N, D] and their groups. */
function measure([data, labels]: DataAndLabels): Record<"data" | "labels", Tensor> {
  if (data.ndim !== 2) throw new Error(`Expected 2D data, got ${data.ndim}D data instead`);
  if (!data.dtype.isFloatingPoint) throw new TypeError(`Expected floating point data, got ${data.dtype} data instead`);
  if (labels.ndim !== 1 || labels.shape[0] !== data.shape[0]) {
    throw new Error(`Expected 1D labels, one for each sample, got shape [${labels.shape.join(", ")}] instead`);
  }
  return { data, labels };
}

interface Groups {
  /** Which samples are in each group, a row each. */
  readonly isIn: Tensor;
  readonly counts: Tensor;
  readonly centroids: Tensor;
}

function groupsOf({ data, labels }: Record<"data" | "labels", Tensor>): Groups {
  const values = torch.unique(labels);
  const [groups, samples] = [values.numel(), labels.numel()];
  if (!(groups > 1 && groups < samples)) {
    throw new Error(
      `Number of detected clusters must be greater than one and less than the number of samples. Got ${groups} clusters and ${samples} samples.`,
    );
  }
  const isIn = values.unsqueeze(1).eq(labels).to(data.dtype);
  const counts = isIn.sum(1);
  return { isIn, counts, centroids: isIn.matmul(data).div(counts.unsqueeze(1)) };
}

const traits = { higherIsBetter: true, isDifferentiable: true, plotLowerBound: 0 };
const state = () => ({ data: kept, labels: kept });

const calinski = define<DataAndLabels, []>()({
  name: "calinskiHarabaszScore",
  inputs,
  params: {},
  traits,
  state,
  measure,
  measured: [],
  compute: ({ data, labels }) => {
    const { isIn, counts, centroids } = groupsOf({ data, labels });
    const [samples, groups] = [data.shape[0] as number, counts.numel()];
    const between = centroids.sub(data.mean(0)).square().sum(1).mul(counts).sum();
    const within = data.sub(isIn.t().matmul(centroids)).square().sum();
    if (within.item() === 0) return torch.tensor(1);
    return between.mul(samples - groups).div(within.mul(groups - 1));
  },
});

/**
 * The spread of the groups' means relative to the spread within groups: the greater, the better they are apart.
 *
 * @param data shape [N, D].
 * @param labels the group of each sample.
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/calinski_harabasz_score.html
 */
export const calinskiHarabaszScore = calinski.function;

/** The metric of `calinskiHarabaszScore`. */
export class CalinskiHarabaszScore extends calinski.Class {}

const davies = define<DataAndLabels, []>()({
  name: "daviesBouldinScore",
  inputs,
  params: {},
  traits: { ...traits, higherIsBetter: false },
  state,
  measure,
  measured: [],
  compute: ({ data, labels }) => {
    const { isIn, counts, centroids } = groupsOf({ data, labels });
    const distances = data.sub(isIn.t().matmul(centroids)).norm(2, 1);
    const spread = isIn.mul(distances).sum(1).div(counts);
    const apart = torch.cdist(centroids, centroids);
    if (spread.eq(0).all().item() || apart.eq(0).all().item()) return torch.tensor(0);
    const ratio = spread
      .unsqueeze(1)
      .add(spread)
      .div(apart.maskedFill(apart.eq(0), Number.POSITIVE_INFINITY));
    return ratio.amax(1).mean();
  },
});

/**
 * The mean, over groups, of the greatest overlap with another: the smaller, the better they are apart.
 *
 * @param data shape [N, D].
 * @param labels the group of each sample.
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/davies_bouldin_score.html
 */
export const daviesBouldinScore = davies.function;

/** The metric of `daviesBouldinScore`. */
export class DaviesBouldinScore extends davies.Class {}

const dunn = define<DataAndLabels, [p?: number] | [options?: { p?: number }]>()({
  name: "dunnIndex",
  inputs,
  params: { p: optional(number, 2) },
  traits,
  state,
  measure,
  measured: [],
  compute: ({ data, labels }, { p }) => {
    const { isIn, centroids } = groupsOf({ data, labels });
    const apart = torch.pdist(centroids, p).amin();
    const radius = data.sub(isIn.t().matmul(centroids)).norm(p, 1).amax();
    return apart.div(radius);
  },
});

/**
 * The least distance of the groups' means relative to the greatest distance of a sample from its own.
 *
 * @param data shape [N, D].
 * @param labels the group of each sample.
 * @param p which norm; 2 by default.
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/dunn_index.html
 */
export const dunnIndex = dunn.function;

/** The metric of `dunnIndex`. */
export class DunnIndex extends dunn.Class {}
