/** Samples as trees: arrays and plain objects hold what is transformed. */

/** Whether a value holds others. */
function isBranch(value: unknown): value is readonly unknown[] | Record<string, unknown> {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value) as unknown;
  return prototype === Object.prototype || prototype === null;
}

/** The leaves of a sample, depth first. */
export function leavesOf(sample: unknown): unknown[] {
  return isBranch(sample) ? Object.values(sample).flatMap(leavesOf) : [sample];
}

/** A sample of the same form with other leaves. */
export function withLeaves(sample: unknown, leaves: readonly unknown[]): unknown {
  let next = 0;
  const rebuild = (value: unknown): unknown => {
    if (!isBranch(value)) return leaves[next++];
    if (Array.isArray(value)) return value.map(rebuild);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rebuild(item)]));
  };
  return rebuild(sample);
}
