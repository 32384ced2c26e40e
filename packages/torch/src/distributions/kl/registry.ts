/** Divergences by the classes of two distributions. */
import { describe } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import type { Tensor } from "../../core/tensor.js";
import { Distribution } from "../distribution.js";

// biome-ignore lint/suspicious/noExplicitAny: a class of any arguments
type DistributionClass<D extends Distribution = Distribution> = abstract new (...args: any[]) => D;
type Divergence<P extends Distribution, Q extends Distribution> = (p: P, q: Q) => Tensor;
type AnyDivergence = Divergence<never, never>;

interface Entry {
  readonly p: DistributionClass;
  readonly q: DistributionClass;
  readonly divergence: AnyDivergence;
}

let entries: readonly Entry[] = [];
/** What was looked up, by the two classes. */
let found = new WeakMap<DistributionClass, WeakMap<DistributionClass, AnyDivergence>>();

function isSubclass(Class: DistributionClass, of: DistributionClass): boolean {
  return Class === of || Class.prototype instanceof of;
}

function checkClass(name: string, value: unknown): void {
  if (typeof value === "function" && isSubclass(value as DistributionClass, Distribution)) return;
  throw new TypeError(`Expected ${name} to be a Distribution subclass but got ${describe(value)}`);
}

/**
 * Returns a function that registers the divergence of distributions of two classes, and of their subclasses as long as
 * there is none for those.
 *
 * @example registerKl(Mine, Normal)((p, q) => …)
 */
export function registerKl<P extends Distribution, Q extends Distribution>(
  typeP: DistributionClass<P>,
  typeQ: DistributionClass<Q>,
): <F extends Divergence<P, Q>>(divergence: F) => F {
  checkClass("type_p", typeP);
  checkClass("type_q", typeQ);
  return (divergence) => {
    const others = entries.filter(({ p, q }) => p !== typeP || q !== typeQ);
    entries = [...others, { p: typeP, q: typeQ, divergence: divergence as AnyDivergence }];
    found = new WeakMap();
    return divergence;
  };
}

/** The entry whose first class is the most special one, and among those the one whose second class is. */
function mostSpecial(matches: readonly Entry[], first: "p" | "q", second: "p" | "q"): Entry | undefined {
  const isBelow = (a: Entry, b: Entry) =>
    isSubclass(a[first], b[first]) && (a[first] !== b[first] || isSubclass(a[second], b[second]));
  return matches.reduce<Entry | undefined>(
    (best, one) => (best === undefined || isBelow(one, best) ? one : best),
    undefined,
  );
}

function lookUp(p: DistributionClass, q: DistributionClass): AnyDivergence | undefined {
  const matches = entries.filter((entry) => isSubclass(p, entry.p) && isSubclass(q, entry.q));
  const [left, right] = [mostSpecial(matches, "p", "q"), mostSpecial(matches, "q", "p")];
  if (left !== undefined && right !== undefined && left.divergence !== right.divergence) {
    const cure = `Please registerKl(${left.p.name}, ${right.q.name})`;
    warn(`Ambiguous klDivergence(${p.name}, ${q.name}). ${cure}`);
  }
  return left?.divergence;
}

/**
 * The divergence of Kullback and Leibler, ∫ p log(p / q), of the shape of the batch.
 *
 * @throws Error if none is registered for the classes.
 * @example torch.distributions.klDivergence(new Normal(0, 1), new Normal(1, 2))
 */
export function klDivergence(p: Distribution, q: Distribution): Tensor {
  for (const one of [p, q]) {
    if (one instanceof Distribution) continue;
    throw new TypeError(`klDivergence() takes two distributions, but got ${describe(one)}`);
  }
  const [P, Q] = [p.constructor as DistributionClass, q.constructor as DistributionClass];
  const known = found.get(P)?.get(Q);
  const divergence = known ?? lookUp(P, Q);
  if (divergence === undefined) {
    throw new Error(`No KL(p || q) is implemented for p type ${P.name} and q type ${Q.name}`);
  }
  if (known === undefined) {
    const row = found.get(P) ?? new WeakMap<DistributionClass, AnyDivergence>();
    found.set(P, row.set(Q, divergence));
  }
  return divergence(p as never, q as never);
}
