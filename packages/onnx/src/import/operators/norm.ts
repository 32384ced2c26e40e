/** Normalization, and dropout. */
import torch, { F, type Tensor } from "flambeau";
import { productOf, upTo } from "../../lists.js";
import { type NodeReader, optionalTensorAt, tensorAt } from "../nodeReader.js";
import type { Run } from "../run.js";
import type { Inputs } from "../values.js";
import { type Family, Outputs } from "./define.js";
import { dimOf } from "./dims.js";

/** Whether batch norm trains by what the file says: a word that changed its name twice. */
function batchNormTrains(node: NodeReader): boolean {
  if (node.version >= 14) return node.flag("training_mode");
  return node.version >= 7 ? node.hasOutput(1) : !node.flag("is_test");
}

/**
 * Batch norm. While it trains the running statistics that are the model's own move towards those of the batch; those that
 * were given are left alone.
 */
function batchNorm(node: NodeReader) {
  const [eps, momentum] = [node.float("epsilon", 1e-5), node.float("momentum", 0.9)];
  if (!node.flag("spatial", true)) throw new Error("statistics of each place ('spatial' of 0) do not exist here");
  const isOwn = node.isState(3) && node.isState(4);
  node.statePlaces.add(3).add(4);
  node.trains = batchNormTrains(node);
  return (inputs: Inputs, run: Run) => {
    const [x, weight, bias, mean, variance] = [0, 1, 2, 3, 4].map((i) => tensorAt(inputs, i)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const dtype = x.dtype;
    const training = run.trains(node.trains);
    const [scale, shift] = [weight.to(dtype), bias.to(dtype)];
    if (!training) return F.batchNorm(x, mean.to(dtype), variance.to(dtype), scale, shift, { training, eps });
    const y = F.batchNorm(x, null, null, scale, shift, { training, eps });
    const moved = torch.noGrad(() => {
      const others = upTo(x.dim()).filter((d) => d !== 1);
      const batch = [x.mean(others), x.var(others, { correction: 0 })];
      return [mean, variance].map((running, i) =>
        running.mul(momentum).add((batch[i] as Tensor).to(running.dtype).mul(1 - momentum)),
      );
    }) as [Tensor, Tensor];
    if (isOwn) {
      torch.noGrad(() => {
        mean.copy_(moved[0]);
        variance.copy_(moved[1]);
      });
    }
    return new Outputs(y, ...moved, ...moved);
  };
}

function instanceNorm(node: NodeReader) {
  const eps = node.float("epsilon", 1e-5);
  return (inputs: Inputs) =>
    F.instanceNorm(tensorAt(inputs, 0), undefined, undefined, tensorAt(inputs, 1), tensorAt(inputs, 2), { eps });
}

/** Multiplies by a scale and adds a bias, if there is one. */
function affine(x: Tensor, scale: Tensor | undefined, bias: Tensor | undefined): Tensor {
  const scaled = scale === undefined ? x : x.mul(scale);
  return bias === undefined ? scaled : scaled.add(bias);
}

/** All dims from the axis on are normalized together; mean and spread are outputs for who wants them. */
function layerNorm(node: NodeReader) {
  const [axis, eps] = [node.int("axis", -1), node.float("epsilon", 1e-5)];
  const isAlone = !node.hasOutput(1) && !node.hasOutput(2);
  return (inputs: Inputs) => {
    const [x, scale, bias] = [tensorAt(inputs, 0), tensorAt(inputs, 1), optionalTensorAt(inputs, 2)];
    const shape = x.shape.slice(dimOf(axis, x.dim()));
    const fits = (one: Tensor | undefined) => one === undefined || String(one.shape) === String(shape);
    if (isAlone && fits(scale) && fits(bias)) return F.layerNorm(x, [...shape], scale, bias, eps);
    const dims = upTo(x.dim()).slice(-shape.length);
    const wide = x.dtype === torch.float64 ? x : x.float();
    const mean = wide.mean(dims, { keepdim: true });
    const inverse = wide.sub(mean).square().mean(dims, { keepdim: true }).add(eps).rsqrt();
    return new Outputs(affine(wide.sub(mean).mul(inverse).to(x.dtype), scale, bias), mean, inverse);
  };
}

function rmsNorm(node: NodeReader) {
  const [axis, eps] = [node.int("axis", -1), node.float("epsilon", 1e-5)];
  return (inputs: Inputs) => {
    const [x, scale] = [tensorAt(inputs, 0), tensorAt(inputs, 1)];
    const dims = upTo(x.dim()).slice(dimOf(axis, x.dim()));
    const wide = x.dtype === torch.float64 ? x : x.float();
    const inverse = wide.square().mean(dims, { keepdim: true }).add(eps).rsqrt();
    return wide.mul(inverse).to(x.dtype).mul(scale);
  };
}

/** Groups of channels are normalized. Scale and bias belonged to groups at first, then to channels. */
function groupNorm(node: NodeReader) {
  const [eps, groups] = [node.float("epsilon", 1e-5), node.requiredInt("num_groups")];
  const ofGroups = node.version < 21;
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const each = (x.shape[1] as number) / groups;
    const perChannel = (one: Tensor) => (ofGroups ? one.repeatInterleave(each) : one);
    return F.groupNorm(x, groups, perChannel(tensorAt(inputs, 1)), perChannel(tensorAt(inputs, 2)), eps);
  };
}

