/** Colours of what is filled, for each kind of input. */
import { nullable, optional, type Param } from "flambeau/arguments";
import { type Fill, fillParam } from "../functional/image.js";
import type { Input } from "./functional/kinds.js";

/** The colours of what is filled: one for all kinds of inputs, or one for each. */
export type FillOfKinds = Fill | null | ReadonlyMap<unknown, Fill | null>;

const fillOfKinds: Param<FillOfKinds> = nullable({
  ...(fillParam as Param<Fill | ReadonlyMap<unknown, Fill | null>>),
  expected: "float, tuple of floats, or a Map from kinds of inputs to these",
  read: (value: unknown) => (value instanceof Map ? value : fillParam.read(value)),
} as Param<Fill | ReadonlyMap<unknown, Fill | null>>) as Param<FillOfKinds>;

/** The colour for an input: by its class, by `"others"`, or the one for all. */
export function fillFor(fill: FillOfKinds, inpt: Input): Fill | null {
  if (fill === null || typeof fill === "number" || Array.isArray(fill)) return fill as Fill | null;
  const map = fill as ReadonlyMap<unknown, Fill | null>;
  return map.get(inpt.constructor) ?? map.get("others") ?? 0;
}

export const fillPlace = { fill: optional(fillOfKinds, 0) };
