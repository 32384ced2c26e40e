/**
 * All kernels of the CPU, as its table in the contract.
 *
 * Those that know no half types run in float32; the numbers are the places of the arguments that they write to, and
 * behind the kernel that of one whose dtype decides, where it is not the first of these.
 */

import * as attentions from "./attention.js";
import * as convolutions from "./convolution.js";
import * as alignment from "./ctc.js";
import { inFloat32 } from "./inFloat32.js";
import * as loss from "./loss.js";
import * as norms from "./norm.js";
import * as padding from "./pad.js";
import * as pooling from "./pool.js";
import * as random from "./random.js";
import * as layers from "./recurrent.js";
import * as reductions from "./reduce.js";
import * as scans from "./scan.js";
import * as softmaxes from "./softmax.js";
import * as sorting from "./sort.js";

export * from "./attention.js";
export * from "./convolution.js";
export * from "./ctc.js";
export * from "./elementwise.js";
export * from "./indexing.js";
export * from "./loss.js";
export * from "./masking.js";
export * from "./matmul.js";
export * from "./norm.js";
export * from "./optimizer.js";
export * from "./pad.js";
export * from "./pool.js";
export * from "./random.js";
export * from "./recurrent.js";
export * from "./reduce.js";
export * from "./resample.js";
export * from "./scan.js";
export * from "./softmax.js";
export * from "./sort.js";

export const argReduce = inFloat32([1], reductions.argReduce, 2);
export const attention = inFloat32([0], attentions.attention);
export const attentionBackward = inFloat32([1], attentions.attentionBackward);
export const averagePool = inFloat32([0], pooling.averagePool);
export const averagePoolBackward = inFloat32([0], pooling.averagePoolBackward);
export const bernoulli = inFloat32([0], random.bernoulli);
export const bernoulliTensor = inFloat32([0], random.bernoulliTensor);
export const binomial = inFloat32([0], random.binomial);
export const cauchy = inFloat32([0], random.cauchy);
export const convolution = inFloat32([0], convolutions.convolution);
export const convolutionTransposed = inFloat32([0], convolutions.convolutionTransposed);
export const convolutionWeight = inFloat32([0], convolutions.convolutionWeight);
export const countRuns = inFloat32([], sorting.countRuns);
export const crossEntropy = inFloat32([0, 1, 2], loss.crossEntropy);
export const crossEntropyBackward = inFloat32([0], loss.crossEntropyBackward);
export const ctcLoss = inFloat32([0, 1], alignment.ctcLoss);
export const ctcLossBackward = inFloat32([0], alignment.ctcLossBackward);
export const exponential = inFloat32([0], random.exponential);
export const fractionalMaxPool = inFloat32([0], pooling.fractionalMaxPool);
export const geometric = inFloat32([0], random.geometric);
export const histc = inFloat32([0], sorting.histc);
export const kthvalue = inFloat32([0, 1], sorting.kthvalue);
export const logNormal = inFloat32([0], random.logNormal);
export const maxPool = inFloat32([0], pooling.maxPool);
export const maxPoolBackward = inFloat32([0], pooling.maxPoolBackward);
export const median = inFloat32([0, 1], sorting.median);
export const mode = inFloat32([0, 1], sorting.mode);
export const multinomial = inFloat32([0], random.multinomial, 2);
export const nllLoss = inFloat32([0, 1], loss.nllLoss);
export const nllLossBackward = inFloat32([0], loss.nllLossBackward);
export const normRows = inFloat32([0, 4, 5], norms.normRows);
export const normRowsBackward = inFloat32([0], norms.normRowsBackward);
export const normShared = inFloat32([0, 4], norms.normShared);
export const normSharedBackward = inFloat32([0], norms.normSharedBackward);
export const padBackward = inFloat32([0], padding.padBackward);
export const poisson = inFloat32([0], random.poisson);
export const randperm = inFloat32([0], random.randperm);
export const recurrent = inFloat32([1], layers.recurrent);
export const recurrentBackward = inFloat32([1], layers.recurrentBackward);
export const reduceWithIndex = inFloat32([1, 2], reductions.reduceWithIndex);
export const scan = inFloat32([1], scans.scan);
export const scanWithIndex = inFloat32([1, 2], scans.scanWithIndex);
export const searchsorted = inFloat32([0], sorting.searchsorted, 2);
export const softmax = inFloat32([0], softmaxes.softmax);
export const softmaxBackward = inFloat32([0], softmaxes.softmaxBackward);
export const sort = inFloat32([0, 1], sorting.sort);
export const sortRows = inFloat32([0], sorting.sortRows, 1);
export const standardGamma = inFloat32([0], random.standardGamma);
export const topk = inFloat32([0, 1], sorting.topk);
export const uniqueRuns = inFloat32([0], sorting.uniqueRuns, 1);
