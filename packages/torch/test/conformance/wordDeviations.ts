/**
 * Where a wrong call is refused in other words than PyTorch 1.13.1's, on purpose. The tests fail for what is not listed
 * here, and for a deviation that is listed and does not occur any more.
 */
import type { Deviation } from "./deviations.js";

const LATER = "The words are those of later PyTorch.";

/** Of modules. */
export const moduleWords: readonly Deviation[] = [
  {
    operations: ["Softmax2d", "RNNCell", "GRUCell", "LSTMCell"],
    difference: /[Ee]xpected input to be \dD or \dD, got/,
    reason: LATER,
  },
  {
    operations: ["RNN"],
    difference: /input must have the type torch\.float64, got type torch\.float32/,
    reason: LATER,
  },
  {
    operations: ["RNNCell", "GRUCell", "LSTMCell"],
    difference: /mat1 and mat2 must have the same dtype.*expected scalar type Float but found Double/s,
    reason: "Cells without biases say what those with biases say.",
  },
  {
    operations: ["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"],
    difference: /weight should contain \d elements/,
    reason: LATER,
  },
  { operations: ["GroupNorm"], difference: /Expected at least 2 dimensions for input tensor/, reason: LATER },
  {
    operations: ["ReflectionPad2d"],
    difference: /of input 4"$/,
    reason: "PyTorch 1.13 names the number of dims where it means the shape.",
  },
  {
    operations: ["CrossEntropyLoss"],
    difference: /Target 4 is out of bounds.*expected scalar type Long but found Float/s,
    reason: "Class indices may be a floating tensor of whole numbers; one of these is no class.",
  },
  {
    operations: ["MultiheadAttention"],
    difference: /must have the same batch size.*shape '\[2, 12, 1\]' is invalid/s,
    reason: "PyTorch does not look at the batches, and fails later for another reason.",
  },
];
