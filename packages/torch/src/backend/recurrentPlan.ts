/** How a recurrent layer is to be run, as operations and devices say it to each other. */

/** In the order of kernels/recurrent/recurrent.h. */
export const recurrentCells = ["tanh", "relu", "lstm", "gru"] as const;
/** What is computed in a step: the function of a plain cell, or a cell with gates. */
export type RecurrentCell = (typeof recurrentCells)[number];

/** How a layer goes over its input. */
export interface RecurrentPlan {
  readonly cell: RecurrentCell;
  /** From the last step to the first. */
  readonly reverse: boolean;
  /** Pairs of a number of steps and the number of rows in each of them, which does not grow. */
  readonly runs: readonly number[];
  readonly hiddenSize: number;
  /** The size of what leaves a cell: that of the projection if there is one, and else the hidden size. */
  readonly outputSize: number;
}

const gateCounts = { tanh: 1, relu: 1, lstm: 4, gru: 3 };

/** How many numbers of a row the gates of a cell are. */
export function gateWidth(cell: RecurrentCell, hiddenSize: number): number {
  return gateCounts[cell] * hiddenSize;
}
