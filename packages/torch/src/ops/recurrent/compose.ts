/** A recurrent layer made of other operations, step by step: what its kernel is compared with, and its second derivatives. */
import type { Tensor } from "../../core/tensor.js";
import { linear } from "../linear/linear.js";
import { cat } from "../shape/joining.js";
import type { LayerArguments, LayerResult } from "./layer.js";

interface States {
  readonly output: Tensor;
  readonly cells: Tensor | undefined;
}

/** One step: `fromInput` and `fromState` are the parts of the gates. */
function step(
  { cell, weightHr }: LayerArguments,
  fromInput: Tensor,
  fromState: Tensor,
  state: Tensor,
  cells: Tensor | undefined,
): States {
  if (cell === "gru") {
    const [inReset, inUpdate, inNew] = fromInput.chunk(3, 1) as [Tensor, Tensor, Tensor];
    const [reset, update, fresh] = fromState.chunk(3, 1) as [Tensor, Tensor, Tensor];
    const made = inNew.add(inReset.add(reset).sigmoid().mul(fresh)).tanh();
    return { output: state.sub(made).mul(inUpdate.add(update).sigmoid()).add(made), cells };
  }
  const gates = fromInput.add(fromState);
  if (cell === "tanh") return { output: gates.tanh(), cells };
  if (cell === "relu") return { output: gates.relu(), cells };
  const [input, forget, fresh, out] = gates.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const next = forget
    .sigmoid()
    .mul(cells as Tensor)
    .add(input.sigmoid().mul(fresh.tanh()));
  const made = out.sigmoid().mul(next.tanh());
  return { output: weightHr ? linear(made, weightHr) : made, cells: next };
}

/** The number of rows of each step. */
export function rowsOfSteps(runs: readonly number[]): number[] {
  const sizes: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    for (let count = runs[i] as number; count > 0; count--) sizes.push(runs[i + 1] as number);
  }
  return sizes;
}

/** The first rows replaced by others. */
function replaceFirst(all: Tensor, first: Tensor): Tensor {
  const [batch] = all.sizes as [number];
  const [rows] = first.sizes as [number];
  return rows === batch ? first : cat([first, all.narrow(0, rows, batch - rows)]);
}

export function composeLayer(args: LayerArguments): LayerResult {
  const { input, weightIh, weightHh, biasIh, biasHh, reverse } = args;
  const sizes = rowsOfSteps(args.runs);
  const parts = linear(input, weightIh, biasIh).splitWithSizes(sizes);
  const outputs = new Array<Tensor>(sizes.length);
  let { state } = args;
  let cells = args.cells ?? undefined;
  for (let i = 0; i < sizes.length; i++) {
    const at = reverse ? sizes.length - 1 - i : i;
    const rows = sizes[at] as number;
    const before = state.narrow(0, 0, rows);
    const made = step(args, parts[at] as Tensor, linear(before, weightHh, biasHh), before, cells?.narrow(0, 0, rows));
    outputs[at] = made.output;
    state = replaceFirst(state, made.output);
    if (cells !== undefined && made.cells !== undefined) cells = replaceFirst(cells, made.cells);
  }
  return { output: cat(outputs), state, cells };
}
