/**
 * Graphs as they are run: every value has a place in an array, every node is a function, and what nobody needs any more
 * is forgotten.
 */
import type { DeclaredType } from "./interface.js";
import type { Compute } from "./operators/define.js";
import { Outputs } from "./operators/define.js";
import type { Run } from "./run.js";
import { type Value, within } from "./values.js";

/** The values of a graph that runs, by place. */
export type Values = (Value | undefined)[];

/** A node that is ready to run. An input or output that is left out is at place -1. */
export interface Step {
  readonly label: string;
  readonly compute: Compute;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** The places whose values nobody needs afterwards. */
  readonly done: readonly number[];
}

/** A value that a graph takes from the graph around it. */
export interface Capture {
  readonly outer: number;
  readonly inner: number;
}

/** The parts of a graph. */
export interface Parts {
  readonly size: number;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly captures: readonly Capture[];
  /** Where values of the state are put: their places, and their numbers in the state. */
  readonly state: readonly (readonly [place: number, index: number])[];
  readonly outputTypes: readonly DeclaredType[];
  readonly steps: readonly Step[];
}

/** A graph that can be run: the whole model, or the body of a loop or a branch. */
export class Body {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get inputCount(): number {
    return this.#parts.inputs.length;
  }

  get outputCount(): number {
    return this.#parts.outputs.length;
  }

  /** What the file says of an output. */
  typeOf(output: number): DeclaredType {
    return this.#parts.outputTypes[output] as DeclaredType;
  }

  /** The places of the graph around it that it reads. */
  get reads(): number[] {
    return this.#parts.captures.map(({ outer }) => outer);
  }

  /** The outputs for some inputs. */
  call(run: Run, inputs: readonly (Value | undefined)[]): Value[] {
    const { size, captures, state, steps, outputs } = this.#parts;
    const around = run.values;
    const values: Values = new Array(size);
    for (const { outer, inner } of captures) values[inner] = around[outer];
    for (const [place, index] of state) values[place] = run.state[index];
    for (const [i, place] of this.#parts.inputs.entries()) if (inputs[i] !== undefined) values[place] = inputs[i];
    run.values = values;
    for (const step of steps) perform(step, run, values);
    run.values = around;
    return outputs.map((place) => values[place] as Value);
  }
}

function perform(step: Step, run: Run, values: Values): void {
  const { inputs, outputs, done } = step;
  let results: readonly (Value | undefined)[];
  try {
    const computed = step.compute(
      inputs.map((place) => (place < 0 ? undefined : values[place])),
      run,
    );
    results = computed instanceof Outputs ? computed.values : [computed];
    for (const [i, place] of outputs.entries()) {
      if (place < 0) continue;
      if (results[i] === undefined) throw new Error(`it has no output ${i}`);
      values[place] = results[i];
    }
  } catch (error) {
    throw within(step.label, error);
  }
  for (const place of done) values[place] = undefined;
}
