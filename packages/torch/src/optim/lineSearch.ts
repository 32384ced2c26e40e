/** The line search of L-BFGS: a step along a direction that satisfies the strong Wolfe conditions. */
import type { Tensor } from "../core/tensor.js";

/** The loss at a point of the line, its gradient, and the slope of the line there. */
export interface Evaluated {
  readonly loss: number;
  readonly grad: Tensor;
  readonly slope: number;
}

interface Point extends Evaluated {
  readonly t: number;
}

/** How much the loss must fall, and how much flatter the line must be, relative to the slope at the start. */
const sufficientDecrease = 1e-4;
const curvature = 0.9;
const mostEvaluations = 25;

/**
 * Looks for a point where the loss is low enough and the line flat enough.
 *
 * @param evaluateAt evaluates the loss at a distance.
 * @param t the distance to begin with.
 * @param start what is known at 0.
 * @param scale the largest change of a parameter by a distance of 1.
 * @param tolerance the least change of a parameter that is worth an evaluation.
 */
export function strongWolfe(
  evaluateAt: (t: number) => Evaluated,
  t: number,
  start: Evaluated,
  scale: number,
  tolerance: number,
): Point & { evaluations: number } {
  const isTooHigh = ({ t, loss }: Point) => loss > start.loss + sufficientDecrease * t * start.slope;
  const isFlat = ({ slope }: Point) => Math.abs(slope) <= -curvature * start.slope;
  const at = (t: number): Point => ({ t, ...evaluateAt(t) });

  // Go on until a point is good, or is one end of an interval that has a good one.
  let previous: Point = { t: 0, ...start };
  let current = at(t);
  let evaluations = 1;
  let rounds = 0;
  let bracket: [Point, Point] | undefined;
  for (; bracket === undefined && rounds < mostEvaluations; ) {
    if (isTooHigh(current) || (rounds > 1 && current.loss >= previous.loss)) bracket = [previous, current];
    else if (isFlat(current)) return { ...current, evaluations };
    else if (current.slope >= 0) bracket = [previous, current];
    else {
      const bounds: [number, number] = [current.t + 0.01 * (current.t - previous.t), current.t * 10];
      const next = cubicMinimum(previous, current, bounds);
      previous = current;
      current = at(next);
      evaluations++;
      rounds++;
    }
  }
  bracket ??= [{ t: 0, ...start }, current];

  // Narrow the interval down; `low` is the index of its better end.
  let low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
  let isSlow = false;
  while (rounds < mostEvaluations) {
    const [a, b] = bracket;
    if (Math.abs(b.t - a.t) * scale < tolerance) break;
    const [least, most] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
    let trial = cubicMinimum(a, b, [least, most]);
    const margin = 0.1 * (most - least);
    const isNearEnd = Math.min(most - trial, trial - least) < margin;
    if (isNearEnd && (isSlow || trial >= most || trial <= least)) {
      trial = Math.abs(trial - most) < Math.abs(trial - least) ? most - margin : least + margin;
      isSlow = false;
    } else {
      isSlow = isNearEnd;
    }
    const point = at(trial);
    evaluations++;
    rounds++;
    const [lowEnd, highEnd] = low === 0 ? bracket : [b, a];
    if (isTooHigh(point) || point.loss >= lowEnd.loss) {
      bracket[1 - low] = point;
      low = bracket[0].loss <= bracket[1].loss ? 0 : 1;
    } else {
      if (!isFlat(point) && point.slope * (highEnd.t - lowEnd.t) >= 0) bracket[1 - low] = lowEnd;
      bracket[low] = point;
      if (isFlat(point)) break;
    }
  }
  return { ...(bracket[low] as Point), evaluations };
}

/** Where the cubic through two points with their slopes has its minimum, within bounds; their middle if it has none. */
function cubicMinimum(a: Point, b: Point, [least, most]: readonly [number, number]): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const [from, to] = a.t <= b.t ? [a, b] : [b, a];
  const minimum = to.t - (to.t - from.t) * ((to.slope + d2 - d1) / (to.slope - from.slope + 2 * d2));
  return Math.min(Math.max(minimum, least), most);
}
