/**
 * Normalizations and their gradients: y = (x - mean) / √(variance + eps) * weight + bias over groups of elements.
 *
 * All operands are row-major and of one floating dtype. Of the gradients those that are given are written.
 */
import type { DType } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional } from "./launch.js";

/** What elements are multiplied with, and what is added; 1 and 0 where left out. */
export interface Affine {
  readonly weight?: ArrayView | undefined;
  readonly bias?: ArrayView | undefined;
}

/** The gradients that are wanted. */
export interface NormGradients {
  readonly input?: ArrayView | undefined;
  readonly weight?: ArrayView | undefined;
  readonly bias?: ArrayView | undefined;
}

function putAffine({ weight, bias }: Affine, dtype: DType, count: number): void {
  putOptional(weight, dtype, count);
  putOptional(bias, dtype, count);
}

function putGradients({ input, weight, bias }: NormGradients, dtype: DType, numel: number, weights: number): void {
  putOptional(input, dtype, numel);
  putOptional(weight, dtype, weights);
  putOptional(bias, dtype, weights);
}

// ---- rows ----

/** Rows `[rows, length]`, of which each is a group and row r has the weights `r % period` of `[period, length]`. */
export interface RowGroups {
  readonly rows: number;
  readonly length: number;
  readonly period: number;
}

function putRows({ rows, length, period }: RowGroups): void {
  put(checkedSize(rows));
  put(checkedSize(length));
  put(Math.max(1, checkedSize(period)));
}

const runRows = kernel("normRows");

/** `mean` and `rstd` take those of each row; without `mean`, none is taken away, as in RMS norm. */
export function normRows(
  out: ArrayView,
  input: ArrayView,
  groups: RowGroups,
  affine: Affine,
  mean: ArrayView | undefined,
  rstd: ArrayView,
  eps: number,
): void {
  const { rows, length, period } = groups;
  const list = begin();
  const dtype = putDType(input.dtype);
  put(mean === undefined ? 0 : 1);
  put(eps);
  putRows(groups);
  putAddress(out, dtype, rows * length);
  putAddress(input, dtype, rows * length);
  putAffine(affine, dtype, period * length);
  putOptional(mean, dtype, rows);
  putAddress(rstd, dtype, rows);
  launch(runRows, list);
}

const runRowsBackward = kernel("normRowsBackward");

export function normRowsBackward(
  gradients: NormGradients,
  grad: ArrayView,
  input: ArrayView,
  groups: RowGroups,
  weight: ArrayView | undefined,
  mean: ArrayView | undefined,
  rstd: ArrayView,
): void {
  const { rows, length, period } = groups;
  const list = begin();
  const dtype = putDType(input.dtype);
  put(mean === undefined ? 0 : 1);
  put(gradients.weight === undefined && gradients.bias === undefined ? 0 : 1);
  putRows(groups);
  putGradients(gradients, dtype, rows * length, period * length);
  putAddress(grad, dtype, rows * length);
  putAddress(input, dtype, rows * length);
  putOptional(weight, dtype, period * length);
  putOptional(mean, dtype, rows);
  putAddress(rstd, dtype, rows);
  launch(runRowsBackward, list);
}

// ---- planes and columns ----

/**
 * What is normalized with weights that several elements share: `"planes"` are `[outer, inner, length]`, grouped by the
 * inner index in batch norm, by the outer one in group norm, where group g has the weights `g % period` of
 * `[period, inner]`; `"columns"` are `[outer, inner]`, in batch norm.
 */
export interface SharedGroups {
  readonly layout: "planes" | "columns";
  readonly isBatch: boolean;
  readonly outer: number;
  readonly inner: number;
  readonly length: number;
  readonly period: number;
}

/** Mean and spread of each group. */
export interface NormStatistics {
  readonly mean: ArrayView;
  /** 1 / √(variance + eps), or the variance where the statistics are given. */
  readonly spread: ArrayView;
  /** Whether they are given rather than found. */
  readonly isGiven: boolean;
  readonly eps: number;
  /** What part of running statistics the found ones take over. */
  readonly momentum?: number;
  readonly runningMean?: ArrayView | undefined;
  readonly runningVariance?: ArrayView | undefined;
}

function putGroups(groups: SharedGroups): void {
  if (groups.layout === "planes") put(groups.isBatch ? 1 : 0);
  put(checkedSize(groups.outer));
  put(checkedSize(groups.inner));
  if (groups.layout === "columns") return;
  put(checkedSize(groups.length));
  put(Math.max(1, checkedSize(groups.period)));
}

function putStatistics(statistics: NormStatistics, dtype: DType, count: number): void {
  const { mean, spread, isGiven, eps, momentum = 0, runningMean, runningVariance } = statistics;
  put(isGiven ? 1 : 0);
  put(eps);
  put(momentum);
  putAddress(mean, dtype, count);
  putAddress(spread, dtype, count);
  putOptional(runningMean, dtype, count);
  putOptional(runningVariance, dtype, count);
}

const groupsOf = ({ isBatch, inner, outer }: SharedGroups): number => (isBatch ? inner : outer);
const weightsOf = ({ isBatch, inner, period }: SharedGroups): number => (isBatch ? inner : period * inner);

const runShared = { planes: kernel("normPlanes"), columns: kernel("normColumns") };

/** Writes `out`, and, unless they are given, the statistics. */
export function normShared(
  out: ArrayView,
  input: ArrayView,
  groups: SharedGroups,
  affine: Affine,
  statistics: NormStatistics,
): void {
  const numel = numelOf([groups.outer, groups.inner, groups.length]);
  const list = begin();
  const dtype = putDType(input.dtype);
  putGroups(groups);
  putStatistics(statistics, dtype, groupsOf(groups));
  putAddress(out, dtype, numel);
  putAddress(input, dtype, numel);
  putAffine(affine, dtype, weightsOf(groups));
  launch(runShared[groups.layout], list);
}

const runSharedBackward = { planes: kernel("normPlanesBackward"), columns: kernel("normColumnsBackward") };

export function normSharedBackward(
  gradients: NormGradients,
  grad: ArrayView,
  input: ArrayView,
  groups: SharedGroups,
  weight: ArrayView | undefined,
  statistics: NormStatistics,
): void {
  const numel = numelOf([groups.outer, groups.inner, groups.length]);
  const list = begin();
  const dtype = putDType(input.dtype);
  putGroups(groups);
  putStatistics(statistics, dtype, groupsOf(groups));
  putGradients(gradients, dtype, numel, weightsOf(groups));
  putAddress(grad, dtype, numel);
  putAddress(input, dtype, numel);
  putOptional(weight, dtype, weightsOf(groups));
  launch(runSharedBackward[groups.layout], list);
}
