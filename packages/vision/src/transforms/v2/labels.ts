/** Where a sample has its labels. */
import torch, { type Tensor } from "flambeau";
import { anything, describe, invalid, nullable, type Param } from "flambeau/arguments";
import { isPureTensor } from "../../tvTensors.js";

/** How labels are found: by a function of the sample, by a key, by the usual places, or not at all. */
export type LabelsGetter = ((sample: never) => unknown) | string | null;

export const labelsGetterParam: Param<LabelsGetter> = nullable({
  ...(anything as Param<Exclude<LabelsGetter, null>>),
  expected: "function, str or null",
  read: (value: unknown) =>
    typeof value === "function" || typeof value === "string" ? (value as Exclude<LabelsGetter, null>) : invalid,
});

function asDict(value: unknown): Record<string, unknown> | undefined {
  const isDict =
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof torch.Tensor);
  return isDict ? (value as Record<string, unknown>) : undefined;
}

/** The object in a sample that describes it: the sample itself, or the second of two. */
function targetOf(sample: unknown): unknown {
  return Array.isArray(sample) ? sample[1] : sample;
}

/** The labels by the usual name, `labels`, or one like it. */
function usualLabels(sample: unknown): unknown {
  const target = targetOf(sample);
  if (isPureTensor(target)) return target;
  const dict = asDict(target);
  const key =
    dict &&
    (Object.keys(dict).find((name) => name.toLowerCase() === "labels") ??
      Object.keys(dict).find((name) => name.toLowerCase().includes("label")));
  if (dict === undefined || key === undefined) {
    throw new Error(
      "Could not infer where the labels are in the sample. Try passing a callable as the labels_getter parameter? If there are no labels in the sample by design, pass labels_getter=None.",
    );
  }
  return dict[key];
}

/**
 * The labels of a sample; undefined if none are asked for.
 *
 * @throws Error if they are not found, or no tensor.
 */
export function labelsOf(sample: unknown, getter: LabelsGetter): Tensor | undefined {
  if (getter === null) return undefined;
  const isKey = typeof getter === "string" && getter !== "default";
  const labels = isKey
    ? asDict(targetOf(sample))?.[getter]
    : typeof getter === "function"
      ? getter(sample as never)
      : usualLabels(sample);
  if (labels === null || labels === undefined) return undefined;
  if (labels instanceof torch.Tensor) return labels;
  throw new Error(`The labels in the input to forward() must be a tensor or None, got ${describe(labels)} instead.`);
}
