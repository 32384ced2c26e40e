/**
 * `torch.distributions.transforms`: mappings that can be inverted, whose change of volume is known.
 *
 * Source: https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.transforms
 */
import { ints, tensor } from "../../arguments/params.js";
import { readArguments } from "../readArguments.js";
import { ComposeTransform, IndependentTransform } from "./compose.js";
import { CumulativeDistributionTransform } from "./cumulative.js";
import {
  AbsTransform,
  AffineTransform,
  ExpTransform,
  PowerTransform,
  SigmoidTransform,
  SoftplusTransform,
  TanhTransform,
} from "./elementwise.js";
import { CorrCholeskyTransform, LowerCholeskyTransform, PositiveDefiniteTransform } from "./matrices.js";
import { CatTransform, ReshapeTransform, StackTransform } from "./shapes.js";
import { SimplexTransform, SoftmaxTransform, StickBreakingTransform } from "./simplex.js";
import { InverseTransform, Transform } from "./transform.js";

export { ComposeTransform, IndependentTransform, identityTransform } from "./compose.js";
export { CumulativeDistributionTransform } from "./cumulative.js";
export {
  AbsTransform,
  AffineTransform,
  ExpTransform,
  PowerTransform,
  SigmoidTransform,
  SoftplusTransform,
  TanhTransform,
} from "./elementwise.js";
export { CorrCholeskyTransform, LowerCholeskyTransform, PositiveDefiniteTransform } from "./matrices.js";
export { CatTransform, ReshapeTransform, StackTransform } from "./shapes.js";
export { SoftmaxTransform, StickBreakingTransform } from "./simplex.js";
export { Transform } from "./transform.js";

readArguments(
  {
    apply: { x: tensor },
    applyInverse: { y: tensor },
    logAbsDetJacobian: { x: tensor, y: tensor },
    forwardShape: { shape: ints },
    inverseShape: { shape: ints },
  },
  ...[Transform, InverseTransform, ComposeTransform, IndependentTransform, CumulativeDistributionTransform],
  ...[AbsTransform, AffineTransform, ExpTransform, PowerTransform, SigmoidTransform, SoftplusTransform, TanhTransform],
  ...[CorrCholeskyTransform, LowerCholeskyTransform, PositiveDefiniteTransform],
  ...[CatTransform, ReshapeTransform, StackTransform, SimplexTransform, SoftmaxTransform, StickBreakingTransform],
);
