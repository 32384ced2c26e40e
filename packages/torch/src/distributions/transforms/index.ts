/**
 * `torch.distributions.transforms`: mappings that can be inverted, whose change of volume is known.
 *
 * Source: https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.transforms
 */
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