/** Divides by the norm along an axis; zeros stay zeros. */
function lpNorm(node: NodeReader) {
  const [axis, p] = [node.int("axis", -1), node.int("p", 2)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dim = dimOf(axis, x.dim());
    const norm = p === 1 ? x.abs().sum(dim, { keepdim: true }) : x.square().sum(dim, { keepdim: true }).sqrt();
    return torch.where(norm.eq(0), torch.zerosLike(x), x.div(norm));
  };
}

function meanVarianceNorm(node: NodeReader) {
  const axes = node.ints("axes", [0, 2, 3]);
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const dims = axes.map((axis) => dimOf(axis, x.dim()));
    const mean = x.mean(dims, { keepdim: true });
    const spread = x.square().mean(dims, { keepdim: true }).sub(mean.square()).sqrt();
    return x.sub(mean).div(spread.add(1e-9));
  };
}

/** Divides by the squares of the channels around. */
function localResponseNorm(node: NodeReader) {
  const size = node.requiredInt("size");
  const [alpha, beta, bias] = [node.float("alpha", 1e-4), node.float("beta", 0.75), node.float("bias", 1)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const [n, c] = x.shape as [number, number];
    const rest = productOf(x.shape.slice(2));
    const squares = F.pad(x.square().reshape([n, 1, c, rest]), [
      0,
      0,
      Math.floor((size - 1) / 2),
      Math.ceil((size - 1) / 2),
    ]);
    const sums = F.avgPool2d(squares, [size, 1], [1, 1]).reshape([...x.shape]);
    return x.div(sums.mul(alpha).add(bias).pow(beta));
  };
}

/** Dropout. Its ratio and whether it trains became inputs; the mask is an output for who wants it. */
function dropout(node: NodeReader) {
  const ratio = node.floatOrInput("ratio", 1, 12);
  const trainsInput = node.version >= 12 ? node.numberIn(2) : undefined;
  const trainsAlways = node.version < 7 && !node.flag("is_test");
  const wantsMask = node.hasOutput(1);
  const isFloatMask = node.version < 10;
  node.trains = trainsAlways || (node.version >= 12 && node.constant(2)?.item() === 1);
  return (inputs: Inputs, run: Run) => {
    const x = tensorAt(inputs, 0);
    const p = ratio(inputs) ?? 0.5;
    const training = run.trains(trainsInput === undefined ? trainsAlways : Boolean(trainsInput(inputs) ?? 0));
    if (!wantsMask) return F.dropout(x, p, { training });
    const ones = torch.ones([...x.shape], { dtype: x.dtype });
    if (!training || p === 0) return new Outputs(x, isFloatMask ? ones : ones.to(torch.bool));
    const scale = F.dropout(ones, p, { training });
    return new Outputs(x.mul(scale), isFloatMask ? scale.ne(0).to(x.dtype) : scale.ne(0));
  };
}

export const normalization: Family = {
  BatchNormalization: batchNorm,
  Dropout: dropout,
  GroupNormalization: groupNorm,
  InstanceNormalization: instanceNorm,
  LRN: localResponseNorm,
  LayerNormalization: layerNorm,
  LpNormalization: lpNorm,
  MeanVarianceNormalization: meanVarianceNorm,
  RMSNormalization: rmsNorm,
};
