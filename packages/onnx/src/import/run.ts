/** One run of a model. */
import type { Tensor } from "flambeau";
import type { Values } from "./plan.js";

export class Run {
  /** The values of the graph that is running: bodies of loops and branches see those around them. */
  values: Values = [];
  #iterationsLeft: number;

  /**
   * @param state the parameters and buffers.
   * @param mode whether layers train; undefined if each does what the file says.
   * @param iterations how many iterations all loops may have together.
   */
  constructor(
    readonly state: readonly Tensor[],
    readonly mode: boolean | undefined,
    iterations: number,
  ) {
    this.#iterationsLeft = iterations;
  }

  /** Whether a layer trains, of which the file says that it does or does not. */
  trains(inFile: boolean): boolean {
    return this.mode ?? inFile;
  }

  /**
   * Counts an iteration of a loop.
   *
   * @throws RangeError when there were too many.
   */
  iterate(): void {
    if (this.#iterationsLeft-- <= 0) {
      throw new RangeError(
        "more iterations than `maxIterations` allows; give a larger one if the loop is to end so late",
      );
    }
  }
}
