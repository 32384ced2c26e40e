/** Distributions that are given either probabilities or logits. */
import { type Operand, operand, optional } from "../arguments/params.js";
import type { Device } from "../core/devices.js";
import type { DType } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { arange } from "../ops/functions.js";
import type { Args } from "../ops/types.js";
import * as constraints from "./constraints.js";
import type { Validated } from "./distribution.js";
import { type Constraints, validated } from "./distribution.js";
import { broadcastAll, lazily, logitsToProbs, probsToLogits } from "./utils.js";

/** The parameters of a single event. */
export const eventParams = { probs: optional(operand), logits: optional(operand), ...validated };
export type EventArguments = Args<[probs?: Operand | null, logits?: Operand | null], ["probs", "logits"], Validated>;

/** What the parameters of a single event have to satisfy. */
export const eventConstraints: Constraints<"probs" | "logits"> = {
  probs: constraints.unitInterval,
  logits: constraints.real,
};

/** The one of two that was given. */
export function eitherOf<T>(given: { readonly probs: T | undefined; readonly logits: T | undefined }): {
  readonly name: "probs" | "logits";
  readonly value: T;
} {
  const { probs, logits } = given;
  if ((probs === undefined) === (logits === undefined)) {
    throw new Error("Either `probs` or `logits` must be specified, but not both.");
  }
  return probs !== undefined ? { name: "probs", value: probs } : { name: "logits", value: logits as T };
}

/** The one that was given, as a parameter. */
export function eventParameter(given: { readonly probs: Operand | undefined; readonly logits: Operand | undefined }): {
  readonly shape: Shape;
  readonly parameters: Readonly<Record<string, Tensor>>;
} {
  const { name, value } = eitherOf(given);
  const [parameter] = broadcastAll(value);
  return { shape: parameter.shape, parameters: { [name]: parameter } };
}

/** The one that was given, and a count, as parameters of one shape and dtype. */
export function countedParameters(
  totalCount: Operand,
  given: { readonly probs: Operand | undefined; readonly logits: Operand | undefined },
): { readonly shape: Shape; readonly parameters: Readonly<Record<string, Tensor>> } {
  const { name, value } = eitherOf(given);
  const [count, parameter] = broadcastAll(totalCount, value);
  return { shape: parameter.shape, parameters: { totalCount: count.to(parameter.dtype), [name]: parameter } };
}

interface Event {
  readonly probs: Tensor;
  readonly logits: Tensor;
}

/** The probabilities that logits stand for, which then are a parameter as well. */
export function probsOf(event: Event, isBinary = true): Tensor {
  return lazily(event, "probs", () => logitsToProbs(event.logits, isBinary));
}

/** The logits of probabilities, which then are a parameter as well. */
export function logitsOf(event: Event, isBinary = true): Tensor {
  return lazily(event, "logits", () => probsToLogits(event.probs, isBinary));
}

/** The parameter that was given. */
export function givenOf(event: Event): Tensor {
  return Object.hasOwn(event, "probs") ? event.probs : event.logits;
}

/** The numbers 0, 1, …, count - 1 along the first of dims before those of a batch. */
export function enumerated(
  count: number,
  like: { readonly dtype: DType; readonly device: Device },
  batch: Shape,
  expand: boolean,
): Tensor {
  const values = arange(count, { dtype: like.dtype, device: like.device }).view([-1, ...batch.map(() => 1)]);
  return expand ? values.expand([-1, ...batch]) : values;
}
