/** All operators, by name. */

import { operatorName } from "../values.js";
import { activation } from "./activation.js";
import { attentions } from "./attention.js";
import { control } from "./control.js";
import { convolution } from "./conv.js";
import { creation } from "./creation.js";
import type { Operator } from "./define.js";
import { detection } from "./detection.js";
import { indexing } from "./indexing.js";
import { linear } from "./linear.js";
import { losses } from "./loss.js";
import { normalization } from "./norm.js";
import { pointwise } from "./pointwise.js";
import { pooling } from "./pool.js";
import { quantization } from "./quantization.js";
import { randomNumbers } from "./random.js";
import { recurrence } from "./recurrent.js";
import { reductions } from "./reduction.js";
import { resizing } from "./resize.js";
import { sequences } from "./sequence.js";
import { shapes } from "./shape.js";
import { signals } from "./signal.js";
import { texts } from "./text.js";

const operators = new Map<string, Operator>(
  [
    activation,
    attentions,
    control,
    convolution,
    creation,
    detection,
    indexing,
    linear,
    losses,
    normalization,
    pointwise,
    pooling,
    quantization,
    randomNumbers,
    recurrence,
    reductions,
    resizing,
    sequences,
    shapes,
    signals,
    texts,
  ].flatMap((family) => Object.entries(family)),
);

/** The names of the operators that there are. */
export const operatorNames: readonly string[] = [...operators.keys()].sort();

/**
 * The definition of an operator of ONNX's own set.
 *
 * @throws Error for one that does not exist here.
 */
export function operatorOf(domain: string, name: string): Operator {
  const found = domain === "" ? operators.get(name) : undefined;
  if (found !== undefined) return found;
  throw new Error(`the operator ${operatorName({ domain, opType: name })} does not exist here`);
}
