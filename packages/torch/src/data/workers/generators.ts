/** Random numbers of workers: where their generators are, so that workers of another process can go on from there. */
import type { Generator } from "../../backend/generator.js";
import { fromTypedArray } from "../../ops/creation/data.js";

/** The generators of a worker: the default one, and those that came with the job. */
export class WorkerGenerators {
  #told: readonly Uint8Array[] = [];

  /** @param states from which they go on; those that have none stay as they are. */
  constructor(
    readonly generators: readonly Generator[],
    states: readonly Uint8Array[],
  ) {
    generators.forEach((generator, i) => {
      if (states[i] !== undefined) generator.setState(fromTypedArray(states[i]));
    });
  }

  /** Their states, where they are not those that were told last. */
  news(): readonly Uint8Array[] | undefined {
    const states = this.generators.map((generator) => generator.getState().toTypedArray() as Uint8Array);
    const isOld = (state: Uint8Array, i: number) =>
      this.#told[i] !== undefined && Buffer.compare(state, this.#told[i]) === 0;
    if (states.every(isOld)) return undefined;
    this.#told = states;
    return states;
  }

  /** For a new pass: what was told in an earlier one may not have been listened to. */
  tellAgain(): void {
    this.#told = [];
  }
}
